"""What do the writer and the readers both ask of the tables?

Functions of a connection; each is one or two short statements.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState, DockingState
from bwvdock.core.clips.plan import OPEN_STATES
from bwvdock.core.clips.retention import due_date
from bwvdock.core.clips.states import Holder
from bwvdock.core.custody.entries import Leaf, Reveal, Stamp, decode, read_leaf
from bwvdock.core.custody.records import (
    Balance,
    ClipOutcome,
    DockingSheet,
    Enrolment,
    Outcome,
    Received,
    ThoroughDocking,
)
from bwvdock.core.facts import CameraListed, ClipFact, ClipVerified, FilesLeft, LeftFile
from bwvdock.edges.journal.folds import KnownCamera, KnownClip, KnownDock, KnownDocking, fold_clip
from bwvdock.edges.journal.personal_values import linked, reveal, reveal_optional

# --- clips ---------------------------------------------------------------------------------------


def known_clip(db: sqlite3.Connection, clip: str) -> KnownClip | None:
    """Return what a clip's entries add up to, or None for an unknown one."""
    rows = db.execute("SELECT leaf FROM entry WHERE clip = ? ORDER BY seq", (clip,))
    return fold_clip(clip_facts((row[0] for row in rows), revealing(db)))


def proofs_recorded(db: sqlite3.Connection, clip: str) -> dict[str, int]:
    """Return the number of the latest entry that records the proof of a clip's copy, by destination."""
    query = "SELECT seq, leaf FROM entry WHERE clip = ? AND kind = ? ORDER BY seq"
    rows = db.execute(query, (clip, ClipVerified.kind))
    return {str(read_leaf(leaf).data["destination"]): seq for seq, leaf in rows}


def clips_of(db: sqlite3.Connection, where: str, values: Collection[str | int]) -> Iterator[Clip]:
    """Return the clips whose row meets a condition (ours, never a user's text), folded, oldest first."""
    query = (
        "SELECT clip.id, entry.leaf FROM clip JOIN entry ON entry.clip = clip.id"  # noqa: S608 - see above
        f" WHERE {where} ORDER BY clip.id, entry.seq"
    )
    show = revealing(db)
    for _, rows in groupby(db.execute(query, tuple(values)), key=lambda row: str(row[0])):
        known = fold_clip(clip_facts((row[1] for row in rows), show))
        if known is not None:
            yield known.clip


_PAGE = 200


def clips_page(db: sqlite3.Connection, where: str, values: Collection[str], *, after: str) -> list[Clip]:
    """Return at most 200 such clips, those after the id `after`."""
    ids = f"SELECT id FROM clip WHERE {where} AND id > ? ORDER BY id LIMIT {_PAGE}"  # noqa: S608 - see above
    return list(clips_of(db, f"clip.id IN ({ids})", (*values, after)))


def clip_facts(leaves: Iterable[str], show: Reveal) -> Iterator[tuple[ClipFact, str]]:
    """Return the facts, with their times, that entries state of a clip's own life."""
    for text in leaves:
        leaf = read_leaf(text)
        fact = decode(leaf, show)
        if isinstance(fact, ClipFact):
            yield fact, leaf.stamp.t


def revealing(db: sqlite3.Connection) -> Reveal:
    """Return a reveal that remembers the last camera: consecutive clips are mostly of one."""
    last: dict[str, str | None] = {}

    def show(committed: str) -> str | None:
        if committed not in last:
            if len(last) >= 64:
                last.clear()
            last[committed] = reveal(db, committed)
        return last[committed]

    return show


def open_clips(db: sqlite3.Connection, targets: Collection[str]) -> list[Clip]:
    """Return the clips that may still need a step, oldest first.

    These are the ones in an open state, verified ones that lack a receipt of one of `targets`, and those that
    owe one of them a custody document, or are offered to one again by an order. The tally names the few
    combinations of states and receipts that exist, and indexes the others, so finished clips cost nothing.
    """
    marks = ", ".join("?" * len(OPEN_STATES))
    found = {clip.id: clip for clip in clips_of(db, f"clip.state IN ({marks})", OPEN_STATES)}
    owing = "SELECT id FROM clip WHERE owing <> '' UNION SELECT id FROM clip WHERE resumed <> ''"
    for clip in clips_of(db, f"clip.id IN ({owing})", ()):
        if any(clip.owes_document(name) or clip.offered_again(name) for name in targets):
            found[clip.id] = clip
    rows = db.execute("SELECT served FROM tally WHERE state = ? AND clips > 0", (ClipState.VERIFIED,))
    for (served,) in rows.fetchall():
        if not set(targets) <= set(served.split("\n")):
            where = "clip.state = ? AND clip.served = ?"
            found |= {clip.id: clip for clip in clips_of(db, where, (ClipState.VERIFIED, served))}
    return [found[clip] for clip in sorted(found)]


