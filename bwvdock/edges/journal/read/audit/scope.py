"""Which clips, or dockings, does an audit ask about, and what is the unit and the month of each?

Written into temporary tables of the reader's own connection, so that SQLite adds up and memory stays the same
however many clips there are. Months are those of the dock's zone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from bwvdock.core.clips.dates.dating import NOT_KNOWN, DateRule
from bwvdock.core.clips.roster import NEVER, UnitSpan
from bwvdock.core.moments import moment_of_ns, nanoseconds
from bwvdock.edges.journal.units import Units

SMALL = "(small units)"
"""The unit under which those of few people are added up."""

_FIRST, _LAST = -(2**63) + 1, 2**63 - 1
_TABLES = ("audit_month", "audit_span", "audit_item")
_UNCERTAIN_RULES = ", ".join(f"'{rule}'" for rule in (DateRule.DOCKING_TIME, DateRule.DOCK_CLOCK_UNKNOWN))
CERTAIN_DATE = (
    "coalesce((SELECT json_valid(leaf)"  # noqa: S608 - our own words
    " AND json_extract(leaf, '$.data.uncertainty_ms') IS NOT NULL"
    f" AND json_extract(leaf, '$.data.uncertainty_ms') <> {NOT_KNOWN:d}"
    f" AND coalesce(json_extract(leaf, '$.data.rule'), '') NOT IN ({_UNCERTAIN_RULES})"
    " FROM entry WHERE entry.clip = clip.id AND kind = 'clip_dated' ORDER BY seq DESC LIMIT 1), 0)"
)
"""Whether a clip's latest date is certain, as core/clips/dates/dating.py says it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What an audit asks for: a period (both ends inclusive; None is open), and how it is divided.

    `unit` names the one that alone is asked for. Units of fewer people than `smallest` are added up together.
    `vaults` are the destinations whose copies this dock disposes of itself, `required` those that must prove
    theirs.
    """

    since: datetime | None = None
    until: datetime | None = None
    zone: tzinfo = UTC
    by_month: bool = True
    by_unit: bool = False
    unit: str | None = None
    smallest: int = 0
    vaults: tuple[str, ...] = ()
    required: tuple[str, ...] = ()

    @property
    def bounds(self) -> tuple[int, int]:
        """Both ends in nanoseconds since 1970."""
        since = _FIRST if self.since is None else max(_FIRST, nanoseconds(self.since))
        until = _LAST if self.until is None else min(_LAST, nanoseconds(self.until) + 999)
        return since, until


def months_between(first_ns: int, last_ns: int, zone: tzinfo) -> Iterator[tuple[int, str]]:
    """Yield when each month begins that has any of a span of time, and its name, "2026-07"."""
    try:
        moment = moment_of_ns(first_ns).astimezone(zone)
        last = moment_of_ns(last_ns).astimezone(zone)
    except OverflowError:  # in the first or last hours of all years
        moment, last = moment_of_ns(first_ns), moment_of_ns(last_ns)
    year, month = moment.year, moment.month
    while (year, month) <= (last.year, last.month):
        begins = datetime(year, month, 1, tzinfo=last.tzinfo)
        try:
            start = max(_FIRST, nanoseconds(begins.astimezone(UTC)))
        except OverflowError:
            start = _FIRST
        yield start, f"{year:04}-{month:02}"
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Items:
    """What is divided into units and months: rows of a table that has a camera and an id.

    `at` is the expression for the time, in nanoseconds, by which one is in the period and of a month;
    `certain`, whether that time is vouched for; `people`, the query for (id, person), which may name several
    for one.
    """

    table: str
    at: str
    certain: str
    people: str


CLIPS = Items(
    table="clip",
    at="clip.recorded_ns",
    certain=CERTAIN_DATE,
    people="SELECT id, iif(coalesce(officer, '') <> '', officer, camera) AS person FROM clip",
)
"""Clips, by when they were recorded."""


def ns_of(column: str) -> str:
    """Return the expression for a time of the journal (ISO 8601, UTC, milliseconds) in nanoseconds."""
    seconds, ms = f"CAST(strftime('%s', {column}) AS INTEGER)", f"CAST(substr({column}, -4, 3) AS INTEGER)"
    return f"(({seconds} * 1000 + {ms}) * 1000000)"


@contextmanager
def scope(db: sqlite3.Connection, asked: Asked, items: Items = CLIPS) -> Iterator[None]:
    """Make the table audit_item (id, unit, month, at, certain) of the items that are asked for.

    Args:
        db: the journal, read by one at a time.
        asked: what is asked for.
        items: what is divided.
    """
    try:
        _make(db, asked, items)
        yield
    finally:
        for table in _TABLES:
            db.execute(f"DROP TABLE IF EXISTS temp.{table}")


def _make(db: sqlite3.Connection, asked: Asked, items: Items) -> None:
    db.execute("CREATE TEMP TABLE audit_month (start INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    db.execute(
        "CREATE TEMP TABLE audit_span (camera TEXT, start INTEGER, unit TEXT, PRIMARY KEY (camera, start))"
        " WITHOUT ROWID"
    )
    db.execute(
        "CREATE TEMP TABLE audit_item (id TEXT PRIMARY KEY, unit TEXT NOT NULL, month TEXT NOT NULL,"
        " at INTEGER NOT NULL, certain INTEGER NOT NULL) WITHOUT ROWID"
    )
    unit, month = "''", "''"
    if asked.by_unit or asked.unit is not None:
        db.executemany("INSERT OR REPLACE INTO temp.audit_span VALUES (?, ?, ?)", _flat_spans(db))
        unit = _latest("unit", "audit_span", f"s.camera = {items.table}.camera AND s.start <= {items.at}")
    if asked.by_month:
        _make_months(db, asked, items)
        month = _latest("name", "audit_month", f"s.start <= {items.at}")
    only, of_unit = (" AND its = ?", [asked.unit]) if asked.unit is not None else ("", [])
    db.execute(
        f"INSERT INTO temp.audit_item SELECT id, {unit} AS its, {month}, {items.at}, {items.certain}"  # noqa: S608
        f" FROM {items.table} WHERE {items.at} BETWEEN ? AND ?{only}",
        (*asked.bounds, *of_unit),
    )
    if not asked.by_unit:
        db.execute("UPDATE temp.audit_item SET unit = ''")
    elif asked.unit is None and asked.smallest > 1:
        _join_small(db, asked.smallest, items)


def _latest(column: str, table: str, where: str) -> str:
    return (
        f"coalesce((SELECT s.{column} FROM temp.{table} AS s WHERE {where}"  # noqa: S608 - our own words
        " ORDER BY s.start DESC LIMIT 1), '')"
    )


def _make_months(db: sqlite3.Connection, asked: Asked, items: Items) -> None:
    query = f"SELECT min({items.at}), max({items.at}) FROM {items.table} WHERE {items.at} BETWEEN ? AND ?"  # noqa: S608
    first, last = db.execute(query, asked.bounds).fetchone()
    if first is not None:
        months = months_between(int(first), int(last), asked.zone)
        db.executemany("INSERT OR REPLACE INTO temp.audit_month VALUES (?, ?)", months)


def _flat_spans(db: sqlite3.Connection) -> Iterator[tuple[str, int, str]]:
    """Yield each camera, when a unit began to have it, and that unit; "" for none."""
    cameras = db.execute(
        "SELECT camera FROM camera WHERE unit <> '' UNION SELECT camera FROM assignment WHERE unit <> ''"
    )
    units = Units(db)
    for (camera,) in cameras.fetchall():
        for start, unit in _flat(units.spans(camera)):
            yield camera, start, unit


def _flat(spans: list[UnitSpan]) -> Iterator[tuple[int, str]]:
    """Yield when a camera's unit changes, in order; the first span may be that which is always valid."""
    always = next((span.unit for span in spans if not span.start), "")
    yield _FIRST, always
    for span in spans:
        if span.start:
            yield _ns(span.start), span.unit
            if span.end != NEVER:
                yield _ns(span.end), always


def _ns(text: str) -> int:
    return min(max(nanoseconds(datetime.fromisoformat(text)), _FIRST), _LAST)


def _join_small(db: sqlite3.Connection, smallest: int, items: Items) -> None:
    """Add up the units of few people together, and with so many others that there are enough of them."""
    known = f"FROM temp.audit_item AS item JOIN ({items.people}) AS known ON known.id = item.id"
    query = f"SELECT unit, count(DISTINCT person) {known} WHERE unit <> '' GROUP BY unit"
    units = sorted(db.execute(query).fetchall(), key=lambda row: (row[1], row[0]))
    joined = [unit for unit, count in units if count < smallest]
    if not joined:
        return
    for unit, _ in units[len(joined) :]:
        marks = ", ".join("?" * len(joined))
        of_these = f"SELECT count(DISTINCT person) {known} WHERE unit IN ({marks})"
        if db.execute(of_these, joined).fetchone()[0] >= smallest:
            break
        joined.append(unit)
    rename = "UPDATE temp.audit_item SET unit = ? WHERE unit = ?"
    db.executemany(rename, [(SMALL, unit) for unit in joined])
