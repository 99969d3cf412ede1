"""Is a name taken for a camera's device only if the kernel and our udev rule say so?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.mounter import device
from bwvdock.mounter.refusal import Refusal, RefusalCode
from tests.mounter.machine import USB_PORT, Machine, machine_with_card


@pytest.fixture(name="machine")
def _machine(tmp_path: Path) -> Machine:
    return machine_with_card(tmp_path)


def refused(machine: Machine, name: str) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        device.find(name, sysfs=machine.sysfs, udev=machine.udev)
    return caught.value.code


def test_a_partition_is_found_with_its_disk_and_what_udev_knows_of_it(machine: Machine) -> None:
    found = device.find("sda1", sysfs=machine.sysfs, udev=machine.udev)
    assert (found.name, found.dev, found.disk, found.disk_dev) == ("sda1", "8:1", "sda", "8:0")
    assert found.properties["ID_FS_TYPE"] == "vfat"


def test_a_whole_disk_is_its_own_disk(machine: Machine) -> None:
    found = device.find("sda", sysfs=machine.sysfs, udev=machine.udev)
    assert (found.disk, found.disk_dev) == ("sda", "8:0")


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../../etc",
        "/dev/sda1",
        "sda1/../sda1",
        "sda\n",
        "sda1\x00",
        "sda 1",
        "SDA",
        "-sda",
        "\u017fda",
        "\ud800",
        "a" * 300,
    ],
)
def test_a_name_that_the_kernel_would_not_give_is_not_looked_up(machine: Machine, name: str) -> None:
    assert refused(machine, name) is RefusalCode.BAD_DEVICE


def test_a_refusal_shows_a_hostile_name_harmlessly_and_short(machine: Machine) -> None:
    with pytest.raises(Refusal) as caught:
        device.find("\x1b[2Jsda\n" + "x" * 5000, sysfs=machine.sysfs, udev=machine.udev)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


def test_what_is_not_there_is_gone(machine: Machine) -> None:
    assert refused(machine, "sdq") is RefusalCode.GONE


@pytest.mark.parametrize(
    "name,place",
    [
        ("loop0", "devices/virtual/block"),
        ("dm-0", "devices/virtual/block"),
        ("nvme0n1", "devices/pci0000:00/0000:00:1d.0/nvme/nvme0"),
        ("sdb", "devices/pci0000:00/0000:00:17.0/ata1/host1/1:0:0:0/block"),
    ],
)
def test_what_does_not_hang_on_usb_is_refused_however_it_is_tagged(
    machine: Machine, name: str, place: str
) -> None:
    machine.plug(name, dev="7:0", place=place)
    assert refused(machine, name) is RefusalCode.NOT_USB


@pytest.mark.parametrize("subsystem", ["", "pci", "usbip"])
def test_a_folder_that_merely_looks_like_one_makes_no_usb_device(machine: Machine, subsystem: str) -> None:
    folder = machine.plug("sdb", dev="8:16", place="devices/pci0000:00/usb9/9-1/block")
    (folder.parent.parent / "uevent").write_text("DEVTYPE=usb_device\n")
    if subsystem:
        (folder.parent.parent / "subsystem").symlink_to(machine.sysfs / "bus" / subsystem)
    assert refused(machine, "sdb") is RefusalCode.NOT_USB


def test_an_interface_alone_is_no_usb_device(machine: Machine) -> None:
    (machine.sysfs / USB_PORT / "uevent").write_text("DEVTYPE=usb_interface\n")
    assert refused(machine, "sda1") is RefusalCode.NOT_USB


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"ID_FS_TYPE": "vfat"},
        {"BWVDOCK_CAMERA": "0"},
        {"BWVDOCK_CAMERA": ""},
        {"XBWVDOCK_CAMERA": "1"},
        {"ID_FS_LABEL": "BWVDOCK_CAMERA=1"},
    ],
)
def test_what_our_rule_did_not_tag_is_refused(machine: Machine, properties: dict[str, str]) -> None:
    machine.tag("8:1", properties)
    assert refused(machine, "sda1") is RefusalCode.NOT_TAGGED


def test_what_udev_does_not_know_is_refused(machine: Machine) -> None:
    (machine.udev / "b8:1").unlink()
    assert refused(machine, "sda1") is RefusalCode.NOT_TAGGED


def test_a_reader_without_a_card_says_so(machine: Machine) -> None:
    machine.plug("sdc", dev="8:32", size=0)
    assert refused(machine, "sdc") is RefusalCode.NO_MEDIUM
