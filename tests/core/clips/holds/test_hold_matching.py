"""Which clips does a standing hold keep? Whatever matches, and whatever may: each case is a line."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bwvdock.core.clips.holds.hold_matching import HoldQuery, Known, StandingHold, match
from bwvdock.core.moments import nanoseconds

HOUR = 3_600 * 10**9
NOON = nanoseconds(datetime.fromisoformat("2026-03-01T12:00:00Z"))
DAY = HoldQuery(since="2026-03-01T00:00:00.000Z", until="2026-03-01T23:59:59.999Z")
SURE = Known(
    camera="CAM-1",
    bay="1-1",
    officer="4411",
    officers=frozenset({"4411"}),
    unit="Taskforce",
    units=frozenset({"Taskforce"}),
    events={"CAD-1": True, "CAD-2": False},
    begin_ns=NOON - HOUR,
    end_ns=NOON + HOUR,
    sure_ns=(NOON, NOON),
)
UNTIMED = replace(SURE, begin_ns=None, end_ns=None, sure_ns=None)
YES, MAYBE, NO = "yes", "maybe", "no"
CASES = {
    "the officer": (HoldQuery(officer="4411"), SURE, YES),
    "another officer": (HoldQuery(officer="5512"), SURE, NO),
    "nobody is assigned": (
        HoldQuery(officer="5512"),
        replace(SURE, officer="", officers=frozenset({""})),
        MAYBE,
    ),
    "the officer had it near that time": (
        HoldQuery(officer="5512"),
        replace(SURE, officers=frozenset({"4411", "5512"})),
        MAYBE,
    ),
    "another may have had it": (
        HoldQuery(officer="4411"),
        replace(SURE, officers=frozenset({"4411", "5512"})),
        MAYBE,
    ),
    "the camera": (HoldQuery(camera="CAM-1"), SURE, YES),
    "another camera": (HoldQuery(camera="CAM-2"), SURE, NO),
    "its serial was erased": (HoldQuery(camera="CAM-2"), replace(SURE, camera=""), MAYBE),
    "the unit": (HoldQuery(unit="Taskforce"), SURE, YES),
    "another unit": (HoldQuery(unit="Dogs"), SURE, NO),
    "no unit is known": (HoldQuery(unit="Dogs"), replace(SURE, unit="", units=frozenset({""})), MAYBE),
    "the bay": (HoldQuery(place="1-1", place_kind="bay"), SURE, YES),
    "another bay": (HoldQuery(place="1-2", place_kind="bay"), SURE, NO),
    "this dock": (HoldQuery(place="LEW-03", place_kind="dock"), SURE, YES),
    "its site": (HoldQuery(place="Lewisham", place_kind="site"), SURE, YES),
    "the event": (HoldQuery(event="CAD-1"), SURE, YES),
    "perhaps the event": (HoldQuery(event="CAD-2"), SURE, MAYBE),
    "another event": (HoldQuery(event="CAD-3"), SURE, NO),
    "within the time": (DAY, SURE, YES),
    "before it": (HoldQuery(since="2026-03-01T13:00:00.001Z"), SURE, NO),
    "at its very beginning": (HoldQuery(since="2026-03-01T13:00:00.000Z"), SURE, MAYBE),
    "after it": (HoldQuery(until="2026-03-01T10:59:59.999Z"), SURE, NO),
    "at its very end": (HoldQuery(until="2026-03-01T11:00:00.000Z"), SURE, MAYBE),
    "from this moment on": (HoldQuery(since="2026-03-01T12:00:00.000Z"), SURE, YES),
    "the uncertainty is longer than the time": (DAY, replace(SURE, sure_ns=(NOON - 24 * HOUR, NOON)), MAYBE),
    "no clock confirms it": (DAY, UNTIMED, MAYBE),
    "no clock confirms it, and it was here before": (DAY, replace(UNTIMED, end_ns=NOON - 13 * HOUR), NO),
    "all of it": (replace(DAY, officer="4411", camera="CAM-1", unit="Taskforce", event="CAD-1"), SURE, YES),
    "all but one": (replace(DAY, officer="4411", camera="CAM-2", unit="Taskforce"), SURE, NO),
    "one in doubt, one different": (replace(DAY, camera="CAM-2"), UNTIMED, NO),
}


@pytest.mark.parametrize("query, known, wanted", CASES.values(), ids=CASES)
def test_what_matches_and_what_may_is_kept(query: HoldQuery, known: Known, wanted: str) -> None:
    found = match(StandingHold(id="h-1", query=query), known)
    assert (NO if found is None else YES if found.certain else MAYBE) == wanted
    assert found is None or found.basis, "it is said why"
