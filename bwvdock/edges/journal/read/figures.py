"""What does the journal have for a monitoring system: how much since an entry, and a few numbers of now?

Counted by SQLite itself, while Python's other threads run. What names an officer, a camera,
a clip or a case is neither read nor returned.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bwvdock.core.facts import (
    CameraAttached,
    CameraDetached,
    CameraRefused,
    CameraSettled,
    ClipAcquired,
    ClipQuarantined,
    ClipUploaded,
    ClipVerified,
    DeliveryRefused,
    UploadAttempts,
    VerificationFailed,
    VerifiedAgain,
)
from bwvdock.core.moments import iso

_OF_CLIPS = (
    ClipAcquired,
    ClipQuarantined,
    ClipUploaded,
    ClipVerified,
    DeliveryRefused,
    VerificationFailed,
    VerifiedAgain,
)
_OF_DOCKINGS = (CameraAttached, CameraRefused, CameraSettled, CameraDetached)


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """So many entries of a kind about clips of so many bytes; `destination` is "" for those without one."""

    kind: str
    destination: str
    count: int
    bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DockingStep:
    """An entry of a docking, `bt` milliseconds after the machine started; `complete` of its end alone."""

    kind: str
    docking: str
    bt: int
    complete: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbers:
    """What the journal has of this moment.

    `witnessed_at` is when a witness last confirmed a checkpoint, None before the first. `cameras_absent`
    were not docked since the moment that was asked about; None where none was. `copies_lost` counts, by
    destination, the copies that were lost or changed and not proven anew; it leaves out those with none.
    """

    clips_held: int
    cameras_enrolled: int
    cameras_absent: int | None
    witnessed_at: str | None
    copies_lost: Mapping[str, int] = field(default_factory=dict)


def numbers(db: sqlite3.Connection, *, before: datetime | None) -> Numbers:
    """Return the numbers of this moment; takes as long as there are clips on hold and cameras.

    `before` is the moment since which a camera must have been docked; None where nobody asks.
    """
    held = db.execute("SELECT count(*) FROM clip WHERE held = 1").fetchone()[0]
    enrolled = "FROM camera LEFT JOIN docking ON docking.id = last_docking WHERE enrolled_at IS NOT NULL"
    known, absent = db.execute(
        f"SELECT count(*), coalesce(sum(coalesce(attached_at, enrolled_at) < ?), 0) {enrolled}"
        " AND revoked IS NULL",
        (iso(before) if before else "",),
    ).fetchone()
    witnessed = db.execute("SELECT at FROM cosignature ORDER BY size DESC, at DESC LIMIT 1").fetchone()
    lost = "SELECT destination, count(*) FROM failed_copy WHERE ended_at = '' GROUP BY destination"
    return Numbers(
        clips_held=held,
        cameras_enrolled=known,
        cameras_absent=absent if before else None,
        witnessed_at=witnessed[0] if witnessed else None,
        copies_lost=dict(db.execute(lost).fetchall()),
    )


def size(db: sqlite3.Connection) -> int:
    """Return how many entries there are."""
    return int(db.execute("SELECT size FROM tree").fetchone()[0])


def of_clips(db: sqlite3.Connection, first: int, end: int) -> Iterator[Counted]:
    """Return how often what happened to clips, in the entries from `first` up to `end`, which is not one."""
    rows = db.execute(
        "SELECT kind, coalesce(json_extract(leaf, '$.data.destination'), ''), count(*),"  # noqa: S608 - our words
        " coalesce(sum(clip.size), 0) FROM entry LEFT JOIN clip ON clip.id = entry.clip"
        f" WHERE seq >= ? AND seq < ? AND +kind IN ({_marks(_OF_CLIPS)}) GROUP BY 1, 2",
        (first, end, *(fact.kind for fact in _OF_CLIPS)),
    )
    for kind, destination, count, total in rows.fetchall():
        yield Counted(kind=kind, destination=str(destination), count=count, bytes=total)


def of_dockings(db: sqlite3.Connection, first: int, end: int) -> Iterator[DockingStep]:
    """Return the steps of dockings in these entries, in order."""
    rows = db.execute(
        "SELECT kind, docking, coalesce(json_extract(leaf, '$.bt'), 0),"  # noqa: S608 - our words
        " coalesce(json_extract(leaf, '$.data.complete'), 0) FROM entry"
        f" WHERE seq >= ? AND seq < ? AND +kind IN ({_marks(_OF_DOCKINGS)}) ORDER BY seq",
        (first, end, *(fact.kind for fact in _OF_DOCKINGS)),
    )
    for kind, docking, bt, complete in rows.fetchall():
        yield DockingStep(kind=kind, docking=docking, bt=int(bt), complete=bool(complete))


def failed_attempts(db: sqlite3.Connection, first: int, end: int) -> Iterator[tuple[str, str]]:
    """Return the destination and the cause of each kind of failure in sums of attempts, in these entries."""
    rows = db.execute(
        "SELECT json_extract(leaf, '$.data.destination'), cause.value"
        " FROM entry, json_each(leaf, '$.data.causes') AS cause"
        " WHERE seq >= ? AND seq < ? AND +kind = ? ORDER BY seq",
        (first, end, UploadAttempts.kind),
    )
    for destination, cause in rows.fetchall():
        yield str(destination), str(cause)


def _marks(kinds: tuple[type, ...]) -> str:
    return ", ".join("?" * len(kinds))
