"""How is a journal opened for a check, whatever is in its place?

Nothing is opened but regular files, whatever version they state, and no statement of SQLite takes longer than
a journal of this size needs.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bwvdock.edges.journal.database import open_any_version
from bwvdock.errors import JournalDamagedError

_BESIDE = ("", "-wal", "-shm", "-journal")
_MOST_BYTES = 64 * 2**20  # of one value; the largest entry names the pieces of one clip
_STEPS = 10_000  # of SQLite's virtual machine, between two looks at the budget
_FREE, _PER_BYTE = 5_000_000, 5  # steps; the checks of a journal of ours take one for every ten bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """An open journal; `immutable` says that it was opened as a file that nobody writes."""

    db: sqlite3.Connection
    immutable: bool
    budget: Budget


def open_for_check(path: Path, *, strict: bool = False) -> Opened:
    """Open a journal for reading, of whatever version.

    Args:
        path: the journal's file.
        strict: whether a text that is not UTF-8 raises an error: texts are read faster then.

    Raises:
        JournalDamagedError: there is none, or it is not a regular file, or a file beside it is not.
        sqlite3.Error: SQLite cannot read it.
        OSError: the directory cannot be read.
    """
    size = _size(path)
    db, immutable = open_any_version(path)
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_BYTES)
    if not strict:
        # A byte that was flipped in a text must not stop the reading: its hash will show it.
        db.text_factory = partial(str, encoding="utf-8", errors="replace")
    budget = Budget(_FREE + _PER_BYTE * size)
    db.set_progress_handler(budget.spend, _STEPS)
    return Opened(db, immutable, budget)


def _size(path: Path) -> int:
    """Return the bytes of the journal and of what SQLite has beside it.

    Raises:
        JournalDamagedError: there is no journal, or one of these is not a regular file.
    """
    size = 0
    for suffix in _BESIDE:
        try:
            found = os.stat(f"{path}{suffix}", follow_symlinks=False)
        except FileNotFoundError:
            if not suffix:
                raise JournalDamagedError(f"There is no journal at {path}.") from None
            continue
        if not stat.S_ISREG(found.st_mode):
            what = f"{path}{suffix} is not a regular file, and was not opened: somebody put it there."
            raise JournalDamagedError(what)
        size += found.st_size
    return size


class Budget:
    """How many steps SQLite may take for one check: a crafted file could keep it busy for ever."""

    def __init__(self, steps: int) -> None:
        self._steps = self._left = steps

    def renew(self) -> None:
        """Begin another check."""
        self._left = self._steps

    def spend(self) -> bool:
        """Return whether the steps are used up, which interrupts the statement."""
        self._left -= _STEPS
        return self._left < 0
