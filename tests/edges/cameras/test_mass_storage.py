"""A medium is the same only while its block device is: number, and sequence number."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bwvdock.edges.cameras.mass_storage import BlockDevice, MassStorageVolume, device_now, kind_of_volume
from bwvdock.errors import CameraGoneError

STICK = BlockDevice(name="sdb1", major=8, minor=17, diskseq=17)


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    """A disk sdb with a partition sdb1, as Linux 6.1 shows them."""
    disk = tmp_path / "sys/devices/usb1/1-2/block/sdb"
    (disk / "sdb1").mkdir(parents=True)
    (disk / "dev").write_text("8:16\n")
    (disk / "diskseq").write_text("17\n")
    (disk / "sdb1/dev").write_text("8:17\n")
    block = tmp_path / "sys/class/block"
    block.mkdir(parents=True)
    (block / "sdb").symlink_to("../../devices/usb1/1-2/block/sdb")
    (block / "sdb1").symlink_to("../../devices/usb1/1-2/block/sdb/sdb1")
    return tmp_path / "sys"


@pytest.fixture
def volume(tmp_path: Path, sysfs: Path) -> Iterator[MassStorageVolume]:
    (tmp_path / "card").mkdir()
    (tmp_path / "card/clip.mp4").write_bytes(b"footage")
    root = os.open(tmp_path / "card", os.O_RDONLY | os.O_DIRECTORY)
    made = MassStorageVolume(
        root,
        device=STICK,
        answers=(tmp_path / "card/clip.mp4").exists,
        name="lun0-part1",
        label="CAM01",
        sysfs=str(sysfs),
    )
    yield made
    made.close()


def disk_of(sysfs: Path) -> Path:
    return (sysfs / "class/block/sdb").resolve()


def test_a_whole_disk_and_a_partition_are_known(sysfs: Path) -> None:
    assert device_now("sdb", sysfs=str(sysfs)) == BlockDevice(name="sdb", major=8, minor=16, diskseq=17)
    assert device_now("sdb1", sysfs=str(sysfs)) == STICK
    assert device_now("sdc", sysfs=str(sysfs)) is None


def test_garbage_in_sysfs_is_no_device(sysfs: Path) -> None:
    (disk_of(sysfs) / "diskseq").write_text("\n")
    assert device_now("sdb1", sysfs=str(sysfs)) is None


def test_it_is_there_while_its_device_is(volume: MassStorageVolume) -> None:
    assert volume.present()
    assert [file.path for file in volume.list()] == ["clip.mp4"]
    assert (volume.name, volume.label) == ("lun0-part1", "CAM01")


def test_a_device_that_left_is_gone(volume: MassStorageVolume, sysfs: Path) -> None:
    shutil.rmtree(disk_of(sysfs))
    assert not volume.present()
    with pytest.raises(CameraGoneError):
        volume.list()


def test_another_camera_under_the_same_device_name_is_not_this_one(
    volume: MassStorageVolume, sysfs: Path
) -> None:
    (disk_of(sysfs) / "diskseq").write_text("18\n")
    assert not volume.present()
    with pytest.raises(CameraGoneError):
        volume.list()


def test_another_number_under_the_same_name_is_not_this_one(volume: MassStorageVolume, sysfs: Path) -> None:
    (disk_of(sysfs) / "sdb1/dev").write_text("8:33\n")
    assert not volume.present()


def test_a_medium_that_gives_no_bytes_is_gone_though_its_device_still_stands_there(
    volume: MassStorageVolume, tmp_path: Path
) -> None:
    """The moment after a yank: reads fail, folders are empty, and sysfs knows nothing of it yet."""
    (tmp_path / "card/clip.mp4").unlink()
    assert not volume.present()
    with pytest.raises(CameraGoneError):
        volume.list()


@pytest.mark.parametrize("filesystem,times", [("vfat", "local"), ("exfat", "utc"), ("ext4", "utc")])
def test_only_fat_keeps_local_times(tmp_path: Path, sysfs: Path, filesystem: str, times: str) -> None:
    (tmp_path / "card").mkdir()
    (tmp_path / "card/clip.mp4").write_bytes(b"footage")
    root = os.open(tmp_path / "card", os.O_RDONLY | os.O_DIRECTORY)
    kind = kind_of_volume(filesystem)
    volume = kind(root, device=STICK, answers=lambda: True, name="lun0-part1", sysfs=str(sysfs))
    try:
        assert [file.times for file in volume.list()] == [times]
    finally:
        volume.close()
