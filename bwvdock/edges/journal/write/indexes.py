"""Are the indexes there that came without a new version, and may those that are missing be made now?

Where the disk had no room for them when the journal was opened, they are made once it has.
"""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path

from bwvdock.core.ports import Clock
from bwvdock.edges.journal.database import add_indexes, index_script

_AGAIN_MS = 3_600_000  # where it fails all the same: it takes seconds beside a million clips
_A_PART = 8  # of the journal's size: what must be free; an index takes less


class Indexes:
    """What one writer knows of its journal's indexes. Belongs to the thread that has the connection."""

    def __init__(self, db: sqlite3.Connection, path: Path, clock: Clock) -> None:
        """Look which are there."""
        self._db = db
        self._path = path
        self._clock = clock
        self._next_ms = 0
        self.missing = self._missing()

    def add(self) -> None:
        """Make those that are missing, if the disk has room; outside a transaction.

        Raises:
            sqlite3.Error: not for want of room.
        """
        if not self.missing:
            return
        now_ms = self._clock.boottime_ms()
        if now_ms < self._next_ms or not self._has_room():
            return
        self._next_ms = now_ms + _AGAIN_MS
        add_indexes(self._db)
        self.missing = self._missing()

    def _missing(self) -> frozenset[str]:
        named = re.findall(r"CREATE INDEX IF NOT EXISTS (\w+)", index_script())
        there = self._db.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")
        return frozenset(named) - {name for (name,) in there}

    def _has_room(self) -> bool:
        try:
            disk, size = os.statvfs(self._path.parent), self._path.stat().st_size
        except OSError:
            return False
        return disk.f_bavail * disk.f_frsize * _A_PART >= size
