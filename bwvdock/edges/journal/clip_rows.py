"""How are clips listed, page by page, the newest footage first?"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from bwvdock.core.facts import DeliveryRefused
from bwvdock.core.lifecycle import ClipState
from bwvdock.core.records import ClipFilter, ClipRow, ReceiptRow, iso_of_ns, nanoseconds
from bwvdock.edges.journal.lookups import known_clip
from bwvdock.edges.journal.private import linked, reveal

_ROWS = 500


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page begins: after the clip with this time and id."""

    recorded_ns: int
    clip: str


START = Page(2**63 - 1, "~")
_COLUMNS = (
    "id, camera, docking, path, footage, sha256, recorded_ns, acquired_at, state,"
    " officer, evidential, held, case_ref, retain_until"
)


def read_page(db: sqlite3.Connection, wanted: ClipFilter, page: Page) -> tuple[list[ClipRow], Page | None]:
    """Give a page of the clips that are wanted, and where the next begins (None: that was the last)."""
    conditions, values = _conditions(db, wanted)
    query = (
        f"SELECT {_COLUMNS} FROM clip"  # noqa: S608 - our own words
        f" WHERE {' AND '.join(['(recorded_ns, id) < (?, ?)', *conditions])}"
        f" ORDER BY recorded_ns DESC, id DESC LIMIT {_ROWS}"
    )
    values = [page.recorded_ns, page.clip, *values]
    rows = db.execute(query, values).fetchall()
    last = Page(rows[-1][6], rows[-1][0]) if len(rows) == _ROWS else None
    return [_row(db, row) for row in rows], last


def _conditions(db: sqlite3.Connection, wanted: ClipFilter) -> tuple[list[str], list[str | int]]:
    conditions: list[str] = []
    values: list[str | int] = []
    for column, name, person in (
        ("camera", "camera", wanted.camera),
        ("officer", "officer", wanted.officer or None),
        ("case_ref", "case", wanted.case or None),
    ):
        if person is not None:
            known = linked(db, name, person)
            # One value, so that the index gives the order; what nobody knows is in no row.
            conditions.append(f"{column} = ?" if known else "0")
            values += known[:1]
    if wanted.state is not None:
        conditions.append("state = ?")
        values.append(wanted.state)
    for sign, moment in ((">=", wanted.since), ("<=", wanted.until)):
        if moment is not None:
            conditions.append(f"recorded_ns {sign} ?")
            values.append(nanoseconds(moment))
    conditions += ["evidential = 1"] * wanted.evidential + ["held = 1"] * wanted.held
    # Written out, as the conditions of the partial indexes are.
    conditions += ["officer = ''"] * wanted.unassigned + ["case_ref <> ''"] * bool(wanted.case)
    return conditions, values


def read_row(db: sqlite3.Connection, clip: str) -> ClipRow | None:
    """Give one clip, or None for an unknown one."""
    row = db.execute(f"SELECT {_COLUMNS} FROM clip WHERE id = ?", (clip,)).fetchone()  # noqa: S608
    return _row(db, row) if row else None


def _row(db: sqlite3.Connection, row: tuple[str, ...]) -> ClipRow:
    clip, camera, docking, path, size, sha256, recorded_ns, acquired_at, state, *said = row
    officer, evidential, held, case, retain_until = said
    return ClipRow(
        id=clip,
        camera=reveal(db, camera) or "",
        officer=(reveal(db, officer) or "") if officer else "",
        docking=docking,
        path=reveal(db, path) or "",
        size=int(size),
        sha256=sha256,
        recorded_at=iso_of_ns(int(recorded_ns)),
        acquired_at=acquired_at,
        state=ClipState(state),
        evidential=bool(evidential),
        held=bool(held),
        case=(reveal(db, case) or "") if case else "",
        retain_until=retain_until or None,
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
