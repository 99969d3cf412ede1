"""How are clips listed, page by page, the newest footage first?"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bwvdock.core.clips.dates.dating import is_certain
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.custody.records import ClipFilter, ClipRow, ReceiptRow
from bwvdock.core.facts import ClipDated
from bwvdock.core.moments import iso_of_ns, nanoseconds
from bwvdock.edges.journal.lookups import known_clip
from bwvdock.edges.journal.personal_values import linked
from bwvdock.edges.journal.read.camera_digests import digests_of
from bwvdock.edges.journal.units import CAMERAS, Units

_ROWS = 500
_TAIL_NS = 999  # what an undated clip's time may have beyond the microsecond that bounds it from above


@dataclass(frozen=True, order=True, slots=True)
class Page:
    """Where a page begins: after the clip with this time and id."""

    recorded_ns: int
    clip: str


START = Page(2**63 - 1, "~")
_COLUMNS = (
    "id, camera, docking, path, footage, sha256, recorded_ns, acquired_at, state,"
    " officer, evidential, held, case_ref, retain_until, classes, reviewed"
)

_RECEIPT = "destination, object, version, sha256, method, received_at, document, document_refused"


def read_page(db: sqlite3.Connection, wanted: ClipFilter, page: Page) -> tuple[list[ClipRow], Page | None]:
    """Return a page of the clips that are wanted, and where the next begins (None: that was the last)."""
    conditions, values = _conditions(db, wanted)
    if wanted.until is not None:
        # One bound from above, not two: SQLite begins its walk down an index at one of them only.
        page = min(page, Page(bound(wanted.until) + _TAIL_NS, "~"))
    query = (
        f"SELECT {_COLUMNS} FROM clip"  # noqa: S608 - our own words
        f" WHERE {' AND '.join(['(recorded_ns, id) < (?, ?)', *conditions])}"
        f" ORDER BY recorded_ns DESC, id DESC LIMIT {_ROWS}"
    )
    rows = db.execute(query, [page.recorded_ns, page.clip, *values]).fetchall()
    last = Page(rows[-1][6], rows[-1][0]) if len(rows) == _ROWS else None
    if wanted.unit is not None:
        units = Units(db)
        rows = [row for row in rows if units.at(row[1], iso_of_ns(int(row[6]))) == wanted.unit]
    return _shown(db, rows), last


def bound(moment: datetime) -> int:
    """Return a moment as the column of recordings has it, the nearest if it lies outside all of them."""
    return min(max(nanoseconds(moment), -START.recorded_ns), START.recorded_ns)


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
    if wanted.unit is not None:  # cameras that were ever in it; the rows are filtered by time then
        conditions.append(CAMERAS if wanted.unit else "0")
        values += [wanted.unit] * (2 if wanted.unit else 0)
    if wanted.event is not None:
        of_event = linked(db, "event", wanted.event)
        conditions.append("id IN (SELECT clip FROM clip_event WHERE event = ?)" if of_event else "0")
        values += of_event[:1]
    if wanted.state is not None:
        conditions.append("state = ?")
        values.append(wanted.state)
    if wanted.since is not None:
        conditions.append("recorded_ns >= ?")
        values.append(bound(wanted.since))
    conditions += ["evidential = 1"] * wanted.evidential + ["held = 1"] * wanted.held
    if wanted.of_class is not None:
        conditions.append(
            "classes <> '' AND instr(char(10) || classes || char(10), char(10) || ? || char(10))"
        )
        values.append(wanted.of_class)
    # Written out, as the conditions of the partial indexes are.
    conditions += ["officer = ''"] * wanted.unassigned + ["case_ref <> ''"] * bool(wanted.case)
    conditions += ["reviewed = 0"] * wanted.unreviewed
    return conditions, values


def read_row(db: sqlite3.Connection, clip: str) -> ClipRow | None:
    """Return one clip, or None for an unknown one."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM clip WHERE id = ?", (clip,)).fetchall()  # noqa: S608
    return next(iter(_shown(db, rows)), None)


