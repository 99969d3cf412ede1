"""Where are the roots of complete subtrees stored, so that a proof stays cheap?

Level 0 is the entries' own hashes; table `subtree` has the levels above, written in the transaction of
the entries that complete them. Where it lags behind (a journal from before it), what is missing is
computed from the level below: a proof is then only slower.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from bwvdock.core.custody.inclusion_proofs import TILE_WIDTH, fold
from bwvdock.errors import JournalError

_MOST_AT_ONCE = 64  # tiles that one batch adds to a level: some 16,000 hashes, well under a tenth of a second


def grow(db: sqlite3.Connection, size: int) -> None:
    """Add the subtrees that a tree of `size` entries completes, within the writer's transaction.

    A bounded number of them: after a batch on an older journal some may still be missing.
    """
    level, below = 1, size
    while below >= TILE_WIDTH:
        have = _count(db, level)
        complete = min(below // TILE_WIDTH, have + _MOST_AT_ONCE)
        if have < complete:
            _add(db, level, range(have, complete))
        level, below = level + 1, complete


def _count(db: sqlite3.Connection, level: int) -> int:
    row = db.execute("SELECT max(number) FROM subtree WHERE level = ?", (level,)).fetchone()
    return 0 if row[0] is None else int(row[0]) + 1


def _add(db: sqlite3.Connection, level: int, numbers: range) -> None:
    rows = [
        (level, number, fold(_stored(db, level - 1, number * TILE_WIDTH, TILE_WIDTH))) for number in numbers
    ]
    db.executemany("INSERT INTO subtree VALUES (?, ?, ?)", rows)


def _stored(db: sqlite3.Connection, level: int, first: int, count: int) -> list[bytes]:
    """Return the stored ones of `count` hashes."""
    if level == 0:
        query = "SELECT leaf_hash FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq"
        return [row[0] for row in db.execute(query, (first, first + count))]
    query = "SELECT root FROM subtree WHERE level = ? AND number >= ? AND number < ? ORDER BY number"
    return [row[0] for row in db.execute(query, (level, first, first + count))]


@dataclass(slots=True)
class Tiles:
    """Reads hashes for proofs, in runs of 256, and caches some: neighbours share most of them."""

    db: sqlite3.Connection
    _read: dict[tuple[int, int], list[bytes]] = field(default_factory=dict)

    def fetch(self, level: int, first: int, count: int) -> Sequence[bytes]:
        """Return `count` roots of complete subtrees of 256^level entries (core/custody/inclusion_proofs.py).

        Raises:
            JournalError: entries are missing.
        """
        tile, at = divmod(first, TILE_WIDTH)
        hashes = self._tile(level, tile)
        while len(hashes) < at + count:
            hashes.append(self._compute(level, tile * TILE_WIDTH + len(hashes)))
        return hashes[at : at + count]

    def _tile(self, level: int, tile: int) -> list[bytes]:
        known = self._read.get((level, tile))
        if known is None:
            known = self._read[level, tile] = _stored(self.db, level, tile * TILE_WIDTH, TILE_WIDTH)
        return known

    def _compute(self, level: int, number: int) -> bytes:
        first = number * TILE_WIDTH
        if level > 1:
            return fold(self.fetch(level - 1, first, TILE_WIDTH))
        # These are not remembered: they may be millions.
        leaves = _stored(self.db, 0, first, TILE_WIDTH) if level else []
        if len(leaves) < TILE_WIDTH:
            raise JournalError(
                "Entries of the journal are missing, so the others cannot be proven.",
                remedy="Keep a copy of the directory as it is, then run `bwvdock custody verify`.",
            )
        return fold(leaves)
