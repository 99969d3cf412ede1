"""Does the first hour with a dock work as it is written, typed by an operator?

From `apt install` on a fresh Debian PC on; the camera is plugged in where the page says so. test_pages.py has
the other pages.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from posixpath import normpath

import pytest

from tests.architecture.texts import dead_links
from tests.docs.order import steps
from tests.vm.cameras import MIB, CameraImage, make_vfat
from tests.vm.dock import VirtualDock
from tests.vm.image import GuestImage
from tests.vm.reader import Reader
from tests.vm.station import SYNCHRONISE_CLOCK, Station, footage
from tests.vm.test_straight import FIXTURES

PAGE = "docs/tutorial/first-hour.md"
SERIAL = "BC3-0017542"
DOC = "/usr/share/doc/bwvdock"


@pytest.fixture(scope="module")
def fresh(booted: GuestImage, new_dock: Callable[[GuestImage], VirtualDock]) -> Iterator[VirtualDock]:
    """A PC with Debian whose clock is kept, and nothing of bwvdock on it."""
    dock = new_dock(booted)
    dock.start()
    dock.run(SYNCHRONISE_CLOCK)
    # As of somebody who presses Enter where apt asks for a name.
    dock.run("echo debconf debconf/frontend select Noninteractive | debconf-set-selections")
    yield dock
    dock.remove()


@pytest.fixture(scope="module")
def reader(fresh: VirtualDock) -> Reader:
    return Reader(fresh)


@pytest.fixture(scope="module")
def camera(workshop: Path) -> CameraImage:
    return make_vfat(workshop / "first-hour.img", FIXTURES / "generic-dcf", size=48 * MIB)


def test_the_first_hour_is_as_the_page_says(fresh: VirtualDock, reader: Reader, camera: CameraImage) -> None:
    station = Station(fresh)
    hands: list[str] = []
    found: list[str] = []
    for step in steps(PAGE):
        if step.hands.startswith("Plug"):
            fresh.plug_storage("camera", camera.path, serial=SERIAL, bay=1)
            station.wait_for_state(SERIAL, "refused")
        elif step.hands:
            fresh.unplug("camera")
            station.wait_until_stored(SERIAL, 5)
            clips = tuple(clip["id"] for clip in station.clips(SERIAL))
            reader.knows({"CLIP": clips[0], "SERIAL": SERIAL}, clips)
        hands += [step.hands] if step.hands else []
        found += reader.faults(step)
    none(found)
    assert len(hands) == 2
    station.prove_stored(SERIAL, footage(camera, "DCIM/"))
    assert camera.untouched()
    station.prove_custody()


def none(found: list[str]) -> None:
    if found:  # whole: what to do is in them
        pytest.fail("\n\n".join(found), pytrace=False)


def test_manual_completion_and_documents_are_where_people_look(fresh: VirtualDock) -> None:
    for page in ("bwvdock", "bwvdock-status", "bwvdock.toml", "bwvdock-verify"):
        assert page.upper() in fresh.run(f"MANPAGER=cat MANWIDTH=100 man {page}").stdout
    load = ". /usr/share/bash-completion/bash_completion; _completion_loader bwvdock; complete -p bwvdock"
    assert "bwvdock" in fresh.run(f"bash -c '{load}'").stdout
    fresh.run(f"tar -C {DOC} -cf /root/doc.tar .")
    with tarfile.open(fileobj=io.BytesIO(fresh.pull("/root/doc.tar"))) as tar:
        names = {normpath(name) for name in tar.getnames()}
        pages = {normpath(name): _text(tar, name) for name in tar.getnames() if name.endswith(".md")}
    assert {"README.md", "docs/tutorial/first-hour.md"} <= set(pages)
    assert [
        hit
        for path, text in pages.items()
        for hit in dead_links(path, text, exists=lambda target: normpath(target) in names)
    ] == []


def _text(tar: tarfile.TarFile, name: str) -> str:
    file = tar.extractfile(name)
    assert file
    return file.read().decode()