def due_clips(db: sqlite3.Connection, now: str, *, most: int, after: tuple[str, str]) -> list[Clip]:
    """Return clips whose time is over before `now`, the oldest date first; at most so many.

    `after` has the date and the id of the last that was given before, or two empty texts.
    """
    ids = "SELECT id FROM clip WHERE due <> '' AND due < ? AND (due, id) > (?, ?) ORDER BY due, id LIMIT ?"
    found = list(clips_of(db, f"clip.id IN ({ids})", (now, *after, most)))
    return sorted(found, key=lambda clip: (due_date(clip), clip.id))


def spooled_clips(db: sqlite3.Connection, *, most: int, after: str) -> list[Clip]:
    """Return verified and released clips, by id; at most so many, those after the id `after`.

    They may have a copy in the spool; retired clips, the many, have none and are not looked at.
    """
    ids = "SELECT id FROM clip INDEXED BY clip_by_state WHERE state IN (?, ?) AND id > ? ORDER BY +id LIMIT ?"
    values = (ClipState.VERIFIED, ClipState.RELEASED, after, most)
    return list(clips_of(db, f"clip.id IN ({ids})", values))


def undated_clips(db: sqlite3.Connection, *, most: int) -> list[tuple[Clip, Stamp | None]]:
    """Return acquired non-evidential clips without a retention date.

    With each comes the stamp of its docking's first entry.
    """
    ids = (
        "SELECT id FROM clip WHERE retain_until = '' AND evidential = 0 AND acquired_at IS NOT NULL"
        " ORDER BY id LIMIT ?"
    )
    first = "SELECT leaf FROM entry WHERE docking = ? ORDER BY seq LIMIT 1"
    found = []
    for clip in list(clips_of(db, f"clip.id IN ({ids})", (most,))):
        row = db.execute(first, (clip.docking,)).fetchone()
        found.append((clip, read_leaf(row[0]).stamp if row else None))
    return found


def doubted_since(db: sqlite3.Connection, docking: str) -> list[Clip]:
    """Return the clips of a docking's camera that went to quarantine, or were recalled, since it began.

    Those that are in quarantine still, or were not copied again. The few such entries have an index.
    """
    ids = (
        "SELECT entry.clip FROM entry CROSS JOIN clip ON clip.id = entry.clip"
        " WHERE entry.kind IN ('clip_quarantined', 'clip_recalled')"
        " AND entry.seq > (SELECT min(seq) FROM entry WHERE docking = ?)"
        " AND clip.camera = (SELECT camera FROM docking WHERE id = ?) AND clip.state IN (?, ?)"
    )
    values = (docking, docking, ClipState.FOUND, ClipState.QUARANTINED)
    return list(clips_of(db, f"clip.id IN ({ids})", values))


_MOST_SAME = 64  # clips with one digest: files that cameras are delivered with


def same_footage(db: sqlite3.Connection, sha256: str) -> list[Received]:
    """Return the acquired clips whose footage has a digest, the first of each camera; of the first 64."""
    # The + keeps SQLite from putting the digest in place of the column, and the index out of use.
    query = (
        "SELECT min(id), camera FROM (SELECT id, camera FROM clip"
        " WHERE sha256 <> '' AND substr(sha256, 1, 16) = substr(:sha256, 1, 16) AND +sha256 = :sha256"
        " ORDER BY id LIMIT :most)"
        " GROUP BY camera ORDER BY 1"
    )
    rows = db.execute(query, {"sha256": sha256, "most": _MOST_SAME}).fetchall()
    return [Received(clip=clip, camera=reveal(db, camera) or "") for clip, camera in rows]


_HOLDERS = (
    "SELECT id, state, 0 AS place FROM clip WHERE identity = :identity UNION ALL"
    " SELECT id, state, iif(state = 'found', 2, 1) FROM sidecar JOIN clip ON clip.id = sidecar.clip"
    " WHERE sidecar.identity = :identity ORDER BY place, id DESC LIMIT 1"
)


