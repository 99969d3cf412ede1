"""Does what a badge reader types reach the daemon, and nobody else? With the real units and rules of udev.

QEMU's keyboard is the reader.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.vm.cameras import MIB, make_vfat
from tests.vm.station import CONFIG, STATE, Station
from tests.vm.test_screen import AS_SCREEN, PAGE, UNTIL_IT_ANSWERS
from tests.vm.test_straight import FIXTURES
from tests.vm.usb import KEYBOARD_IDS, Keyboard

UNIT = "bwvdock-badge-reader"
PAUSE = 2.5  # seconds: what is typed sooner after the reader was opened may be half a badge
BADGE, OFFICER = "471108", "4411"
POOL = ("SN-POOL-1", "SN-POOL-2")
ASSIGNED = f"""/usr/bin/python3 -IS -c '
import json, pathlib, sys
sys.path.append("/usr/lib/bwvdock")
from bwvdock.edges.journal.read.reader import JournalReader
with JournalReader(pathlib.Path("{STATE}/journal.sqlite3")) as reader:
    print(json.dumps([fact.officer for fact in reader.assignments(sys.argv[1])]))
'"""
AS_READER = AS_SCREEN.replace("bwvdock-screen", "bwvdock-badge-reader")
TAP = """/usr/bin/python3 -IS -c '
import socket
daemon = socket.socket(socket.AF_UNIX)
daemon.connect("/run/bwvdock/control.sock")
daemon.sendall(b"{\\"request\\": \\"tap\\", \\"badge\\": \\"999999\\"}\\n")
print(daemon.makefile().readline())
'"""
NODES = """for n in /sys/class/input/event*; do
  echo "$(cat $n/device/id/vendor):$(cat $n/device/id/product) /dev/input/${n##*/}"
done"""


def nodes(station: Station) -> dict[str, str]:
    """Return the nodes of the guest's input devices, each with its ids."""
    lines = station.dock.run(NODES).stdout.split("\n")
    return {node: ids for ids, _, node in (line.partition(" ") for line in lines) if node}


@contextmanager
def reader(station: Station) -> Iterator[str]:
    """A reader in a bay, heard by its unit; yields its node."""
    station.dock.plug(Keyboard(name="badges", serial="R-1", bay=4))
    try:
        station.wait(lambda: KEYBOARD_IDS in nodes(station).values(), what="the kernel sees the reader")
        [node] = [node for node, ids in nodes(station).items() if ids == KEYBOARD_IDS]
        station.wait(lambda: grabbed(station, node), what="the reader is heard")
        station.dock.run(f"sleep {PAUSE}")
        yield node
    finally:
        station.dock.unplug("badges")


def grabbed(station: Station, node: str) -> bool:
    """Return whether somebody has the device for himself."""
    asked = f"import fcntl, os; fcntl.ioctl(os.open('{node}', os.O_RDONLY), 0x40044590, 1)"
    return station.dock.run(f'/usr/bin/python3 -c "{asked}"', check=False).rc != 0


@pytest.fixture(scope="module")
def listening(station: Station) -> Iterator[Station]:
    """A dock with a list of badges and a reader configured, its unit and the page's running."""
    dock = station.dock
    dock.run(f"cp {CONFIG} /root/kept.toml")
    dock.push("/etc/bwvdock/badges.csv", f"badge,officer\n{BADGE},4411\n".encode())
    more = f"""
[checkout]
badges = "/etc/bwvdock/badges.csv"
min_battery = 0
take_within = 600
reader = "{KEYBOARD_IDS}"
own_clips = true
"""
    dock.push("/root/more.toml", more.encode())
    dock.run(f"cat /root/more.toml >> {CONFIG}")
    station.systemctl("reload")
    for unit in (UNIT, "bwvdock-screen"):
        station.systemctl("start", unit)
    yield station
    for unit in (UNIT, "bwvdock-screen"):
        station.systemctl("stop", unit)
    dock.run(f"cp /root/kept.toml {CONFIG}")
    station.systemctl("reload")


def shown(station: Station) -> dict[str, Any]:
    """Return what the page is sent."""
    stream = f"curl {UNTIL_IT_ANSWERS} --no-buffer {PAGE}/events | sed -n '5{{s/^data: //;p;q}}'"
    said: dict[str, Any] = json.loads(station.dock.run(stream).stdout)
    return said


def outcome(station: Station) -> str:
    return str((shown(station).get("checkout") or {}).get("outcome", ""))


def offered(station: Station) -> list[str]:
    return [bay["serial"] for bay in shown(station).get("bays", []) if bay["advice"] == "take"]


def assigned(station: Station, serial: str) -> list[str]:
    """Return the officers to whom the journal says that a camera was assigned, in order."""
    told: list[str] = json.loads(station.dock.run(f"{ASSIGNED} {serial}").stdout)
    return told


def show_badge(station: Station, badge: str, until: Callable[[], bool]) -> None:
    """Show a badge to the reader, again where nothing came of it, as an officer does.

    In a guest that is slow a key may seem to be held down, and what is typed is no badge then.
    """
    for _ in range(5):
        station.dock.run(f"sleep {PAUSE}")
        station.dock.usb.type(f"{badge}\n")
        if any(until() for _ in range(8)):
            return
    pytest.fail(f"nothing came of a badge: {shown(station)}\n{log(station)}")


def log(station: Station) -> str:
    return station.dock.run(f"journalctl -q -b -u {UNIT} -o cat", check=False).stdout


