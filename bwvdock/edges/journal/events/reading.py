"""Which events does the journal know, who was sent, and which clips may be of them?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bwvdock.core.events.event import Event, Sending, sendings
from bwvdock.core.events.records import (
    EventFilter,
    EventRow,
    FootageFigure,
    LackRow,
    MatchRow,
    SentRow,
)
from bwvdock.core.facts.events import BY_OFFICER, BY_UNIT, CERTAIN
from bwvdock.core.moments import iso, iso_of_ns
from bwvdock.edges.journal.events import missing
from bwvdock.edges.journal.personal_values import linked, reveal, reveal_optional
from bwvdock.edges.journal.read.reports import Period
from bwvdock.edges.journal.units import OF_UNIT

T = TypeVar("T")
_PAGE = 200
_CERTAIN = f"SELECT 1 FROM clip_event AS c WHERE c.event = event.event AND c.basis = '{CERTAIN}'"  # noqa: S608


class EventReads(Protocol):
    """The part of the reader that answers it; the reader has the connection."""

    def report(self, read: Callable[[sqlite3.Connection], Iterable[T]]) -> list[T]:
        """Return what a function reads, all of it from one moment of the journal."""
        ...

    def event(self, event: str) -> Event | None:
        """Return what is known of an event from dispatch, None if nothing is."""
        return next(iter(self.report(lambda db: known_event(db, event))), None)

    def events(self, wanted: EventFilter) -> Iterator[EventRow]:
        """Return the events that are wanted, the latest first; page by page, each a moment's truth."""
        page: _Page | None = _Page("~", "~")
        while page is not None:
            at = page
            [(rows, page)] = self.report(lambda db: [read_page(db, wanted, at)])  # noqa: B023 - called at once
            yield from rows

    def event_clips(self, event: str) -> list[MatchRow]:
        """Return the clips that may be of an event, certain ones first, then by time."""
        return self.report(lambda db: matches_of_event(db, event))

    def missing(self, span: Period, *, now: str, subject: str = "") -> list[LackRow]:  # noqa: ARG002 - as who asks the daemon has it
        """Return what is missing beside events: footage, dockings, cameras."""
        return self.report(lambda db: missing.missing(db, span, now=now))

    def footage_figures(self, span: Period) -> list[FootageFigure]:
        """Return of how many who were sent to events there is footage, by category."""
        return self.report(lambda db: missing.figures(db, span))

    def clip_events(self, clip: str) -> list[MatchRow]:
        """Return the clips that may be of the events of a clip, with itself: by event, certain ones first."""
        return self.report(lambda db: matches_of_clip(db, clip))


@dataclass(frozen=True, slots=True)
class _Page:
    """Where a page begins: with what comes after an event."""

    dispatched: str
    event: str


# --- one event ---------------------------------------------------------------------------------------


def known_event(db: sqlite3.Connection, event: str) -> Iterator[Event]:
    """Yield what is known of an event."""
    for committed in linked(db, "event", event):
        row = db.execute("SELECT category FROM event WHERE event = ?", (committed,)).fetchone()
        if row is not None:
            sent = _sent(db, committed)
            yield Event(
                id=event,
                category=reveal_optional(db, row[0]),
                officers=_of_role(sent, BY_OFFICER),
                units=_of_role(sent, BY_UNIT),
            )


def _of_role(sent: Iterable[SentRow], role: str) -> tuple[Sending, ...]:
    return sendings(
        Sending(who=one.who or "", dispatched=one.dispatched, cleared=one.cleared)
        for one in sent
        if one.role == role
    )


def _sent(db: sqlite3.Connection, event: str) -> list[SentRow]:
    rows = db.execute(
        "SELECT role, coalesce(value, ''), dispatched, cleared"
        " FROM sent LEFT JOIN private ON commitment = who WHERE event = ?",
        (event,),
    )
    found = [
        SentRow(role=role, who=who, dispatched=dispatched, cleared=cleared)
        for role, who, dispatched, cleared in rows.fetchall()
    ]
    return sorted(found, key=lambda one: (one.role, one.dispatched, one.who or "", one.cleared))