def held(db: sqlite3.Connection, identities: Collection[str]) -> dict[str, Holder]:
    """Return by identity, the clips that the journal knows (JournalReader.held says which of several)."""
    rows = {its: db.execute(_HOLDERS, {"identity": bytes.fromhex(its)}).fetchone() for its in identities}
    return {its: Holder(row[0], ClipState(row[1]), footage=row[2] == 0) for its, row in rows.items() if row}


# --- dockings ------------------------------------------------------------------------------------

DOCKING_COLUMNS = (
    "id, camera, bay, transport, model, state, reason, attached_at, detached_at,"
    " seen, copied, already_held, not_ready, unreadable, refused, bytes_copied, bytes_read, complete"
)


def known_docking(db: sqlite3.Connection, docking: str) -> KnownDocking | None:
    """Return a docking's row; its `camera` is a commitment."""
    rows = known_dockings(db, "id = ?", (docking,))
    return next(rows, None)


_THOROUGH = 4


def thorough_dockings(db: sqlite3.Connection, serial: str) -> list[ThoroughDocking]:
    """Return a camera's last dockings that left nothing new on the volumes that they listed.

    At most four, by the wall clock's word: at some of them it may have been wrong.
    """
    # Read backwards along docking_by_time: a camera in service was docked among the last few hundred.
    query = (
        "SELECT id FROM docking"
        " WHERE camera = ? AND complete AND transport <> 'folder' AND not_ready + unreadable + refused = 0"
        " ORDER BY attached_at DESC LIMIT ?"
    )
    return [
        _thorough(db, docking)
        for camera in linked(db, "camera", serial)
        for (docking,) in db.execute(query, (camera, _THOROUGH)).fetchall()
    ]


def _thorough(db: sqlite3.Connection, docking: str) -> ThoroughDocking:
    first = db.execute("SELECT leaf FROM entry WHERE docking = ? ORDER BY seq LIMIT 1", (docking,))
    stamp = read_leaf(first.fetchone()[0]).stamp
    listed = db.execute(
        "SELECT leaf FROM entry WHERE docking = ? AND kind = ?", (docking, CameraListed.kind)
    ).fetchall()
    return ThoroughDocking(
        stamp=stamp, volumes=frozenset(read_leaf(leaf).data["volume"] for (leaf,) in listed)
    )


def known_dockings(
    db: sqlite3.Connection, where: str, values: Collection[str | int]
) -> Iterator[KnownDocking]:
    """Return the rows that meet a condition (ours, never a user's text)."""
    query = f"SELECT {DOCKING_COLUMNS} FROM docking WHERE {where}"  # noqa: S608 - see above
    for row in db.execute(query, tuple(values)):
        yield KnownDocking(
            **dict(zip(("id", "camera", "bay", "transport", "model"), row[:5], strict=True)),
            state=DockingState(row[5]),
            reason=row[6],
            attached_at=row[7],
            detached_at=row[8],
            balance=Balance(**dict(zip(_SUMS, row[9:17], strict=True))),
            complete=bool(row[17]),
        )


_SUMS = (
    "seen",
    "copied",
    "already_held",
    "not_ready",
    "unreadable",
    "refused",
    "bytes_copied",
    "bytes_read",
)


def docking_row(known: KnownDocking) -> tuple[str | int | None, ...]:
    """Return a docking as its row has it, in the order of DOCKING_COLUMNS."""
    sums = known.balance
    return (
        known.id,
        known.camera,
        known.bay,
        known.transport,
        known.model,
        known.state,
        known.reason,
        known.attached_at,
        known.detached_at,
        sums.seen,
        sums.copied,
        sums.already_held,
        sums.not_ready,
        sums.unreadable,
        sums.refused,
        sums.bytes_copied,
        sums.bytes_read,
        int(known.complete),
    )


def outcome(db: sqlite3.Connection, docking: str, clip: str) -> ClipOutcome | None:
    """Return what became of a clip in a docking so far."""
    return next(_outcomes(db, "docking = ? AND clip = ?", (docking, clip)), None)


