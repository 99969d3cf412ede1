"""When may a clock be set, what is it given, and what does that leave of the dates of footage?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.clips.dates.date_evidence import Docked
from bwvdock.core.clips.dates.file_times import FileTimes
from bwvdock.core.facts import CameraClockRead
from bwvdock.core.media.self_reported.clock_setting import Off, clock_for, off, written
from bwvdock.core.moments import nanoseconds
from bwvdock.edges.cameras.mtp.wire import bears_zone, time_ns

LONDON = ZoneInfo("Europe/London")
SUMMER, WINTER = datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 1, 10, 12, tzinfo=UTC)
MOMENTS = st.integers(1_136_073_600_000, 4_070_908_800_000).map(
    lambda ms: datetime.fromtimestamp(ms / 1000, UTC)
)


def docked(at: datetime, shows: datetime, *, zoned: bool = False, **more: bool) -> Docked:
    """Return a docking at which a clock showed that, as if it were UTC."""
    told = {"understood": True, "dock_synchronised": True} | more
    read = CameraClockRead(
        docking="d",
        source="mtp 0x5011",
        raw=f"{shows:%Y%m%dT%H%M%S}",
        offset_ms=(shows - at) // timedelta(milliseconds=1),
        uncertainty_ms=1_000,
        zoned=zoned,
        **told,
    )
    now = nanoseconds(at)
    return Docked(at_ns=now, listed_ns=now, previous_ns=None, clock=read, trusted=told["dock_synchronised"])


@pytest.mark.parametrize(
    "at,shows,ahead_s,times",
    [
        (WINTER, WINTER + timedelta(seconds=90), 90, FileTimes.LOCAL),
        (SUMMER, SUMMER + timedelta(hours=1, seconds=-20), -20, FileTimes.LOCAL),  # local time, nearly right
        (SUMMER, SUMMER + timedelta(seconds=20), 20, FileTimes.UTC),  # right as UTC: it keeps UTC
        (SUMMER, SUMMER + timedelta(days=400), 400 * 86400 - 3600, FileTimes.LOCAL),
    ],
)
def test_how_far_off_a_clock_without_a_zone_is(
    at: datetime, shows: datetime, ahead_s: int, times: FileTimes
) -> None:
    found = off(docked(at, shows), times=FileTimes.LOCAL, zone=LONDON)
    assert found == Off(times=times, ahead_ms=ahead_s * 1000, uncertainty_ms=1_000)
    assert found.is_worth_it


@pytest.mark.parametrize(
    "docking,times",
    [
        (docked(WINTER, WINTER, understood=False), FileTimes.LOCAL),
        (docked(WINTER, WINTER, dock_synchronised=False), FileTimes.LOCAL),
        (
            docked(WINTER, WINTER + timedelta(days=1)),
            FileTimes.ZONED,
        ),  # which zone is the clock's?
    ],
)
def test_nothing_is_said_of_a_clock_that_cannot_be_compared(docking: Docked, times: FileTimes) -> None:
    assert off(docking, times=times, zone=LONDON) is None


@given(ahead_ms=st.integers(-10_000, 10_000), uncertainty_ms=st.integers(0, 5_000))
def test_a_clock_that_may_be_right_is_left_alone(ahead_ms: int, uncertainty_ms: int) -> None:
    found = Off(times=FileTimes.UTC, ahead_ms=ahead_ms, uncertainty_ms=uncertainty_ms)
    if abs(ahead_ms) <= uncertainty_ms:
        assert not found.is_worth_it


@given(
    now=MOMENTS,
    shown=st.sampled_from(["", ".5", "Z", "+0000", "-0330", "+05:45"]),
    times=st.sampled_from([FileTimes.UTC, FileTimes.LOCAL, FileTimes.ZONED]),
)
def test_what_a_clock_is_given_is_the_time_as_it_shows_its_own(
    now: datetime, shown: str, times: FileTimes
) -> None:
    given_ = written(now, shown=f"20260101T000000{shown}", times=times, zone=LONDON)
    assert bears_zone(given_) == bears_zone(f"20260101T000000{shown}")
    read = time_ns(given_)
    assert read is not None
    if not bears_zone(given_) and times is FileTimes.LOCAL:
        offset = (now + timedelta(milliseconds=500)).astimezone(LONDON).utcoffset()
        assert offset is not None
        read -= offset // timedelta(microseconds=1) * 1000
    assert abs(read - nanoseconds(now)) <= 500 * 10**6


@given(names=st.lists(st.sampled_from("abc"), min_size=2, max_size=2), set_in=st.sets(st.sampled_from("abc")))
def test_a_reading_counts_only_for_what_no_setting_lies_between(
    names: list[str], set_in: Collection[str]
) -> None:
    found_in, docking = names
    clock = docked(WINTER, WINTER).clock
    used = clock_for(clock, found_in=found_in, docking=docking, set_in=set_in)
    assert used is (clock if not set_in or (found_in == docking and docking not in set_in) else None)