# --- many --------------------------------------------------------------------------------------------


def read_page(
    db: sqlite3.Connection, wanted: EventFilter, page: _Page
) -> tuple[list[EventRow], _Page | None]:
    """Return a page of the events that are wanted, and where the next begins (None: that was the last)."""
    conditions, values = ["(dispatched, event) < (?, ?)"], [page.dispatched, page.event]
    for name, value in (("event", wanted.event), ("officer", wanted.officer)):
        if value is not None:
            known = linked(db, name, value)
            by_officer = f"event IN (SELECT event FROM sent WHERE role = '{BY_OFFICER}' AND who = ?)"  # noqa: S608
            conditions.append((by_officer if name == "officer" else "event = ?") if known else "0")
            values += known[:1]
    if wanted.unit is not None:
        conditions.append(f"event IN (SELECT event FROM sent WHERE role = '{BY_UNIT}' AND who {OF_UNIT})")  # noqa: S608
        values.append(wanted.unit)
    if wanted.since is not None:
        conditions.append("dispatched >= ?")
        values.append(iso(wanted.since))
    if wanted.until is not None:
        conditions.append("dispatched <= ?")
        values.append(iso(wanted.until))
    conditions += [f"NOT EXISTS ({_CERTAIN})"] * wanted.without_footage
    query = (
        f"SELECT event, dispatched, cleared, category FROM event WHERE {' AND '.join(conditions)}"  # noqa: S608
        f" ORDER BY dispatched DESC, event DESC LIMIT {_PAGE}"
    )
    rows = db.execute(query, values).fetchall()
    last = _Page(rows[-1][1], rows[-1][0]) if len(rows) == _PAGE else None
    return [_row(db, *row) for row in rows], last


def _row(db: sqlite3.Connection, event: str, dispatched: str, cleared: str, category: str) -> EventRow:
    counted = db.execute(
        f"SELECT count(*) FILTER (WHERE basis = '{CERTAIN}'), count(*) FILTER (WHERE basis <> '{CERTAIN}')"  # noqa: S608
        " FROM clip_event WHERE event = ?",
        (event,),
    ).fetchone()
    return EventRow(
        event=reveal(db, event) or "",
        category=reveal_optional(db, category),
        dispatched=dispatched,
        cleared=cleared,
        sent=tuple(_sent(db, event)),
        certain=counted[0],
        possible=counted[1],
    )


# --- clips of events ---------------------------------------------------------------------------------

_MATCHES = (
    "SELECT event, clip.id, clip.camera, clip.officer, recorded_ns, basis, role, overlap_ms,"  # noqa: S608
    " uncertainty_ms"
    " FROM clip_event JOIN clip ON clip.id = clip_event.clip WHERE clip_event.event = ?"
    f" ORDER BY basis <> '{CERTAIN}', recorded_ns, clip.id"
)


def matches_of_event(db: sqlite3.Connection, event: str) -> Iterator[MatchRow]:
    """Yield the clips that may be of an event."""
    for committed in linked(db, "event", event):
        yield from _matches(db, committed)


def matches_of_clip(db: sqlite3.Connection, clip: str) -> Iterator[MatchRow]:
    """Yield the clips that may be of the events of a clip."""
    rows = db.execute(
        f"SELECT event FROM clip_event WHERE clip = ? ORDER BY basis <> '{CERTAIN}', overlap_ms DESC, event",  # noqa: S608
        (clip,),
    )
    for (event,) in rows.fetchall():
        yield from _matches(db, event)


def _matches(db: sqlite3.Connection, committed: str) -> Iterator[MatchRow]:
    event = reveal(db, committed) or ""
    for _, clip, camera, officer, recorded_ns, *said in db.execute(_MATCHES, (committed,)).fetchall():
        basis, role, overlap_ms, uncertainty_ms = said
        yield MatchRow(
            event=event,
            clip=clip,
            camera=reveal(db, camera) or "",
            officer=reveal_optional(db, officer or ""),
            recorded_at=iso_of_ns(recorded_ns),
            basis=basis,
            role=role,
            overlap_ms=overlap_ms,
            uncertainty_ms=uncertainty_ms,
        )
