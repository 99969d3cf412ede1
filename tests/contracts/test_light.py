"""What does every light promise? Run on a command, on a hub's port indicators, and on the fake."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bwvdock.core.ports.light import Light, Signal
from bwvdock.edges.lighting.command import CommandLight
from bwvdock.edges.lighting.hub import HubLight
from bwvdock.errors import LightError
from tests.fakes.light import AMBER, AUTOMATIC, GREEN, OFF, FakeHub, FakeLight, HubBus

BAYS = ("1-2.1", "1-2.4")
COLOURS = {Signal.SAFE: GREEN, Signal.TAKE: GREEN, Signal.EMPTY: OFF}


@dataclass
class Subject:
    """A light, what an eye sees of it at a bay ("" for nothing), and how it is broken."""

    light: Light
    seen: Callable[[str], str]
    fail: Callable[[], None]
    looks: dict[Signal, str] = field(default_factory=lambda: {signal: signal.value for signal in Signal})


def fake(_: Path) -> Subject:
    light = FakeLight()

    def fail() -> None:
        light.fails = True

    return Subject(light, lambda bay: light.shown.get(bay, ""), fail)


PROGRAM = """#!/bin/sh
[ -e {0}/broken ] && {{ echo no such lamp >&2; exit 1; }}
cat >> {0}/documents
[ "$1" = all ] && rm -f {0}/bay-*
[ "$1" = all ] || printf %s "$2" > "{0}/bay-$1"
"""


def command(folder: Path) -> Subject:
    program = folder / "light"
    program.write_text(PROGRAM.format(folder))
    program.chmod(0o755)

    def seen(bay: str) -> str:
        file = folder / f"bay-{bay}"
        return file.read_text() if file.exists() else ""

    return Subject(CommandLight([str(program)], seconds=10), seen, (folder / "broken").touch)


def hub(_: Path) -> Subject:
    device = FakeHub()
    names = {AMBER: "amber", GREEN: "green", OFF: "off"}

    def seen(bay: str) -> str:
        return names.get(device.lights.get(int(bay[-1]), AUTOMATIC), "")

    def fail() -> None:
        device.error = errno.EIO

    looks = {signal: names[COLOURS.get(signal, AMBER)] for signal in Signal}
    bus = HubBus(FakeHub(ports=(), number=1, indicators=False), device)
    return Subject(HubLight(lambda: bus), seen, fail, looks)


@pytest.fixture(params=[fake, command, hub], ids=lambda make: make.__name__)
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Subject:
    made: Subject = request.param(tmp_path)
    return made


@pytest.mark.slow
def test_each_signal_is_shown_at_its_bay_alone_and_may_be_shown_again(subject: Subject) -> None:
    for signal in Signal:
        subject.light.reset()
        assert subject.light.show(BAYS[0], Signal.REFUSED)
        assert subject.light.show(BAYS[1], signal)
        assert subject.seen(BAYS[1]) == subject.looks[signal]
        assert subject.seen(BAYS[0]) == subject.looks[Signal.REFUSED]
    assert subject.light.show(BAYS[0], Signal.REFUSED)
    assert subject.seen(BAYS[0]) == subject.looks[Signal.REFUSED]


def test_no_other_signal_looks_as_if_the_camera_may_be_taken(subject: Subject) -> None:
    may = {subject.looks[Signal.SAFE], subject.looks[Signal.TAKE]}
    assert not may & {subject.looks[signal] for signal in set(Signal) - {Signal.SAFE, Signal.TAKE}}


def test_after_a_reset_nothing_is_advised(subject: Subject) -> None:
    for bay in BAYS:
        subject.light.show(bay, Signal.SAFE)
    subject.light.reset()
    assert [subject.seen(bay) for bay in BAYS] == ["", ""]


def test_what_cannot_be_shown_is_a_light_error_with_a_remedy(subject: Subject) -> None:
    subject.fail()
    with pytest.raises(LightError) as failed:
        subject.light.show(BAYS[0], Signal.SAFE)
    assert failed.value.message
    assert failed.value.remedy
    assert failed.value.retryable


# --- the command alone ---------------------------------------------------------------------------------


def test_a_command_is_given_bay_and_signal_as_arguments_and_as_json(tmp_path: Path) -> None:
    subject = command(tmp_path)
    subject.light.show("1-2.1", Signal.TAKE)
    subject.light.reset()
    told = (tmp_path / "documents").read_text().replace("}{", "}\n{").splitlines()
    assert [json.loads(one) for one in told] == [
        {"bay": "1-2.1", "signal": "take"},
        {"bay": "all", "signal": "not-known"},
    ]


@pytest.mark.slow
def test_a_command_that_hangs_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "hang"
    program.write_text("#!/bin/sh\nsleep 60\n")
    program.chmod(0o755)
    with pytest.raises(LightError, match=r"did not end within 0\.2 s and was killed"):
        CommandLight([str(program)], seconds=0.2).show("1-1", Signal.SAFE)


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LightError, match="cannot be run"):
        CommandLight([str(tmp_path / "gone")], seconds=1).show("1-1", Signal.SAFE)
