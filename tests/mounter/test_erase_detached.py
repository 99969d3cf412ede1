"""Does a real kernel erase what was named, and nothing else, and leave nothing mounted or writable?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from bwvdock.core.erasing import EraseOutcome
from bwvdock.edges.mounting import MountedVolume, Mounter, NamedFile
from bwvdock.errors import CameraGoneError, EraseRefusedError
from bwvdock.mounter.conversation import Desk, converse
from bwvdock.mounter.kernel import LinuxKernel, number_of
from tests.mounter.loop import CLIP, dirty_image, loop_device, needs_root, run
from tests.mounter.machine import Machine, open_descriptors, served
from tests.mounter.test_erase import named

pytestmark = [*needs_root, pytest.mark.slow]


@dataclass(frozen=True, kw_only=True, slots=True)
class Dock:
    """A loop device that passes for a camera on USB, and a mounter that serves it."""

    mounter: Mounter
    device: str
    image: Path

    def mounted(self) -> MountedVolume:
        """Mount it as the daemon does, and let go of it: what it is like is known then."""
        volume = self.mounter.mount(self.device)
        volume.close()
        return volume

    def file(self, path: str) -> NamedFile:
        """Name a file as it stands on the card."""
        volume = self.mounter.mount(self.device)
        try:
            about = os.stat(path, dir_fd=volume.root_fd)
        finally:
            volume.close()
        asked = named(path, CLIP)
        return NamedFile(
            path=os.fsencode(path),
            size=about.st_size,
            mtime_ns=about.st_mtime_ns,
            fingerprint=str(asked["fingerprint"]),
        )


@pytest.fixture(name="dock")
def _dock(tmp_path: Path) -> Iterator[Dock]:
    image, machine = dirty_image(tmp_path, "ext4"), Machine(tmp_path / "machine")
    machine.config.write_text('filesystems = ["ext4"]')
    machine.dock_config.write_text('[release]\nerase = "after-verified"\n')
    before = open_descriptors()
    with loop_device(image) as name:
        machine.plug(
            name,
            dev=number_of(os.stat(f"/dev/{name}").st_rdev),
            diskseq=int(Path(f"/sys/class/block/{name}/diskseq").read_text()),
            properties={"BWVDOCK_CAMERA": "1", "ID_FS_TYPE": "ext4"},
        )
        desk = Desk(system=machine.system(LinuxKernel()), allowed_uids=frozenset({0}))
        path = tmp_path / "socket"
        with served(path, partial(converse, desk=desk)):
            yield Dock(mounter=Mounter(path), device=name, image=image)
    assert open_descriptors() == before


def listed(dock: Dock, folder: str = ".") -> set[str]:
    volume = dock.mounter.mount(dock.device)
    inside = os.open(folder, os.O_RDONLY, dir_fd=volume.root_fd)
    try:
        return set(os.listdir(inside))
    finally:
        os.close(inside)
        volume.close()


def test_what_is_named_goes_and_the_rest_stays_sound(dock: Dock) -> None:
    volume, file = dock.mounted(), dock.file("DCIM/clip.mp4")
    gone, again = dock.mounter.erase(volume, [file, file])
    assert (gone.outcome, again.outcome) == (EraseOutcome.ERASED, EraseOutcome.ALREADY_GONE)
    assert listed(dock, "DCIM") == set()
    assert {"DCIM", "late.mp4", "link"} <= listed(dock)  # its log was replayed before anything went
    run("fsck.ext4", "-f", "-n", f"/dev/{dock.device}")


def test_the_device_refuses_writes_again_and_is_not_mounted(dock: Dock) -> None:
    volume, file = dock.mounted(), dock.file("DCIM/clip.mp4")
    dock.mounter.erase(volume, [file])
    assert run("blockdev", "--getro", f"/dev/{dock.device}").strip() == "1"
    os.close(os.open(f"/dev/{dock.device}", os.O_RDONLY | os.O_EXCL))


def test_a_link_is_not_followed(dock: Dock) -> None:
    file = dock.file("DCIM/clip.mp4")
    astray = NamedFile(path=b"link", size=file.size, mtime_ns=file.mtime_ns, fingerprint=file.fingerprint)
    (erasure,) = dock.mounter.erase(dock.mounted(), [astray])
    assert erasure.outcome is EraseOutcome.REFUSED
    assert listed(dock, "DCIM") == {"clip.mp4"}


def test_while_the_daemon_still_holds_it_nothing_is_erased(dock: Dock) -> None:
    file = dock.file("DCIM/clip.mp4")
    volume = dock.mounter.mount(dock.device)
    try:
        with pytest.raises(EraseRefusedError, match="busy"):
            dock.mounter.erase(volume, [file])
        assert os.stat("DCIM/clip.mp4", dir_fd=volume.root_fd).st_size == file.size
    finally:
        volume.close()


def test_another_medium_in_the_same_place_keeps_its_files(dock: Dock) -> None:
    volume, file = dock.mounted(), dock.file("DCIM/clip.mp4")
    before = MountedVolume(
        root_fd=-1,
        device=volume.device,
        major=volume.major,
        minor=volume.minor,
        diskseq=volume.diskseq - 1,
        fs=volume.fs,
    )
    with pytest.raises(CameraGoneError, match="another medium"):
        dock.mounter.erase(before, [file])
    assert listed(dock, "DCIM") == {"clip.mp4"}
