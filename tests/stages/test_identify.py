"""What a camera said of itself, and how far its clock was off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bwvdock.core.media.clock_file import ClockTold
from bwvdock.core.media.sightings import ClockSeen, Introduction
from bwvdock.core.moments import nanoseconds
from bwvdock.stages.identify import clock_told, identify, read_clock

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def seen(ahead: timedelta | None, *, took: timedelta = timedelta(0)) -> ClockSeen:
    """A clock that is so far ahead of the dock's."""
    shown = None if ahead is None else int((NOON + took / 2 + ahead).timestamp()) * 10**9
    return ClockSeen(source="mtp 0x5011", raw="raw", shown_ns=shown, before=NOON, after=NOON + took)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=1), timedelta(days=-366 * 46)])
def test_the_offset_is_the_camera_s_lead_over_the_dock(ahead: timedelta) -> None:
    """An hour ahead, or in 1980."""
    fact = read_clock(seen(ahead), docking="d", dock_synchronised=True)
    assert fact.understood
    assert fact.offset_ms == ahead // timedelta(milliseconds=1)


def test_a_slow_answer_makes_the_offset_uncertain_and_the_middle_is_taken() -> None:
    """Half of the time it took, and the second that the clock does not show."""
    fact = read_clock(seen(timedelta(0), took=timedelta(seconds=4)), docking="d", dock_synchronised=False)
    assert (fact.offset_ms, fact.uncertainty_ms, fact.dock_synchronised) == (0, 3000, False)


def test_a_clock_that_nobody_understands_is_kept_as_it_came() -> None:
    """No offset is made up for it."""
    fact = read_clock(seen(None), docking="d", dock_synchronised=True)
    assert (fact.understood, fact.offset_ms, fact.raw) == (False, 0, "raw")


def test_the_serial_it_says_inside_is_stated_beside_the_docking() -> None:
    """It need not be the one on its plug."""
    said = Introduction(manufacturer="M", model="X", version="1.2", serial="INNER")
    fact = identify(said, docking="d")
    assert (fact.docking, fact.serial, fact.version) == ("d", "INNER", "1.2")


def test_a_file_was_written_within_some_time_before_its_camera_was_seen() -> None:
    """The middle of that time is taken, and half of it and a second is how far it may be off."""
    shown_ns = nanoseconds(NOON + timedelta(hours=1))
    told = ClockTold(source="clock file", raw="13:00", shown_ns=shown_ns, within_s=60)
    fact = clock_told(told, docking="d", docked_ns=nanoseconds(NOON), dock_synchronised=True)
    assert (fact.offset_ms, fact.uncertainty_ms) == (3_600_000 + 30_000, 31_000)
    assert (fact.source, fact.understood) == ("clock file", True)
