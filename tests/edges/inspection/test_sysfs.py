"""Is what sysfs, udev's database and dpkg's list of files say read as the kernel and they write it?"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from bwvdock.edges.inspection.file_systems import devices_under, disks_under, hardware_clock, read_file_system
from bwvdock.edges.inspection.udev_rules import RULES, plugged_cameras, read_rules
from bwvdock.edges.inspection.usb_ports import UsbPort, read_ports
from bwvdock.errors import NotSeenError
from bwvdock.mounts import mount_of
from tests.fakes.hostile import HOSTILE
from tests.fakes.usbtree import FakeUsb
from tests.unprivileged import unprivileged

DISK = [("08", "06", "50", "")]
RULES_D = "usr/lib/udev/rules.d"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


# --- udev ----------------------------------------------------------------------------------------


def install(root: Path, name: str, text: str = "# rules\n", *, sums: str = "") -> None:
    write(root / RULES_D / name, text)
    listed = root / "var/lib/dpkg/info/bwvdock.md5sums"
    digest = sums or hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    before = listed.read_text() if listed.exists() else ""
    write(listed, f"{before}{digest}  {RULES_D}/{name}\n")


def test_rules_as_the_package_installed_them(tmp_path: Path) -> None:
    for name in RULES:
        install(tmp_path, name)
    found = read_rules(tmp_path)
    assert [(f.name, f.there, f.replaced_by, f.changed) for f in found] == [
        (n, True, "", False) for n in RULES
    ]


def test_rules_that_are_missing_changed_or_replaced(tmp_path: Path) -> None:
    seats, main = RULES[1], RULES[0]
    install(tmp_path, main, sums="0" * 32)
    changed, missing = read_rules(tmp_path)
    assert changed.changed is True
    assert (missing.name, missing.there, missing.changed) == (seats, False, None)
    write(tmp_path / f"etc/udev/rules.d/{main}", "")
    (tmp_path / "run/udev/rules.d").mkdir(parents=True)
    (tmp_path / f"run/udev/rules.d/{seats}").symlink_to("/dev/null")
    assert [f.replaced_by for f in read_rules(tmp_path)] == [
        f"/etc/udev/rules.d/{main}",
        f"/run/udev/rules.d/{seats}",
    ]


def test_without_dpkg_s_list_it_is_not_known_whether_they_were_changed(tmp_path: Path) -> None:
    write(tmp_path / RULES_D / RULES[0], "")
    assert read_rules(tmp_path)[0].changed is None


def test_what_udev_marked_is_read_from_its_database(tmp_path: Path) -> None:
    usb = FakeUsb(tmp_path / "sys")
    for bay, minor in (("1-1", 2), ("1-2", 3), ("1-3", 4)):
        write(usb.plug(bay, interfaces=DISK, number=minor) / "dev", f"189:{minor}\n")
    usb.plug("1-4", interfaces=[("03", "01", "01", "")])  # a keyboard
    udev = tmp_path / "udev"
    write(udev / "c189:2", "I:1\nE:BWVDOCK_CAMERA=1\nE:BWVDOCK_TRANSPORT=mass-storage\nV:1\n")
    write(udev / "c189:3", "E:BWVDOCK_IGNORE=1\n")
    found = plugged_cameras(str(tmp_path / "sys"), udev)
    assert found is not None
    assert [(c.bay, c.marked, c.ignored) for c in found] == [
        ("1-1", True, False),
        ("1-2", False, True),
        ("1-3", False, False),
    ]
    assert {c.transport for c in found} == {"mass-storage"}


def test_without_udev_s_database_nothing_is_known(tmp_path: Path) -> None:
    assert plugged_cameras(str(tmp_path), tmp_path / "gone") is None


# --- ports ---------------------------------------------------------------------------------------


def test_ports_say_speed_power_and_what_drew_too_much(tmp_path: Path) -> None:
    usb = FakeUsb(tmp_path)
    hub = usb.plug("1-2", interfaces=[], device_class="09", product="Hub")
    write(hub / "bmAttributes", "e0\n")
    write(hub / "bMaxPower", "2mA\n")
    write(hub / "1-2:1.0/1-2-port3/over_current_count", "4\n")
    write(hub / "1-2:1.0/1-2-port4/over_current_count", "0\n")
    camera = usb.plug("1-2.3", interfaces=DISK)
    write(camera / "bmAttributes", "80\n")
    write(camera / "bMaxPower", "500mA\n")
    found = {port.bay: port for port in read_ports(tmp_path)}
    assert set(found) == {"1-2", "1-2.3"}
    assert found["1-2"].is_hub
    assert found["1-2"].self_powered
    assert found["1-2"].over_current == (("1-2-port3", 4),)
    assert found["1-2.3"] == UsbPort(
        bay="1-2.3", product="BWC-100", is_hub=False, speed=480, most_ma=500, self_powered=False
    )
    assert found["1-2.3"].above == "1-2"


@pytest.mark.parametrize("bay,above", [("usb1", ""), ("1-2", "usb1"), ("1-2.3", "1-2"), ("2-1.4.1", "2-1.4")])
def test_each_socket_is_on_a_hub(bay: str, above: str) -> None:
    port = UsbPort(bay=bay, product="", is_hub=False, speed=0, most_ma=0, self_powered=False)
    assert port.above == above


def test_what_a_device_calls_itself_has_no_power_over_a_terminal(tmp_path: Path) -> None:
    FakeUsb(tmp_path).plug("1-1", interfaces=DISK, product=HOSTILE["escape"])
    [port] = read_ports(tmp_path)
    assert port.product.isprintable()


@pytest.mark.parametrize("rubbish", ["", "x", "-", "9" * 400, "\x00"])
def test_numbers_that_are_none_are_zero(tmp_path: Path, rubbish: str) -> None:
    device = FakeUsb(tmp_path).plug("1-1", interfaces=DISK)
    for name in ("speed", "bMaxPower", "bmAttributes"):
        write(device / name, rubbish)
    [port] = read_ports(tmp_path)
    assert port.self_powered in {True, False}


def test_a_kernel_without_usb_shows_no_port(tmp_path: Path) -> None:
    assert read_ports(tmp_path) == []


# --- disks and the clock -------------------------------------------------------------------------


def test_a_file_system_is_found_for_what_is_not_there_yet(tmp_path: Path) -> None:
    found = read_file_system(tmp_path / "a/b/c")
    assert (found.point, found.kind) == (mount_of(tmp_path).point, mount_of(tmp_path).kind)
    assert found.size >= found.free > 0
    assert not found.read_only


@pytest.mark.skipif(os.geteuid() != 0, reason="the folder must be another user's")
def test_a_file_system_behind_a_closed_folder_is_not_taken_for_the_one_before_it(tmp_path: Path) -> None:
    with unprivileged() as folder:
        closed = folder / "closed"
        (closed / "vault").mkdir(parents=True)
        closed.chmod(0)
        table = f"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:17 / {closed}/vault rw - ext4 /dev/sdb1 rw\n"
        with pytest.raises(NotSeenError, match="may not reach"):
            read_file_system(closed / "vault", table=table)
        assert read_file_system(closed, table=table).point == "/"
        closed.chmod(0o700)


def test_the_errors_are_read_that_ext4_counts(tmp_path: Path) -> None:
    mount = mount_of(tmp_path)
    (tmp_path / "sys/devices/sda1").mkdir(parents=True)
    (tmp_path / "sys/dev/block").mkdir(parents=True)
    (tmp_path / f"sys/dev/block/{mount.device}").symlink_to("../../devices/sda1")
    write(tmp_path / "sys/fs/ext4/sda1/errors_count", "3\n")
    expected = 3 if mount.kind == "ext4" else None
    assert read_file_system(tmp_path, sysfs=tmp_path / "sys").errors == expected


def test_disks_are_found_through_partitions_mappings_and_raids(tmp_path: Path) -> None:
    device = mount_of(tmp_path).device
    sys = tmp_path / "sys"
    block = sys / "devices/block"
    for disk in ("sda", "sdb"):
        (block / disk / "device").mkdir(parents=True)
        write(block / disk / f"{disk}1/partition", "1\n")
    for upper, below in (("md0", ("sda/sda1", "sdb/sdb1")), ("dm-0", ("md0",))):
        (block / upper / "slaves").mkdir(parents=True)
        for one in below:
            (block / upper / "slaves" / Path(one).name).symlink_to(block / one)
    (sys / "dev/block").mkdir(parents=True)
    (sys / f"dev/block/{device}").symlink_to(block / "dm-0")
    assert disks_under(tmp_path, sysfs=sys) == ["sda", "sdb"]
    assert devices_under(tmp_path, sysfs=sys) == ["dm-0", "md0", "sda", "sdb"]


def test_where_no_disk_is_seen_there_is_none(tmp_path: Path) -> None:
    assert disks_under(tmp_path, sysfs=tmp_path) == []


def test_the_hardware_clock(tmp_path: Path) -> None:
    assert hardware_clock(tmp_path) is None
    write(tmp_path / "class/rtc/rtc0/since_epoch", "1773469800\n")
    assert hardware_clock(tmp_path) == 1773469800
