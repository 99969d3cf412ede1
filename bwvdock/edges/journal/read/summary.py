"""What does the journal know at a glance? A few rows, whatever its size.

Loads no fact and no entry: `bwvdock status` comes through here alone.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from bwvdock.core.clips.states import ClipState
from bwvdock.core.custody.summary import FailedCopies, JournalSummary, Undescribed
from bwvdock.edges.journal.database import connect_reader, snapshot, translated
from bwvdock.edges.journal.read.camera_digests import digests_differ

WHOLE_DOCKING = (
    "later.seen = later.copied + later.already_held AND (later.complete OR EXISTS"
    " (SELECT 1 FROM entry WHERE docking = later.id AND kind = 'camera_settled'))"
)
"""Whether a docking `later` was listed whole and left nothing unread: what it did not show, was not there."""
FIRST_ENTRY = "(SELECT min(seq) FROM entry WHERE docking = later.id)"


def summarise(path: Path) -> JournalSummary:
    """Open the journal, look at it and close it again.

    Raises:
        JournalError: there is none, or it cannot be read.
    """
    db, _ = connect_reader(path)
    try:
        with translated(path), snapshot(db):
            return read_summary(db)
    finally:
        db.close()


def read_summary(db: sqlite3.Connection) -> JournalSummary:
    """Return the journal at a glance; the caller holds a snapshot."""
    size, root = db.execute("SELECT size, root FROM tree").fetchone()
    started_at, running, paused = db.execute("SELECT started_at, running, paused FROM dock").fetchone()
    sums = db.execute("SELECT state, sum(clips), sum(bytes) FROM tally GROUP BY state").fetchall()
    clips = dict.fromkeys(ClipState, 0) | {ClipState(s): n for s, n, _ in sums}
    queued = [(n, b) for s, n, b in sums if s in {ClipState.ACQUIRED, ClipState.UPLOADED}]
    return JournalSummary(
        entries=size,
        root=root.hex(),
        clips=clips,
        queue_clips=sum(n for n, _ in queued),
        queue_bytes=sum(b for _, b in queued),
        queue_oldest_at=_oldest(db),
        last_receipts=dict(db.execute("SELECT name, last_receipt_at FROM destination")),
        paused=bool(paused),
        running=bool(running),
        started_at=started_at,
        unassigned=_unassigned(db),
        undescribed=_undescribed(db),
        recalled=_recalled(db),
        checkpoint_at=_checkpoint_at(db),
        **_verified(db),
        backup_at=_backup_at(db),
        digests_differ=digests_differ(db),
        failed=_failed(db),
        holds_to_review=_holds_to_review(db),
        requests_due=_requests_due(db),
    )


def _checkpoint_at(db: sqlite3.Connection) -> str | None:
    row = db.execute("SELECT made_at FROM checkpoint ORDER BY size DESC LIMIT 1").fetchone()
    return row[0] if row else None


def _verified(db: sqlite3.Connection) -> dict[str, Any]:
    rows = db.execute(  # in the words of its index
        "SELECT leaf FROM entry WHERE kind IN ('journal_verified', 'unclean_start')"
        " AND kind = 'journal_verified' ORDER BY seq DESC LIMIT 1"
    )
    for (text,) in rows:
        with suppress(ValueError, RecursionError, KeyError, TypeError):  # altered: verification says so
            leaf = json.loads(text)
            told = {"problems": int(leaf["data"]["problems"]), "unread": int(leaf["data"]["errors"])}
            return {"verified_at": str(leaf["t"]), **told}
    return {}


def _backup_at(db: sqlite3.Connection) -> str | None:
    rows = db.execute("SELECT leaf FROM entry WHERE kind = 'backup_made' ORDER BY seq DESC LIMIT 1")
    for (text,) in rows:
        with suppress(ValueError, RecursionError, KeyError, TypeError):  # altered: verification says so
            return str(json.loads(text)["t"])
    return None


def _holds_to_review(db: sqlite3.Connection) -> tuple[tuple[str, str], ...]:
    query = "SELECT id, review FROM standing_hold WHERE ended_at = '' AND review <> '' ORDER BY review, id"
    return tuple((str(hold), str(review)) for hold, review in db.execute(query))


def _requests_due(db: sqlite3.Connection) -> tuple[tuple[str, str, str], ...]:
    query = "SELECT id, about, due FROM request WHERE closed_at = '' AND due <> '' ORDER BY due, id"
    return tuple((str(request), str(about), str(due)) for request, about, due in db.execute(query))


def _unassigned(db: sqlite3.Connection) -> int:
    row = db.execute("SELECT clips FROM attribution WHERE officer = ''").fetchone()
    return int(row[0]) if row else 0


def _undescribed(db: sqlite3.Connection) -> dict[str, Undescribed]:
    rows = db.execute(
        "SELECT destination, clips, first, document_refused FROM receipt JOIN"
        " (SELECT destination AS store, min(clip) AS first, count(*) AS clips FROM receipt"
        " WHERE document_refused <> '' GROUP BY destination) ON clip = first AND destination = store"
    )
    return {name: Undescribed(clips=n, clip=clip, reason=why) for name, n, clip, why in rows}


def _failed(db: sqlite3.Connection) -> dict[str, FailedCopies]:
    rows = db.execute(
        "SELECT destination, sum(ended_at = ''), sum(ended_at = '' AND finding = 'missing'),"
        " sum(outcome = 'proven anew'), coalesce(min(iif(ended_at = '', clip, NULL)), min(clip)),"
        " max(found_at)"
        " FROM failed_copy GROUP BY destination"
    )
    return {
        name: FailedCopies(open=still, missing=missing, proven_anew=anew, clip=clip, last_at=last)
        for name, still, missing, anew, clip, last in rows
    }


def _recalled(db: sqlite3.Connection) -> dict[str, int]:
    # The few entries have an index; clips that are found for the first time may be very many. What the camera
    # shows no more is not on it: reports.lost_clips has that. A store may have proven its copy before.
    rows = db.execute(
        "SELECT coalesce(private.value, ''), count(DISTINCT clip.id)"  # noqa: S608 - our words
        " FROM entry CROSS JOIN clip ON clip.id = entry.clip CROSS JOIN docking AS d ON d.id = clip.docking"
        " LEFT JOIN private ON private.commitment = clip.camera"
        " WHERE entry.kind IN ('clip_quarantined', 'clip_recalled') AND entry.kind = 'clip_recalled'"
        " AND clip.state = ? AND clip.served = '' AND NOT EXISTS (SELECT 1 FROM docking AS later"
        " WHERE later.camera = clip.camera AND later.attached_at > d.attached_at"
        f" AND {WHOLE_DOCKING} AND {FIRST_ENTRY} > entry.seq) GROUP BY 1",
        (ClipState.FOUND,),
    )
    return dict(rows.fetchall())


def _oldest(db: sqlite3.Connection) -> str | None:
    rows = db.execute(
        "SELECT (SELECT min(acquired_at) FROM clip WHERE state = t.state AND served = t.served)"
        " FROM tally AS t WHERE state IN (?, ?)",
        (ClipState.ACQUIRED, ClipState.UPLOADED),
    )
    return min((row[0] for row in rows if row[0] is not None), default=None)
