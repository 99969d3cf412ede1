"""How long does it take until footage is docked, until its camera may be taken, and until it is proven?

Percentiles are by nearest rank: of 20 times, the p95 is the 19th, counted from the shortest.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum

from bwvdock.core.facts import CameraAttached, CameraAuthorised, CameraSettled, ClipVerified
from bwvdock.edges.journal.read.audit.scope import CERTAIN_DATE, Asked, Items, ns_of, scope

LATE_MS = 86_400_000
"""A day: what takes longer is counted as late."""


class Measure(StrEnum):
    """From what to what is measured."""

    DOCKED = "recording to docking"  # in which the clip was copied
    SAFE = "docking to safe"  # of a camera: nothing more was to be read
    PROVEN = "docking to proven"  # of a clip, in every required store


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeliness:
    """The times of one measure, of a unit and of a month of docking ("" where these are not asked for).

    `counted` are those that the percentiles are of, in milliseconds (None where there are none); `late` of
    them took longer than a day. `uncertain` have an end at a time that nobody vouches for, or end before they
    begin; `open` have not ended.
    """

    unit: str
    month: str
    measure: Measure
    counted: int
    uncertain: int
    open: int
    late: int
    p50_ms: int | None
    p95_ms: int | None
    worst_ms: int | None


_LEAF = (
    "(SELECT leaf FROM entry WHERE entry.docking = docking.id AND kind = '{}' AND json_valid(leaf)"
    " ORDER BY seq {} LIMIT 1)"
)
_ATTACHED = _LEAF.format(CameraAttached.kind, "")
_SETTLED = _LEAF.format(CameraSettled.kind, "DESC")
_ADMITTED = (
    f"EXISTS (SELECT 1 FROM entry WHERE entry.docking = docking.id AND kind = '{CameraAuthorised.kind}')"  # noqa: S608
)
_DOCKINGS = Items(
    table="docking",
    at=ns_of("docking.attached_at"),
    certain=f"coalesce(json_extract({_ATTACHED}, '$.ntp'), 0)",
    people=(
        "SELECT docking.id, iif(coalesce(officer, '') <> '', officer, docking.camera) AS person"
        " FROM docking LEFT JOIN clip ON clip.docking = docking.id"
    ),
)
_COUNTED, _UNCERTAIN, _OPEN = 0, 1, 2
_TABLE = "CREATE TEMP TABLE audit_time (measure TEXT, unit TEXT, month TEXT, how INTEGER, ms INTEGER)"


def timeliness(db: sqlite3.Connection, asked: Asked) -> Iterator[Timeliness]:
    """Yield the times of each measure, by unit and month of docking, in order."""
    with scope(db, asked, _DOCKINGS), closing(_Times(db)) as times:
        times.of_cameras()
        times.of_recordings()
        times.of_proofs(asked)
        yield from times.summed()


class _Times:
    """The times, one a row, in a temporary table."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        db.execute(_TABLE)

    def close(self) -> None:
        self._db.execute("DROP TABLE IF EXISTS temp.audit_time")

    def of_cameras(self) -> None:
        """Add how long each admitted camera took until it was safe, by the clock since boot where one ran."""
        field = "json_extract({}, '$.{}')".format
        self._db.execute(
            "INSERT INTO temp.audit_time"  # noqa: S608 - our own words
            f" SELECT '{Measure.SAFE}', unit, month, iif(last IS NULL, {_OPEN},"
            f" iif(one_boot OR (clocks AND t >= 0), {_COUNTED}, {_UNCERTAIN})), iif(one_boot, bt, t) FROM"
            " (SELECT unit, month, last,"
            f" {field('first', 'boot')} = {field('last', 'boot')} AS one_boot,"
            f" {field('first', 'ntp')} AND {field('last', 'ntp')} AS clocks,"
            f" {field('last', 'bt')} - {field('first', 'bt')} AS bt,"
            f" ({ns_of(field('last', 't'))} - {ns_of(field('first', 't'))}) / 1000000 AS t"
            f" FROM (SELECT unit, month, {_ATTACHED} AS first, {_SETTLED} AS last"
            f" FROM temp.audit_item AS item JOIN docking ON docking.id = item.id WHERE {_ADMITTED}))"
        )

    def of_recordings(self) -> None:
        """Add how long after it was recorded each copied clip was docked."""
        self._db.execute(
            "INSERT INTO temp.audit_time"  # noqa: S608 - our own words
            f" SELECT '{Measure.DOCKED}', unit, month,"
            f" iif(certain AND {CERTAIN_DATE} AND at >= recorded_ns, {_COUNTED}, {_UNCERTAIN}),"
            " (at - recorded_ns) / 1000000"
            " FROM clip JOIN temp.audit_item AS item ON item.id = clip.docking WHERE acquired_at IS NOT NULL"
        )

    def of_proofs(self, asked: Asked) -> None:
        """Add how long after its docking began each copied clip was proven in every required store.

        Where the dock's clock was not synchronised, by the clock since boot, if that ran all the time.
        """
        names = ", ".join(f"'{name.replace(chr(39), 2 * chr(39))}'" for name in asked.required) or "NULL"
        least = max(1, len(asked.required))
        proven = (
            f"SELECT iif(count(*) = {least}, max({ns_of('received_at')}), NULL)"  # noqa: S608 - our own words
            f" FROM receipt WHERE receipt.clip = clip.id AND destination IN ({names})"
        )
        field = "iif(json_valid({0}), json_extract({0}, '$.{1}'), NULL)".format
        since_boot = (
            f"SELECT iif(count(*) = {least} AND min({field('e.leaf', 'boot')} = {field('first', 'boot')}),"  # noqa: S608
            f" max({field('e.leaf', 'bt')}) - {field('first', 'bt')}, NULL) FROM receipt JOIN entry AS e"
            f" ON e.clip = receipt.clip AND e.kind = '{ClipVerified.kind}'"
            f" AND {field('e.leaf', 't')} = received_at"
            f" AND {field('e.leaf', 'data.destination')} = destination"
            f" WHERE receipt.clip = one AND destination IN ({names})"
        )
        self._db.execute(
            "INSERT INTO temp.audit_time"  # noqa: S608 - our own words
            f" SELECT '{Measure.PROVEN}', unit, month, iif(proven IS NULL, {_OPEN},"
            f" iif(bt IS NOT NULL OR (certain AND proven >= at), {_COUNTED}, {_UNCERTAIN})),"
            " coalesce(bt, (proven - at) / 1000000)"
            " FROM (SELECT unit, month, certain, at, proven,"
            f" CASE WHEN certain OR proven IS NULL THEN NULL ELSE ({since_boot}) END AS bt"
            " FROM (SELECT unit, month, certain, at, clip.id AS one,"
            f" ({proven}) AS proven, iif(certain, NULL, {_ATTACHED}) AS first"
            " FROM clip JOIN temp.audit_item AS item ON item.id = clip.docking"
            " JOIN docking ON docking.id = item.id WHERE acquired_at IS NOT NULL))"
        )

    def summed(self) -> Iterator[Timeliness]:
        """Yield a row for each measure, unit and month."""
        query = (
            "WITH ranked AS (SELECT measure, unit, month, ms,"  # noqa: S608 - our own words
            " row_number() OVER (PARTITION BY measure, unit, month ORDER BY ms) AS place,"
            " count(*) OVER (PARTITION BY measure, unit, month) AS many"
            f" FROM temp.audit_time WHERE how = {_COUNTED}),"
            " ranks AS (SELECT measure, unit, month,"
            " max(ms) FILTER (WHERE place = (many * 50 + 99) / 100) AS p50,"
            " max(ms) FILTER (WHERE place = (many * 95 + 99) / 100) AS p95, max(ms) AS worst"
            " FROM ranked GROUP BY measure, unit, month)"
            f" SELECT unit, month, measure, sum(how = {_COUNTED}), sum(how = {_UNCERTAIN}),"
            f" sum(how = {_OPEN}), sum(how = {_COUNTED} AND ms > {LATE_MS}), max(p50), max(p95), max(worst)"
            " FROM temp.audit_time LEFT JOIN ranks USING (measure, unit, month)"
            " GROUP BY unit, month, measure"
        )
        order = list(Measure)
        rows = self._db.execute(query).fetchall()
        for row in sorted(rows, key=lambda row: (row[0], row[1], order.index(row[2]))):
            values = dict(zip(Timeliness.__slots__, row, strict=True))
            yield Timeliness(**{**values, "measure": Measure(row[2])})
