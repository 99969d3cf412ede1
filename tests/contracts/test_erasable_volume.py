"""Does whatever can erase (core/erasing.py) erase what the permit names, and nothing else?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pytest

from bwvdock.core.facts import SourceFile
from bwvdock.core.media.names import unescape
from bwvdock.core.ports.erasing import ErasableVolume, EraseOutcome
from bwvdock.edges.cameras.folder import FolderVolume, Settling
from bwvdock.edges.cameras.mass_storage import BlockDevice, MassStorageVolume
from bwvdock.edges.cameras.mtp.camera import MtpCamera
from bwvdock.edges.mounting import Mounter, MounterEraser
from bwvdock.errors import CameraGoneError, EraseRefusedError
from bwvdock.mounter.conversation import Desk, converse
from bwvdock.mounter.kernel import Kernel, LinuxKernel
from tests.fakes.camera import FakeFile, FakeVolume, KeepingVolume, MixingUpVolume
from tests.fakes.clock import FakeClock
from tests.fakes.mtp.backend import VirtualBackend, VirtualCamera
from tests.fakes.mtp.contents import Held
from tests.fakes.taken import permit_for, taken
from tests.mounter.loop import dirty_image, loop_device, mounted, needs_root, run
from tests.mounter.machine import Machine, machine_with_card, served

CLIP, THUMB, OTHER = "DCIM/100/BWC_0001.MP4", "DCIM/100/BWC_0001.THM", "DCIM/100/BWC_0002.MP4"
MTIME = 1_773_483_300_000_000_000
DATA = {CLIP: bytes(range(256)) * 1024, THUMB: b"thumb", OTHER: bytes(range(256)) * 1024}
GONE, ERASED, REFUSED = EraseOutcome.ALREADY_GONE, EraseOutcome.ERASED, EraseOutcome.REFUSED


class Rig(Protocol):
    """A camera that a test can do things to; `volume` is asked for anew after each of them."""

    def volume(self) -> ErasableVolume: ...

    def put(self, path: str, data: bytes, *, mtime_ns: int = MTIME) -> None: ...

    def yank(self) -> None: ...


class FakeRig:
    kind: type[FakeVolume] = FakeVolume

    def __init__(self, tmp_path: Path, held: ExitStack) -> None:
        self._volume = self.kind()

    def volume(self) -> ErasableVolume:
        return self._volume

    def put(self, path: str, data: bytes, *, mtime_ns: int = MTIME) -> None:
        self._volume.files[path] = FakeFile(data=data, mtime_ns=mtime_ns)

    def yank(self) -> None:
        self._volume.yank()


class KeepingRig(FakeRig):
    kind = KeepingVolume


class MixingUpRig(FakeRig):
    kind = MixingUpVolume


def write(root: Path, path: str, data: bytes, mtime_ns: int) -> None:
    full = os.path.join(os.fsencode(root), unescape(path))
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "wb") as file:
        file.write(data)
    os.utime(full, ns=(mtime_ns, mtime_ns))


class FolderRig:
    def __init__(self, tmp_path: Path, held: ExitStack) -> None:
        self.root = tmp_path / "export"
        self.root.mkdir()
        self._volume = FolderVolume(
            str(self.root), settling=Settling(FakeClock(), settle_ms=0), name="lun0-part1"
        )
        held.callback(self._volume.close)

    def volume(self) -> ErasableVolume:
        return self._volume

    def put(self, path: str, data: bytes, *, mtime_ns: int = MTIME) -> None:
        write(self.root, path, data, mtime_ns)

    def yank(self) -> None:
        self.root.rename(self.root.with_name("unmounted"))


class MtpRig:
    def __init__(self, tmp_path: Path, held: ExitStack) -> None:
        self.usb = VirtualCamera()
        responder = self.usb.responder
        self.camera = MtpCamera(
            VirtualBackend(self.usb),
            self.usb.bus,
            self.usb.address,
            attached=lambda _: not responder.gone,
        )
        held.callback(self.camera.close)
        (self._volume,) = self.camera.volumes()

    def volume(self) -> ErasableVolume:
        return self._volume

    def put(self, path: str, data: bytes, *, mtime_ns: int = MTIME) -> None:
        modified = datetime.fromtimestamp(mtime_ns // 10**9, UTC).strftime("%Y%m%dT%H%M%S")
        try:
            item = self.usb.card.find(path)
        except StopIteration:
            self.usb.card.add(path, Held(data), modified=modified)
        else:
            self.usb.card.put(replace(item, content=Held(data), modified=modified))

    def yank(self) -> None:
        self.usb.yank()


class _CardRig:
    """The mounter's real conversation, and our client of it."""

    def __init__(
        self, tmp_path: Path, held: ExitStack, machine: Machine, kernel: Kernel, device: str
    ) -> None:
        self.machine, self.device = machine, device
        machine.dock_config.write_text('[release]\nerase = "after-verified"\n')
        desk = Desk(system=machine.system(kernel), allowed_uids=frozenset({os.getuid()}))
        held.enter_context(served(tmp_path / "socket", partial(converse, desk=desk)))
        self.mounter = Mounter(tmp_path / "socket", statvfs=_read_only)
        self._volume: MassStorageVolume | None = None
        held.callback(self.let_go)

    def volume(self) -> ErasableVolume:
        if self._volume is None:
            card = self.mounter.mount(self.device)
            self._volume = MassStorageVolume(
                card.root_fd,
                device=BlockDevice(
                    name=self.device, major=card.major, minor=card.minor, diskseq=card.diskseq
                ),
                answers=lambda: self.mounter.answers(card),
                name="lun0-part1",
                eraser=MounterEraser(self.mounter, card),
                sysfs=str(self.machine.sysfs),
            )
        return self._volume

    def let_go(self) -> None:
        if self._volume is not None:
            self._volume.close()
            self._volume = None

    def yank(self) -> None:
        (self.machine.sysfs / "class/block" / self.device).resolve().joinpath("dev").unlink()