def test_a_badge_gets_an_officer_a_camera_and_the_journal_says_who(
    listening: Station, workshop: Path
) -> None:
    station, dock = listening, listening.dock
    cameras = {
        name: make_vfat(workshop / f"{name}.img", FIXTURES / "generic-dcf", size=48 * MIB) for name in POOL
    }
    for bay, (serial, image) in enumerate(cameras.items(), start=1):
        station.enrol(serial)
        station.plug(serial, image, bay=bay)
    station.wait_until_safe(POOL)
    with reader(station) as node:
        only_its_listener_hears(station, node)
        show_badge(station, BADGE, lambda: outcome(station) == "take")
        [first] = offered(station)
        station.unplug(first)
        station.wait(lambda: assigned(station, first) == [OFFICER], what="it is assigned")
        [entry] = station.log("EVENT=camera_checked_out")
        assert entry["CAMERA"] == first
        # Back in its bay; then a badge, and the camera that was not offered.
        station.plug(first, cameras[first], bay=1 + POOL.index(first))
        station.wait_until_safe(POOL)
        assert len(station.log("EVENT=camera_returned")) == 1
        show_badge(station, BADGE, lambda: outcome(station) == "take")
        [wrong] = set(POOL) - set(offered(station))
        before = assigned(station, wrong)
        station.unplug(wrong)
        station.wait(lambda: "camera-taken-otherwise" in station.alerts(), what="somebody is told")
        assert assigned(station, wrong) == before
        assert offered(station) == []
        show_badge(station, "999999", lambda: outcome(station) == "unknown-badge")
        assert BADGE not in log(station)
        assert dock.run(f"journalctl -q -b -o cat | grep -c {BADGE}", check=False).stdout == "0\n"
        nothing_but_badges(station, node)
    for serial in POOL:
        if serial.lower() in dock.plugged:
            station.unplug(serial)
    station.prove_custody()


def post(station: Station, path: str, said: dict[str, str]) -> dict[str, Any]:
    """Return what the page's server answers."""
    asked = (
        f"curl --silent --header 'Content-Type: application/json' --data '{json.dumps(said)}' {PAGE}/{path}"
    )
    answer: dict[str, Any] = json.loads(station.dock.run(asked).stdout)
    return answer


def test_an_officer_marks_a_clip_for_a_minute_after_a_badge_and_nobody_does_before(
    listening: Station, workshop: Path
) -> None:
    station, dock, serial = listening, listening.dock, "SN-OWN-1"
    image = make_vfat(workshop / f"{serial}.img", FIXTURES / "generic-dcf", size=48 * MIB)
    station.enrol(serial)
    dock.run(f"bwvdock cameras assign {serial} --officer {OFFICER} --from 2000-01-01T00:00Z")
    with station.docked(serial, image), reader(station):
        station.wait_for_state(serial, "safe-to-remove")
        assert post(station, "own-clips", {"token": ""}) == {"outcome": "over"}
        assert shown(station)["ownClips"] is None
        show_badge(station, BADGE, lambda: shown(station)["ownClips"] is not None)
        said = post(station, "own-clips", {"token": ""})
        assert said["outcome"] == "shown", said
        clip = said["clips"][0]["clip"]
        mark = {"token": said["token"], "clip": clip, "act": "evidence", "reason": "burglary", "case": "C-7"}
        assert post(station, "own-clips/mark", {**mark, "token": "0" * 64}) == {"outcome": "over"}
        assert post(station, "own-clips/mark", mark) == {"outcome": "recorded"}
        assert post(station, "own-clips", {"token": ""}) == {"outcome": "elsewhere"}
        told = dock.run(f"bwvdock clips show {clip} --reason test").stdout
        assert f"with the badge of officer {OFFICER}" in told
        [entry] = station.log("EVENT=clip_flagged")
        assert entry["ACTOR"] == "badge"
        station.wait(lambda: shown(station)["ownClips"] is None, what="the minute is over")
        assert post(station, "own-clips/mark", mark) == {"outcome": "over"}
    station.prove_custody()


def only_its_listener_hears(station: Station, node: str) -> None:
    dock = station.dock
    assert dock.run(f"stat -c '%U %G %a' {node}").stdout == "bwvdock-badge-reader root 600\n"
    others = [other for other in nodes(station) if other != node]
    assert others
    for other in others:
        assert dock.run(f"{AS_READER} head -c 0 {other}", check=False).rc != 0, other
    assert dock.run(f"{AS_SCREEN} head -c 0 {node}", check=False).rc != 0
    assert dock.run(f"setpriv --reuid nobody --clear-groups head -c 0 {node}", check=False).rc != 0
    assert "LIBINPUT_IGNORE_DEVICE=1" in dock.run(f"udevadm info {node}").stdout


def nothing_but_badges(station: Station, node: str) -> None:
    """What somebody can do who took over the page's process: what the page shows; not even report a badge."""
    dock = station.dock
    page = dock.run("systemctl show -p MainPID --value bwvdock-screen").stdout.strip()
    assert dock.run(f"nsenter -t {page} -m ls {node}", check=False).rc != 0
    for order in ("cameras checkout --officer 4411", f"cameras return {POOL[0]}", "pause"):
        for user in (AS_SCREEN, AS_READER):
            assert dock.run(f"{user} bwvdock {order}", check=False).rc != 0, order
    said = dock.run(f"{AS_SCREEN} {TAP}", check=False).stdout
    assert '"ok": false' in said, said
    assert '"ok": true' in dock.run(f"{AS_READER} {TAP}").stdout
    assert not station.status()["dock"]["paused"]
