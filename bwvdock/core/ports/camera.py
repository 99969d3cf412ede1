"""The port of a camera."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from bwvdock.core.clips.dates.file_times import FileTimes

FINGERPRINT_BYTES = 64 * 1024  # from each end of a file

Kept = Callable[[int, int], bytes]
"""A function that returns bytes of an earlier attempt's copy: offset, length."""


class FileStatus(StrEnum):
    """The state of a directory entry in a listing."""

    READY = "ready"
    NOT_READY = "not_ready"  # still growing
    UNREADABLE = "unreadable"  # the card reports errors for its metadata
    REFUSED = "refused"  # never opened: a link, a device, an impossible size


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraFile:
    """One entry of a listing. `path` is escaped (core/media/names.py), relative to the volume's root.

    A folder is in a listing only if it could not be read completely, as UNREADABLE or REFUSED.
    `reason` says why an entry is not READY, `times` what `mtime_ns` is, by the file system or the camera:
    a time without a zone is written there as if it were UTC.
    """

    path: str
    size: int
    mtime_ns: int
    read_only: bool = False
    status: FileStatus = FileStatus.READY
    reason: str = ""
    times: FileTimes = FileTimes.UTC


class Source(Protocol):
    """One open file on a camera, read forwards from the offset it was opened at."""

    @property
    def notes(self) -> Sequence[str]:
        """Notes on how it was read, for people; complete when it was read to its end."""
        ...

    def readinto(self, buffer: memoryview) -> int:
        """Read into the buffer; return the number of bytes, 0 only at the listed size.

        Raises:
            CameraGoneError: the camera was unplugged.
            NotReadyError: with the last bytes: the file was changed while it was being read.
            UnreadableError: the card reports an error, or the file ends before the listed size.
        """
        ...

    def close(self) -> None:
        """Close it; closing twice, or after the camera was unplugged, is allowed."""
        ...

    def __enter__(self) -> Self:
        """Return itself."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        ...


class CameraVolume(Protocol):
    """One file tree of a docked camera: a card, a partition, an MTP store, a folder.

    Never written to; erasing is in ports/erasing.py. May be used from one thread at a time,
    except `present` and `close`.
    """

    @property
    def name(self) -> str:
        """A name that is the same at each docking, for example "lun0-part1"."""
        ...

    @property
    def label(self) -> str:
        """The volume's own label, escaped, or ""; some vendors put device ids there."""
        ...

    def list(self) -> Sequence[CameraFile]:
        """List every entry that is not a folder, at any depth, and every folder that cannot be read.

        A listing is valid only if the camera is present: after unplugging, a vfat volume lists as empty
        without an error. So the edge proves after listing that the same medium is still present.

        Raises:
            CameraGoneError: it is not; the listing is discarded.
            UnreadableError: the root itself cannot be read.
        """
        ...

    def open(self, file: CameraFile, *, offset: int = 0) -> Source:
        """Open a listed file for reading from `offset` bytes on; never a link or a device.

        Raises:
            CameraGoneError: the camera was unplugged.
            NotReadyError: it vanished, or its size or time differs from the listing.
            UnreadableError: the card reports an error, or there is no regular file.
        """
        ...

    def fingerprint(self, file: CameraFile) -> str:
        """Return the SHA-256 of the file's first and last 64 KiB, of the whole file if it is shorter.

        "" if the transport cannot read from the middle. Raises as `open` does.
        """
        ...

    def doubt(self, file: CameraFile, length: int, kept: Kept) -> str:
        """Return why a copy must not resume after its first `length` bytes; "" if it may.

        Bytes that the kernel read from a disk are reliable. A transfer that reports only at its end whether
        its bytes were right has confirmed none of them if it was interrupted: then the edge compares the kept
        bytes with the camera's file. Raises as `open` does.
        """
        ...

    def present(self) -> bool:
        """Return whether the medium that was opened is still present."""
        ...

    def close(self) -> None:
        """Close the volume; closing twice, or after the camera was unplugged, is allowed."""
        ...
