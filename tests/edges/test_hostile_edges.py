"""Is every text that comes in by an edge one that can be seen, and no longer than it may be?"""

from __future__ import annotations

import os
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from bwvdock.core.facts import FACT_TYPES, Fact
from bwvdock.core.facts.visibility.visible_facts import shown
from bwvdock.core.media.fields import FieldFormat
from bwvdock.core.media.names import LONGEST_SERIAL, unescape
from bwvdock.core.media.profile import SerialRule, serial_in
from bwvdock.core.media.sightings import CameraArrived
from bwvdock.core.visible_text import LONGEST_LINE
from bwvdock.edges.cameras.tree import TreeVolume
from bwvdock.edges.destinations.http import Answer
from bwvdock.edges.udev import Translator, UdevDevice, Uevent
from bwvdock.edges.usbtree import usb_devices
from bwvdock.errors import BwvdockError, DestinationRefusedError, DestinationUnavailableError
from tests.edges.cameras.mtp.rig import Docked, camera_with
from tests.fakes.hostile import HALF, HOSTILE, NUL, assert_seen, texts_of
from tests.fakes.mtp.contents import Synthetic
from tests.fakes.mtp.knobs import Knobs
from tests.fakes.usbtree import FakeUsb

TEXTS = HOSTILE | {"half": HALF, "nul": NUL}
every_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)


def assert_all_seen(value: object) -> None:
    for text in texts_of(value):
        assert_seen(text.replace("\n", " "))
        text.encode()


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@every_text
def test_usb_as_udev_tells_it(text: str) -> None:
    device = UdevDevice(sys_path="/p", port="1-2", serial=raw(text), ids="46f4:0001", model=raw(text))
    event = Uevent(
        action="add",
        subsystem="usb",
        sys_path="/p",
        name="1-2",
        properties={"BWVDOCK_CAMERA": "1"},
        usb=device,
    )
    [arrived] = Translator().see(event)
    assert isinstance(arrived, CameraArrived)
    assert_all_seen(arrived.sighting)
    assert len(arrived.sighting.serial) <= LONGEST_SERIAL


@every_text
def test_usb_as_the_kernel_lists_it(tmp_path: Path, text: str) -> None:
    told = text.replace("\ud800", "").replace("\udce9", "")
    FakeUsb(tmp_path).plug("1-1", serial=told, product=told, interfaces=[("06", "01", "01", told)])
    (device,) = usb_devices(str(tmp_path))
    assert_all_seen(device)
    assert len(device.serial) <= LONGEST_SERIAL


@every_text
def test_what_an_mtp_camera_says_of_itself(text: str) -> None:
    said = text.replace("\0", "").replace("\ud800", "").replace("\udce9", "")[:200]
    docked = Docked(camera=camera_with(Synthetic(1000), Knobs(device_info_serial=said)))
    assert_all_seen(docked.mtp.identity)
    docked.mtp.close()


@every_text
@pytest.mark.parametrize("form", [FieldFormat.REGEX, FieldFormat.INI])
def test_a_serial_in_a_file_on_the_card(text: str, form: FieldFormat) -> None:
    rule = SerialRule(file="*", key="(?s)serial=(.*)" if form is FieldFormat.REGEX else "serial", format=form)
    serial = serial_in(rule, raw(f"serial={text}"))
    assert_all_seen(serial)
    assert len(serial) <= LONGEST_SERIAL


def test_two_serials_that_begin_alike_are_never_one() -> None:
    rule = SerialRule(file="*", key="serial", format=FieldFormat.INI)
    assert serial_in(rule, b"serial=" + b"7" * LONGEST_SERIAL) == "7" * LONGEST_SERIAL
    assert serial_in(rule, b"serial=" + b"7" * (LONGEST_SERIAL + 1)) == ""
    assert serial_in(rule, b"serial=" + b"7" * 200_001) == ""


class _Tree(TreeVolume):
    def present(self) -> bool:
        return True


@every_text
def test_names_on_a_card(tmp_path: Path, text: str) -> None:
    name = raw(text).replace(b"/", b"_").replace(b"\0", b"")[:200]
    folder = tmp_path / "card"
    folder.mkdir()
    with open(os.fsencode(folder) + b"/" + name, "wb"):
        pass
    volume = _Tree(os.open(folder, os.O_RDONLY | os.O_DIRECTORY), name="card")
    [file] = volume.list()
    volume.close()
    assert_all_seen(file)
    assert unescape(file.path) == name


@every_text
def test_what_a_store_answers(text: str) -> None:
    answer = Answer(status=412, headers={"Tus-Version": text, "Location": text}, text=text)
    assert_all_seen(answer.text)
    assert_all_seen(dict(answer.headers))
    assert answer.headers["location"] == answer.headers["Location"]


@every_text
@pytest.mark.parametrize("kind", [BwvdockError, DestinationRefusedError, DestinationUnavailableError])
def test_an_error_that_quotes_it(text: str, kind: type[BwvdockError]) -> None:
    error = kind(f"It said {text}", remedy=f"Type {text}")
    assert_all_seen([error.message, error.remedy, str(error)])
    assert max(len(line) for line in error.message.split("\n")) <= LONGEST_LINE


def hostile(declared: Any, text: str) -> Any:  # noqa: ANN401 - a declared type
    """Return a value of a fact's field, or a whole fact, with this text wherever it can hold one."""
    if get_origin(declared) is tuple:
        return (hostile(get_args(declared)[0], text),)
    if isinstance(declared, type) and is_dataclass(declared):
        hints = get_type_hints(declared)
        return declared(**{f.name: hostile(hints[f.name], text) for f in fields(declared)})
    return {str: text, int: 7, bool: True}[declared]


@pytest.mark.slow
@pytest.mark.few(12)
@pytest.mark.parametrize("kind", FACT_TYPES.values(), ids=FACT_TYPES)
def test_no_fact_is_recorded_with_it(kind: type[Fact]) -> None:
    for text in TEXTS.values():
        assert_all_seen(shown(hostile(kind, text)))
    seen = hostile(kind, "CAM-17 Ł \\u{1b}")
    assert shown(seen) is seen
