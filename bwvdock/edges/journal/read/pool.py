"""How do many threads read the journal with few connections?

A connection takes 150 KiB, for SQLite reads the whole schema, and as long to open as a clip's entries take to
read. Sixty-four bays that list their cameras at once need no sixty-four.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bwvdock.edges.journal.read.reader import JournalReader

_MOST = 4  # more threads than this computing at once gain nothing: Python runs one at a time


class ReaderPool:
    """Readers of one journal, opened when they are needed and each lent to one thread at a time."""

    def __init__(self, path: Path, *, most: int = _MOST) -> None:
        """Open nothing yet; never more than `most`."""
        self._path = path
        self._free = threading.Semaphore(most)
        self._idle: list[JournalReader] = []
        self._closed = False

    @contextmanager
    def lend(self) -> Iterator[JournalReader]:
        """Lend a reader; waits while all are lent. One that met an error is not used again.

        Raises:
            JournalError: none can be opened.
        """
        with self._free:
            reader = self._idle.pop() if self._idle else JournalReader(self._path)
            try:
                yield reader
            except BaseException:
                reader.close()
                raise
            self._idle.append(reader)
        if self._closed:
            self.close()

    def close(self) -> None:
        """Close what is idle now, and what is lent once it is given back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()
