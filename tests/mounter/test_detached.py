"""Is what is handed out read-only, invisible, gone with its last descriptor, and harmless to the card?"""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bwvdock.edges.mounting import MountedVolume
from bwvdock.errors import VolumeRefusedError
from tests.mounter.loop import CLIP, needs_root, run
from tests.mounter.rig import Dock, dock_with

pytestmark = [*needs_root, pytest.mark.slow]


def digest(image: Path) -> str:
    with image.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.fixture(name="dock", params=["ext4", "xfs"])
def _dock(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Dock]:
    with dock_with(tmp_path, request.param) as dock:
        yield dock


@pytest.fixture(name="volume")
def _volume(dock: Dock) -> Iterator[MountedVolume]:
    volume = dock.mounter.mount(dock.device)
    yield volume
    volume.close()


def test_it_can_be_listed_and_read(volume: MountedVolume) -> None:
    assert {"DCIM", "link"} <= set(os.listdir(volume.root_fd))
    with open(os.open("DCIM/clip.mp4", os.O_RDONLY, dir_fd=volume.root_fd), "rb") as clip:
        assert clip.read() == CLIP


@pytest.mark.parametrize("name", ["new.mp4", "DCIM/clip.mp4"])
def test_nothing_can_be_written(volume: MountedVolume, name: str) -> None:
    with pytest.raises(OSError, match="Read-only") as caught:
        os.open(name, os.O_WRONLY | os.O_CREAT, dir_fd=volume.root_fd)
    assert caught.value.errno == errno.EROFS
    with pytest.raises(OSError, match="Read-only"):
        os.unlink("DCIM/clip.mp4", dir_fd=volume.root_fd)


def test_a_link_on_the_card_leads_nowhere(volume: MountedVolume) -> None:
    with pytest.raises(OSError, match="symbolic links") as caught:
        os.open("link", os.O_RDONLY, dir_fd=volume.root_fd)
    assert caught.value.errno == errno.ELOOP


def test_it_stands_in_no_mount_table(dock: Dock, volume: MountedVolume) -> None:
    assert dock.device not in Path("/proc/self/mountinfo").read_text()


def test_a_mounted_volume_is_not_handed_out_twice(dock: Dock, volume: MountedVolume) -> None:
    with pytest.raises(VolumeRefusedError, match="busy"):
        dock.mounter.mount(dock.device)


def test_it_ends_with_its_last_descriptor(dock: Dock) -> None:
    volume = dock.mounter.mount(dock.device)
    inside = os.open("DCIM", os.O_RDONLY, dir_fd=volume.root_fd)
    volume.close()
    assert os.listdir(inside) == ["clip.mp4"]
    with pytest.raises(OSError, match="busy"):
        os.open(f"/dev/{dock.device}", os.O_RDONLY | os.O_EXCL)
    os.close(inside)
    # XFS lets go of the device a moment after the last close returned.
    deadline = time.monotonic() + 30
    while not _is_free(dock.device):
        assert time.monotonic() < deadline, "the mount outlived its last descriptor"
        os.sched_yield()


def _is_free(device: str) -> bool:
    try:
        os.close(os.open(f"/dev/{device}", os.O_RDONLY | os.O_EXCL))
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        return False
    return True


def test_the_card_is_left_as_it_was_though_its_log_waits_to_be_replayed(dock: Dock) -> None:
    before = digest(dock.image)
    volume = dock.mounter.mount(dock.device)
    for folder, _, _, _ in os.fwalk(".", dir_fd=volume.root_fd):
        assert folder is not None
    volume.close()
    run("sync", str(dock.image))
    assert digest(dock.image) == before


def test_a_plain_read_only_mount_would_have_changed_it(dock: Dock, tmp_path: Path) -> None:
    # If this fails, the image has no log to replay, and the test before this one shows nothing.
    before = digest(dock.image)
    run("mount", "-o", "ro", f"/dev/{dock.device}", str(tmp_path / "point"))
    run("umount", str(tmp_path / "point"))
    run("sync", str(dock.image))
    assert digest(dock.image) != before
