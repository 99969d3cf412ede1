"""The package: is a purge refused, who may do what, and what has it told systemd, udev and journald?

Removed, purged and installed again: test_first_hour.py. Installed again while a camera is docked:
test_upgrade.py.
"""

import json
from pathlib import Path

import pytest

from bwvdock.edges.journald.messages import ALERTS, EVENTS, FACTS
from tests.vm.cameras import MIB, make_vfat
from tests.vm.dock import VirtualDock
from tests.vm.install import built_deb, install_deb
from tests.vm.mtp_cameras import Emulated
from tests.vm.station import CONFIG, STATE, Station, footage
from tests.vm.test_straight import EVERYTHING, FIXTURES

APT = "DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0"


# Nobody listens there: what is required to be in it is never proven.
AWAY = """
[[destination]]
name = "county"
kind = "tus"
url = "https://127.0.0.1:9/files/"
bearer_token_file = "/etc/bwvdock/county.token"
"""


@pytest.mark.extra
def test_a_purge_is_refused_while_footage_is_not_proven(station: Station, workshop: Path) -> None:
    """The package goes; the configuration, the stores' secrets and the footage stay until it is proven.

    Without dpkg, in little time: tests/packaging/test_purge.py.
    """
    dock = station.dock
    camera = make_vfat(workshop / "unproven.img", FIXTURES / "generic-dcf", size=48 * MIB)
    station.enrol("SN-UNPROVEN")
    dock.run(f"cp {CONFIG} /root/right.toml; umask 027; echo secret >/etc/bwvdock/county.token")
    dock.run("chgrp bwvdock /etc/bwvdock/county.token")
    dock.push("/root/away.toml", AWAY.encode())
    dock.run(f"cat /root/away.toml >>{CONFIG} && systemctl restart bwvdock", timeout=300)
    with station.docked("SN-UNPROVEN", camera, bay=28):
        station.wait_for_state("SN-UNPROVEN", "safe-to-remove")
    before = dock.run(EVERYTHING).stdout
    refused = dock.run(f"{APT} purge bwvdock 2>&1", timeout=300, check=False)
    assert refused.rc != 0
    assert "5 clips on this dock are not proven in every required store" in refused.stdout
    assert dock.run(f"cat /etc/bwvdock/county.token && tail -n 4 {CONFIG}").stdout.startswith("secret\n")
    assert dock.run(EVERYTHING).stdout == before
    assert dock.run("dpkg-query -Wf '${db:Status-Status}' bwvdock").stdout == "config-files"

    install_deb(dock, built_deb())
    assert dock.run(f"cmp {CONFIG} /root/right.toml", check=False).rc == 1  # as it was, and not as installed
    assert {clip["state"] for clip in station.clips("SN-UNPROVEN")} == {"acquired"}
    dock.run(f"cp /root/right.toml {CONFIG} && systemctl restart bwvdock", timeout=300)
    station.wait_until_stored("SN-UNPROVEN", 5)
    station.prove_stored("SN-UNPROVEN", footage(camera, "DCIM/"))
    assert dock.run("test -e /etc/bwvdock/unproven-footage", check=False).rc == 1
    station.prove_custody()


# Prints what it could open of the state directory, in whatever way.
OPEN_EVERYTHING = """/usr/bin/python3 -c '
import os
for name in ("", "/lock", "/spool", "/vault", *(f"/journal.sqlite3{more}" for more in ("", "-wal", "-shm"))):
    for flags in (os.O_RDONLY, os.O_RDWR, os.O_PATH if name else os.O_RDWR):
        try:
            os.close(os.open(f"/var/lib/bwvdock{name}", flags))
        except OSError:
            continue
        print(name, flags)
' """


def test_an_operator_gives_orders_and_reads_nothing_but_through_the_daemon(
    station: Station, workshop: Path
) -> None:
    camera = make_vfat(workshop / "operator.img", FIXTURES / "generic-dcf", size=48 * MIB)
    dock = station.dock
    dock.run("useradd --create-home ann && usermod --append --groups bwvdock-operators ann")
    dock.run("runuser -u ann -- bwvdock cameras enrol SN-ANN")
    with station.docked("SN-ANN", camera, bay=27):
        station.wait_for_state("SN-ANN", "safe-to-remove")
        station.wait_until_stored("SN-ANN", 5)
        for command in ("clips list --camera SN-ANN", "dockings list", "cameras list", "report dockings"):
            shown = station.run(f"{command} --json", user="ann").stdout
            assert shown == station.run(f"{command} --json").stdout
        told = station.run("status --json", user="ann", check=False)
        assert '"running": true' in told.stdout
        assert dock.run(f"runuser -u ann -- {OPEN_EVERYTHING}").stdout == ""
    for stranger in ("nobody", "daemon"):
        assert station.run("status", user=stranger, check=False).rc != 0
    modes = dock.run(
        f"stat -c '%a %U' {STATE} {STATE}/journal.sqlite3 {STATE}/lock /run/bwvdock/control.sock"
    )
    assert modes.stdout.split("\n")[:4] == ["700 bwvdock", "600 bwvdock", "600 bwvdock", "660 bwvdock"]
    assert dock.run("stat -c %G /run/bwvdock/control.sock").stdout == "bwvdock-operators\n"
    station.prove_custody()


