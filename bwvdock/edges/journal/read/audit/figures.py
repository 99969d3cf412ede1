"""How much footage was recorded, is kept, was disposed of and handed over, by month of recording and unit?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from bwvdock.edges.journal.read.audit.copies import gone_copies, where_left
from bwvdock.edges.journal.read.audit.handed import DISCLOSED
from bwvdock.edges.journal.read.audit.scope import Asked, scope


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """The clips of a unit and a month of recording, as they are now; "" where these are not asked for.

    `recorded` is how many this dock has seen, of `bytes` in all: those `kept` here (spool or vault), those
    left `in_stores` alone according to this journal, those `disposed` of, and those `not_copied`. Of all
    of them, `uncertain` have a date that nobody vouches for, and `disclosed` were handed to somebody.
    """

    unit: str
    month: str
    recorded: int
    bytes: int
    kept: int
    in_stores: int
    disposed: int
    not_copied: int
    uncertain: int
    disclosed: int


def figures(db: sqlite3.Connection, asked: Asked) -> Iterator[Figure]:
    """Yield the figures of each unit and month that has any clip, in order."""
    here, in_store = where_left(asked.vaults)
    query = (
        "SELECT unit, month, count(*), sum(size),"  # noqa: S608 - our own words
        " sum(copied AND here), sum(copied AND NOT here AND there), sum(copied AND NOT here AND NOT there),"
        " sum(NOT copied), sum(NOT certain), sum(handed) FROM"
        f" (SELECT unit, month, size, acquired_at IS NOT NULL AS copied, {here} AS here,"
        f" {in_store} AS there, certain, clip.id IN ({DISCLOSED}) AS handed"
        " FROM temp.audit_item AS item JOIN clip ON clip.id = item.id)"
        " GROUP BY unit, month ORDER BY unit, month"
    )
    with scope(db, asked), gone_copies(db):
        for row in db.execute(query).fetchall():
            names = Figure.__slots__
            yield Figure(**dict(zip(names, row, strict=True)))
