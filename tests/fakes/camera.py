"""A camera's volume in memory, honest under every misfortune, and the liars beside it.

The honest one passes tests/contracts/test_camera_volume.py. Each liar breaks one promise of the
port as a real camera, kernel or driver has been seen to break it; what uses a volume must notice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from bwvdock.core.clips.dates.file_times import FileTimes
from bwvdock.core.clips.permit import ErasePermit
from bwvdock.core.facts import SourceFile
from bwvdock.core.ports import FINGERPRINT_BYTES, CameraFile, FileStatus, Kept
from bwvdock.core.ports.erasing import EraseOutcome, Erasure
from bwvdock.edges.cameras.covered_files import may_erase
from bwvdock.errors import CameraGoneError, NotReadyError, UnreadableError

MARCH = 1_773_483_300_000_000_000  # 14 March 2026, 10:15 UTC


@dataclass(kw_only=True, slots=True)
class FakeFile:
    """A file on the fake camera, and what goes wrong with it.

    `bad_at` is the offset of a sector that cannot be read, `yank_at` one at which the camera is
    pulled out, `short_at` the offset at which the file ends although a listing says otherwise.
    """

    data: bytes = b""
    mtime_ns: int = MARCH
    read_only: bool = False
    status: FileStatus = FileStatus.READY
    reason: str = ""
    times: FileTimes = FileTimes.UTC
    bad_at: int | None = None
    yank_at: int | None = None
    short_at: int | None = None


@dataclass(kw_only=True, slots=True)
class FakeVolume:
    """An honest CameraVolume.

    `bytes_read` counts what was read through `open`, path by path; `yank_while_listing` pulls the
    camera out in the midst of the next listing. It gives no more than `chunk` bytes at once.
    """

    files: dict[str, FakeFile] = field(default_factory=dict)
    name: str = "lun0-part1"
    label: str = ""
    plugged: bool = True
    closed: bool = False
    yank_while_listing: bool = False
    chunk: int = 2**30
    listings: int = 0
    bytes_read: dict[str, int] = field(default_factory=dict)

    def list(self) -> Sequence[CameraFile]:
        self.listings += 1
        seen = [listed(path, file) for path, file in self.files.items()]
        if self.yank_while_listing:
            self.plugged, seen = False, []  # as vfat does: empty, and no error
        self.prove()
        return seen

    def open(self, file: CameraFile, *, offset: int = 0) -> FakeSource:
        return FakeSource(volume=self, file=file, stands=self.stands(file), at=offset)

    def fingerprint(self, file: CameraFile) -> str:
        stands = self.stands(file)
        if any(at is not None and _in_ends(at, file.size) for at in (stands.bad_at, stands.short_at)):
            raise UnreadableError("The card gives an error.", remedy="Dock it again.")
        data = stands.data
        ends = (
            data
            if len(data) <= 2 * FINGERPRINT_BYTES
            else data[:FINGERPRINT_BYTES] + data[-FINGERPRINT_BYTES:]
        )
        return hashlib.sha256(ends).hexdigest()

    def doubt(self, file: CameraFile, length: int, kept: Kept) -> str:
        return "" if kept(0, length) == self.stands(file).data[:length] else "it holds other bytes now"

    def present(self) -> bool:
        return self.plugged and not self.closed

    def close(self) -> None:
        self.closed = True

    def erase(self, permit: ErasePermit) -> Sequence[Erasure]:
        erasures = []
        for file in may_erase(permit, self.name):
            self.prove()
            erasures.append(self._erase(file))
        return erasures

    def _erase(self, file: SourceFile) -> Erasure:
        if file.path not in self.files:
            return Erasure(outcome=EraseOutcome.ALREADY_GONE)
        try:
            asked = CameraFile(path=file.path, size=file.size, mtime_ns=file.mtime_ns)
            same = self.fingerprint(asked) == file.fingerprint
        except (NotReadyError, UnreadableError) as error:
            return Erasure(outcome=EraseOutcome.REFUSED, reason=error.message)
        if not same:
            return Erasure(outcome=EraseOutcome.REFUSED, reason="it has other bytes")
        del self.files[file.path]
        return Erasure(outcome=EraseOutcome.ERASED)

    # --- what happens to it ---

    def yank(self) -> None:
        self.plugged = False

    def prove(self) -> None:
        if not self.present():
            raise CameraGoneError("The camera was pulled out.", remedy="Dock it again.")

    def stands(self, file: CameraFile) -> FakeFile:
        """Return the file that stands there now if it is the one that was listed."""
        self.prove()
        stands = self.files.get(file.path)
        if stands is None or (len(stands.data), stands.mtime_ns) != (file.size, file.mtime_ns):
            raise NotReadyError("It is not what was listed.", remedy="List it again.")
        if stands.status is not FileStatus.READY:
            raise UnreadableError("It is no file.", remedy="Dock it again.")
        return stands


@dataclass(kw_only=True, slots=True)
class FakeSource:
    """An honest Source."""

    volume: FakeVolume
    file: CameraFile
    stands: FakeFile
    at: int
    notes: Sequence[str] = ()

    def readinto(self, buffer: memoryview) -> int:
        end = min(self.at + min(len(buffer), self.volume.chunk), self.file.size)
        if end <= self.at:
            return 0
        if self.stands.yank_at is not None and self.at <= self.stands.yank_at < end:
            self.volume.yank()
        self.volume.prove()
        for fault in (self.stands.bad_at, self.stands.short_at):
            if fault is not None and self.at <= fault < end:
                raise UnreadableError("The card gives an error.", remedy="Dock it again.")
        count = self._give(buffer, self.stands.data[self.at : end])
        if self.at == self.file.size:
            self.volume.stands(self.file)
        return count

    def _give(self, buffer: memoryview, data: bytes) -> int:
        if len(data) < min(len(buffer), self.volume.chunk, self.file.size - self.at):
            raise UnreadableError("It ends early.", remedy="Dock it again.")
        buffer[: len(data)] = data
        self.at += len(data)
        read = self.volume.bytes_read
        read[self.file.path] = read.get(self.file.path, 0) + len(data)
        return len(data)

    def close(self) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def camera_with(files: Mapping[str, bytes], *, name: str = "lun0-part1") -> FakeVolume:
    """Make an honest camera; each file is a second older than the next."""
    return FakeVolume(
        name=name,
        files={
            path: FakeFile(data=data, mtime_ns=MARCH + n * 1_000_000_000)
            for n, (path, data) in enumerate(files.items())
        },
    )


# --- the liars ---


class ForgettingVolume(FakeVolume):
    """Lists nothing, without an error, once it was pulled out: the bare kernel on vfat."""

    def list(self) -> Sequence[CameraFile]:
        return super().list() if self.plugged else []


class TruncatingVolume(FakeVolume):
    """Ends files at `short_at` as if that were their end: an MTP library that loses the rest."""

    def open(self, file: CameraFile, *, offset: int = 0) -> FakeSource:
        stands = self.stands(file)
        return _TruncatingSource(volume=self, file=file, stands=stands, at=offset)


class _TruncatingSource(FakeSource):
    def readinto(self, buffer: memoryview) -> int:
        end = self.file.size if self.stands.short_at is None else self.stands.short_at
        data = self.stands.data[self.at : min(self.at + len(buffer), end)]
        buffer[: len(data)] = data
        self.at += len(data)
        return len(data)


@dataclass(kw_only=True, slots=True)
class FlippingVolume(FakeVolume):
    """Gives other bytes the second time a file is opened: a reader with a failing cable."""

    opened: set[str] = field(default_factory=set)

    def open(self, file: CameraFile, *, offset: int = 0) -> FakeSource:
        stands = FakeVolume.stands(self, file)
        if file.path in self.opened and stands.data:
            stands = replace(stands, data=bytes([stands.data[0] ^ 1]) + stands.data[1:])
        self.opened.add(file.path)
        return FakeSource(volume=self, file=file, stands=stands, at=offset)


class KeepingVolume(FakeVolume):
    """Says that it erased what it keeps: a card that is worn out, and takes orders without following them."""

    def _erase(self, file: SourceFile) -> Erasure:
        return Erasure(outcome=EraseOutcome.ERASED)


class MixingUpVolume(FakeVolume):
    """Erases its last file, whichever was named."""

    def _erase(self, file: SourceFile) -> Erasure:
        del self.files[[*self.files][-1]]
        return Erasure(outcome=EraseOutcome.ERASED)


def listed(path: str, file: FakeFile) -> CameraFile:
    """Return a file as a listing gives it."""
    return CameraFile(
        path=path,
        size=len(file.data),
        mtime_ns=file.mtime_ns,
        read_only=file.read_only,
        status=file.status,
        reason=file.reason,
        times=file.times,
    )


def _in_ends(at: int, size: int) -> bool:
    return at < FINGERPRINT_BYTES or at >= size - FINGERPRINT_BYTES
