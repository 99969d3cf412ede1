"""Does a real kernel erase what was named, and nothing else, and leave nothing mounted or writable?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bwvdock.core.ports.erasing import EraseOutcome
from bwvdock.edges.mounting import MountedVolume, NamedFile
from bwvdock.errors import CameraGoneError, EraseRefusedError
from tests.mounter.loop import CLIP, needs_root, run
from tests.mounter.rig import Dock, dock_with
from tests.mounter.test_erase import named

pytestmark = [*needs_root, pytest.mark.slow]


@pytest.fixture(name="dock")
def _dock(tmp_path: Path) -> Iterator[Dock]:
    with dock_with(tmp_path, "ext4", erase="after-verified") as dock:
        yield dock


def mounted(dock: Dock) -> MountedVolume:
    """Mount the card as the daemon does, and let go of it: what it is like is known then."""
    volume = dock.mounter.mount(dock.device)
    volume.close()
    return volume


def clip_on(dock: Dock) -> NamedFile:
    """Name the clip as it stands on the card."""
    volume = dock.mounter.mount(dock.device)
    try:
        about = os.stat("DCIM/clip.mp4", dir_fd=volume.root_fd)
    finally:
        volume.close()
    return NamedFile(
        path=b"DCIM/clip.mp4",
        size=about.st_size,
        mtime_ns=about.st_mtime_ns,
        fingerprint=str(named("DCIM/clip.mp4", CLIP)["fingerprint"]),
    )


def listed(dock: Dock, folder: str = ".") -> set[str]:
    volume = dock.mounter.mount(dock.device)
    inside = os.open(folder, os.O_RDONLY, dir_fd=volume.root_fd)
    try:
        return set(os.listdir(inside))
    finally:
        os.close(inside)
        volume.close()


def test_what_is_named_goes_and_the_rest_stays_sound(dock: Dock) -> None:
    volume, file = mounted(dock), clip_on(dock)
    gone, again = dock.mounter.erase(volume, [file, file])
    assert (gone.outcome, again.outcome) == (EraseOutcome.ERASED, EraseOutcome.ALREADY_GONE)
    assert listed(dock, "DCIM") == set()
    assert {"DCIM", "late.mp4", "link"} <= listed(dock)  # its log was replayed before anything went
    run("fsck.ext4", "-f", "-n", f"/dev/{dock.device}")


def test_the_device_refuses_writes_again_and_is_not_mounted(dock: Dock) -> None:
    volume, file = mounted(dock), clip_on(dock)
    dock.mounter.erase(volume, [file])
    assert run("blockdev", "--getro", f"/dev/{dock.device}").strip() == "1"
    os.close(os.open(f"/dev/{dock.device}", os.O_RDONLY | os.O_EXCL))


def test_a_link_is_not_followed(dock: Dock) -> None:
    file = clip_on(dock)
    astray = NamedFile(path=b"link", size=file.size, mtime_ns=file.mtime_ns, fingerprint=file.fingerprint)
    (erasure,) = dock.mounter.erase(mounted(dock), [astray])
    assert erasure.outcome is EraseOutcome.REFUSED
    assert listed(dock, "DCIM") == {"clip.mp4"}


def test_while_the_daemon_still_holds_it_nothing_is_erased(dock: Dock) -> None:
    file = clip_on(dock)
    volume = dock.mounter.mount(dock.device)
    try:
        with pytest.raises(EraseRefusedError, match="busy"):
            dock.mounter.erase(volume, [file])
        assert os.stat("DCIM/clip.mp4", dir_fd=volume.root_fd).st_size == file.size
    finally:
        volume.close()


def test_another_medium_in_the_same_place_keeps_its_files(dock: Dock) -> None:
    volume, file = mounted(dock), clip_on(dock)
    before = MountedVolume(
        root_fd=-1,
        device=volume.device,
        major=volume.major,
        minor=volume.minor,
        diskseq=volume.diskseq - 1,
        fs=volume.fs,
    )
    with pytest.raises(CameraGoneError, match="not the medium"):
        dock.mounter.erase(before, [file])
    assert listed(dock, "DCIM") == {"clip.mp4"}
