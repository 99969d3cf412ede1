"""What was seen of a camera at its last dockings, and of others of its model about the same time?

Asked when an officer taps a badge: it takes as long in a journal of a million clips as in one of a hundred.
What a docking that is over says never changes, so it is kept.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice, zip_longest
from typing import Any, Protocol

from bwvdock.core.custody.records import REMOVED
from bwvdock.core.facts import ClipQuarantined
from bwvdock.core.health.rate import LEAST_BYTES
from bwvdock.core.health.rules import LOOKED_AT, RECENT, judge
from bwvdock.core.health.seen import OTHER_BYTES, CameraHealth, DockingSeen
from bwvdock.core.moments import iso
from bwvdock.core.paced import GiveWay, go_on, paced
from bwvdock.edges.journal import lookups
from bwvdock.edges.journal.personal_values import linked, reveal
from bwvdock.edges.journal.read.health.entries import DockingEntries, Moment, docking_entries

_BACK_MS = 60_000  # within which a camera that left too early is back
_NEAR = timedelta(hours=12)  # within which others were read about the same time
_OTHERS = 8
_LOOKED_THROUGH = 3 * LOOKED_AT  # dockings; a camera may have been refused at some of them
_QUARANTINES = 1000  # the last ones of the dock
_KEPT = 4096  # dockings

_DOCKINGS = (
    "SELECT id, bay, attached_at, detached_at, transport, model, reason, unreadable, bytes_read FROM docking"
    " WHERE camera = ? AND transport <> 'folder' ORDER BY attached_at DESC LIMIT ?"
)
_PEERS = (
    "SELECT id, camera FROM docking WHERE attached_at BETWEEN :since AND :until AND camera <> :camera"
    " AND model = :model AND transport = :transport AND detached_at IS NOT NULL AND bytes_read >= :least"
    " ORDER BY abs(julianday(attached_at) - julianday(:at)), id LIMIT :most"
)
_DOUBTED = (  # in the words of its index
    "SELECT clip.docking, count(*), sum(instr(leaf, ?) > 0) FROM (SELECT entry.clip, leaf FROM entry"
    " WHERE kind IN ('clip_quarantined', 'clip_recalled') AND kind = ? ORDER BY seq DESC LIMIT ?) AS doubt"
    " CROSS JOIN clip ON clip.id = doubt.clip WHERE clip.camera = ? GROUP BY clip.docking"
)


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    bay: str
    at: str
    ended_at: str | None
    transport: str
    model: str
    reason: str
    unreadable: int
    bytes_read: int


@dataclass(slots=True)
class KnownDockings:
    """What the entries of dockings say that are over; for one journal, and one thread at a time."""

    known: dict[str, DockingEntries] = field(default_factory=dict)

    def of(self, db: sqlite3.Connection, docking: str, *, over: bool = True) -> DockingEntries:
        """Return what a docking's entries say."""
        found = self.known.get(docking)
        if found is None:
            found = docking_entries(db, docking)
            if over:
                if len(self.known) >= _KEPT:
                    self.known.clear()
                self.known[docking] = found
        return found


class HealthReads(Protocol):
    """The part of the reader that answers it; the reader has the connection."""

    def report(self, read: Any) -> list[Any]:  # noqa: ANN401 - as the reader says
        """Return what a function reads, all of it from one moment of the journal."""
        ...

    def serials_docked(self) -> list[str]:
        """Return the serials of the cameras that were docked here, sorted; not those of folders."""
        return self.report(serials_docked)

    def camera_health(
        self, serials: Iterable[str], *, known: KnownDockings | None = None, give_way: GiveWay = go_on
    ) -> list[CameraHealth]:
        """Return the health of these cameras, each as of a moment of its own; `give_way` is called between.

        Args:
            serials: the cameras'.
            known: what is known from questions before.
            give_way: called between two cameras.
        """
        kept = known or KnownDockings()
        found: list[CameraHealth] = []
        for serial in paced(serials, give_way):
            found += self.report(lambda db, serial=serial: [camera_health(db, serial, kept)])
        return found


def camera_health(db: sqlite3.Connection, serial: str, known: KnownDockings) -> CameraHealth:
    """Return a camera's health; one that was never docked here has nothing that was seen."""
    for committed in linked(db, "camera", serial):
        seen = list(islice(_seen(db, committed, known), LOOKED_AT))
        camera = lookups.known_camera(db, committed)
        return judge(serial, lookups.model_of(db, camera) if camera else "", seen)
    return judge(serial, "", ())


def serials_docked(db: sqlite3.Connection) -> list[str]:
    """Return the serials of the cameras that were docked here, sorted; not those of folders."""
    rows = db.execute(
        "SELECT camera.camera FROM camera JOIN docking ON docking.id = last_docking"
        " WHERE transport <> 'folder'"
    )
    return sorted(filter(None, (reveal(db, row[0]) for row in rows.fetchall())))


def _seen(db: sqlite3.Connection, camera: str, known: KnownDockings) -> Iterator[DockingSeen]:
    """Return a camera's dockings at which it was read, the latest first."""
    rows = [_Row(*row) for row in db.execute(_DOCKINGS, (camera, _LOOKED_THROUGH))]
    doubted = _doubted(db, camera)
    back: Moment | None = None
    number = 0
    for row, earlier in zip_longest(rows, rows[1:]):
        entries = known.of(db, row.id, over=row.ended_at is not None)
        early = row.reason == REMOVED and not entries.settled
        if entries.read:
            others = _others(db, camera, row, known) if number < RECENT and entries.rate else ()
            number += 1
            quarantined, differing = doubted.get(row.id, (0, 0))
            yield DockingSeen(
                docking=row.id,
                bay=row.bay,
                at=row.at,
                unreadable=row.unreadable,
                quarantined=quarantined,
                differing=differing,
                left_early=early,
                broke=early and _soon(entries.ended, back),
                rate=entries.rate,
                others=others,
                clock_ms=entries.clock_ms,
                clock_set=entries.clock_set,
                clock_left_ms=entries.clock_left_ms,
                battery=entries.battery if earlier is None or earlier.reason == REMOVED else None,
            )
        back = entries.began


def _soon(left: Moment | None, back: Moment | None) -> bool:
    if left is None or back is None or left[0] != back[0]:
        return False  # nobody knows how long that took
    return 0 <= back[1] - left[1] <= _BACK_MS


def _others(db: sqlite3.Connection, camera: str, row: _Row, known: KnownDockings) -> tuple[int, ...]:
    """Return the rates of other cameras of a docking's model about the same time, one of each."""
    at = datetime.fromisoformat(row.at)
    values = {
        "since": iso(at - _NEAR),
        "until": iso(at + _NEAR),
        "at": row.at,
        "camera": camera,
        "model": row.model,
        "transport": row.transport,
        "least": LEAST_BYTES,
        "most": 3 * _OTHERS,
    }
    if not row.model:
        return ()
    nearest: dict[str, str] = {}
    for docking, other in db.execute(_PEERS, values).fetchall():
        nearest.setdefault(other, docking)
    rates = (known.of(db, docking).rate for docking in islice(nearest.values(), _OTHERS))
    return tuple(rate for rate in rates if rate is not None)


def _doubted(db: sqlite3.Connection, camera: str) -> Mapping[str, tuple[int, int]]:
    """Return how many clips of each docking went to quarantine, and how many of them by a second read."""
    reason = f'"reason":"{OTHER_BYTES}'
    rows = db.execute(_DOUBTED, (reason, ClipQuarantined.kind, _QUARANTINES, camera))
    return {docking: (count, differing) for docking, count, differing in rows}
