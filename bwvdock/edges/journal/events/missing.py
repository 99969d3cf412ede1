"""What is missing beside events: footage of calls, dockings of officers, cameras that are out?

Nothing is said but what this journal shows: another dock may have the footage, or the camera.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bwvdock.core.clips.roster import NEVER, Assignment, Roster, Span
from bwvdock.core.custody.entries import read_leaf
from bwvdock.core.events.records import FootageFigure, Lack, LackRow
from bwvdock.core.facts.events import BY_OFFICER, BY_UNIT, CERTAIN
from bwvdock.core.moments import iso_of_ns
from bwvdock.edges.journal.events.pairing import NEWS
from bwvdock.edges.journal.personal_values import reveal, reveal_optional
from bwvdock.edges.journal.read.reports import Period
from bwvdock.edges.journal.units import Units
from bwvdock.units import format_count


@dataclass(frozen=True, slots=True)
class _Sent:
    """One officer or unit that was sent, with how many clips are certain and possible; commitments."""

    event: str
    category: str
    role: str
    who: str
    dispatched: str
    cleared: str
    certain: int
    possible: int

    @property
    def lacks_footage(self) -> bool:
        """Whether footage is missing; that of a unit is never certain."""
        return not self.certain and (self.role == BY_OFFICER or not self.possible)


def _sent(db: sqlite3.Connection, span: Period, units: Units) -> Iterator[_Sent]:
    """Yield who was sent to events of a span, each once for each event, by time."""
    rows = db.execute(
        "SELECT sent.event, category, role, who, min(sent.dispatched), max(sent.cleared)"
        " FROM event JOIN sent ON sent.event = event.event"
        " WHERE event.dispatched >= ? AND event.dispatched <= ?"
        " GROUP BY sent.event, role, who ORDER BY min(sent.dispatched), sent.event, role, who",
        span.texts,
    )
    for event, category, role, who, dispatched, cleared in rows.fetchall():
        of_it = _of_officer(db, event, who) if role == BY_OFFICER else _of_unit(db, event, who, units)
        yield _Sent(event, category, role, who, dispatched, cleared, *of_it)


def _of_officer(db: sqlite3.Connection, event: str, officer: str) -> tuple[int, int]:
    """Return how many clips of an officer are certain to be of an event, and how many may be."""
    certain, all_of_it = db.execute(
        f"SELECT count(*) FILTER (WHERE basis = '{CERTAIN}'), count(*) FROM clip_event AS m"  # noqa: S608
        " JOIN clip ON clip.id = m.clip WHERE m.event = ? AND m.role = ? AND clip.officer = ?",
        (event, BY_OFFICER, officer),
    ).fetchone()
    return certain, all_of_it - certain


def _of_unit(db: sqlite3.Connection, event: str, unit: str, units: Units) -> tuple[int, int]:
    """Return the same of a unit, of whose footage none is certain.

    A clip is matched with an event once, by its officer if that fits: it is its unit's all the same, and no
    other unit's.
    """
    name = reveal(db, unit)
    rows = db.execute(
        "SELECT role, camera, recorded_ns FROM clip_event AS m JOIN clip ON clip.id = m.clip"
        " WHERE m.event = ?",
        (event,),
    ).fetchall()
    if name is None:  # erased: nobody can say which of several units sent there it was
        return 0, sum(role == BY_UNIT for role, _, _ in rows)
    return 0, sum(units.at(camera, iso_of_ns(recorded_ns)) == name for _, camera, recorded_ns in rows)


def figures(db: sqlite3.Connection, span: Period) -> Iterator[FootageFigure]:
    """Yield of how many there is footage, by category, and in the end of all (category "all")."""
    counts: dict[str, list[int]] = {}
    for sent in _sent(db, span, Units(db)):
        for category in (reveal_optional(db, sent.category), "all"):
            count = counts.setdefault(category, [0, 0, 0, 0])
            kind = 1 if sent.certain else 2 if sent.possible else 3
            count[0] += 1
            count[kind] += 1
    for category in sorted(counts, key=lambda name: (name == "all", name)):
        sent_to, certain, possible, without = counts[category]
        yield FootageFigure(
            category=category, sent=sent_to, certain=certain, possible=possible, without=without
        )


# --- what is missing ---------------------------------------------------------------------------------


def missing(db: sqlite3.Connection, span: Period, *, now: str) -> Iterator[LackRow]:
    """Yield what is missing: what was not compared yet, footage of events of the span, dockings, cameras.

    Args:
        db: the journal.
        span: bounds when events were dispatched, and when cameras were assigned.
        now: the time; a camera whose assignment is over is not out.
    """
    held = _Held(db)
    yield from _not_compared(db, now)
    for sent in _sent(db, span, held.units):
        if sent.lacks_footage:
            yield _without_footage(db, held, sent)
    yield from _without_docking(held, span, now)
    yield from _cameras_out(held, span, now)


def _not_compared(db: sqlite3.Connection, now: str) -> Iterator[LackRow]:
    if db.execute("SELECT 1 FROM event LIMIT 1").fetchone() is None:
        return
    row = db.execute(
        "SELECT leaf FROM entry WHERE kind = 'events_matched' ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    since = int(read_leaf(row[0]).data["entries"]) if row else 0
    marks = ", ".join("?" * len(NEWS))
    query = f"SELECT count(*) FROM entry WHERE seq >= ? AND kind IN ({marks})"  # noqa: S608 - question marks
    (count,) = db.execute(query, (since, *NEWS)).fetchone()
    if count:
        entries = format_count(count, "entry has", "entries have")
        known = f"{entries} not been compared yet: what is missing below may be there. Ask again later"
        yield LackRow(what=Lack.MATCHING, since=now, known=known)


@dataclass(slots=True)
class _Held:
    """Who held which camera when, and when it was docked here."""

    db: sqlite3.Connection
    units: Units = field(init=False)
    _spans: dict[str, Sequence[Span]] = field(default_factory=dict)
    _of_officer: dict[str, list[tuple[str, Span]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the assignments; officers and cameras are commitments."""
        self.units = Units(self.db)
        rows = self.db.execute("SELECT camera, officer, valid_from, valid_to FROM assignment ORDER BY number")
        told: dict[str, list[Assignment]] = {}
        for camera, officer, begins, ends in rows:
            told.setdefault(camera, []).append(Assignment(officer=officer, begins=begins, ends=ends))
        for camera, assignments in told.items():
            self._spans[camera] = Roster(assignments).spans
            for span in self._spans[camera]:
                self._of_officer.setdefault(span.officer, []).append((camera, span))

    def by_camera(self) -> Iterator[tuple[str, Span]]:
        """Yield every span with its camera."""
        return ((camera, span) for camera, spans in self._spans.items() for span in spans)

    def cameras_at(self, officer: str, begins: str, ends: str) -> list[str]:
        """Return the cameras that an officer held at some time of a span."""
        spans = self._of_officer.get(officer, ())
        return sorted({camera for camera, span in spans if span.start <= ends and span.end > begins})

    def docked_since(self, camera: str, moment: str) -> tuple[str, bool] | None:
        """Return when a camera was first docked here since a time, and whether nothing was left on it."""
        row = self.db.execute(
            "SELECT attached_at, complete FROM docking WHERE camera = ? AND attached_at >= ?"
            " ORDER BY attached_at LIMIT 1",
            (camera, moment),
        ).fetchone()
        return None if row is None else (row[0], bool(row[1]))

    def serial(self, camera: str) -> str:
        """Return a camera's serial."""
        return reveal(self.db, camera) or "(erased)"


