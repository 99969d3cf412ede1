"""Where are a clip's bytes on their way from the camera to the disk, and how much memory may that take?"""

from __future__ import annotations

import mmap
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from typing import Any

_PAGE = 4096
_MOST = 4 * 1024 * 1024  # bytes, for all copiers together, while each has the smallest share at least
_SMALLEST = 128 * 1024  # bytes, for one
_USUAL_CHUNK = 256 * 1024
_HELPED = 1024 * 1024  # bytes; who has less hashes and writes a chunk itself before it reads the next
_APART = 512 * 1024  # bytes; who has less reads back itself too, into the memory of the chunks


class CopyMemory:
    """The memory that all copiers of a dock share: the more there are, the less each may use."""

    def __init__(self) -> None:
        self._users: set[object] = set()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Count one more copier."""
        user = object()
        self._users.add(user)
        try:
            yield
        finally:
            self._users.discard(user)

    @property
    def share(self) -> int:
        """How many bytes each copier may use now."""
        users = max(len(self._users), 1)
        share = max(_SMALLEST, _MOST >> (users - 1).bit_length())
        return share if share >= _APART else min(share, _USUAL_CHUNK)


def chunk_of(share: int) -> int:
    """Return the size of a chunk for a copier that may use so many bytes; it divides a piece.

    An eighth, so that some chunks are read while others are hashed and written; but a small chunk costs as
    many calls as a large one.
    """
    return max(share // 8, _USUAL_CHUNK) if share >= _HELPED else min(share, _USUAL_CHUNK)


class RingBuffer:
    """Memory that is lent in turn, and lent again when the jobs that use it are done.

    Used by the copier's own thread alone.
    """

    def __init__(self, memory: CopyMemory) -> None:
        self._shared = memory
        self._lent: deque[tuple[int, int, Sequence[Future[Any]]]] = deque()
        self._make(memory.share)

    def _make(self, share: int) -> None:
        self.share = share
        self.chunk = chunk_of(share)
        whole = memoryview(mmap.mmap(-1, share))
        # Where one thread does all, a chunk was hashed and written when something is read back.
        apart = self.chunk if self.reads_back_apart else 0
        self.for_reading_back, self._memory = whole[: self.chunk], whole[apart:]
        self._at = 0

    @property
    def is_lent(self) -> bool:
        """Whether chunks are lent; where many copy, that costs more than it saves."""
        return self.share >= _HELPED

    @property
    def reads_back_apart(self) -> bool:
        """Whether what is read back has memory of its own, so that the camera is read meanwhile."""
        return self.share >= _APART

    def fit(self) -> None:
        """Have less memory if other copiers need it, or more if they left and no job is under way.

        What jobs have not yet read back stays in the memory that they were given.
        """
        share = self._shared.share
        if share < self.share or (share > self.share and all(_done(jobs) for *_, jobs in self._lent)):
            self.wait()
            self._make(share)

    def wait(self) -> None:
        """Wait until nothing is lent."""
        while self._lent:
            self._wait_for_oldest()

    def room(self, length: int) -> memoryview:
        """Return memory for so many bytes, at most a chunk, in whole pages; waits until it is free."""
        needed = -(-length // _PAGE) * _PAGE
        if self._at + needed > len(self._memory):
            self._at = 0
        start, end = self._at, self._at + needed
        while any(first < end and start < last for first, last, _ in self._lent):
            self._wait_for_oldest()
        return self._memory[start:end]

    def _wait_for_oldest(self) -> None:
        *_, jobs = self._lent.popleft()
        if not _done(jobs):  # waiting costs more than a look
            wait_for(jobs)

    def lend(self, length: int, jobs: Sequence[Future[Any]]) -> None:
        """Leave the first bytes of what `room` returned last to jobs, if there are any."""
        if not jobs:
            return
        end = self._at + -(-length // _PAGE) * _PAGE
        self._lent.append((self._at, end, jobs))
        self._at = end


def _done(jobs: Sequence[Future[Any]]) -> bool:
    return all(job.done() for job in jobs)
