"""Does what the other pages say of an installed dock work as it is written, typed by an operator?

A page is a scenario: its blocks are typed in their order (tests/docs/places.py says which), on a dock that
has taken footage. It begins with the dock's configuration as it was installed; a camera that nobody knows is
docked. Pages that want two docks or another PC have files of their own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from tests.docs.editor import with_toml
from tests.docs.order import steps
from tests.docs.places import SCENARIOS, Place, place_of, typed_at
from tests.vm.cameras import MIB, make_vfat
from tests.vm.dock import VirtualDock
from tests.vm.reader import NAME, Reader
from tests.vm.station import CONFIG, Station
from tests.vm.test_straight import FIXTURES

PAGES = [page for page in typed_at(Place.DOCK) if page not in SCENARIOS]
SERIAL = "BC3-0017542"
KEPT = "/root/before-the-page.toml"
# What a page takes for granted and does not have typed: of the configuration, and of the machine.
CONFIGURED = {
    # Its own warning: with one disk, nothing is erased unless that is accepted.
    "docs/how-to/erase-cameras.md": '[release]\nsingle_disk = "accepted"\n',
}
PRESUPPOSED = {
    # apt starts what it installs; this guest has it already, switched off.
    "docs/how-to/watch-docks-with-prometheus.md": (
        "systemctl unmask prometheus-node-exporter && systemctl start prometheus-node-exporter"
    ),
}
# Drop-ins that a page has made are for its own configuration.
AFTER = f"cp -a {KEPT} {CONFIG}; rm -rf /etc/systemd/system/bwvdock.service.d; systemctl daemon-reload"


@pytest.fixture(scope="module", name="operated")
def _operated(
    new_station: Callable[..., Station], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[VirtualDock, Reader]]:
    """A dock that has taken five clips, whose operator reads pages; an unknown camera is docked."""
    station = new_station()
    dock = station.dock
    image = make_vfat(tmp_path_factory.mktemp("pages") / "pages.img", FIXTURES / "generic-dcf", size=48 * MIB)
    reader = Reader(dock)
    dock.run(f"adduser {NAME} bwvdock-operators && adduser {NAME} systemd-journal && cp -a {CONFIG} {KEPT}")
    station.enrol(SERIAL)
    with station.docked(SERIAL, image):
        station.wait_until_stored(SERIAL, 5)
    clips = tuple(clip["id"] for clip in station.clips(SERIAL))
    key = json.loads(dock.run("bwvdock custody checkpoint --json").stdout)["key"]
    docking = station.dockings(SERIAL)[0]["id"]
    reader.knows({"CLIP": clips[0], "SERIAL": SERIAL, "DOCKING": docking, "VKEY": key}, clips)
    dock.plug_storage("unknown", image.path, serial="SN-UNKNOWN", bay=2)
    station.wait_for_state("SN-UNKNOWN", "refused")
    yield dock, reader
    dock.remove()


@pytest.mark.extra  # some ten minutes together
@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_says_of_an_installed_dock_works(operated: tuple[VirtualDock, Reader], page: str) -> None:
    dock, reader = operated
    dock.run(PRESUPPOSED.get(page, "true"))
    if page in CONFIGURED:
        dock.push(CONFIG, with_toml(dock.pull(CONFIG).decode(), CONFIGURED[page]).encode())
    try:
        wanted = [step for step in steps(page) if step.block and place_of(step.block) is Place.DOCK]
        found = [why for step in wanted for why in reader.faults(step)]
    finally:
        dock.run(f"{AFTER}; systemctl reset-failed bwvdock; systemctl restart bwvdock", timeout=300)
    if found:  # whole: what to do is in them
        pytest.fail("\n\n".join(found), pytrace=False)
