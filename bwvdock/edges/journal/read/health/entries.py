"""What do the entries of one docking say of the camera's health?

A docking may have as many entries as its camera has clips. So only the first and the last of them are read,
always as many at the most: the beginning has the camera's clock, the end how fast it was read and whether it
left too early. A canonical entry begins with the clock since boot, so that of a long one only that is read.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bwvdock.core.custody.entries import read_leaf
from bwvdock.core.facts import (
    CameraAuthorised,
    CameraClockRead,
    CameraDetached,
    CameraListed,
    CameraSettled,
    ClipAcquired,
    ClipFound,
    ClipSkipped,
    CopyIntended,
    UnlockIntended,
)
from bwvdock.core.health.rate import Step, read_rate

_FIRST, _LAST = 12, 160  # entries
_BEGINNING = 160  # characters
_CLOCK = re.compile(r'\{"boot":"([^"\\]*)","bt":(\d{1,18}),')
_FIRST_ENTRIES = (
    "SELECT kind, CASE WHEN kind = ? THEN leaf ELSE substr(leaf, 1, ?) END FROM entry"
    " WHERE docking = ? ORDER BY seq LIMIT ?"
)
_LAST_ENTRIES = (
    "SELECT kind, e.clip, beginning, coalesce(docking_clip.read, 0)"
    " FROM (SELECT seq, kind, clip, substr(leaf, 1, :beginning) AS beginning FROM entry"
    " WHERE docking = :docking ORDER BY seq DESC LIMIT :most) AS e"
    " LEFT JOIN docking_clip ON docking_clip.docking = :docking AND docking_clip.clip = e.clip"
    " ORDER BY e.seq"
)
_OF_READING = frozenset({CopyIntended.kind, ClipAcquired.kind, ClipSkipped.kind})
_NOT_SETTLED = frozenset({ClipFound.kind, CopyIntended.kind})

Moment = tuple[str, int]
"""A boot's id and the milliseconds since that boot."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DockingEntries:
    """What a docking's entries say.

    `read`: the camera was admitted, and this is not the docking in which it was only unlocked. `settled`: it
    was safe to remove in the end. `began` and `ended` are when it was docked and when it left; None where
    that cannot be read. `rate` and `clock_ms` are those of `DockingSeen`.
    """

    read: bool
    settled: bool
    began: Moment | None
    ended: Moment | None
    rate: int | None
    clock_ms: int | None


def docking_entries(db: sqlite3.Connection, docking: str) -> DockingEntries:
    """Return what a docking's entries say; reads as many of them however many there are."""
    first = db.execute(_FIRST_ENTRIES, (CameraClockRead.kind, _BEGINNING, docking, _FIRST)).fetchall()
    values = {"docking": docking, "beginning": _BEGINNING, "most": _LAST}
    last = db.execute(_LAST_ENTRIES, values).fetchall()
    kinds = {str(kind) for kind, _ in first}
    unlocked_only = UnlockIntended.kind in kinds and CameraListed.kind not in kinds
    clocks = [str(leaf) for kind, leaf in first if kind == CameraClockRead.kind]
    return DockingEntries(
        read=CameraAuthorised.kind in kinds and not unlocked_only,
        settled=_settled([str(row[0]) for row in last]),
        began=_moment(str(first[0][1])) if first else None,
        ended=_moment(str(last[-1][2])) if last and last[-1][0] == CameraDetached.kind else None,
        rate=read_rate(_steps(last)),
        clock_ms=_clock_ms(clocks[0]) if clocks else None,
    )


def _settled(kinds: Sequence[str]) -> bool:
    said = [kind for kind in kinds if kind == CameraSettled.kind or kind in _NOT_SETTLED]
    return bool(said) and said[-1] == CameraSettled.kind


def _steps(rows: Sequence[tuple[str, str | None, str, int]]) -> list[Step]:
    steps = []
    for kind, clip, beginning, read in rows:
        at = _moment(beginning) if kind in _OF_READING else None
        if at is not None and clip is not None:
            size = read if kind == ClipAcquired.kind else 0
            steps.append(Step(clip=clip, boot=at[0], ms=at[1], began=kind == CopyIntended.kind, read=size))
    return steps


def _moment(beginning: str) -> Moment | None:
    found = _CLOCK.match(beginning)
    return (found[1], int(found[2])) if found else None


def _clock_ms(text: str) -> int | None:
    with suppress(ValueError, RecursionError, KeyError, TypeError):  # altered: verification says so
        data = read_leaf(text).data
        if data["understood"] and data["dock_synchronised"]:
            return int(data["offset_ms"])
    return None
