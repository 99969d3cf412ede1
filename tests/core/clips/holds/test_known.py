"""What is known of a clip when a hold is compared with it: when was it recorded, and by whom?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.dates.dating import DateRule
from bwvdock.core.clips.holds.hold_matching import (
    UNKNOWN_LENGTH_MS,
    HoldQuery,
    Known,
    StandingHold,
    known_of,
    match,
)
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.roster import Assignment, Roster
from bwvdock.core.facts import ClipDated, SourceFile
from bwvdock.core.moments import nanoseconds

NOON = "2026-03-01T12:00:00.000Z"
MINUTE_NS = 60 * 10**9


@dataclass
class Around:
    """What a test says is known around a clip."""

    assignments: list[Assignment] = field(default_factory=list)
    unit: str = ""
    dated: int | None = None

    def roster(self, camera: str) -> Roster:
        assert camera == "CAM-1"
        return Roster(self.assignments)

    def enrolled_unit(self, camera: str) -> str:
        assert camera == "CAM-1"
        return self.unit

    def bay(self, docking: str) -> str:
        return f"bay of {docking}"

    def events(self, clip: str) -> Mapping[str, bool]:
        return {f"event of {clip}": True}

    def dated_ns(self, clip: str) -> int | None:
        assert clip == "c"
        return self.dated


def ns(text: str) -> int:
    return nanoseconds(datetime.fromisoformat(text))


def clip(rule: str = DateRule.CLOCK_READ, uncertainty_ms: int = 60_000, length_ms: int = 1_800_000) -> Clip:
    file = SourceFile(path="C.MP4", size=1, mtime_ns=ns(NOON), fingerprint="")
    dated = ClipDated(
        clip="c",
        raw=NOON,
        recorded_at=NOON,
        uncertainty_ms=uncertainty_ms,
        basis="b",
        retain_until="",
        rule=rule,
    )
    return Clip(
        id="c",
        state=ClipState.ACQUIRED,
        camera="CAM-1",
        docking="d",
        files=(file,),
        marked=False,
        dated=dated,
        length_ms=length_ms,
    )


def held_by(officer: str, begins: str, ends: str = "", unit: str = "") -> Assignment:
    return Assignment(officer=officer, begins=begins, ends=ends, unit=unit)


BOUNDS = {
    "by a clock: its uncertainty, and its length either way": (clip(), 31, 31, True),
    "of unknown length": (clip(length_ms=0), UNKNOWN_LENGTH_MS // 60_000 + 1, 61, True),
    "unconfirmed: before it was dated": (clip(DateRule.CAMERA_TIME, -1), None, 100 + 2, False),
    "the dock's clock was unknown": (clip(DateRule.DOCK_CLOCK_UNKNOWN, -1), None, None, False),
    "of an earlier version": (clip(""), None, None, False),
    "never dated": (replace(clip(), dated=None), None, None, False),
}


@pytest.mark.parametrize("case", BOUNDS)
def test_between_which_times_it_was_recorded(case: str) -> None:
    one, before, after, sure = BOUNDS[case]
    known = known_of(one, Around(dated=ns(NOON) + 100 * MINUTE_NS))
    assert known.begin_ns == (None if before is None else ns(NOON) - before * MINUTE_NS)
    assert known.end_ns == (None if after is None else ns(NOON) + after * MINUTE_NS)
    assert (known.sure_ns is not None) is sure


def test_without_a_clock_that_was_right_when_it_was_dated_nothing_bounds_it() -> None:
    assert known_of(clip(DateRule.CAMERA_TIME, -1), Around(dated=None)).end_ns is None


def officers(one: Clip, *assignments: Assignment) -> frozenset[str]:
    return known_of(one, Around(list(assignments), dated=ns(NOON))).officers


def test_who_may_have_had_the_camera() -> None:
    early, late = held_by("4411", "2026-03-01T11:00:00.000Z"), held_by("5512", "2026-03-01T12:20:00.000Z")
    sure = replace(clip(), officer="4411")
    assert officers(sure, early) == {"4411"}
    assert officers(sure, early, late) == {"4411", "5512"}, "the clip may end in the time of the next"
    assert officers(clip(), late) == {"", "5512"}, "nobody at its best known time"
    assert officers(replace(clip(DateRule.CAMERA_TIME, -1), officer="4411"), early) == {"", "4411"}, (
        "a gap before"
    )
    ever = held_by("4411", "0001-01-01T00:00:00.000Z")
    assert "" in officers(replace(clip(), officer="4411", dated=None), ever), "before all times"


def test_the_unit_is_that_of_the_assignment_or_of_the_camera() -> None:
    begins = "2026-03-01T11:59:00.000Z"
    around = Around([held_by("4411", begins, unit="Dogs")], unit="Taskforce")
    known = known_of(clip(), around)
    assert (known.unit, known.units) == ("Dogs", frozenset({"Dogs"}))
    assert known_of(clip(), Around(unit="Taskforce")).units == {"Taskforce"}
    assert known_of(clip(), Around()).units == {""}
    assert known.bay == "bay of d"
    assert known.events == {"event of c": True}


def test_a_long_clip_that_ends_after_the_time_is_kept() -> None:
    """The file's time is that of its end: what was recorded at the beginning is in it all the same."""
    query = HoldQuery(since="2026-03-01T11:31:00.000Z", until="2026-03-01T11:40:00.000Z")
    hold = StandingHold(id="h-1", query=query)
    known: Known = known_of(clip(), Around())
    found = match(hold, known)
    assert found is not None
    assert not found.certain
    assert match(hold, known_of(clip(length_ms=60_000), Around())) is None