def _read_only(fd: int) -> os.statvfs_result:
    return os.statvfs_result((4096, 4096, 1, 1, 1, 1, 1, 1, os.ST_RDONLY, 255))


class MassStorageRig(_CardRig):
    """On a machine that is none: the card is a folder."""

    def __init__(self, tmp_path: Path, held: ExitStack) -> None:
        machine = machine_with_card(tmp_path)
        super().__init__(tmp_path, held, machine, machine.kernel, "sda1")

    def put(self, path: str, data: bytes, *, mtime_ns: int = MTIME) -> None:
        write(self.machine.root, path, data, mtime_ns)


class KernelRig(_CardRig):
    """On a loop device that holds ext4: the kernel mounts, unlinks, and mounts again."""

    def __init__(self, tmp_path: Path, held: ExitStack) -> None:
        machine = Machine(tmp_path / "machine")
        self.point = tmp_path / "at"
        self.point.mkdir()
        device = held.enter_context(loop_device(dirty_image(tmp_path, "ext4")))
        with mounted(device, self.point):
            for stray in ("late.mp4", "link", "DCIM/clip.mp4"):
                (self.point / stray).unlink()
        machine.plug_real(device, "ext4")
        super().__init__(tmp_path, held, machine, LinuxKernel(), device)

    def put(self, path: str, data: bytes, *, mtime_ns: int = MTIME) -> None:
        self.let_go()
        run("blockdev", "--setrw", f"/dev/{self.device}")
        with mounted(self.device, self.point):
            write(self.point, path, data, mtime_ns)


@pytest.fixture(
    params=[FakeRig, FolderRig, MtpRig, MassStorageRig, pytest.param(KernelRig, marks=needs_root)]
)
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    make: Callable[[Path, ExitStack], Rig] = request.param
    with ExitStack() as held:
        yield make(tmp_path, held)


def fill(rig: Rig) -> None:
    for path, data in DATA.items():
        rig.put(path, data)


def found(rig: Rig, *paths: str) -> tuple[SourceFile, ...]:
    return taken(rig.volume(), *paths)


def standing(rig: Rig) -> set[str]:
    return {file.path for file in rig.volume().list()}


