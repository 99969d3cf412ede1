"""A camera, as seen from inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

FINGERPRINT_BYTES = 64 * 1024  # from each end of a file

Kept = Callable[[int, int], bytes]
"""Gives bytes of the copy that an earlier attempt left: offset, length."""


class FileStatus(StrEnum):
    """What a listing can say of a directory entry."""

    READY = "ready"
    NOT_READY = "not_ready"  # still growing
    UNREADABLE = "unreadable"  # the card gives errors for its metadata
    REFUSED = "refused"  # never opened: a link, a device, a size that the volume cannot hold


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraFile:
    """One entry of a listing. `path` is escaped (core/names.py), relative to the volume's root.

    A folder stands in a listing only if it could not be read whole, as UNREADABLE or REFUSED.
    `reason` says why an entry is not READY.
    """

    path: str
    size: int
    mtime_ns: int
    read_only: bool = False
    status: FileStatus = FileStatus.READY
    reason: str = ""


class Source(Protocol):
    """One open file on a camera, read forwards from the offset it was opened at."""

    @property
    def notes(self) -> Sequence[str]:
        """What is worth remembering of how it was read, for people; complete when it was read to its end."""
        ...

    def readinto(self, buffer: memoryview) -> int:
        """Read into the buffer; give the number of bytes, 0 only at the listed size.

        Raises:
            CameraGoneError: the camera was pulled out.
            NotReadyError: with the last bytes: the file was changed while it was being read.
            UnreadableError: the card gives an error, or ends before the listed size.
        """
        ...

    def close(self) -> None:
        """Close it; closing twice is no error, and neither is closing after a yank."""
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

    Never written to; what may be erased from it: core/erasing.py. May be used from one thread at a time,
    except `present` and `close`.
    """

    @property
    def name(self) -> str:
        """A name that is the same at each docking, for instance "lun0-part1"."""
        ...

    @property
    def label(self) -> str:
        """The volume's own label, escaped, or ""; vendors keep device ids there."""
        ...

    def list(self) -> Sequence[CameraFile]:
        """List every entry that is no folder, at any depth, and every folder that cannot be read.

        A listing is true only while the camera is there: a yanked vfat volume lists as empty with no
        error. So the edge proves after listing that the same medium is still present.

        Raises:
            CameraGoneError: it is not; whatever was listed is thrown away.
            UnreadableError: the root itself cannot be read.
        """
        ...

    def open(self, file: CameraFile, *, offset: int = 0) -> Source:
        """Open a listed file for reading from `offset` bytes on; never a link or a device.

        Raises:
            CameraGoneError: the camera was pulled out.
            NotReadyError: it vanished, or its size or time is no longer what was listed.
            UnreadableError: the card gives an error, or no regular file stands there.
        """
        ...

    def fingerprint(self, file: CameraFile) -> str:
        """Return the SHA-256 of the file's first and last 64 KiB: of the whole file if it is no longer.

        Gives "" where the transport cannot read from the middle. Raises as `open` does.
        """
        ...

    def doubt(self, file: CameraFile, length: int, kept: Kept) -> str:
        """Return why a copy may not go on from the first `length` bytes that are kept of it; "" if it may.

        What the kernel read from a disk stands for itself. A transfer that says only at its end
        whether its bytes were right has vouched for none of them if it was cut off: there the edge
        compares what is kept with what the camera holds now. Raises as `open` does.
        """
        ...

    def present(self) -> bool:
        """Return whether the very medium that was opened is still there."""
        ...

    def close(self) -> None:
        """Let go of the volume; closing twice, or after a yank, is no error."""
        ...
