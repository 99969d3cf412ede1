"""For how much of the footage is it known whose it is, what it belongs to, and that somebody looked at it?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from bwvdock.edges.journal.read.audit.meaning import ANY_EVENT, EVENT, REVIEWED
from bwvdock.edges.journal.read.audit.scope import Asked, scope


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """The copied clips of a unit ("" where these are not asked for), and how many of them have what.

    `event` is None where the journal knows no events from dispatch.
    """

    unit: str
    clips: int
    officer: int
    case: int
    event: int | None
    reviewed: int


def coverage(db: sqlite3.Connection, asked: Asked) -> Iterator[Coverage]:
    """Yield the coverage of each unit that has any copied clip, in order."""
    query = (
        "SELECT unit, count(*), sum(coalesce(officer, '') <> ''), sum(case_ref <> ''),"  # noqa: S608 - our words
        f" {f'iif({ANY_EVENT}, sum({EVENT}), NULL)' if EVENT else 'NULL'}, sum({REVIEWED})"
        " FROM temp.audit_item AS item JOIN clip ON clip.id = item.id WHERE acquired_at IS NOT NULL"
        " GROUP BY unit ORDER BY unit"
    )
    with scope(db, asked):
        for row in db.execute(query).fetchall():
            yield Coverage(**dict(zip(Coverage.__slots__, row, strict=True)))
