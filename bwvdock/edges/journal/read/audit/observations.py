"""What has this journal seen that a self-assessment can be answered from? Numbers and times, no names."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bwvdock.core.facts import (
    ConfigReloaded,
    DestinationAssessed,
    DockChecked,
    DockStarted,
    FootageConsulted,
    FootageDisclosed,
    FootageExported,
    JournalVerified,
    SampleDrawn,
    VerifiedAgain,
)
from bwvdock.core.moments import iso, nanoseconds
from bwvdock.edges.journal.read.audit.copies import gone_copies
from bwvdock.edges.journal.read.audit.coverage import Coverage, coverage
from bwvdock.edges.journal.read.audit.figures import Figure, figures
from bwvdock.edges.journal.read.audit.meaning import LOOKED_AT, LOST_COPIES, OPEN_HOLDS, REVIEWED
from bwvdock.edges.journal.read.audit.scope import Asked
from bwvdock.edges.journal.read.audit.timeliness import Timeliness, timeliness
from bwvdock.edges.journal.read.reports import REMOVED
from bwvdock.edges.journal.read.story import IS_EVENT

UNREVIEWED_DAYS, DUE_DAYS = 30, 7
_COUNTED = (ConfigReloaded, DockStarted, FootageConsulted, FootageDisclosed, FootageExported, SampleDrawn)


_UNDATED = "retain_until = '' AND evidential = 0 AND acquired_at IS NOT NULL"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """Entries of one kind: how many, the number of the last and when it was written; 0 and "" for none."""

    count: int = 0
    last: int = 0
    at: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Copies:
    """How many clips have a receipt of a destination, and how many `left` this dock did not dispose of.

    `method` is how copies there were last found to be proven, "" where nothing proves them or it was not
    assessed; `object_lock`, whether it was last proven to lock objects.
    """

    destination: str
    receipts: int
    left: int
    method: str
    object_lock: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Observations:
    """What was seen by the time of the report, of all of the footage.

    `kinds` has entries by kind. `verification` and `check` are the data of the last verification of the
    journal and of the dock's last check of itself, empty where there was none. `proven_again` is when a copy
    was last proven again. `erased` counts clips erased from cameras, `incomplete` the dockings that ended
    with something left; `unreviewed` the copied clips that are older than UNREVIEWED_DAYS and not reviewed,
    `consulted_due` those that somebody looked at and that are due within DUE_DAYS. `open_holds` counts the
    standing holds that are open, `lost_copies` the copies that were proven and were later found missing or
    changed; None where the journal does not know of such.
    """

    figure: Figure | None
    coverage: Coverage | None
    timeliness: tuple[Timeliness, ...]
    kinds: Mapping[str, Seen]
    copies: tuple[Copies, ...]
    verification: Mapping[str, Any]
    verified: Seen
    check: Mapping[str, Any]
    checked: Seen
    checkpoint_at: str
    cosigned_at: str
    witnesses: tuple[str, ...]
    proven_again: Seen
    dockings: int
    incomplete: int
    erased: int
    disposed: int
    held: int
    evidence: int
    undated: int
    quarantined: int
    unreviewed: int
    consulted_due: int
    assignments: int
    open_holds: int | None
    lost_copies: int | None


def observe(db: sqlite3.Connection, asked: Asked, now: datetime) -> Observations:
    """Return what was seen; `asked` names the stores and the zone."""
    verified, verification = _last(db, JournalVerified.kind, "kind IN ('journal_verified', 'unclean_start')")
    checked, check = _last(db, DockChecked.kind, "1")
    again, _ = _last(db, VerifiedAgain.kind, "1")
    cosigned = db.execute("SELECT size, at FROM cosignature ORDER BY size DESC, at DESC LIMIT 1").fetchone()
    made = db.execute("SELECT made_at FROM checkpoint ORDER BY size DESC LIMIT 1").fetchone()
    names = "SELECT witness FROM cosignature WHERE size = ? ORDER BY witness"
    size = cosigned[0] if cosigned else 0
    return Observations(
        figure=next(iter(figures(db, asked)), None),
        coverage=next(iter(coverage(db, asked)), None),
        timeliness=tuple(timeliness(db, asked)),
        kinds={kind.kind: _seen(db, kind.kind) for kind in _COUNTED},
        copies=tuple(_copies(db)),
        verification=verification,
        verified=verified,
        check=check,
        checked=checked,
        checkpoint_at=made[0] if made else "",
        cosigned_at=cosigned[1] if cosigned else "",
        witnesses=tuple(str(name).partition("+")[0] for (name,) in db.execute(names, (size,)).fetchall()),
        proven_again=again,
        open_holds=_if_known(db, OPEN_HOLDS),
        lost_copies=_if_known(db, LOST_COPIES),
        **_counts(db, now),
    )


def _if_known(db: sqlite3.Connection, query: str | None) -> int | None:
    return None if query is None else int(db.execute(query).fetchone()[0])


def _counts(db: sqlite3.Connection, now: datetime) -> dict[str, int]:
    old, due = nanoseconds(now - timedelta(days=UNREVIEWED_DAYS)), iso(now + timedelta(days=DUE_DAYS))
    queries: Mapping[str, tuple[str, tuple[object, ...]]] = {
        "dockings": ("SELECT count(*) FROM docking WHERE detached_at IS NOT NULL", ()),
        "incomplete": ("SELECT count(*) FROM docking WHERE detached_at IS NOT NULL AND complete = 0", ()),
        "erased": (
            f"SELECT count(DISTINCT clip) FROM entry WHERE {REMOVED} AND kind = 'release_intended'",  # noqa: S608
            (),
        ),
        "disposed": (f"SELECT count(*) FROM entry WHERE {REMOVED} AND kind = 'clip_disposed'", ()),  # noqa: S608
        "held": ("SELECT count(*) FROM clip WHERE held = 1", ()),
        "evidence": ("SELECT count(*) FROM clip WHERE evidential = 1", ()),
        "undated": (f"SELECT count(*) FROM clip WHERE {_UNDATED}", ()),  # noqa: S608 - our own words
        "quarantined": ("SELECT count(*) FROM clip WHERE state = 'quarantined'", ()),
        "unreviewed": (
            f"SELECT count(*) FROM clip WHERE acquired_at IS NOT NULL AND recorded_ns < ? AND NOT {REVIEWED}",  # noqa: S608
            (old,),
        ),
        "consulted_due": (
            f"SELECT count(*) FROM clip WHERE due <> '' AND due < ? AND id IN ({LOOKED_AT})",  # noqa: S608
            (due,),
        ),
        "assignments": ("SELECT count(*) FROM assignment", ()),
    }
    return {name: int(db.execute(query, values).fetchone()[0]) for name, (query, values) in queries.items()}


def _seen(db: sqlite3.Connection, kind: str) -> Seen:
    where = f"{IS_EVENT} AND kind = ?"
    count, last = db.execute(f"SELECT count(*), max(seq) FROM entry WHERE {where}", (kind,)).fetchone()  # noqa: S608
    if not count:
        return Seen()
    (text,) = db.execute("SELECT leaf FROM entry WHERE seq = ?", (last,)).fetchone()
    return Seen(count=count, last=last, at=str(_document(text).get("t", "")))


def _last(db: sqlite3.Connection, kind: str, where: str) -> tuple[Seen, Mapping[str, Any]]:
    query = f"SELECT seq, leaf FROM entry WHERE {where} AND kind = ? ORDER BY seq DESC LIMIT 1"  # noqa: S608
    row = db.execute(query, (kind,)).fetchone()
    if row is None:
        return Seen(), {}
    document = _document(row[1])
    return Seen(count=1, last=row[0], at=str(document.get("t", ""))), document.get("data", {})


def _document(text: str) -> Mapping[str, Any]:
    with suppress(ValueError, RecursionError):  # altered: verification says so
        document: Mapping[str, Any] = json.loads(text)
        return document
    return {}


def _copies(db: sqlite3.Connection) -> list[Copies]:
    with gone_copies(db):
        receipts = {
            name: (count, left)
            for name, count, left in db.execute(
                "SELECT destination, count(*), sum(NOT EXISTS (SELECT 1 FROM temp.audit_gone AS gone"
                " WHERE gone.clip = receipt.clip AND gone.place = destination)) FROM receipt GROUP BY 1"
            ).fetchall()
        }
    assessed: dict[str, Mapping[str, Any]] = {}
    query = f"SELECT leaf FROM entry WHERE {IS_EVENT} AND kind = ? ORDER BY seq"  # noqa: S608 - our own words
    for (text,) in db.execute(query, (DestinationAssessed.kind,)):
        data = _document(text).get("data", {})
        assessed[str(data.get("destination", ""))] = data
    return [
        Copies(
            destination=name,
            receipts=receipts.get(name, (0, 0))[0],
            left=receipts.get(name, (0, 0))[1],
            method=str(assessed.get(name, {}).get("method", "")),
            object_lock=bool(assessed.get(name, {}).get("object_lock")),
        )
        for name in sorted({*receipts, *assessed})
    ]