def _outcomes(db: sqlite3.Connection, where: str, values: tuple[str, ...]) -> Iterator[ClipOutcome]:
    query = f"SELECT clip, outcome, reason, size, read FROM docking_clip WHERE {where} ORDER BY clip"  # noqa: S608
    for clip, what, reason, size, read in db.execute(query, values):
        yield ClipOutcome(clip=clip, outcome=Outcome(what), reason=reason, size=size, read=read)


def sheet(db: sqlite3.Connection, known: KnownDocking, *, with_outcomes: bool = False) -> DockingSheet:
    """Return a docking's balance sheet, its camera revealed."""
    outcomes = _outcomes(db, "docking = ?", (known.id,)) if with_outcomes else ()
    unknown, system = not_taken(db, known.id)
    return known.sheet(
        camera=reveal(db, known.camera) or "",
        unknown=unknown,
        system=system,
        outcomes=outcomes,
        left=files_left(db, known.id) if with_outcomes else (),
    )


def not_taken(db: sqlite3.Connection, docking: str) -> tuple[int, int]:
    """Count the files of no known kind, and those of systems, in a docking's listings.

    They are added up as its balance is. Entries of an earlier version may have neither count. Files of no
    known kind that came after the first listing are only named.
    """
    listed = [leaf.data for leaf in _entries_of(db, docking, CameraListed.kind)]
    named = [file for leaf in _entries_of(db, docking, FilesLeft.kind) for file in leaf.data["files"]]
    unknown = sum(data.get("unknown", 0) for data in listed)
    return (
        max(unknown, sum(file["outcome"] == "unknown" for file in named)),
        sum(data.get("system", 0) for data in listed),
    )


def files_left(db: sqlite3.Connection, docking: str) -> list[LeftFile]:
    """Return the files that a docking's entries name as left on the camera; a path that was erased is ""."""
    return [
        LeftFile(path=reveal(db, file["path"]) or "", outcome=file["outcome"], reason=file["reason"])
        for leaf in _entries_of(db, docking, FilesLeft.kind)
        for file in leaf.data["files"]
    ]


def _entries_of(db: sqlite3.Connection, docking: str, kind: str) -> list[Leaf]:
    query = "SELECT leaf FROM entry WHERE docking = ? AND kind = ? ORDER BY seq"
    return [read_leaf(leaf) for (leaf,) in db.execute(query, (docking, kind)).fetchall()]


def sheets(db: sqlite3.Connection, where: str, values: Collection[str | int] = ()) -> list[DockingSheet]:
    """Return the balance sheets of the dockings that meet a condition, without their outcomes."""
    return [sheet(db, known) for known in list(known_dockings(db, where, values))]


OPEN_DOCKINGS = "detached_at IS NULL ORDER BY id"

# --- cameras and the dock ------------------------------------------------------------------------


def known_camera(db: sqlite3.Connection, committed: str) -> KnownCamera | None:
    """Return a camera's row, by the commitment to its serial."""
    row = db.execute(
        "SELECT model, enrolled_at, revoked, last_docking, named, revoked_for, unit FROM camera"
        " WHERE camera = ?",
        (committed,),
    ).fetchone()
    return KnownCamera(*row) if row else None


def model_of(db: sqlite3.Connection, known: KnownCamera) -> str:
    """Return a camera's model: as an operator named it, or where that was erased, as it says itself."""
    return (reveal(db, known.named) if known.named else "") or known.model


def revocation(db: sqlite3.Connection, known: KnownCamera) -> str | None:
    """Return why a camera was revoked, "" where that was erased; None if it is not."""
    return (reveal(db, known.revoked_for) or "") if known.revoked_for else known.revoked


def known_dock(db: sqlite3.Connection) -> KnownDock:
    """Return the dock's row."""
    started_at, running, paused = db.execute("SELECT started_at, running, paused FROM dock").fetchone()
    return KnownDock(started_at, bool(running), bool(paused))


def enrolment(db: sqlite3.Connection, serial: str) -> Enrolment:
    """Return what operators decided about a serial."""
    for committed in linked(db, "camera", serial):
        known = known_camera(db, committed)
        if known:
            enrolled = known.enrolled_at is not None and known.revoked is None
            return Enrolment(
                serial=serial,
                enrolled=enrolled,
                model=model_of(db, known),
                revoked=revocation(db, known),
                unit=reveal_optional(db, known.unit),
            )
    return Enrolment(serial=serial, enrolled=False)
