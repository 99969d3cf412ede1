"""Where are the personal values stored that entries only commit to?

In a table beside the entries: commitment, salt, value. A row may be deleted when the law says so;
the entry's proof stays whole and its value reads as emptied. The same camera, case, event or person gets
the same commitment for the life of a journal, so that the entries about them can be linked; each path gets
a salt of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bwvdock.core.custody.entries import NONCE_BYTES
from bwvdock.core.custody.merkle import SALT_BYTES, commitment
from bwvdock.edges.journal.database import write_rows

LINKED = frozenset({"camera", "actor", "officer", "case", "event"})
"""The fields whose equal values have one commitment, for the life of the journal."""

UNSEEN = "(restricted)"
"""What a reader is given, in place of a commitment or an id, that names a clip which it may not see."""

_CACHED = 4096  # cameras and operators of one dock; more only costs a look-up


def reveal(db: sqlite3.Connection, committed: str) -> str | None:
    """Return the value behind a commitment, or None if it was emptied."""
    if committed == UNSEEN:
        return UNSEEN
    row = db.execute("SELECT value FROM private WHERE commitment = ?", (committed,)).fetchone()
    return None if row is None else str(row[0])


def reveal_optional(db: sqlite3.Connection, committed: str) -> str:
    """Return the value behind a commitment, "" where it was emptied or nobody gave one."""
    return (reveal(db, committed) or "") if committed else ""


def linked(db: sqlite3.Connection, name: str, value: str) -> list[str]:
    """Return the commitments to a camera's serial or an operator's name: one, or none."""
    # The second condition is what lets SQLite use the partial index.
    rows = db.execute(
        "SELECT commitment FROM private WHERE field = ? AND field <> 'path' AND value = ?", (name, value)
    )
    return [str(row[0]) for row in rows]


@dataclass(slots=True)
class Committer:
    """Makes commitments and nonces, from one source of randomness.

    `write` puts the new commitments into the table, `forget` drops them unwritten.
    """

    db: sqlite3.Connection
    random: Callable[[int], bytes]
    _known: dict[tuple[str, str], str] = field(default_factory=dict)
    _new: list[tuple[str, str, bytes, str]] = field(default_factory=list)

    def commit(self, name: str, value: str) -> str:
        """Return the commitment to a value, a new one unless the same value is to be linked."""
        if name not in LINKED:
            return self._make(name, value)
        known = self._known.get((name, value))
        if known is None:
            known = next(iter(linked(self.db, name, value)), None) or self._make(name, value)
            self._known[name, value] = known
        return known

    def nonce(self) -> str:
        """Return what makes the next entry's text one that nobody can guess, hexadecimal."""
        return self.random(NONCE_BYTES).hex()

    def _make(self, name: str, value: str) -> str:
        salt = self.random(SALT_BYTES)
        made = commitment(name, salt, value)
        self._new.append((made, name, salt, value))
        return made

    def write(self) -> None:
        """Put the new commitments into the table, within the writer's transaction."""
        write_rows(self.db, "INSERT INTO private VALUES (?, ?, ?, ?)", self._new)
        self._new.clear()
        if len(self._known) > _CACHED:
            self._known.clear()

    def erase(self, commitments: Iterable[str]) -> None:
        """Delete values, within the writer's transaction: what is committed to later is committed to anew."""
        self.db.executemany("DELETE FROM private WHERE commitment = ?", ((one,) for one in commitments))
        self._known.clear()

    def forget(self) -> None:
        """Drop what a failed transaction did not write."""
        self._new.clear()
        self._known.clear()
