"""Which personal values are stored that may have to be erased: those of a clip, or that say something?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from bwvdock.core.clips.lifecycle import LEFT_CAMERA, ClipState
from bwvdock.core.custody.entries import commitments, decode, read_leaf
from bwvdock.edges.journal.private import LINKED

_FINISHED = (*(state for state in LEFT_CAMERA if state is not ClipState.RELEASING), ClipState.RETIRED)


def values_of_clip(db: sqlite3.Connection, clip: str) -> Iterator[tuple[str, str]]:
    """Yield (field, commitment) of the values that only a clip's entries have: paths, and what people typed.

    Raises:
        ValueError: an entry cannot be read.
    """
    for (text,) in db.execute("SELECT leaf FROM entry WHERE clip = ? ORDER BY seq", (clip,)).fetchall():
        leaf = read_leaf(text)
        for name, committed in commitments(decode(leaf, str), leaf.version):
            if name not in LINKED and _is_stored(db, committed):
                yield name, committed


def values_saying(db: sqlite3.Connection, field: str, value: str) -> Iterator[tuple[str, str]]:
    """Yield (field, commitment) of a camera's serial or an officer's id, and of each text that contains it.

    Args:
        db: the journal.
        field: "camera" or "officer".
        value: the serial, or the id.
    """
    rows = db.execute(
        "SELECT field, commitment, value FROM private WHERE instr(value, ?) ORDER BY field, commitment",
        (value,),
    )
    for name, committed, stored in rows:
        if name not in LINKED or (name == field and stored == value):
            yield name, committed


def finished_clips(db: sqlite3.Connection, before: str, most: int) -> Iterator[str]:
    """Yield the clips acquired before a time that are finished with and whose path is still stored.

    Not those that are evidence, on hold, to be offered to a store again or owed a custody document.
    """
    marks = ", ".join("?" * len(_FINISHED))
    rows = db.execute(
        "SELECT id FROM clip JOIN private ON private.commitment = clip.path"  # noqa: S608 - question marks
        f" WHERE state IN ({marks}) AND acquired_at < ? AND evidential = 0 AND held = 0 AND owing = ''"
        " AND resumed = '' ORDER BY id LIMIT ?",
        (*_FINISHED, before, most),
    )
    yield from (str(row[0]) for row in rows)


def unfinished_clip(db: sqlite3.Connection, column: str, value: str) -> Iterator[str]:
    """Yield one clip of a camera or an officer that the dock is not finished with, if there is one.

    Args:
        db: the journal.
        column: "camera" or "officer".
        value: the serial, or the id.
    """
    marks = ", ".join("?" * len(_FINISHED))
    rows = db.execute(
        "SELECT clip.id FROM clip JOIN private ON private.commitment ="  # noqa: S608 - our own words
        f" clip.{column} WHERE private.field = ? AND private.field <> 'path' AND private.value = ?"
        f" AND (state NOT IN ({marks}) OR evidential = 1 OR held = 1 OR owing <> '' OR resumed <> '')"
        " LIMIT 1",
        (column, value, *_FINISHED),
    )
    yield from (str(row[0]) for row in rows)


def is_finished(state: ClipState) -> bool:
    """Return whether nothing more is done with a clip in this state but disposing of its copies."""
    return state in _FINISHED


def _is_stored(db: sqlite3.Connection, committed: str) -> bool:
    return db.execute("SELECT 1 FROM private WHERE commitment = ?", (committed,)).fetchone() is not None
