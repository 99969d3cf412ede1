"""What udev says, and what is made of it: each thing once, in whatever order it comes."""

from __future__ import annotations

from dataclasses import replace

from bwvdock.core.media.sightings import BayEvent, CameraArrived, CameraLeft, VolumeArrived, VolumeLeft
from bwvdock.edges.udev import Translator, UdevDevice, Uevent

PORT = "/devices/pci0000:00/usb1/1-2/1-2.3"
CAMERA = UdevDevice(sys_path=PORT, port="1-2.3", serial=b"BWV-00017", ids="46f4:0001", model=b"Body\x1b[2J")
TAGGED = {"BWVDOCK_CAMERA": "1"}
READABLE = TAGGED | {"ID_FS_USAGE": "filesystem", "ID_FS_TYPE": "vfat"}


def usb(action: str = "add") -> Uevent:
    """The camera itself."""
    return Uevent(action=action, subsystem="usb", sys_path=PORT, name="1-2.3", properties=TAGGED, usb=CAMERA)


def disk(action: str = "add", *, name: str = "sda", **more: str) -> Uevent:
    """A disk of it, or a partition of one."""
    path = f"{PORT}/host6/target6:0:0/6:0:0:0/block/{name}"
    properties = TAGGED if more.pop("medium", "") == "none" else READABLE
    return Uevent(
        action=action,
        subsystem="block",
        sys_path=path,
        name=name,
        properties=properties | more,
        usb=CAMERA if action != "remove" else None,
        partition=name[3:],
    )


def see(*events: Uevent) -> list[BayEvent]:
    """Translate in order."""
    translator = Translator()
    return [said for event in events for said in translator.see(event)]


def test_a_camera_and_its_partition_are_announced_once_each() -> None:
    """Enumeration and the monitor may both tell of them."""
    said = see(usb(), disk("add", medium="none"), disk(name="sda1"), usb(), disk("change", name="sda1"))
    assert [type(e) for e in said] == [CameraArrived, VolumeArrived]
    volume = said[1]
    assert isinstance(volume, VolumeArrived)
    assert (volume.device, volume.name) == ("sda1", "lun0-part1")


def test_a_disk_that_is_seen_before_its_camera_announces_both() -> None:
    """At start devices are enumerated by subsystem."""
    assert [type(e) for e in see(disk(), usb())] == [CameraArrived, VolumeArrived]


def test_the_bay_is_the_port_and_what_the_device_says_of_itself_is_escaped() -> None:
    """An escape sequence in a model's name reaches no terminal."""
    camera = see(usb())[0]
    assert isinstance(camera, CameraArrived)
    assert camera.sighting.bay == "1-2.3"
    assert camera.sighting.model == "Body\\u{1b}[2J"


def test_a_card_that_is_taken_out_and_another_put_in() -> None:
    """A reader's media change without its leaving; what is there when it leaves goes with it."""
    said = see(
        usb(),
        disk(),
        disk("change", medium="none", DISK_MEDIA_CHANGE="1"),
        disk("change", DISK_MEDIA_CHANGE="1"),
        usb("remove"),
    )
    assert [type(e) for e in said] == [CameraArrived, VolumeArrived, VolumeLeft, VolumeArrived, CameraLeft]


def test_another_card_in_one_event_is_another_volume() -> None:
    """Swapped faster than the kernel polls."""
    said = see(usb(), disk(), disk("change", DISK_MEDIA_CHANGE="1"))
    assert [type(e) for e in said[2:]] == [VolumeLeft, VolumeArrived]


def test_removal_is_recognised_though_udev_no_longer_knows_what_it_was() -> None:
    """Properties are gone by then; the sysfs path is not."""
    said = see(usb(), disk(), disk("remove"), replace(usb("remove"), properties={}, usb=None))
    assert [type(e) for e in said[2:]] == [VolumeLeft, CameraLeft]


def test_a_device_that_the_rule_did_not_tag_does_not_exist_for_us() -> None:
    """The dock PC's own disks."""
    assert see(replace(disk(), properties={"ID_FS_USAGE": "filesystem"})) == []


def test_a_camera_that_left_and_came_back_is_announced_again() -> None:
    """The same port, the same path."""
    said = see(usb(), usb("remove"), usb())
    assert [type(e) for e in said] == [CameraArrived, CameraLeft, CameraArrived]


def test_what_left_unnoticed_is_missed_when_somebody_looks_around() -> None:
    """The kernel drops events when forty cameras come at once; the volume goes before its camera."""
    translator = Translator()
    events = [said for event in (usb(), disk()) for said in translator.see(event)]
    assert len(events) == 2
    assert list(translator.missed(lambda _: True)) == []
    left = list(translator.missed(lambda _: False))
    assert [type(e) for e in left] == [VolumeLeft, CameraLeft]
    assert list(translator.missed(lambda _: False)) == []
