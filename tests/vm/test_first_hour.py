"""Does the first hour with a dock work as it is written, typed by an operator?

From `apt install` on a fresh Debian PC on: as the tutorial has it, with nothing but README, and without a
question, after the package was removed and purged. The camera is plugged in where the page says so.
test_pages.py has the other pages.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from posixpath import normpath

import pytest

from tests.architecture.texts import dead_links
from tests.docs.desk import CALLS, WORDS
from tests.docs.order import Step, steps
from tests.docs.pages import blocks, named
from tests.docs.places import Place, place_of
from tests.vm.cameras import MIB, CameraImage, make_vfat
from tests.vm.dock import VirtualDock
from tests.vm.image import GuestImage
from tests.vm.reader import Reader
from tests.vm.station import CONFIG, STATE, SYNCHRONISE_CLOCK, Station, footage
from tests.vm.test_package import APT
from tests.vm.test_straight import EVERYTHING, FIXTURES

PAGE = "docs/tutorial/first-hour.md"
SERIAL = "BC3-0017542"
README, IN_BULK = "README.md", "docs/how-to/install-docks-in-bulk.md"
ASKED_BY = "echo debconf debconf/frontend select {} | debconf-set-selections"
CAMERAS = "serial,model,unit\nBC3-0017543,BC-300,Camden\n"
DOC = "/usr/share/doc/bwvdock"


@pytest.fixture(scope="module")
def new_pc(booted: GuestImage, new_dock: Callable[[GuestImage], VirtualDock]) -> Callable[[], VirtualDock]:
    """Makes PCs with Debian whose clock is kept, and nothing of bwvdock on them."""

    def make() -> VirtualDock:
        dock = new_dock(booted)
        dock.start()
        dock.run(SYNCHRONISE_CLOCK)
        return dock

    return make


@pytest.fixture(scope="module")
def fresh(new_pc: Callable[[], VirtualDock]) -> Iterator[VirtualDock]:
    """One whose user presses Enter where apt asks for a name."""
    dock = new_pc()
    dock.run(ASKED_BY.format("Noninteractive"))
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


@pytest.mark.extra  # five minutes
def test_the_readme_alone_leads_to_a_verified_clip(
    new_pc: Callable[[], VirtualDock], camera: CameraImage
) -> None:
    """What it says to type, in its order: blocks, then what its table names; apt asks for the dock's name."""
    dock = new_pc()
    station, reader = Station(dock), Reader(dock)
    dock.run(ASKED_BY.format("Readline"))  # in words on the terminal, as where there is no whiptail
    installed, admitted = (
        step for step in steps(README) if step.block and place_of(step.block) is Place.DOCK
    )
    found = reader.faults(installed, {"apt install": [("Name of this dock:", "LEW-03", False)]})
    found += reader.faults(admitted)
    dock.plug_storage("camera", camera.path, serial=SERIAL, bay=1)
    station.wait_until_stored(SERIAL, 5)
    station.wait_for_state(SERIAL, "safe-to-remove")
    clips = tuple(clip["id"] for clip in station.clips(SERIAL))
    docking = station.dockings(SERIAL)[0]["id"]
    reader.knows(WORDS | {"CLIP": clips[0], "SERIAL": SERIAL, "DOCKING": docking}, clips)
    [calls] = [block for block in blocks(CALLS) if block.text.startswith("event,")]
    reader.has({"calls.csv": calls.text, "cameras.csv": CAMERAS})
    found += reader.faults(Step(block=named(README)))
    none(found)
    assert station.status()["dock"]["id"] == "LEW-03"
    assert "safe to remove" in reader.said
    assert "No entries" not in reader.said
    station.prove_stored(SERIAL, footage(camera, "DCIM/"))
    dock.unplug("camera")
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


def test_removed_purged_and_installed_again_without_a_question(
    fresh: VirtualDock, reader: Reader, camera: CameraImage
) -> None:
    """Evidence stays, and work goes on. The dock is that of the tutorial, after its scenario.

    Installed again while a camera is docked: test_upgrade.py.
    """
    station = Station(fresh)
    station.note_memory()
    before = fresh.run(EVERYTHING).stdout
    fresh.run(f"{APT} remove bwvdock 2>&1", timeout=300)
    assert fresh.run("pgrep -u bwvdock", check=False).stdout == ""
    assert fresh.run("test -e /usr/lib/bwvdock", check=False).rc == 1  # the bytecode went too
    assert fresh.run(f"test -e {CONFIG} && ! test -e /run/bwvdock-mounter.socket").rc == 0
    told = fresh.run(f"{APT} purge bwvdock 2>&1", timeout=300).stdout
    assert f"{STATE} contains evidence and was kept" in told
    assert fresh.run("test -e /etc/bwvdock", check=False).rc == 1
    assert fresh.run(EVERYTHING).stdout == before
    assert fresh.run(f"stat -c %U {STATE}").stdout == "bwvdock\n"

    [step] = (step for step in steps(IN_BULK) if step.block and place_of(step.block) is Place.DOCK)
    none(reader.faults(step))
    status = station.status()["dock"]
    assert (status["id"], status["site"], status["running"]) == ("LEW-03", "Lewisham", True)
    with station.docked(SERIAL, camera, bay=2):
        station.wait_for_state(SERIAL, "safe-to-remove")
    assert station.dockings(SERIAL)[0]["already_held"] == 5
    assert fresh.run("systemctl --failed --plain --no-legend").stdout == ""
    station.prove_custody()