# Prints the group and the mode of the node of a USB device, found by its serial number.
NODE_OF = """place=$(dirname "$(grep -l {serial} /sys/bus/usb/devices/*/serial)")
stat -c '%G %a' "$(printf /dev/bus/usb/%03d/%03d $(cat "$place/busnum" "$place/devnum"))"
"""


def test_the_group_is_there_before_the_rules_that_name_it(bare_dock: VirtualDock) -> None:
    """Unpacked, udev looks, and only then configured: as apt does it on a machine with much to do.

    An MTP camera that is docked then may be opened afterwards.
    """
    deb = built_deb()
    camera = Emulated(serial="SN-EARLY", folder=FIXTURES / "generic-dcf")
    bare_dock.push(f"/root/{deb.name}", deb.read_bytes())
    bare_dock.run(f"dpkg --unpack /root/{deb.name} 2>&1", timeout=300)
    assert bare_dock.run("getent group bwvdock bwvdock-operators").rc == 0
    camera.plug(bare_dock)
    bare_dock.run("udevadm control --reload; udevadm trigger; udevadm settle")
    bare_dock.run("DEBIAN_FRONTEND=noninteractive dpkg --configure -a 2>&1", timeout=300)
    told = bare_dock.run("journalctl -b -q -u systemd-udevd -o cat").stdout
    assert "Unknown group" not in told
    assert bare_dock.run(NODE_OF.format(serial=camera.serial)).stdout == "bwvdock 660\n"
    camera.tear_out(bare_dock)
    assert bare_dock.run("systemctl is-active bwvdock-mounter.socket").stdout == "active\n"
    # It has no name yet: it was not started, and who starts it sees it end once, and why.
    assert bare_dock.run("systemctl is-active bwvdock", check=False).stdout == "inactive\n"
    assert bare_dock.run("systemctl start bwvdock", check=False, timeout=300).rc != 0
    shown = bare_dock.run("systemctl show -p NRestarts,ExecMainStatus,ActiveState bwvdock").stdout.split()
    assert set(shown) == {"NRestarts=0", "ExecMainStatus=78", "ActiveState=failed"}
    assert "dock.id" in bare_dock.run("journalctl -b -u bwvdock -o cat").stdout


@pytest.mark.extra
def test_an_answer_names_the_dock_and_starts_it(bare_dock: VirtualDock) -> None:
    """It was unset when the package was installed, by the test before."""
    bare_dock.push(
        "/root/answers", b"bwvdock bwvdock/dock-id string LEW-55\nbwvdock bwvdock/site string Lewisham\n"
    )
    bare_dock.run(
        "debconf-set-selections /root/answers && dpkg-reconfigure -f noninteractive bwvdock 2>&1", timeout=300
    )
    shown = json.loads(bare_dock.run("bwvdock status --json", timeout=300).stdout)
    assert (shown["dock"]["id"], shown["dock"]["site"], shown["dock"]["running"]) == (
        "LEW-55",
        "Lewisham",
        True,
    )
    mine = bare_dock.run(f"sed -i 's/^mode = .*/mode = \"any\"/' {CONFIG} && cat {CONFIG}").stdout
    bare_dock.run("echo 'bwvdock bwvdock/dock-id string LEW-99' | debconf-set-selections")
    bare_dock.run("dpkg-reconfigure -f noninteractive bwvdock 2>&1", timeout=300)
    assert bare_dock.run(f"cat {CONFIG}").stdout == mine


def test_journalctl_explains_what_the_dock_logs(station: Station) -> None:
    """The catalogue was compiled by systemd's trigger when the package came."""
    listed = station.dock.run("journalctl --list-catalog").stdout
    assert listed.count(" bwvdock: ") == len(ALERTS) + len(EVENTS) + len(FACTS)
    shown = station.dock.run("journalctl -b -q -x -u bwvdock EVENT=ready").stdout
    assert "Subject: Event ready" in shown
    assert "Dock " in shown
