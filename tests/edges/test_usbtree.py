"""What hangs on USB is read from sysfs, whatever a device calls itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.edges.usbtree import usb_devices
from tests.fakes.usbtree import FakeUsb


@pytest.mark.parametrize(
    "interfaces, transport",
    [
        ([("08", "06", "50", "")], "mass-storage"),
        ([("06", "01", "01", "MTP")], "mtp"),
        ([("06", "01", "01", ""), ("08", "06", "50", "")], "mass-storage"),
        ([("ff", "ff", "00", "Example MTP Device")], "mtp"),
        ([("ff", "42", "01", "ADB")], None),
        ([("03", "01", "01", "Keyboard")], None),
        ([], None),
    ],
)
def test_a_device_is_what_the_udev_rules_would_have_it(
    tmp_path: Path, interfaces: list[tuple[str, str, str, str]], transport: str | None
) -> None:
    usb = FakeUsb(tmp_path)
    usb.plug("1-2.3", interfaces=interfaces)
    (device,) = usb_devices(str(tmp_path))
    assert (device.bay, device.transport, device.usb) == ("1-2.3", transport, "1209:b0de")
    assert [interface.name for interface in device.interfaces] == [name for *_, name in interfaces]


def test_all_of_a_device_is_told_and_its_strings_are_escaped(tmp_path: Path) -> None:
    usb = FakeUsb(tmp_path)
    usb.plug("1-1", serial="BWC\x1b[2J", product="Camera", interfaces=[("08", "06", "50", "")], disk="sdb")
    (device,) = usb_devices(str(tmp_path))
    assert device.serial == r"BWC\u{1b}[2J"
    assert (device.bus, device.number, device.speed, device.disks) == (1, 7, "480", ("sdb",))
    (interface,) = device.interfaces
    (end,) = interface.endpoints
    assert (interface.driver, end.address, end.kind, end.direction, end.packet) == (
        "usb-storage",
        "81",
        "Bulk",
        "in",
        512,
    )


def test_hubs_and_what_has_just_left_are_passed_over(tmp_path: Path) -> None:
    usb = FakeUsb(tmp_path)
    usb.plug("usb1", interfaces=[])
    usb.plug("1-1", interfaces=[], device_class="09")
    usb.plug("1-1.1", interfaces=[("06", "01", "01", "")])
    (usb.folder / "1-1.1" / "devnum").unlink()
    assert list(usb_devices(str(tmp_path))) == []
    assert list(usb_devices(str(tmp_path / "nowhere"))) == []
