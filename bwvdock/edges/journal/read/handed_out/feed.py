"""Which entries of a journal, of this version or an older one, come next for a system that follows it?

Each question is one short transaction: what takes long, sending, holds no snapshot of the journal.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from bwvdock.core.custody.checkpoints import StoredCheckpoint
from bwvdock.core.custody.merkle import leaf_hash
from bwvdock.edges.journal import checkpoints
from bwvdock.edges.journal.database import open_any_version, snapshot, translated
from bwvdock.edges.journal.origin import origin
from bwvdock.errors import JournalError


@dataclass(frozen=True, slots=True)
class Leaf:
    """An entry: its number, its hash in hexadecimal, its kind and its exact text."""

    seq: int
    leaf_hash: str
    kind: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """Entries of a journal that follow one another, and how many it has in all.

    `checkpoint` is its newest, whose note has the lines of its witnesses; None where none is signed.
    """

    journal: str
    leaves: tuple[Leaf, ...]
    entries: int
    checkpoint: StoredCheckpoint | None


class FollowedJournal:
    """A journal in a file. Belongs to one thread."""

    def __init__(self, path: Path, *, kept: bool = False) -> None:
        """Open it; `kept`: another journal took its place, and nobody writes it.

        Raises:
            JournalError: it cannot be read.
        """
        self.path = path
        with translated(path):
            self._db, _ = open_any_version(path, copied=kept)
            with snapshot(self._db):
                self.journal = origin(self._db)
                self._signs = _has_checkpoints(self._db)

    def entries(self) -> int:
        """Return how many entries it has.

        Raises:
            JournalError: it cannot be read.
        """
        with translated(self.path):
            row = self._db.execute("SELECT coalesce(max(seq) + 1, 0) FROM entry").fetchone()
        return int(row[0])

    def hash_of(self, seq: int) -> str:
        """Return the hash of an entry, "" where there is no such entry; raises as `entries` does."""
        with translated(self.path):
            row = self._db.execute("SELECT leaf_hash FROM entry WHERE seq = ?", (seq,)).fetchone()
        return row[0].hex() if row else ""

    def stretch(self, first: int, *, most: int, most_bytes: int) -> Stretch:
        """Return the entries from one on: so many, and of so many bytes together, at most; one at least.

        Raises:
            JournalError: it cannot be read, or an entry is not what its hash says.
        """
        with translated(self.path), snapshot(self._db):
            leaves = self._leaves(first, most, most_bytes)
            newest = checkpoints.newest(self._db) if self._signs else None
            return Stretch(
                journal=self.journal, leaves=tuple(leaves), entries=self.entries(), checkpoint=newest
            )

    def _leaves(self, first: int, most: int, most_bytes: int) -> list[Leaf]:
        rows = self._db.execute(
            "SELECT seq, leaf_hash, kind, leaf FROM entry WHERE seq >= ? ORDER BY seq LIMIT ?", (first, most)
        )
        found: list[Leaf] = []
        size = 0
        for seq, digest, kind, text in rows:
            if seq != first + len(found) or not isinstance(text, str) or leaf_hash(text) != digest:
                raise JournalError(
                    f"Entry {first + len(found)} of the journal is not what its hash says: it was changed. "
                    "Neither it nor what follows it is sent.",
                    remedy="Keep a copy of the directory as it is, then run `bwvdock custody verify`.",
                )
            size += len(text)
            if found and size > most_bytes:
                break
            found.append(Leaf(seq, digest.hex(), kind, text))
        return found

    def close(self) -> None:
        """Close it."""
        self._db.close()


def _has_checkpoints(db: sqlite3.Connection) -> bool:
    found = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return {("checkpoint",), ("cosignature",)} <= set(found)
