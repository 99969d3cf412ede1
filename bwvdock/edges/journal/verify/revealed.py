"""Which personal values are committed to, read once and remembered for a while?"""

from __future__ import annotations

import sqlite3

from bwvdock.edges.journal.personal_values import reveal

_REMEMBERED = 4096  # values


class Values:
    """The personal values, the last of them remembered: cameras and officers recur."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Read from this connection; remember nothing yet."""
        self._db = db
        self._last: dict[str, str | None] = {}

    def get(self, committed: str) -> str | None:
        """Return a value, None if it was emptied."""
        if committed not in self._last:
            if len(self._last) >= _REMEMBERED:
                self._last.clear()
            self._last[committed] = reveal(self._db, committed)
        return self._last[committed]

    def stored(self, committed: str) -> str:
        """Return a value that was not emptied.

        Raises:
            LookupError: it was.
        """
        value = self.get(committed)
        if value is None:
            raise LookupError(committed)
        return value