def check_that_what_is_named_goes_and_nothing_else(rig: Rig) -> None:
    fill(rig)
    erasures = rig.volume().erase(permit_for(*found(rig, CLIP, THUMB)))
    assert [erasure.outcome for erasure in erasures] == [ERASED, ERASED]
    assert standing(rig) == {OTHER}


def test_what_is_named_goes_and_nothing_else(rig: Rig) -> None:
    check_that_what_is_named_goes_and_nothing_else(rig)


@pytest.mark.parametrize("liar", [KeepingRig, MixingUpRig])
def test_a_liar_does_not_pass(tmp_path: Path, liar: type[FakeRig]) -> None:
    with ExitStack() as held, pytest.raises(AssertionError):
        check_that_what_is_named_goes_and_nothing_else(liar(tmp_path, held))


def test_the_sidecars_go_first_and_the_footage_last(rig: Rig) -> None:
    fill(rig)
    permit = permit_for(*found(rig, CLIP, THUMB))
    assert [file.path for file in permit.files] == [THUMB, CLIP]


def test_what_is_gone_already_is_said_to_be_so(rig: Rig) -> None:
    fill(rig)
    permit = permit_for(*found(rig, CLIP, THUMB))
    rig.volume().erase(permit_for(*found(rig, THUMB)))
    assert [erasure.outcome for erasure in rig.volume().erase(permit)] == [GONE, ERASED]
    assert [erasure.outcome for erasure in rig.volume().erase(permit)] == [GONE, GONE]
    assert standing(rig) == {OTHER}


def test_after_erasing_the_rest_can_be_read_and_erased(rig: Rig) -> None:
    fill(rig)
    rig.volume().erase(permit_for(*found(rig, CLIP)))
    (file,) = [file for file in rig.volume().list() if file.path == OTHER]
    buffer = memoryview(bytearray(len(DATA[OTHER])))
    done = 0
    with rig.volume().open(file) as source:
        while count := source.readinto(buffer[done:]):
            done += count
    assert bytes(buffer) == DATA[OTHER]
    assert [erasure.outcome for erasure in rig.volume().erase(permit_for(*found(rig, OTHER)))] == [ERASED]


@pytest.mark.parametrize("change", ["longer", "later", "both"])
def test_a_file_that_changed_since_stays(rig: Rig, change: str) -> None:
    fill(rig)
    permit = permit_for(*found(rig, CLIP, THUMB))
    data = DATA[CLIP] + (b"" if change == "later" else b"more")
    rig.put(CLIP, data, mtime_ns=MTIME if change == "longer" else MTIME + 60 * 10**9)
    rig.volume().list()
    thumb, clip = rig.volume().erase(permit)
    assert (thumb.outcome, clip.outcome) == (ERASED, REFUSED)
    assert clip.reason
    assert standing(rig) == {CLIP, OTHER}


def test_other_bytes_in_the_same_place_stay(rig: Rig) -> None:
    fill(rig)
    permit = permit_for(*found(rig, CLIP))
    rig.put(CLIP, b"!" + DATA[CLIP][1:])
    (erasure,) = rig.volume().erase(permit)
    assert erasure.outcome is REFUSED
    assert standing(rig) == set(DATA)


def test_a_permit_for_another_volume_erases_nothing(rig: Rig) -> None:
    fill(rig)
    elsewhere = [replace(file, volume="lun7") for file in found(rig, CLIP)]
    with pytest.raises(EraseRefusedError):
        rig.volume().erase(permit_for(*elsewhere))
    assert standing(rig) == set(DATA)


def test_nothing_is_erased_without_a_permit(rig: Rig) -> None:
    fill(rig)
    forged: Any = found(rig, CLIP)
    with pytest.raises(TypeError):
        rig.volume().erase(forged)
    assert standing(rig) == set(DATA)


def test_a_camera_that_left_keeps_everything(rig: Rig) -> None:
    fill(rig)
    permit = permit_for(*found(rig, CLIP))
    rig.yank()
    with pytest.raises(CameraGoneError):
        rig.volume().erase(permit)
