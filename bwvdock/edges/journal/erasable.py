"""Which personal values are stored that may have to be erased: those of a clip, or that say something?

Clips and values are looked through part by part: a part takes the same time in every journal.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from bwvdock.core.clips.lifecycle import LEFT_CAMERA, ClipState
from bwvdock.core.custody.entries import commitments, decode, read_leaf
from bwvdock.core.custody.records import Part
from bwvdock.core.facts import ClipFlagged, ClipHeld
from bwvdock.core.facts.visibility.actors import badge_of, by_badge
from bwvdock.edges.journal.personal_values import LINKED, linked

_LINKS = {
    "camera": "clip.camera = commitment",
    "officer": "clip.officer = commitment",
    "case": "clip.case_ref = commitment",
    "event": "clip.id IN (SELECT clip FROM clip_event WHERE event = commitment)",
}
"""What links a clip's row to the commitment to a value, by the field of the value."""

_CLIPS = 1000  # that are looked at in one part, however few of them are to be erased
_VALUES = 2000

_FINISHED = (*(state for state in LEFT_CAMERA if state is not ClipState.RELEASING), ClipState.RETIRED)


def values_of_clip(db: sqlite3.Connection, clip: str) -> Iterator[tuple[str, str]]:
    """Yield (field, commitment) of the values that only a clip's entries have: paths, and what people typed.

    Raises:
        ValueError: an entry cannot be read.
    """
    for name, committed in _committed(db, clip):
        if name not in LINKED and _is_stored(db, committed):
            yield name, committed


def erased_of_clip(db: sqlite3.Connection, clip: str) -> frozenset[str]:
    """Return the commitments in a clip's entries whose values are not stored any more.

    Raises:
        ValueError: an entry cannot be read.
    """
    return frozenset(committed for _, committed in _committed(db, clip) if not _is_stored(db, committed))


def _committed(db: sqlite3.Connection, clip: str) -> Iterator[tuple[str, str]]:
    for (text,) in db.execute("SELECT leaf FROM entry WHERE clip = ? ORDER BY seq", (clip,)).fetchall():
        leaf = read_leaf(text)
        yield from commitments(decode(leaf, str), leaf.version)


def values_saying(db: sqlite3.Connection, field: str, value: str, after: str) -> Part[tuple[str, str]]:
    """Return (field, commitment) of a value that links entries, and of each text that contains it.

    Args:
        db: the journal.
        field: "camera", "officer", "case", "event" or "actor".
        value: the serial, the officer's or the event's id, the case reference, or the operator as the journal
            names one.
        after: where the part before this one ended.
    """
    rows = db.execute(
        "SELECT commitment, field, value FROM private WHERE commitment > ? ORDER BY commitment LIMIT ?",
        (after, _VALUES),
    ).fetchall()
    found = tuple(
        (name, committed)
        for committed, name, stored in rows
        if value in stored and (name not in LINKED or _is(field, name, stored, value))
    )
    return Part(found, rows[-1][0] if len(rows) == _VALUES else "")


def _is(field: str, name: str, stored: str, value: str) -> bool:
    """Return whether a stored value names the same.

    An operator by sudo is "0:root (login 1000:ann)"; an officer acts by a badge as well.
    """
    if name != field:
        return field == "officer" and name == "actor" and badge_of(stored) == value
    return stored == value or (field == "actor" and stored.endswith(f"(login {value})"))


def finished_clips(db: sqlite3.Connection, before: str, most: int, after: str) -> Part[str]:
    """Return the clips acquired before a time that are finished with and whose path is still stored.

    Not those that are evidence, on hold, to be offered to a store again or owed a custody document.

    Args:
        db: the journal.
        before: the time (ISO 8601, UTC).
        most: how many at once.
        after: where the part before this one ended.
    """
    marks = ", ".join("?" * len(_FINISHED))
    rows = db.execute(
        f"SELECT id, state IN ({marks}) AND acquired_at < ? AND evidential = 0 AND held = 0"  # noqa: S608 - marks
        " AND owing = '' AND resumed = '' AND EXISTS (SELECT 1 FROM private WHERE commitment = clip.path)"
        " FROM clip WHERE id > ? ORDER BY id LIMIT ?",
        (*_FINISHED, before, after, _CLIPS),
    )
    found, looked_at, last = list[str](), 0, ""
    for last, is_to_be_erased in rows:
        looked_at += 1
        if is_to_be_erased:
            found.append(last)
        if len(found) == most:
            break
    return Part(tuple(found), last if len(found) == most or looked_at == _CLIPS else "")


def cameras_of(db: sqlite3.Connection, officer: str) -> Iterator[str]:
    """Yield the serials of the cameras that were ever assigned to an officer."""
    for committed in linked(db, "officer", officer):
        rows = db.execute(
            "SELECT DISTINCT value FROM assignment JOIN private ON commitment = camera WHERE officer = ?",
            (committed,),
        )
        yield from (str(row[0]) for row in rows)


def unfinished_clip(db: sqlite3.Connection, field: str, value: str) -> Iterator[str]:
    """Yield one clip for which a value is still needed, if there is one.

    For a camera, an officer, a case or an event: one of its clips that the dock is not finished with. For an
    operator: one that is evidence or on hold, and was marked so by that operator.

    Args:
        db: the journal.
        field: "camera", "officer", "case", "event" or "actor".
        value: as for `values_saying`.
    """
    if field == "actor":
        yield from _marked_by(db, value)
        return
    if field == "officer":
        yield from _marked_by(db, by_badge(value))
    marks = ", ".join("?" * len(_FINISHED))
    rows = db.execute(
        f"SELECT clip.id FROM private JOIN clip ON {_LINKS[field]}"  # noqa: S608 - our own words
        " WHERE private.field = ? AND private.field <> 'path' AND private.value = ?"
        f" AND (state NOT IN ({marks}) OR evidential = 1 OR held = 1 OR owing <> '' OR resumed <> '')"
        " LIMIT 1",
        (field, value, *_FINISHED),
    )
    yield from (str(row[0]) for row in rows)


def _marked_by(db: sqlite3.Connection, operator: str) -> Iterator[str]:
    marked = (
        "SELECT clip.id FROM clip JOIN entry ON entry.clip = clip.id"
        " WHERE (evidential = 1 OR held = 1) AND kind IN (?, ?) AND instr(leaf, ?) LIMIT 1"
    )
    # The second condition is what lets SQLite use the partial index.
    actors = "SELECT commitment, value FROM private WHERE field = 'actor' AND field <> 'path'"
    for committed, stored in db.execute(actors).fetchall():
        if _is("actor", "actor", stored, operator):
            rows = db.execute(marked, (ClipFlagged.kind, ClipHeld.kind, committed))
            yield from (str(row[0]) for row in rows)


def is_finished(state: ClipState) -> bool:
    """Return whether nothing more is done with a clip in this state but disposing of its copies."""
    return state in _FINISHED


def _is_stored(db: sqlite3.Connection, committed: str) -> bool:
    return db.execute("SELECT 1 FROM private WHERE commitment = ?", (committed,)).fetchone() is not None
