"""Whatever stands for a camera keeps the promises of CameraVolume and Source (core/ports/)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest

from bwvdock.core.media.names import escape, unescape
from bwvdock.core.ports import CameraFile, CameraVolume, FileStatus
from bwvdock.edges.cameras.folder import FolderVolume, Settling
from bwvdock.edges.cameras.mass_storage import BlockDevice, MassStorageVolume
from bwvdock.edges.cameras.mtp.camera import MtpCamera
from bwvdock.errors import CameraGoneError, NotReadyError, UnreadableError
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.clock import FakeClock
from tests.fakes.folder import FakeFolder
from tests.fakes.mtp.backend import VirtualBackend, VirtualCamera
from tests.fakes.mtp.contents import Held
from tests.simulation.edges import FaultyVolume
from tests.simulation.mtp import Cable

CLIP = "DCIM/100BWCAM/BWC_0001.MP4"
LONG = bytes(range(256)) * 1024  # 256 KiB: longer than what a fingerprint covers


class Rig(Protocol):
    """A camera that a test can do things to."""

    volume: CameraVolume

    def put(self, path: str, data: bytes, *, mtime_ns: int = 0) -> None: ...

    def remove(self, path: str) -> None: ...

    def yank(self) -> None: ...


class FakeRig:
    volume: FakeVolume

    def __init__(self, tmp_path: Path) -> None:
        self.volume = FakeVolume()

    def put(self, path: str, data: bytes, *, mtime_ns: int = 0) -> None:
        # A file that is written to stays the same file for who holds it open.
        file = self.volume.files.setdefault(path, FakeFile())
        file.data, file.mtime_ns = data, mtime_ns

    def remove(self, path: str) -> None:
        del self.volume.files[path]

    def yank(self) -> None:
        self.volume.yank()


class FakeFolderRig(FakeRig):
    def __init__(self, tmp_path: Path) -> None:
        self.volume = FakeFolder(settling=Settling(FakeClock(), settle_ms=0))


class _TreeRig:
    root: bytes

    def put(self, path: str, data: bytes, *, mtime_ns: int = 0) -> None:
        full = os.path.join(self.root, unescape(path))
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(data)
        os.utime(full, ns=(mtime_ns, mtime_ns))

    def remove(self, path: str) -> None:
        os.unlink(os.path.join(self.root, unescape(path)))


class MassStorageRig(_TreeRig):
    def __init__(self, tmp_path: Path) -> None:
        self.root = os.fsencode(tmp_path / "card")
        os.mkdir(self.root)
        self.disk = tmp_path / "sys/class/block/sdb"
        (self.disk / "sdb1").mkdir(parents=True)
        (self.disk / "diskseq").write_text("17\n")
        (self.disk / "sdb1/dev").write_text("8:17\n")
        (tmp_path / "sys/class/block/sdb1").symlink_to(self.disk / "sdb1")
        self.volume = MassStorageVolume(
            os.open(self.root, os.O_RDONLY | os.O_DIRECTORY),
            device=BlockDevice(name="sdb1", major=8, minor=17, diskseq=17),
            answers=lambda: True,
            name="lun0-part1",
            sysfs=str(tmp_path / "sys"),
        )

    def yank(self) -> None:
        (self.disk / "sdb1/dev").unlink()


class FolderRig(_TreeRig):
    def __init__(self, tmp_path: Path) -> None:
        self.root = os.fsencode(tmp_path / "export")
        os.mkdir(self.root)
        self.volume = FolderVolume(os.fsdecode(self.root), settling=Settling(FakeClock(), settle_ms=0))

    def yank(self) -> None:
        os.rename(self.root, self.root + b".unmounted")


class MtpRig:
    """Our initiator on a virtual camera, behind pyusb."""

    volume: CameraVolume

    def __init__(self, tmp_path: Path) -> None:
        self.usb = VirtualCamera()
        self.camera = MtpCamera(
            VirtualBackend(self.usb),
            self.usb.bus,
            self.usb.address,
            attached=lambda _: not self.usb.responder.gone,
        )
        (self.volume,) = self.camera.volumes()

    def put(self, path: str, data: bytes, *, mtime_ns: int = 0) -> None:
        name = self._name(path)
        modified = datetime.fromtimestamp(mtime_ns // 10**9, UTC).strftime("%Y%m%dT%H%M%S")
        try:
            item = self.usb.card.find(name)
        except StopIteration:
            self.usb.card.add(name, Held(data), modified=modified)
        else:
            self.usb.card.put(replace(item, content=Held(data), modified=modified))

    def remove(self, path: str) -> None:
        del self.usb.card.items[self.usb.card.find(self._name(path)).handle]

    def yank(self) -> None:
        self.usb.yank()

    def _name(self, path: str) -> str:
        try:
            return unescape(path).decode()
        except UnicodeDecodeError:
            pytest.skip("a name in UTF-16 cannot hold these bytes")


class SimulatedMtpRig(MtpRig):
    """The one of the simulation, which has the files of a volume in memory."""

    def __init__(self, tmp_path: Path) -> None:
        self.files = FaultyVolume(supply=lambda _: None, erased=lambda _: None)
        self.cable = Cable(self.files)
        self.cable.usb.plug()
        self.camera = self.cable.open(lambda: datetime(2026, 3, 14, tzinfo=UTC))
        _, (self.volume,) = self.cable.volumes(self.camera)

    def put(self, path: str, data: bytes, *, mtime_ns: int = 0) -> None:
        self._name(path)
        self.files.files[path] = FakeFile(data=data, mtime_ns=mtime_ns)

    def remove(self, path: str) -> None:
        del self.files.files[path]

    def yank(self) -> None:
        self.cable.usb.yank()


@pytest.fixture(params=[FakeRig, FakeFolderRig, MassStorageRig, FolderRig, MtpRig, SimulatedMtpRig])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    make: Callable[[Path], Rig] = request.param
    made = make(tmp_path)
    yield made
    made.volume.close()


def listed(rig: Rig, path: str = CLIP) -> CameraFile:
    return next(file for file in rig.volume.list() if file.path == path)


def read(volume: CameraVolume, file: CameraFile, *, offset: int = 0, piece: int = 10_000) -> bytes:
    data, buffer = b"", memoryview(bytearray(piece))
    with volume.open(file, offset=offset) as source:
        while count := source.readinto(buffer):
            data += buffer[:count]
    return data


def test_an_empty_camera_lists_nothing(rig: Rig) -> None:
    assert list(rig.volume.list()) == []


def test_files_are_listed_at_any_depth_with_size_and_time(rig: Rig) -> None:
    rig.put("settings.ini", b"a=1", mtime_ns=5_000_000_000)
    rig.put(CLIP, LONG, mtime_ns=7_000_000_000)
    found = sorted((f.path, f.size, f.mtime_ns, f.status) for f in rig.volume.list())
    assert found == [
        (CLIP, len(LONG), 7_000_000_000, FileStatus.READY),
        ("settings.ini", 3, 5_000_000_000, FileStatus.READY),
    ]


def test_a_file_of_no_bytes_is_ready_and_reads_as_nothing(rig: Rig) -> None:
    rig.put(CLIP, b"")
    assert listed(rig).status is FileStatus.READY
    assert read(rig.volume, listed(rig)) == b""
    assert rig.volume.fingerprint(listed(rig)) == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize("offset", [0, 1, 10_000, len(LONG) - 1, len(LONG)])
def test_reading_goes_from_the_offset_to_the_end(rig: Rig, offset: int) -> None:
    rig.put(CLIP, LONG)
    assert read(rig.volume, listed(rig), offset=offset) == LONG[offset:]


@pytest.mark.few(12)
@pytest.mark.parametrize("size", [0, 1, 65_536, 131_072, 131_073, len(LONG)])
def test_a_fingerprint_covers_both_ends(rig: Rig, size: int) -> None:
    data = LONG[:size]
    rig.put(CLIP, data)
    ends = data if size <= 131_072 else data[:65_536] + data[-65_536:]
    assert rig.volume.fingerprint(listed(rig)) == hashlib.sha256(ends).hexdigest()


@pytest.mark.parametrize(
    "name", [b"a\nb.mp4", b"\x1b[2J.mp4", b"\xff\xfe.mp4", b"..mp4", "é\u202e.mp4".encode()]
)
def test_a_hostile_name_is_escaped_and_its_file_can_be_read(rig: Rig, name: bytes) -> None:
    rig.put(escape(b"DCIM/" + name), b"footage")
    (file,) = rig.volume.list()
    assert file.path == escape(b"DCIM/" + name)
    assert read(rig.volume, file) == b"footage"


def test_a_file_that_grew_after_it_was_listed_is_not_ready(rig: Rig) -> None:
    rig.put(CLIP, b"one")
    before = listed(rig)
    rig.put(CLIP, b"one two")
    with pytest.raises(NotReadyError):
        rig.volume.open(before)
    with pytest.raises(NotReadyError):
        rig.volume.fingerprint(before)


def test_a_file_of_another_time_is_not_what_was_listed(rig: Rig) -> None:
    rig.put(CLIP, b"one", mtime_ns=1_000_000_000)
    before = listed(rig)
    rig.put(CLIP, b"two", mtime_ns=2_000_000_000)
    with pytest.raises(NotReadyError):
        rig.volume.open(before)


def test_a_file_that_vanished_is_not_ready(rig: Rig) -> None:
    rig.put(CLIP, b"one")
    before = listed(rig)
    rig.remove(CLIP)
    with pytest.raises(NotReadyError):
        rig.volume.open(before)


def test_a_file_that_changes_while_it_is_read_is_not_ready(rig: Rig) -> None:
    rig.put(CLIP, LONG)
    with rig.volume.open(listed(rig)) as source:
        assert source.readinto(memoryview(bytearray(1000))) == 1000
        rig.put(CLIP, LONG[:-1] + b"!", mtime_ns=9_000_000_000)
        with pytest.raises(NotReadyError):
            source.readinto(memoryview(bytearray(len(LONG))))


def test_a_file_that_ends_early_is_not_taken(rig: Rig) -> None:
    rig.put(CLIP, LONG)
    file = listed(rig)
    with rig.volume.open(file) as source:
        source.readinto(memoryview(bytearray(1000)))
        rig.put(CLIP, LONG[:1000], mtime_ns=file.mtime_ns)
        # A camera that had begun to send it sends what it was; that it is so no more shows at the end.
        with pytest.raises((NotReadyError, UnreadableError)):
            source.readinto(memoryview(bytearray(len(LONG))))


def test_what_is_kept_of_a_file_and_is_still_so_is_not_doubted(rig: Rig) -> None:
    rig.put(CLIP, LONG)
    (file,) = rig.volume.list()
    assert rig.volume.doubt(file, 100_001, lambda at, count: LONG[at : at + count]) == ""


def test_nothing_that_was_not_listed_can_be_reached(rig: Rig) -> None:
    rig.put(CLIP, b"one")
    for path in ("../card/DCIM", "DCIM/../DCIM/100BWCAM/BWC_0001.MP4", "/etc/passwd", "", "DCIM"):
        with pytest.raises((NotReadyError, UnreadableError)):
            rig.volume.open(replace(listed(rig), path=path))


def test_after_a_yank_nothing_is_listed_and_nothing_pretends(rig: Rig) -> None:
    rig.put(CLIP, LONG)
    assert rig.volume.present()
    rig.yank()
    assert not rig.volume.present()
    with pytest.raises(CameraGoneError):
        rig.volume.list()


def test_closing_twice_and_after_a_yank_is_no_error(rig: Rig) -> None:
    rig.put(CLIP, LONG)
    source = rig.volume.open(listed(rig))
    rig.yank()
    for closing in (source.close, source.close, rig.volume.close, rig.volume.close):
        closing()
    assert not rig.volume.present()
    with pytest.raises(CameraGoneError):
        rig.volume.list()
