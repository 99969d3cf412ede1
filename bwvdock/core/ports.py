"""The doors of the house, as seen from inside: what stages and pipeline may ask of the world.

Each Protocol's docstring is its contract; tests/contracts holds one suite for each, run on the
real edge and on the fake. Errors are those of bwvdock/errors.py and no others: an edge translates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from bwvdock.core.clip import Clip
from bwvdock.core.facts import AcquiredPart, SourceFile
from bwvdock.core.policy import Assessment, Receipt

PIECE_BYTES = 16 * 1024 * 1024  # the grid of piece digests; fixed, because receipts depend on it
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
        """Give itself."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        ...


class CameraVolume(Protocol):
    """One file tree of a docked camera: a card, a partition, an MTP store, a folder.

    Never written to. May be used from one thread at a time, except `present` and `close`.
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
        """Give the SHA-256 of the file's first and last 64 KiB: of the whole file if it is no longer.

        Gives "" where the transport cannot read from the middle. Raises as `open` does.
        """
        ...

    def doubt(self, file: CameraFile, length: int, kept: Kept) -> str:
        """Say why a copy may not go on from the first `length` bytes that are kept of it; "" if it may.

        What the kernel read from a disk stands for itself. A transfer that says only at its end
        whether its bytes were right has vouched for none of them if it was cut off: there the edge
        compares what is kept with what the camera holds now. Raises as `open` does.
        """
        ...

    def present(self) -> bool:
        """Say whether the very medium that was opened is still there."""
        ...

    def close(self) -> None:
        """Let go of the volume; closing twice, or after a yank, is no error."""
        ...


class Incoming(Protocol):
    """One part of a clip on its way into the spool: a partial file and the log of its pieces.

    Nobody takes it for footage before `Spool.publish`. Bytes count as kept only when they were read
    back: the log is a list of claims, and whoever goes on with a partial file proves them first.
    May be used from several threads at once, each at its own place in the file.
    """

    @property
    def size(self) -> int:
        """The size that the whole part will have."""
        ...

    @property
    def recorded(self) -> Sequence[tuple[int, str]]:
        """Length and SHA-256 of each piece that earlier attempts recorded, from the first on.

        All are PIECE_BYTES long but the last, which may be shorter.
        """
        ...

    def write(self, data: memoryview, offset: int) -> None:
        """Write all of `data` at `offset`.

        Both are multiples of 4096, except where `data` reaches the part's end; the memory begins on
        a page (so that the bytes can go to the disk with no copy in between).

        Raises:
            SpoolFullError: the disk is full.
            DurabilityError: the disk refuses the bytes.
        """
        ...

    def settle(self) -> None:
        """Make all bytes written and pieces recorded so far durable: a power cut costs only what follows.

        Raises:
            DurabilityError: the disk did not take them. Final: the part must be discarded.
        """
        ...

    def read_back(self, offset: int, length: int) -> Iterator[memoryview]:
        """Give what the disk (not a cache) holds at a multiple of 4096; less where the file is shorter.

        Each memoryview is valid until the next is asked for. What was not settled may still be lost.

        Raises:
            DurabilityError: the disk cannot take the bytes, or cannot give them back.
        """
        ...

    def peek(self, offset: int, length: int) -> bytes:
        """Give a few bytes at any place, from wherever they are quickest."""
        ...

    def record(self, index: int, length: int, sha256: str) -> None:
        """Note that the piece with this index has `length` bytes with this digest so far."""
        ...

    def give_up(self) -> None:
        """Let the part be empty: what came of it is forgotten, and `size` is 0 from now on."""
        ...

    def seal(self) -> None:
        """Make all bytes durable and the file read-only; nothing is written after it.

        Raises:
            DurabilityError: the disk did not take them. Final: the part must be discarded.
        """
        ...

    def discard(self) -> None:
        """Throw the partial file and its log away, and close."""
        ...

    def close(self) -> None:
        """Let go of it; the partial file and its log stay for another time. Closing twice is no error."""
        ...


class Spool(Protocol):
    """Where clips wait on the dock's own disk. Files bear our ids, never a camera's names.

    Part 0 of a clip is its footage, the others its sidecars, in the order of `Clip.files`.
    """

    def free_bytes(self) -> int:
        """Give the bytes that may still be spooled: free on the disk, less what must stay free."""
        ...

    def used_bytes(self) -> int:
        """Give the bytes that stand in the spool."""
        ...

    def receive(self, clip: Clip) -> Sequence[Incoming]:
        """Make room for every part of a clip and open them, where an earlier attempt left off.

        The clip's CopyIntended must be journalled before.

        Raises:
            SpoolFullError: the bytes still needed do not fit; nothing has been taken.
            StorageError: the disk refuses.
        """
        ...

    def publish(self, clips: Sequence[Clip]) -> None:
        """Give every part of these clips its final name, durably; all were sealed and closed.

        Logs of pieces stay: a crash before the digests are journalled costs no second reading.
        A part of a recalled clip takes the place of the old one in one step.

        Raises:
            DurabilityError: the disk did not keep the names.
        """
        ...

    def check(self, clip: Clip) -> None:
        """Read the clip's parts back from the disk (not from a cache) and compare their digests.

        Raises:
            DurabilityError: a part is missing or is not what was acquired.
        """
        ...


class Passage(Protocol):
    """What goes with a clip's bytes on their way to or from a store: the pace, and the order to stop."""

    def take(self, count: int) -> None:
        """Wait until `count` more bytes may pass.

        Raises:
            HaltedError: the dock is stopping; what the destination holds already is kept.
        """
        ...

    def reached(self, held: int) -> None:
        """Hear that the destination is known to hold `held` bytes of the clip, counted over its parts."""
        ...


