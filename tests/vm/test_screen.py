"""Does the screen's service show a docked camera, and can its user do anything else? With the real unit."""

import json
from pathlib import Path

from tests.vm.cameras import MIB, make_vfat
from tests.vm.station import STATE, Station
from tests.vm.test_straight import FIXTURES

SERIAL = "SN-SCREEN"
PAGE = "http://127.0.0.1:7390"
UNTIL_IT_ANSWERS = "--silent --retry 60 --retry-delay 1 --retry-connrefused"
# Whoever took the process over: its user, with the group that opens the control socket.
AS_SCREEN = "setpriv --reuid bwvdock-screen --regid bwvdock-screen --groups bwvdock-operators"
ORDERS = (
    "pause",
    "cameras enrol SN-OWN",
    "clips list",
    "clips hold 01 --reason R",
    "custody checkpoint",
    "cameras list",
    "dockings list",
)


def told(station: Station) -> list[dict[str, str]]:
    """Return the bays of the second event of a stream; the first is the server's clock."""
    stream = station.dock.run(
        f"curl {UNTIL_IT_ANSWERS} --no-buffer {PAGE}/events | sed -n '5{{s/^data: //;p;q}}'"
    )
    bays: list[dict[str, str]] = json.loads(stream.stdout).get("bays", [])
    return bays


def test_it_shows_a_camera_and_its_user_may_do_nothing_else(station: Station, workshop: Path) -> None:
    dock = station.dock
    camera = make_vfat(workshop / "screen.img", FIXTURES / "generic-dcf", size=48 * MIB)
    assert dock.run("systemctl is-enabled bwvdock-screen", check=False).stdout == "disabled\n"
    assert dock.run(f"curl --silent {PAGE}/", check=False).rc == 7, "it was not asked for"
    station.systemctl("start", "bwvdock-screen")
    station.enrol(SERIAL)
    with station.docked(SERIAL, camera):
        station.wait_for_state(SERIAL, "safe-to-remove")
        [bay] = told(station)
        assert (bay["serial"], bay["advice"]) == (SERIAL, "safe")
        assert "<title>" in dock.run(f"curl --silent {PAGE}/").stdout
        for order in ORDERS:
            refused = dock.run(f"{AS_SCREEN} bwvdock {order}", check=False)
            assert refused.rc != 0, order
            assert SERIAL not in refused.stdout
        assert "SN-OWN" not in {camera["serial"] for camera in station.ask("cameras list")}
        assert not station.status()["dock"]["paused"]
        actors = [asked["ACTOR"] for asked in station.log("EVENT=operator_request")]
        assert actors
        assert [actor for actor in actors if "bwvdock-screen" in actor] == []
        for place in (f"{STATE}/journal.sqlite3", STATE, "/var/lib/bwvdock-signer"):
            assert dock.run(f"{AS_SCREEN} ls {place}/", check=False).rc != 0, place
    station.systemctl("stop")
    stream = dock.run(f"curl {UNTIL_IT_ANSWERS} --no-buffer {PAGE}/events | sed -n '5{{s/^data: //;p;q}}'")
    assert json.loads(stream.stdout)["silent"] == "not-running"
    station.systemctl("start")
    station.systemctl("stop", "bwvdock-screen")
    station.prove_custody()
