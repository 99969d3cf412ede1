"""May a copy resume after bytes that the camera has not confirmed?

Bytes count once the response to their transaction says OK. A camera whose file was truncated meanwhile, or
whose card gave an error, continues sending until all that it announced has come, usually zeros, and only then
answers 0x2007. If it is unplugged before that, or hangs, it has said nothing. So the bytes after which a copy
resumes are first compared with what the camera holds now.

What comes in the place of footage comes until the end. So the last bytes are compared, as far back
as it takes until they can be no filler (one byte, over and over), and the end of each 16 MiB before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from bwvdock.core.ports import PIECE_BYTES, Kept

SAMPLE_BYTES: Final = 4096
_BLOCK_BYTES: Final = 64 * 1024
_AT_ONCE: Final = 1024 * 1024

Holds = Callable[[int, bytes], bool]
"""A function that returns whether the camera has these bytes at this offset."""


def may_be_filler(data: bytes) -> bool:
    """Return whether bytes are one byte, over and over."""
    return data == data[:1] * len(data)


def what_to_compare(length: int, kept: Kept) -> Iterator[tuple[int, int]]:
    """Return offset and length of what of the first `length` bytes of a copy is to be compared."""
    begin = end = length
    filler = True
    while begin and filler:
        end, begin = begin, max(begin - _BLOCK_BYTES, 0)
        filler = may_be_filler(kept(begin, end - begin))
    for at in range(begin, length, _AT_ONCE):
        yield at, min(_AT_ONCE, length - at)
    for end in range(begin - begin % PIECE_BYTES, 0, -PIECE_BYTES):
        yield end - SAMPLE_BYTES, SAMPLE_BYTES


class Trail:
    """Samples of what was handed over in the middle of a transaction: the end of it, and of each 16 MiB."""

    def __init__(self) -> None:
        self._begin = self._end = 0
        self._last = b""
        self._ends: dict[int, bytes] = {}

    def begin(self, at: int) -> None:
        """Begin with a transaction that gives bytes from `at` on; an earlier one may have left some."""
        if not self:
            self._begin = self._end = at

    def add(self, at: int, data: memoryview) -> None:
        """Take samples of bytes that were handed over."""
        if at + len(data) <= self._end:
            return
        if self._end and not self._end % PIECE_BYTES:
            self._ends[self._end] = self._last
        self._last = (self._last + bytes(data[max(self._end - at, 0) :][-SAMPLE_BYTES:]))[-SAMPLE_BYTES:]
        self._end = at + len(data)

    def clear(self) -> None:
        """Forget them: the camera has vouched for all that it gave."""
        self._last = b""
        self._ends.clear()

    def __bool__(self) -> bool:
        return bool(self._last)

    def blanks(self) -> dict[tuple[int, int], bytearray]:
        """Return empty, a place for what the camera holds where each sample was: by its begin and end."""
        return {(end - len(sample), end): bytearray() for end, sample in self._samples().items()}

    def stands(self, holds: Holds) -> bool:
        """Return whether the camera holds the samples, and they are worth something."""
        whole = self._end - len(self._last) <= self._begin
        if may_be_filler(self._last) and not whole:
            return False
        return all(holds(end - len(sample), sample) for end, sample in self._samples().items())

    def _samples(self) -> dict[int, bytes]:
        return self._ends | {self._end: self._last}
