"""Do the personal values open the entries' commitments, and does an entry commit to each of them?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

from bwvdock.core.custody.merkle import SALT_BYTES, commitment
from bwvdock.core.custody.records import Problem, Remark
from bwvdock.edges.journal.verify.contain import Finding
from bwvdock.units import format_count

_MANY = "path"  # its commitments occur once each; those of cameras and people are few, and recur


@dataclass(slots=True)
class PersonalValues:
    """The table `private`, as the entries are read one by one. Memory does not grow with the journal.

    That every row was found from an entry is shown by their number, and by the exclusive or of their
    commitments.
    """

    db: sqlite3.Connection
    _committed: int = 0
    _emptied: int = 0
    _first_emptied: int | None = None
    _found: int = 0
    _sum: int = 0
    _opened: set[tuple[str, str]] = field(default_factory=set)

    def open(self, seq: int, name: str, committed: str) -> Problem | None:
        """Compare the value of one commitment; return a problem if it does not match."""
        if (name, committed) in self._opened:
            return None
        row = self.db.execute(
            "SELECT field, salt, value FROM private WHERE commitment = ?", (committed,)
        ).fetchone()
        if name != _MANY:
            self._opened.add((name, committed))
        self._committed += 1
        if row is None:
            self._emptied += 1
            self._first_emptied = seq if self._first_emptied is None else self._first_emptied
            return None
        self._found += 1
        self._sum ^= _number(committed)
        if _opens(row, name, committed):
            return None
        message = f"the {name} stored beside the entry does not match its commitment"
        return Problem(code="commitment", entry=seq, message=message)

    def sweep(self) -> Iterator[Finding]:
        """Compare the table with the commitments, once all entries were read."""
        there = total = 0
        for (committed,) in self.db.execute("SELECT commitment FROM private"):
            there += 1
            total ^= _number(committed)
        if there != self._found or total != self._sum:
            more = format_count(max(there - self._found, 1), "value")
            message = f"{more} in table private: no entry that could be read commits to it"
            yield Problem(code="private", message=message)
        if self._emptied:
            values = format_count(self._committed, "personal value")
            message = (
                f"{self._emptied:,} of {values} are not stored any more. They may be erased where the law "
                "requires it; no entry says when or why"
            )
            yield Remark(message=message, entry=self._first_emptied)


def _opens(row: tuple[object, object, object], name: str, committed: str) -> bool:
    field_, salt, value = row
    if field_ != name or not isinstance(salt, bytes) or len(salt) != SALT_BYTES or not isinstance(value, str):
        return False
    return commitment(name, salt, value) == committed


def _number(committed: object) -> int:
    """Return a commitment as a number; of anything else, one that no commitment has."""
    try:
        return int(str(committed), 16)
    except ValueError:
        return -1
