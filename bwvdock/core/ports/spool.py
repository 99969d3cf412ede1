"""The spool, as seen from inside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from bwvdock.core.clips.clip import Clip

PIECE_BYTES = 16 * 1024 * 1024  # the grid of piece digests; fixed, because receipts depend on it


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
        """Return what the disk (not a cache) holds at a multiple of 4096; less where the file is shorter.

        Each memoryview is valid until the next is asked for. What was not settled may still be lost.

        Raises:
            DurabilityError: the disk cannot take the bytes, or cannot give them back.
        """
        ...

    def peek(self, offset: int, length: int) -> bytes:
        """Return a few bytes at any place, from wherever they are quickest."""
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
        """Return the bytes that may still be spooled: free on the disk, less what must stay free."""
        ...

    def used_bytes(self) -> int:
        """Return the bytes that stand in the spool."""
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


class Progress(Protocol):
    """Told as bytes of a clip arrive; must be quick, and may raise to stop the copy."""

    def __call__(self, clip: str, copied: int) -> None:
        """`copied` bytes of the clip stand in the spool, counted over its parts."""
        ...
