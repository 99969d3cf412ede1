"""What do the entries of one docking say of the camera's health?

A docking may have as many entries as its camera has clips. So only the first and the last of them are read,
always as many at the most: the beginning has the camera's clock and battery, the end how fast it was read,
whether it left too early and whether the dock set its clock. A canonical entry begins with the clock since
boot, so that of a long one only that is read.
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
    CameraBatteryRead,
    CameraClockRead,
    CameraDetached,
    CameraListed,
    CameraSettled,
    ClipAcquired,
    ClipFound,
    ClipSkipped,
    ClockSetEnded,
    ClockSetIntended,
    CopyIntended,
    UnlockIntended,
)
from bwvdock.core.health.rate import Step, read_rate

_FIRST, _LAST = 12, 160  # entries
_BEGINNING = 160  # characters
_CLOCK = re.compile(r'\{"boot":"([^"\\]*)","bt":(\d{1,18}),')
_FIRST_ENTRIES = (
    "SELECT kind, CASE WHEN kind IN (:clock, :battery) THEN leaf ELSE substr(leaf, 1, :beginning) END"
    " FROM entry WHERE docking = :docking ORDER BY seq LIMIT :most"
)
_LAST_ENTRIES = (
    "SELECT kind, e.clip, beginning, coalesce(docking_clip.read, 0)"
    " FROM (SELECT seq, kind, clip,"
    " CASE WHEN kind IN (:intended, :ended) THEN leaf ELSE substr(leaf, 1, :beginning) END AS beginning"
    " FROM entry"
    " WHERE docking = :docking ORDER BY seq DESC LIMIT :most) AS e"
    " LEFT JOIN docking_clip ON docking_clip.docking = :docking AND docking_clip.clip = e.clip"
    " ORDER BY e.seq"
)
_SOON_MS = 600_000  # after docking: what is said of a battery then is what was left of a shift
_ALTERED = (ValueError, RecursionError, KeyError, TypeError)  # verification says so
_KINDS = {
    "clock": CameraClockRead.kind,
    "battery": CameraBatteryRead.kind,
    "intended": ClockSetIntended.kind,
    "ended": ClockSetEnded.kind,
}
_OF_SETTING = frozenset({ClockSetIntended.kind, ClockSetEnded.kind})
_OF_READING = frozenset({CopyIntended.kind, ClipAcquired.kind, ClipSkipped.kind})
_NOT_SETTLED = frozenset({ClipFound.kind, CopyIntended.kind})

Moment = tuple[str, int]
"""A boot's id and the milliseconds since that boot."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DockingEntries:
    """What a docking's entries say.

    `read`: the camera was admitted, and this is not the docking in which it was only unlocked. `settled`: it
    was safe to remove in the end. `began` and `ended` are when it was docked and when it left; None where
    that cannot be read. `rate` and what is said of the clock are those of `DockingSeen`; `battery` is what
    the camera said of it soon after it was docked.
    """

    read: bool
    settled: bool
    began: Moment | None
    ended: Moment | None
    rate: int | None
    clock_ms: int | None
    clock_set: bool
    clock_left_ms: int | None
    battery: int | None


def docking_entries(db: sqlite3.Connection, docking: str) -> DockingEntries:
    """Return what a docking's entries say; reads as many of them however many there are."""
    values = _KINDS | {"docking": docking, "beginning": _BEGINNING}
    first = db.execute(_FIRST_ENTRIES, values | {"most": _FIRST}).fetchall()
    last = db.execute(_LAST_ENTRIES, values | {"most": _LAST}).fetchall()
    kinds = {str(kind) for kind, _ in first}
    unlocked_only = UnlockIntended.kind in kinds and CameraListed.kind not in kinds
    clock_ms = _clock_ms(_first_of(CameraClockRead.kind, first))
    began = _moment(str(first[0][1])) if first else None
    return DockingEntries(
        read=CameraAuthorised.kind in kinds and not unlocked_only,
        settled=_settled([str(row[0]) for row in last]),
        began=began,
        ended=_moment(str(last[-1][2])) if last and last[-1][0] == CameraDetached.kind else None,
        rate=read_rate(_steps(last)),
        clock_ms=clock_ms,
        clock_set=any(row[0] == ClockSetIntended.kind for row in last),
        clock_left_ms=_clock_left_ms(clock_ms, docking, last),
        battery=_battery(began, _first_of(CameraBatteryRead.kind, first)),
    )


def _first_of(kind: str, rows: Sequence[Sequence[object]]) -> str:
    return next((str(leaf) for of, leaf in rows if of == kind), "")


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
    with suppress(*_ALTERED):
        data = read_leaf(text).data
        if data["understood"] and data["dock_synchronised"]:
            return int(data["offset_ms"])
    return None


def _clock_left_ms(clock_ms: int | None, docking: str, rows: Sequence[Sequence[object]]) -> int | None:
    """Return how far ahead a clock was after it was set; None where that was not read back.

    Both entries say it as the clock is taken to keep time, which the reading at docking does not know.
    """
    if clock_ms is None:
        return None
    with suppress(*_ALTERED):
        told = {str(row[0]): read_leaf(str(row[2])).data for row in rows if row[0] in _OF_SETTING}
        before, after = told[ClockSetIntended.kind], told[ClockSetEnded.kind]
        if after["intended_in"] == docking and after["understood"]:
            return clock_ms + int(after["ahead_ms"]) - int(before["ahead_ms"])
    return None


def _battery(began: Moment | None, text: str) -> int | None:
    said = _moment(text)
    if began is None or said is None or said[0] != began[0] or said[1] - began[1] > _SOON_MS:
        return None  # it may have been charged meanwhile
    with suppress(*_ALTERED):
        return int(read_leaf(text).data["percent"])
    return None
