"""What do the reports for auditors contain: absences, retention, erasures and disposals?

Functions of a connection, each for one snapshot; `bwvdock report` prints their results.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bwvdock.core.clips.classes.given import names
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.dates.dating import is_certain
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.retention import disposed_everywhere
from bwvdock.core.clips.sequence import gaps
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.custody.entries import read_leaf, reveal_data
from bwvdock.core.moments import iso, iso_of_ns
from bwvdock.core.paced import GiveWay, go_on, paced
from bwvdock.edges.journal.lookups import clips_of
from bwvdock.edges.journal.personal_values import reveal, reveal_optional
from bwvdock.edges.journal.read.summary import FIRST_ENTRY, WHOLE_DOCKING

_REMOVALS = (  # in the words of their index
    "('release_intended', 'clip_released', 'clip_retired', 'disposal_intended', 'copy_withdrawn',"
    " 'restore_intended', 'clip_restored', 'clip_disposed')"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """From when to when, both inclusive; None is open."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def texts(self) -> tuple[str, str]:
        """Return both ends as the journal writes times."""
        return iso(self.since) if self.since else "", iso(self.until) if self.until else "~"


class Missing(StrEnum):
    """What can be missing."""

    CAMERA = "camera"  # one that is enrolled was not docked
    CLIP = "clip"  # one that a camera showed was never copied, and the camera shows it no more
    NUMBERS = "numbers"  # a camera's own numbering has a gap


@dataclass(frozen=True, kw_only=True, slots=True)
class Absence:
    """Something that should have been here."""

    what: Missing
    camera: str
    since: str
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """One clip under retention.

    `fate` is "evidence", "held", "undated", "kept", "due", "withdrawn" (moved aside in a vault, and gone
    elsewhere) or "disposed".

    `recorded_uncertain` says that nobody knows how accurate `recorded_at` is, as of a clip that is listed.
    `classes` has the one first that decides how long it is kept, `noticed` is when notice was given.
    """

    clip: str
    camera: str
    recorded_at: str
    recorded_uncertain: bool
    retain_until: str
    fate: str
    disposed: str
    classes: str = ""
    reviewed: bool = False
    noticed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Removal:
    """One entry about something that was removed, or was about to be; `recorded_at` is its clip's."""

    entry: int
    at: str
    kind: str
    clip: str
    place: str
    reason: str
    camera: str = ""
    recorded_at: str = ""


# --- absence -------------------------------------------------------------------------------------


def absences(
    db: sqlite3.Connection, span: Period, *, before: datetime, give_way: GiveWay = go_on
) -> Iterator[Absence]:
    """Return what is missing: cameras not docked since `before`, and what dockings of the span missed.

    `give_way` is called now and then: the dockings of a week may have found very many clips.
    """
    yield from absent_cameras(db, before=before)
    yield from paced(lost_clips(db, span), give_way)
    yield from numbering_gaps(db, span, give_way=give_way)


def absent_cameras(db: sqlite3.Connection, *, before: datetime) -> Iterator[Absence]:
    """Return the cameras that are enrolled and were not docked since `before`, the longest absent first."""
    rows = db.execute(
        "SELECT camera.camera, coalesce(attached_at, enrolled_at) AS last_seen, attached_at IS NULL"
        " FROM camera LEFT JOIN docking ON docking.id = last_docking"
        " WHERE enrolled_at IS NOT NULL AND revoked IS NULL AND last_seen < ?",
        (iso(before),),
    )
    absent = [(seen, reveal(db, camera) or "", never) for camera, seen, never in rows.fetchall()]
    for seen, camera, never in sorted(absent):  # a tie in time goes by serial, whatever the commitments are
        detail = "enrolled and never docked here" if never else "not docked here since"
        yield Absence(what=Missing.CAMERA, camera=camera, since=seen, detail=detail)


def lost_clips(db: sqlite3.Connection, span: Period) -> Iterator[Absence]:
    """Return clips that a camera showed once, that were never copied, and that it shows no more.

    `span` bounds when that was seen: the camera's next docking that was listed whole and left nothing unread.
    What could not be read then may be that very clip. One that was recalled was not looked for before that.
    """
    rows = db.execute(
        "SELECT clip.id, clip.camera, clip.path, d.attached_at, EXISTS"  # noqa: S608 - our words
        " (SELECT 1 FROM entry WHERE entry.clip = clip.id AND kind = 'clip_acquired')"
        " FROM clip JOIN docking AS d ON d.id = clip.docking"
        " WHERE clip.state = ? AND (SELECT min(later.attached_at) FROM docking AS later"
        " WHERE later.camera = clip.camera AND later.attached_at > d.attached_at"
        f" AND {WHOLE_DOCKING} AND {FIRST_ENTRY} > coalesce((SELECT max(seq) FROM entry"
        " WHERE entry.clip = clip.id AND kind = 'clip_recalled'), -1))"
        " BETWEEN ? AND ? ORDER BY d.attached_at",
        (ClipState.FOUND, *span.texts),
    )
    for clip, camera, path, seen, recalled in rows.fetchall():
        became = "was recalled and not copied again" if recalled else "was seen and never copied"
        detail = f"clip {clip} ({reveal(db, path) or 'name erased'}) {became}"
        yield Absence(what=Missing.CLIP, camera=reveal(db, camera) or "", since=seen, detail=detail)


