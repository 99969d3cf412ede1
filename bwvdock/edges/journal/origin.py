"""Which journal is this? The leaf hash of its first entry says so, whatever its version and size."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bwvdock.edges.journal.database import APPLICATION_ID, one, open_any_version, translated

_STEPS = 1_000_000  # of SQLite's, where a row of our table is found with a few: a view may have no end
_FIRST = "SELECT leaf_hash FROM entry WHERE seq = 0"
_FIRST_LEAF = "SELECT leaf FROM entry WHERE seq = 0 AND kind = 'journal_succeeded' AND length(leaf) < 1000000"


def origin(db: sqlite3.Connection) -> str:
    """Return the id of an open journal, hexadecimal; "" while it has no entry."""
    row = db.execute(_FIRST).fetchone()
    return row[0].hex() if row and isinstance(row[0], bytes) else ""


@contextlib.contextmanager
def in_file(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Yield the journal in a file, of any version, for questions with a few rows; None where there is none.

    A journal that was cut off at its birth has no tables yet: SQLite raises OperationalError of it.

    Raises:
        JournalError: the file cannot be read, or is not a database.
    """
    with translated(path):
        if not path.exists() or not path.stat().st_size:
            yield None
            return
        db, _ = open_any_version(path)
        with closing(db):
            ours = one(db, "PRAGMA application_id") == APPLICATION_ID  # else whoever opens it is told
            db.set_progress_handler(lambda: True, _STEPS)
            yield db if ours else None


def origin_of(path: Path) -> str:
    """Return the id of the journal in a file; "" where there is no file, or none with an entry.

    Raises:
        JournalError: the file cannot be read, or is not a database.
    """
    with in_file(path) as db, contextlib.suppress(sqlite3.OperationalError):
        return origin(db) if db else ""
    return ""


@dataclass(frozen=True, slots=True)
class Predecessor:
    """The journal whose place another took: its id, and how many entries it had."""

    journal: str
    entries: int


def predecessor_of(path: Path) -> Predecessor | None:
    """Return which journal the one in a file took the place of, by its first entry; None if none.

    Raises:
        JournalError: the file cannot be read, or is not a database.
    """
    row = None
    with in_file(path) as db, contextlib.suppress(sqlite3.OperationalError):
        row = db.execute(_FIRST_LEAF).fetchone() if db else None
    from bwvdock.core.custody.entries import read_leaf  # noqa: PLC0415 - `bwvdock status` starts fast

    try:
        data = read_leaf(str(row[0])).data if row else {}
        return Predecessor(str(data["predecessor"]), int(data["entries"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
