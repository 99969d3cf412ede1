"""How are clips listed, page by page, the newest footage first?"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bwvdock.core.facts import DeliveryRefused
from bwvdock.core.lifecycle import ClipState
from bwvdock.core.records import ClipFilter, ClipRow, ReceiptRow, iso_of_ns
from bwvdock.edges.journal.lookups import known_clip
from bwvdock.edges.journal.private import linked, reveal

_ROWS = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page begins: after the clip with this time and id."""

    recorded_ns: int
    clip: str


START = Page(2**63 - 1, "~")
_COLUMNS = "id, camera, docking, path, footage, sha256, recorded_ns, acquired_at, state"


def read_page(db: sqlite3.Connection, wanted: ClipFilter, page: Page) -> tuple[list[ClipRow], Page | None]:
    """Give a page of the clips that are wanted, and where the next begins (None: that was the last)."""
    if wanted.officer:
        return [], None  # nobody has been assigned a camera yet
    conditions = ["(recorded_ns, id) < (?, ?)"]
    values: list[str | int] = [page.recorded_ns, page.clip]
    if wanted.camera is not None:
        cameras = linked(db, "camera", wanted.camera)
        conditions.append(f"camera IN ({', '.join('?' * len(cameras))})")
        values += cameras
    if wanted.state is not None:
        conditions.append("state = ?")
        values.append(wanted.state)
    if wanted.since is not None:
        conditions.append("recorded_ns >= ?")
        values.append(_ns(wanted.since))
    if wanted.until is not None:
        conditions.append("recorded_ns <= ?")
        values.append(_ns(wanted.until))
    query = (
        f"SELECT {_COLUMNS} FROM clip WHERE {' AND '.join(conditions)}"  # noqa: S608 - our own words
        f" ORDER BY recorded_ns DESC, id DESC LIMIT {_ROWS}"
    )
    rows = db.execute(query, values).fetchall()
    last = Page(rows[-1][6], rows[-1][0]) if len(rows) == _ROWS else None
    return [_row(db, row) for row in rows], last


def read_row(db: sqlite3.Connection, clip: str) -> ClipRow | None:
    """Give one clip, or None for an unknown one."""
    row = db.execute(f"SELECT {_COLUMNS} FROM clip WHERE id = ?", (clip,)).fetchone()  # noqa: S608
    return _row(db, row) if row else None


def _row(db: sqlite3.Connection, row: tuple[str, ...]) -> ClipRow:
    clip, camera, docking, path, size, sha256, recorded_ns, acquired_at, state = row
    return ClipRow(
        id=clip,
        camera=reveal(db, camera) or "",
        docking=docking,
        path=reveal(db, path) or "",
        size=int(size),
        sha256=sha256,
        recorded_at=iso_of_ns(int(recorded_ns)),
        acquired_at=acquired_at,
        state=ClipState(state),
        receipts=_receipts(db, clip),
        refused=_refused(db, clip),
    )


def _refused(db: sqlite3.Connection, clip: str) -> Mapping[str, str]:
    # So few clips ever are that a column would mostly say nothing.
    ever = "SELECT 1 FROM entry WHERE clip = ? AND kind = ? LIMIT 1"
    if db.execute(ever, (clip, DeliveryRefused.kind)).fetchone() is None:
        return {}
    known = known_clip(db, clip)
    return dict(known.clip.refused) if known else {}


def _receipts(db: sqlite3.Connection, clip: str) -> tuple[ReceiptRow, ...]:
    rows = db.execute(
        "SELECT destination, object, version, sha256, method, received_at, document FROM receipt"
        " WHERE clip = ? ORDER BY destination",
        (clip,),
    )
    return tuple(
        ReceiptRow(destination=d, object=o, version=v, sha256=h, method=m, received_at=t, document=c)
        for d, o, v, h, m, t, c in rows
    )


def _ns(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND * 1000
