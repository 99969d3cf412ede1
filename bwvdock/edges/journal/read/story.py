"""Which entries are the story of a clip (core/custody/story.py)? Read with indexes, from one moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.retention import disposed_everywhere
from bwvdock.core.clips.roster import NEVER, Assignment, Roster
from bwvdock.core.custody.entries import read_leaf, reveal_data
from bwvdock.core.custody.records import Entry
from bwvdock.core.custody.story import (
    ALWAYS,
    EVENTS,
    IF_NOTABLE,
    NAMING,
    OF_ITS_CAMERA,
    OF_ITS_HOLDS,
    OF_ITS_VALUES,
    Story,
    notable,
    under_way,
)
from bwvdock.core.facts import (
    CameraAssigned,
    CameraAttached,
    CameraAuthorised,
    CameraBatteryRead,
    CameraClockRead,
    CameraDetached,
    CameraIdentified,
    CameraOfficerDiffers,
    CameraRefused,
    CameraSettled,
    ClipDisposed,
    ClipHoldMatched,
    ClockSetEnded,
    ClockSetIntended,
    DockPaused,
    DockResumed,
    DockStarted,
    StoreBack,
    StoreLost,
    UnlockEnded,
    UnlockIntended,
)
from bwvdock.edges.journal import erasable, lookups
from bwvdock.edges.journal.checkout.questions import IS_CHECKOUT, OF_CAMERA
from bwvdock.edges.journal.personal_values import linked, reveal

_OF_DOCKING = (
    CameraAttached.kind,
    CameraAuthorised.kind,
    CameraRefused.kind,
    UnlockIntended.kind,
    UnlockEnded.kind,
    CameraIdentified.kind,
    CameraClockRead.kind,
    CameraBatteryRead.kind,
    ClockSetIntended.kind,
    CameraOfficerDiffers.kind,
    ClockSetEnded.kind,
    CameraSettled.kind,
    CameraDetached.kind,
)
_EVENT_KINDS = ", ".join(f"'{kind}'" for kind in EVENTS)
IS_EVENT = f"kind IN ({_EVENT_KINDS})"
"""The condition of the index entry_of_event, in whose words SQLite has to be asked."""

_NO_END = 2**62
_CHECKOUTS = 8  # entries about a camera's being taken, before a docking: its own are the last of them


def entry_of(db: sqlite3.Connection, text: str, digest: bytes) -> Entry:
    """Return an entry for display: its values revealed where they were not emptied.

    Raises:
        ValueError: the text is not an entry.
    """
    leaf = read_leaf(text)
    data = reveal_data(leaf, lambda committed: reveal(db, committed))
    return Entry(seq=leaf.seq, time=leaf.stamp.t, kind=leaf.kind, data=data, leaf_hash=digest.hex())


def own_entries(db: sqlite3.Connection, clip: str) -> tuple[Entry, ...]:
    """Return every entry that names a clip, oldest first."""
    return tuple(_read(db, "clip = ? ORDER BY seq", [clip]))


def read_story(db: sqlite3.Connection, clip_id: str) -> Story | None:
    """Return the story of a clip, None for an unknown one; the caller holds a snapshot."""
    known = lookups.known_clip(db, clip_id)
    if known is None:
        return None
    own = own_entries(db, clip_id)
    first, last = own[0].seq, _end(known.clip, own)
    within = _events(db, first, last, known.clip)
    named = (*_naming(db, clip_id), *_erased(db, clip_id), *_holds(db, own))
    events = {entry.seq: entry for entry in (*_unfinished(db, first), *within, *named)}
    before = {
        entry.seq: entry
        for entry in (
            *_start(db, first),
            *_dockings(db, own),
            *_assigned(db, known.clip, first, last),
            *_checked_out(db, known.clip, first),
        )
    }
    return Story(
        own=own,
        events=tuple(events[seq] for seq in sorted(events)),
        before=tuple(before[seq] for seq in sorted(before) if seq not in events),
        by_earlier_version=_version(db, first) == 1,
    )


def _version(db: sqlite3.Connection, seq: int) -> int:
    (text,) = db.execute("SELECT leaf FROM entry WHERE seq = ?", (seq,)).fetchone()
    return read_leaf(text).version


def _read(db: sqlite3.Connection, where: str, values: Sequence[object]) -> Iterator[Entry]:
    query = f"SELECT leaf, leaf_hash FROM entry WHERE {where}"  # noqa: S608 - our own words
    for text, digest in db.execute(query, values).fetchall():
        yield entry_of(db, text, digest)


def _of(kinds: Iterable[str]) -> str:
    """Return the condition that an entry is of one of these kinds, for which there is an index."""
    return f"{IS_EVENT} AND kind IN ({', '.join(repr(kind) for kind in kinds)})"


def _end(clip: Clip, own: Sequence[Entry]) -> int:
    """Return the number of the entry with which the last copy in this dock was gone."""
    if not disposed_everywhere(clip):
        return _NO_END
    return max(entry.seq for entry in own if entry.kind == ClipDisposed.kind)


def _events(db: sqlite3.Connection, first: int, last: int, clip: Clip) -> Iterator[Entry]:
    kinds = (*ALWAYS, *IF_NOTABLE, *OF_ITS_CAMERA)
    for entry in _read(db, f"{_of(kinds)} AND seq BETWEEN ? AND ?", [first, last]):
        if entry.kind in IF_NOTABLE and not notable(entry.kind, entry.data):
            continue
        if entry.kind not in OF_ITS_CAMERA or entry.data["camera"] == clip.camera:
            yield entry


def _unfinished(db: sqlite3.Connection, first: int) -> list[Entry]:
    """Return the pause and the outages during which the clip was found."""
    started = max((entry.seq for entry in _start(db, first)), default=0)
    pauses = _last(db, (DockPaused.kind, DockResumed.kind), first)
    outages = _read(db, f"{_of((StoreLost.kind, StoreBack.kind))} AND seq > ? AND seq < ?", [started, first])
    return under_way([*pauses, *outages])


def _start(db: sqlite3.Connection, first: int) -> list[Entry]:
    return _last(db, (DockStarted.kind,), first)


def _last(db: sqlite3.Connection, kinds: Iterable[str], before: int) -> list[Entry]:
    """Return the latest entry of any of these kinds before a number."""
    each = [
        entry
        for kind in kinds
        for entry in _read(db, f"{_of([kind])} AND seq < ? ORDER BY seq DESC LIMIT 1", [before])
    ]
    return [max(each, key=lambda entry: entry.seq)] if each else []


def _naming(db: sqlite3.Connection, clip: str) -> Iterator[Entry]:
    # Entries of earlier versions name a clip as the subject alone, which is a personal value.
    subject = "SELECT commitment FROM private WHERE field = 'subject' AND field <> 'path' AND value = ?"
    where = f"(instr(leaf, ?) > 0 OR json_extract(leaf, '$.data.subject') IN ({subject}))"
    for entry in _read(db, f"{_of(NAMING)} AND {where}", [clip, clip]):
        named = (entry.data.get("clip"), entry.data.get("subject"), *(entry.data.get("clips") or ()))
        if clip in named:
            yield entry


def _holds(db: sqlite3.Connection, own: Sequence[Entry]) -> Iterator[Entry]:
    """Return the entries about the standing holds that a clip was on."""
    holds = {entry.data["hold"] for entry in own if entry.kind == ClipHoldMatched.kind}
    if holds:
        in_the_words_of_its_index = ", ".join(repr(kind) for kind in OF_ITS_HOLDS)
        for entry in _read(db, f"kind IN ({in_the_words_of_its_index}) ORDER BY seq", ()):
            if entry.data.get("hold") in holds:
                yield entry


def _erased(db: sqlite3.Connection, clip: str) -> Iterator[Entry]:
    """Return the entries about values of a clip that were erased, each with these commitments alone."""
    gone = erasable.erased_of_clip(db, clip)
    if not gone:
        return
    query = f"SELECT leaf, leaf_hash FROM entry WHERE {_of(OF_ITS_VALUES)} ORDER BY seq"  # noqa: S608
    for text, digest in db.execute(query):
        if any(committed in text for committed in gone):
            entry = entry_of(db, text, digest)
            ours = [committed for committed in entry.data["commitments"] if committed in gone]
            if ours:  # otherwise one of them was who ordered it, or why
                yield replace(entry, data={**entry.data, "commitments": ours})


def _dockings(db: sqlite3.Connection, own: Sequence[Entry]) -> Iterator[Entry]:
    kinds = ", ".join("?" * len(_OF_DOCKING))
    for docking in dict.fromkeys(entry.data.get("docking") for entry in own):
        if docking is not None:
            yield from _read(db, f"docking = ? AND kind IN ({kinds}) ORDER BY seq", [docking, *_OF_DOCKING])


def _checked_out(db: sqlite3.Connection, clip: Clip, first: int) -> Iterator[Entry]:
    """Return how the camera had left the dock, and come back, when it recorded the clip."""
    recorded = clip.recorded_at
    where = f"{IS_CHECKOUT} AND {OF_CAMERA} = ? AND seq < ? ORDER BY seq DESC LIMIT {_CHECKOUTS}"
    for camera in linked(db, "camera", clip.camera):
        entries = [entry for entry in _read(db, where, [camera, first]) if entry.data["taken_at"] <= recorded]
        taken = max((entry.data["taken_at"] for entry in entries), default="")
        about = [entry for entry in entries if entry.data["taken_at"] == taken]
        if not any(entry.data.get("returned_at", NEVER) <= recorded for entry in about):
            yield from about


def _assigned(db: sqlite3.Connection, clip: Clip, first: int, last: int) -> Iterator[Entry]:
    """Return the assignment that the clip's officer follows from, and those that changed it meanwhile."""
    recorded = clip.recorded_at
    earlier = db.execute(
        f"SELECT count(*) FROM entry WHERE {_of([CameraAssigned.kind])} AND seq < ?",  # noqa: S608
        (first,),
    ).fetchone()[0]
    roster, told = Roster(), list[tuple[int, Assignment]]()
    for camera in linked(db, "camera", clip.camera):
        rows = db.execute(
            "SELECT number, officer, valid_from, valid_to FROM assignment WHERE camera = ? ORDER BY number",
            (camera,),
        )
        for number, officer, begins, ends in rows.fetchall():
            told.append((number, Assignment(officer=officer, begins=begins, ends=ends)))
            roster.add(told[-1][1])
    deciding = [span.told for span in roster.spans if span.start <= recorded < span.end]
    for number, assignment in told:
        meanwhile = number > earlier and assignment.begins <= recorded < (assignment.ends or NEVER)
        if meanwhile or any(assignment is one for one in deciding):
            which = f"{_of([CameraAssigned.kind])} ORDER BY seq LIMIT 1 OFFSET ?"
            yield from (entry for entry in _read(db, which, [number - 1]) if entry.seq <= last)