def _shown(db: sqlite3.Connection, rows: Sequence[tuple[str, ...]]) -> list[ClipRow]:
    """Return a page's rows with values of other tables: one query for each table, not for each clip."""
    clips = [row[0] for row in rows]
    receipts = _receipts(db, clips)
    people = {value for row in rows for value in (row[1], row[3], row[9], row[12]) if value}
    query = f"SELECT commitment, value FROM private WHERE commitment IN ({_marks(people)})"  # noqa: S608
    values = dict(db.execute(query, tuple(people)).fetchall())
    refused, certain, digests = _refused(db, clips), _certain(db, clips), digests_of(db, clips)
    found = [_row(row, values, tuple(receipts.get(row[0], ())), refused.get(row[0], {})) for row in rows]
    holds = _holds(db, [row.id for row in found if row.held])
    return [
        replace(
            row,
            recorded_uncertain=row.id not in certain,
            camera_digest=digests.get(row.id, ""),
            standing_holds=tuple(holds.get(row.id, ())),
        )
        for row in found
    ]


def _holds(db: sqlite3.Connection, clips: Sequence[str]) -> dict[str, list[str]]:
    query = f"SELECT clip, hold FROM clip_hold WHERE clip IN ({_marks(clips)}) ORDER BY hold"  # noqa: S608
    found: dict[str, list[str]] = {}
    for clip, hold in db.execute(query, clips) if clips else ():
        found.setdefault(clip, []).append(hold)
    return found


def _certain(db: sqlite3.Connection, clips: Sequence[str]) -> set[str]:
    """Return the clips whose latest date is known to be accurate: dated, and not by the docking alone."""
    # An entry whose text was altered must not take the list away: custody verify is there to report it.
    query = (
        "SELECT clip, iif(json_valid(leaf), json_extract(leaf, '$.data.uncertainty_ms'), NULL),"  # noqa: S608
        " iif(json_valid(leaf), json_extract(leaf, '$.data.rule'), NULL)"
        f" FROM entry WHERE clip IN ({_marks(clips)}) AND kind = '{ClipDated.kind}' ORDER BY clip, seq"
    )
    latest = {clip: (uncertainty, rule) for clip, uncertainty, rule in db.execute(query, clips)}
    return {clip for clip, (uncertainty, rule) in latest.items() if is_certain(uncertainty, rule)}


def _receipts(db: sqlite3.Connection, clips: Sequence[str]) -> dict[str, list[ReceiptRow]]:
    query = (
        f"SELECT clip, {_RECEIPT} FROM receipt"  # noqa: S608 - our own words
        f" WHERE clip IN ({_marks(clips)}) ORDER BY clip, destination"
    )
    names = _RECEIPT.split(", ")
    found: dict[str, list[ReceiptRow]] = {}
    for clip, *values in db.execute(query, clips):
        found.setdefault(clip, []).append(ReceiptRow(**dict(zip(names, values, strict=True))))
    return found


def _marks(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))


def _row(
    row: tuple[str, ...],
    values: Mapping[str, str],
    receipts: tuple[ReceiptRow, ...],
    refused: Mapping[str, str],
) -> ClipRow:
    clip, camera, docking, path, size, sha256, recorded_ns, acquired_at, state, *said = row
    officer, evidential, held, case, retain_until, classes, reviewed = said
    return ClipRow(
        id=clip,
        camera=values.get(camera, ""),
        officer=values.get(officer, ""),
        docking=docking,
        path=values.get(path, ""),
        size=int(size),
        sha256=sha256,
        recorded_at=iso_of_ns(int(recorded_ns)),
        acquired_at=acquired_at,
        state=ClipState(state),
        evidential=bool(evidential),
        held=bool(held),
        case=values.get(case, ""),
        retain_until=retain_until or None,
        receipts=receipts,
        refused=refused,
        classes=tuple(classes.split("\n")) if classes else (),
        reviewed=bool(reviewed),
    )


def _refused(db: sqlite3.Connection, clips: Sequence[str]) -> dict[str, Mapping[str, str]]:
    # So few clips ever are that a column would mostly say nothing. The kind is written out for the index.
    query = f"SELECT DISTINCT clip FROM entry WHERE kind = 'delivery_refused' AND clip IN ({_marks(clips)})"  # noqa: S608
    found: dict[str, Mapping[str, str]] = {}
    for (clip,) in db.execute(query, clips).fetchall():
        known = known_clip(db, clip)
        if known:
            found[clip] = dict(known.clip.refused)
    return found