class Destination(Protocol):
    """An evidence store. Every call may be made again after any cut; some from several threads at once."""

    @property
    def name(self) -> str:
        """The name the configuration gives it."""
        ...

    @property
    def kind(self) -> str:
        """`directory`, `tus` or `s3`."""
        ...

    def store(self, clip: Clip, passage: Passage) -> str:
        """Bring a spooled clip there, whole and durable; give the object's name.

        Never overwrites: an object that already stands there with the same content is success. Goes on
        where an earlier call was cut, as far as the store allows; what the store says it holds is the truth.

        Raises:
            DestinationUnavailableError: not now.
            DestinationRefusedError: it will never take this clip as it is; nothing else is wrong with it.
            ObjectConflictError: another content stands under that name.
            DurabilityError: the spool's copy is not what was acquired, or the store did not keep it.
            HaltedError: it was told to stop.
        """
        ...

    def prove(self, clip: Clip, passage: Passage) -> Receipt:
        """Find out what the store holds of a clip, by the strongest means that `assess` found it to have.

        The receipt states what was *found*: comparing it with the digest taken at ingest is the
        verify room's business.

        Raises:
            DestinationUnavailableError: not now; nothing has been learnt.
            ObjectConflictError: a sidecar there has other content than was acquired.
            DestinationError: the object, or a part of it, is not there or cannot be read.
            HaltedError: it was told to stop.
        """
        ...

    def describe(self, clip: Clip, document: bytes, passage: Passage) -> str:
        """Lay the clip's custody document beside its object, in place of an earlier one; give its name.

        Raises:
            DestinationUnavailableError: not now.
            DestinationRefusedError: it takes no such document.
            HaltedError: it was told to stop.
        """
        ...

    def assess(self, passage: Passage) -> Assessment:
        """Try out what an acknowledgement of this store is worth; before its first use, and daily.

        Raises:
            DestinationUnavailableError: not now; nothing has been learnt.
        """
        ...

    def probe(self) -> None:
        """Find out whether it can be reached and written to; cheap.

        Raises:
            DestinationUnavailableError: it cannot, and why.
        """
        ...


class Clock(Protocol):
    """The dock's clocks."""

    def now(self) -> datetime:
        """Give the wall-clock time, in UTC."""
        ...

    def boottime_ms(self) -> int:
        """Give milliseconds since boot, suspended time included: it never jumps."""
        ...

    def boot_id(self) -> str:
        """Give the kernel's id of this boot."""
        ...

    def synchronised(self) -> bool:
        """Say whether the kernel holds the wall clock for synchronised (adjtimex(2))."""
        ...


class Progress(Protocol):
    """Told as bytes of a clip arrive; must be quick, and may raise to stop the copy."""

    def __call__(self, clip: str, copied: int) -> None:
        """`copied` bytes of the clip stand in the spool, counted over its parts."""
        ...


__all__ = [
    "FINGERPRINT_BYTES",
    "PIECE_BYTES",
    "AcquiredPart",
    "Assessment",
    "CameraFile",
    "CameraVolume",
    "Clip",
    "Clock",
    "Destination",
    "FileStatus",
    "Incoming",
    "Kept",
    "Passage",
    "Progress",
    "Receipt",
    "Source",
    "SourceFile",
    "Spool",
]
