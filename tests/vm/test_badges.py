"""Does what a badge reader types reach the daemon, and nobody else? With the real units and rules of udev.

QEMU's keyboard is the reader.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.vm.station import CONFIG, Station
from tests.vm.usb import KEYBOARD_IDS, Keyboard

UNIT = "bwvdock-badge-reader"
PAUSE = 2.5  # seconds: what is typed sooner after the reader was opened may be half a badge
# Whoever took over the process that shows the page, or the one that listens: their user, with its groups.
AS_SCREEN = "setpriv --reuid bwvdock-screen --regid bwvdock-screen --groups bwvdock-operators"
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
    """A dock with a reader configured and its unit running."""
    dock = station.dock
    dock.run(f"cp {CONFIG} /root/kept.toml")
    unset = dock.run(f"systemctl start {UNIT}; sleep 1; systemctl show -p ExecMainStatus --value {UNIT}")
    assert unset.stdout == "78\n", "nothing is configured"
    dock.run(f"printf '\\n[checkout]\\nreader = \"{KEYBOARD_IDS}\"\\n' >> {CONFIG}")
    station.systemctl("restart", UNIT)
    yield station
    station.systemctl("stop", UNIT)
    dock.run(f"cp /root/kept.toml {CONFIG}")
    station.systemctl("reload")


def test_what_a_reader_types_is_for_its_listener_alone(listening: Station) -> None:
    station, dock = listening, listening.dock
    dock.run("getent passwd kiosk || adduser --system --ingroup input kiosk >/dev/null")
    with reader(station) as node:
        assert dock.run(f"stat -c '%U %G %a' {node}").stdout == "bwvdock-screen root 600\n"
        others = [other for other in nodes(station) if other != node]
        for other in others:
            assert dock.run(f"{AS_SCREEN} head -c 0 {other}", check=False).rc != 0, other
        assert dock.run(f"runuser -u kiosk -- head -c 0 {node}", check=False).rc != 0
        assert "LIBINPUT_IGNORE_DEVICE=1" in dock.run(f"udevadm info {node}").stdout
        dock.run("timeout 60 cat /dev/tty1 > /root/typed 2>&1 &")
        dock.usb.type("471108\n")
        station.wait(lambda: "A badge was shown" in log(station), what="the badge reached the daemon")
        assert "471108" not in log(station)
        assert dock.run("cat /root/typed").stdout == ""


def log(station: Station) -> str:
    return station.dock.run(f"journalctl -q -b -u {UNIT} -o cat", check=False).stdout
