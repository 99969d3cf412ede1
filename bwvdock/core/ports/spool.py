"""The port of the spool."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from bwvdock.core.clips.clip import Clip

PIECE_BYTES = 16 * 1024 * 1024  # the grid of piece digests; fixed, because receipts depend on it


class Checksum(Protocol):
    """A running checksum of at least 128 bits. It need not resist an attacker: a disk that fails is none."""

    def update(self, data: memoryview, /) -> None:
        """Add bytes."""
        ...

    def digest(self) -> bytes:
        """Return the checksum of all bytes so far."""
        ...


class Incoming(Protocol):
    """One part of a clip on its way into the spool: a partial file and the log of its pieces.

    It is not footage before `Spool.publish`. Bytes count as kept only when they were read back: the log is a
    list of claims, which are proven before a copy resumes. May be used from several threads at once, each at
    its own place in the file.
    """

    @property
    def size(self) -> int:
        """The size that the whole part will have."""
        ...

    @property
    def recorded(self) -> Sequence[tuple[int, str]]:
        """Length and SHA-256 of each piece that earlier attempts recorded, in order.

        All are PIECE_BYTES long except the last, which may be shorter.
        """
        ...

    def write(self, data: memoryview, offset: int) -> None:
        """Write all of `data` at `offset`.

        Both are multiples of 4096, except where `data` reaches the part's end; the memory begins on a page
        (so that the bytes reach the disk without another copy).

        Raises:
            SpoolFullError: the disk is full.
            DurabilityError: the disk rejects the bytes.
        """
        ...

    def settle(self) -> None:
        """Make all bytes written and pieces recorded so far durable: a power cut loses only what follows.

        Raises:
            DurabilityError: the disk did not take them. Final: the part must be discarded.
        """
        ...

    def new_checksum(self) -> Checksum:
        """Return the checksum of no bytes, by which what is read back is compared with what was written."""
        ...

    def read_back(self, offset: int, length: int, *, into: memoryview | None = None) -> Iterator[memoryview]:
        """Return what the disk (not a cache) has at a multiple of 4096; less where the file is shorter.

        Each memoryview is valid until the next call. What was not settled may still be lost. `into` is memory
        that may be used for it: it begins on a page and is whole pages.

        Raises:
            DurabilityError: the disk cannot write the bytes, or cannot read them.
        """
        ...

    def peek(self, offset: int, length: int) -> bytes:
        """Return a few bytes at any offset, from wherever is fastest."""
        ...

    def record(self, index: int, length: int, sha256: str) -> None:
        """Record that the piece with this index has `length` bytes with this digest so far."""
        ...

    def give_up(self) -> None:
        """Make the part empty: its bytes are discarded, and `size` is then 0."""
        ...

    def seal(self) -> None:
        """Make all bytes durable and the file read-only; nothing is written afterwards.

        Raises:
            DurabilityError: the disk did not take them. Final: the part must be discarded.
        """
        ...

    def discard(self) -> None:
        """Delete the partial file and its log, and close."""
        ...

    def close(self) -> None:
        """Close it; the partial file and its log stay for later. Closing twice is allowed."""
        ...


class Spool(Protocol):
    """Clips on the dock's own disk.

    Files are named by our ids, never by a camera's names. Part 0 of a clip is its footage, the others are its
    sidecars, in the order of `Clip.files`.
    """

    def free_bytes(self) -> int:
        """Return the bytes that may still be spooled: free on the disk, minus what must stay free.

        Raises:
            StorageError: the disk does not say.
        """
        ...

    def used_bytes(self) -> int:
        """Return the bytes in the spool; takes as long as there are files, so not in the dock's own thread.

        Raises:
            StorageError: they cannot be counted.
        """
        ...

    def is_empty(self) -> bool:
        """Return whether nothing is in the spool, whatever its size.

        Raises:
            StorageError: that cannot be seen.
        """
        ...

    def receive(self, clip: Clip) -> Sequence[Incoming]:
        """Reserve space for every part of a clip and open them, where an earlier attempt stopped.

        The clip's CopyIntended must be journalled before.

        Raises:
            SpoolFullError: the bytes still needed do not fit; nothing was reserved.
            StorageError: the disk reports an error.
        """
        ...

    def publish(self, clips: Sequence[Clip]) -> None:
        """Rename every part of these clips to its final name, durably; all were sealed and closed.

        Logs of pieces stay, so that a crash before the digests are journalled does not require a second
        reading. A part of a recalled clip replaces the old one in one step.

        Raises:
            DurabilityError: the disk did not keep the names.
        """
        ...

    def check(self, clip: Clip) -> None:
        """Read the clip's parts back from the disk (not from a cache) and compare their digests.

        Raises:
            NotAsAcquiredError: a part is missing or is not what was acquired.
            DurabilityError: a part cannot be read; it may be as it was.
        """
        ...


class Progress(Protocol):
    """Is called as bytes of a clip arrive; must be quick, and may raise an error to stop the copy."""

    def __call__(self, clip: str, copied: int) -> None:
        """Note that `copied` bytes of the clip are in the spool, counted over its parts."""
        ...