def numbering_gaps(db: sqlite3.Connection, span: Period, *, give_way: GiveWay = go_on) -> Iterator[Absence]:
    """Return the gaps in the numbering of each camera's footage; `span` bounds when it was docked."""
    cameras = db.execute(
        "SELECT DISTINCT camera FROM docking WHERE attached_at >= ? AND attached_at <= ?", span.texts
    )
    for (camera,) in paced(cameras.fetchall(), give_way):
        rows = db.execute(
            "SELECT coalesce(private.value, ''), clip.recorded_ns, docking.id"
            " FROM clip JOIN docking ON docking.id = clip.docking"
            " LEFT JOIN private ON private.commitment = clip.path"
            " WHERE clip.camera = ? AND attached_at >= ? AND attached_at <= ? ORDER BY recorded_ns, clip.id",
            (camera, *span.texts),
        ).fetchall()
        names = [path.rpartition("/")[2] for path, _, _ in rows]
        times = {name: recorded for name, (_, recorded, _) in zip(names, rows, strict=True)}
        times_of, dockings = [row[1] for row in rows], [row[2] for row in rows]
        found = gaps(names, times=times_of, dockings=dockings, give_way=give_way)
        for gap in found:
            yield Absence(
                what=Missing.NUMBERS,
                camera=reveal(db, camera) or "",
                since=iso_of_ns(times[gap.after]),
                detail=f"{gap.missing} between {gap.after} and {gap.before} never seen",
            )


# --- retention and erasures ----------------------------------------------------------------------

REMOVED = f"kind IN {_REMOVALS}"
"""The condition of the index entry_of_removal, in whose words SQLite has to be asked."""


def retention(db: sqlite3.Connection, span: Period, *, now: str) -> Iterator[Kept]:
    """Return every clip acquired within the span, and what retention means for it, oldest first."""
    since, until = span.texts
    for clip in clips_of(db, "clip.acquired_at >= ? AND clip.acquired_at <= ?", (since, until)):
        yield Kept(
            clip=clip.id,
            camera=clip.camera,
            recorded_at=clip.recorded_at,
            recorded_uncertain=not (clip.dated and is_certain(clip.dated.uncertainty_ms, clip.dated.rule)),
            retain_until=clip.retain_until,
            fate=_fate(clip, now),
            disposed=", ".join(sorted(clip.disposed)),
            classes=", ".join(names(clip.classes)),
            reviewed=clip.reviewed,
            noticed=clip.noticed.at if clip.noticed and clip.noticed.due == clip.retain_until else "",
        )


def kept_clips(db: sqlite3.Connection, *, until: datetime) -> Iterator[Clip]:
    """Return every acquired clip to be kept until before a moment, or without a date; oldest first.

    What was disposed of everywhere is left out. Evidence that would otherwise be due is included.
    """
    where = "clip.acquired_at IS NOT NULL AND (clip.due <> '' OR clip.state <> ?)"
    for clip in clips_of(db, where, (ClipState.RETIRED,)):
        date = clip.retention_date
        if not date or datetime.fromisoformat(date) < until:
            yield clip


def _fate(clip: Clip, now: str) -> str:
    if clip.held:
        return "held"
    if clip.evidential:
        return "evidence"
    if disposed_everywhere(clip):
        return "disposed"
    if SPOOL in clip.disposed and clip.withdrawn:
        return "withdrawn"
    if not clip.retain_until:
        return "undated"
    return "due" if clip.retain_until < now else "kept"


def removals(db: sqlite3.Connection, span: Period) -> Iterator[Removal]:
    """Return every entry about erasing and disposing within the span, in order."""
    since, until = span.texts
    query = f"SELECT seq, leaf FROM entry WHERE kind IN {_REMOVALS} ORDER BY seq"  # noqa: S608 - our words
    for seq, text in db.execute(query):
        leaf = read_leaf(text)
        if since <= leaf.stamp.t <= until:
            data = reveal_data(leaf, lambda committed: reveal(db, committed))
            camera, recorded_ns = db.execute(
                "SELECT camera, recorded_ns FROM clip WHERE id = ?", (data["clip"],)
            ).fetchone() or ("", None)
            yield Removal(
                entry=seq,
                at=leaf.stamp.t,
                kind=leaf.kind,
                clip=data["clip"],
                place=data.get("place", "spool" if leaf.kind == "clip_retired" else "camera"),
                reason=data.get("reason", "left on the camera" if data.get("kept") else ""),
                camera=reveal_optional(db, camera),
                recorded_at="" if recorded_ns is None else iso_of_ns(recorded_ns),
            )