def _without_footage(db: sqlite3.Connection, held: _Held, sent: _Sent) -> LackRow:
    who = reveal(db, sent.who) or "(erased)"
    is_officer = sent.role == BY_OFFICER
    cameras = held.cameras_at(sent.who, sent.dispatched, sent.cleared or NEVER) if is_officer else []
    known = [f"{format_count(sent.possible, 'clip')} may be of it, and none is certain"] * bool(sent.possible)
    if not sent.possible and is_officer:
        known += [_of_camera(held, camera, sent) for camera in cameras]
        known += ["no camera was assigned to the officer here at that time"] * (not cameras)
    known += ["not cleared yet"] * (not sent.cleared)
    units = {held.units.at(camera, sent.dispatched) for camera in cameras} - {""}
    return LackRow(
        what=Lack.FOOTAGE,
        since=sent.dispatched,
        event=reveal(db, sent.event) or "(erased)",
        category=reveal_optional(db, sent.category),
        officer=who if is_officer else "",
        unit=", ".join(sorted(units)) if is_officer else who,
        camera=", ".join(map(held.serial, cameras)),
        possible=sent.possible,
        known="; ".join(known) or "no clip of the unit overlaps it",
    )


def _of_camera(held: _Held, camera: str, sent: _Sent) -> str:
    docked = held.docked_since(camera, sent.dispatched)
    serial = held.serial(camera)
    if docked is None:
        return f"camera {serial} was not docked here since: footage may be on it"
    at, complete = docked
    left = "nothing was left on it" if complete else "not everything on it was taken"
    return f"camera {serial} was docked here {at}, {left}, and no clip of it overlaps the event"


def _without_docking(held: _Held, span: Period, now: str) -> Iterator[LackRow]:
    first, last = span.texts
    of_officer: dict[str, list[tuple[str, Span]]] = {}
    for camera, one in held.by_camera():
        if one.start <= min(last, now) and one.end >= first:
            of_officer.setdefault(one.officer, []).append((camera, one))
    found = []
    for officer, spans in of_officer.items():
        if any(held.docked_since(camera, one.start) for camera, one in spans):
            continue
        cameras = sorted({held.serial(camera) for camera, _ in spans})
        since = min(one.start for _, one in spans)
        units = sorted({held.units.at(camera, one.start) for camera, one in spans} - {""})
        row = LackRow(
            what=Lack.DOCKING,
            since=since,
            officer=reveal(held.db, officer) or "(erased)",
            unit=", ".join(units),
            camera=", ".join(cameras),
            known="none of the officer's cameras was docked here since",
        )
        found.append(row)
    yield from sorted(found, key=lambda row: (row.since, row.officer))


def _cameras_out(held: _Held, span: Period, now: str) -> Iterator[LackRow]:
    first, last = span.texts
    found = []
    for camera, one in held.by_camera():
        is_out = one.start <= now < one.end and one.start <= last and one.end >= first
        if not is_out or held.docked_since(camera, one.start):
            continue
        (seen,) = held.db.execute(
            "SELECT max(attached_at) FROM docking WHERE camera = ?", (camera,)
        ).fetchone()
        last_seen = f"; last docked here {seen}" if seen else "; never docked here"
        row = LackRow(
            what=Lack.CAMERA,
            since=one.start,
            officer=reveal(held.db, one.officer) or "(erased)",
            unit=held.units.at(camera, one.start),
            camera=held.serial(camera),
            known=f"not docked here since it was assigned{last_seen}",
        )
        found.append(row)
    yield from sorted(found, key=lambda row: (row.since, row.camera))
