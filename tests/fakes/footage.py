"""Footage in memory, and clips that stand for it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import TracebackType
from typing import Self

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.history import apply
from bwvdock.core.clips.identity import ID_BYTES, make_id
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import AcquiredPart, ClipAcquired, SourceFile
from bwvdock.core.ports import PIECE_BYTES, CameraFile, Kept
from bwvdock.errors import CameraGoneError, NotReadyError, UnreadableError, WithdrawnError

_NAMES = ("a.mp4", "a.gps", "a.jpg", "a.xml")


@lru_cache(maxsize=8)
def footage(size: int, *, seed: int = 0) -> bytes:
    """Return reproducible bytes that no disk or cache could guess."""
    return hashlib.shake_128(str(seed).encode()).digest(size)


def found_clip(number: int, files: Sequence[tuple[str, int]]) -> Clip:
    """Return a clip as it was found: id number `number`, files as path and size."""
    return Clip(
        id=make_id(1_777_507_200_000 + number, number.to_bytes(ID_BYTES, "big")),  # 2026-04-30 00:00 UTC
        state=ClipState.FOUND,
        camera="CAM-17",
        docking="docking",
        files=tuple(
            SourceFile(path=path, size=size, mtime_ns=number, fingerprint="") for path, size in files
        ),
        marked=False,
    )


def part_of(content: bytes) -> AcquiredPart:
    """Return what the journal should say of a part with this content."""
    pieces = [content[start : start + PIECE_BYTES] for start in range(0, len(content), PIECE_BYTES)]
    return AcquiredPart(
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        pieces=tuple(hashlib.sha256(piece).hexdigest() for piece in pieces),
        read_bytes=len(content),
    )


def found_with(*contents: bytes, number: int = 1) -> Clip:
    """Return a clip as it was found: footage and its sidecars, with these contents."""
    return found_clip(number, [(name, len(content)) for name, content in zip(_NAMES, contents, strict=False)])


def acquired(clip: Clip, *contents: bytes) -> Clip:
    """Return a found clip as it is once its parts, with these contents, were copied."""
    parts = tuple(part_of(content) for content in contents)
    return apply(clip, ClipAcquired(clip=clip.id, docking="now", parts=parts))


def acquired_clip(*contents: bytes, number: int = 1) -> Clip:
    """Return an acquired clip: footage and its sidecars, with these contents."""
    return acquired(found_with(*contents, number=number), *contents)


@dataclass
class MemoryVolume:
    """A card whose files are bytes, for rooms that only open and read.

    `gone_after` bytes the camera is pulled out; `bad` paths cannot be read, `growing` ones are written to.
    `withdrawn` ones are given as zeros, of which the camera says at the end that they were not the file.
    `cannot_go_on` is why a copy may only begin at the beginning; `notes` are what is told of each reading.
    """

    files: dict[str, bytes]
    gone_after: int = 2**60
    bad: set[str] = field(default_factory=set)
    growing: set[str] = field(default_factory=set)
    short: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    chunk: int = 2**20
    name: str = "lun0"
    label: str = ""
    read: int = 0
    cannot_go_on: str = ""
    notes: Sequence[str] = ()

    def list(self) -> Sequence[CameraFile]:
        return [CameraFile(path=p, size=len(b), mtime_ns=1) for p, b in self.files.items()]

    def open(self, file: CameraFile, *, offset: int = 0) -> MemorySource:
        if self.read >= self.gone_after:
            raise CameraGoneError("the camera was pulled out")
        if file.path in self.growing:
            raise NotReadyError(f"{file.path} is still being written")
        return MemorySource(self, file.path, offset)

    def fingerprint(self, file: CameraFile) -> str:
        return hashlib.sha256(self.files[file.path]).hexdigest()

    def doubt(self, file: CameraFile, length: int, kept: Kept) -> str:
        if self.cannot_go_on:
            return self.cannot_go_on
        return "" if kept(0, length) == self.files[file.path][:length] else "it holds other bytes now"

    def present(self) -> bool:
        return self.read < self.gone_after

    def close(self) -> None:
        """Nothing is held."""


class MemorySource:
    """One open file of a MemoryVolume."""

    def __init__(self, volume: MemoryVolume, path: str, offset: int) -> None:
        self._volume = volume
        self._path = path
        self._at = offset
        self.notes = volume.notes

    def readinto(self, buffer: memoryview) -> int:
        volume = self._volume
        if volume.read >= volume.gone_after:
            raise CameraGoneError("the camera was pulled out")
        if self._path in volume.bad:
            raise UnreadableError(f"{self._path} cannot be read")
        length = min(len(buffer), volume.chunk, volume.gone_after - volume.read)
        data = volume.files[self._path][self._at : self._at + length]
        if self._path in volume.short:
            data = data[: max(len(volume.files[self._path]) - 1 - self._at, 0)]
        if self._path in volume.withdrawn:
            data = bytes(len(data))
            if self._at + len(data) == len(volume.files[self._path]):
                raise WithdrawnError(f"{self._path} was not read")
        buffer[: len(data)] = data
        self._at += len(data)
        volume.read += len(data)
        return len(data)

    def close(self) -> None:
        """Nothing is held."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
