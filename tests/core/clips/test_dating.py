"""What does a camera's clock prove, and what stands in where it proves nothing?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.clips.dates.date_evidence import Docked, VideoHeader
from bwvdock.core.clips.dates.dating import NOT_KNOWN, DateRule, date
from bwvdock.core.clips.dates.file_times import FileTimes, read_file_time
from bwvdock.core.facts import CameraClockRead, ClipDated
from bwvdock.core.moments import iso

DOCKED = datetime(2026, 4, 30, 6, 0, tzinfo=UTC)
YESTERDAY = DOCKED - timedelta(days=1)
SHIFT = DOCKED - timedelta(hours=4)


def ns(moment: datetime) -> int:
    return int(moment.timestamp()) * 10**9


def clock(offset: timedelta, *, understood: bool = True, synchronised: bool = True) -> CameraClockRead:
    return CameraClockRead(
        docking="d",
        source="mtp",
        raw="",
        understood=understood,
        offset_ms=int(offset.total_seconds() * 1000),
        uncertainty_ms=1200,
        dock_synchronised=synchronised,
    )


def dated(
    raw: datetime,
    *,
    read: CameraClockRead | None = None,
    previous: datetime | None = YESTERDAY,
    trusted: bool = True,
    header: VideoHeader | None = None,
) -> ClipDated:
    docked = Docked(
        at_ns=ns(DOCKED),
        previous_ns=ns(previous) if previous else None,
        listed_ns=ns(DOCKED),
        clock=read,
        trusted=trusted,
    )
    return date("c", ns(raw), docked, non_evidential_days=31, header=header)


def kept(fact: ClipDated) -> timedelta:
    return datetime.fromisoformat(fact.retain_until) - datetime.fromisoformat(fact.recorded_at)


@pytest.mark.parametrize("offset", [timedelta(hours=1), timedelta(days=-365), timedelta(seconds=-3)])
def test_a_clock_that_was_read_puts_the_time_right(offset: timedelta) -> None:
    fact = dated(SHIFT + offset, read=clock(offset))
    assert fact.recorded_at == iso(SHIFT)
    assert fact.raw == iso(SHIFT + offset)
    assert fact.uncertainty_ms == 1200
    assert kept(fact) == timedelta(days=31)


@pytest.mark.parametrize("unsure", [{"understood": False}, {"synchronised": False}])
def test_a_reading_that_compares_with_nothing_is_not_used(unsure: dict[str, bool]) -> None:
    fact = dated(SHIFT, read=clock(timedelta(hours=1), **unsure))
    assert fact.recorded_at == iso(SHIFT)
    assert "between" in fact.basis


def test_between_two_dockings_the_cameras_time_is_believed_and_bounded() -> None:
    fact = dated(SHIFT)
    assert fact.recorded_at == iso(SHIFT)
    assert fact.uncertainty_ms == 20 * 3600 * 1000
    assert kept(fact) == timedelta(days=31)


@pytest.mark.parametrize(
    "raw", [datetime(1980, 1, 1, tzinfo=UTC), SHIFT - timedelta(days=365), DOCKED + timedelta(hours=1)]
)
def test_a_time_that_cannot_be_is_replaced_by_the_dockings(raw: datetime) -> None:
    fact = dated(raw)
    assert fact.recorded_at == iso(DOCKED)
    assert fact.raw == iso(raw)
    assert fact.uncertainty_ms == 24 * 3600 * 1000
    assert "is used instead" in fact.basis
    assert kept(fact) == timedelta(days=31)


def test_on_a_first_docking_nothing_is_thrown_away_on_the_cameras_word() -> None:
    """A clock that is twenty days back must not cost footage twenty of its days."""
    raw = SHIFT - timedelta(days=20)
    fact = dated(raw, previous=None)
    assert fact.recorded_at == iso(raw)
    assert fact.uncertainty_ms == NOT_KNOWN
    assert fact.retain_until == iso(DOCKED + timedelta(days=31))


def test_a_dock_that_does_not_know_the_time_sets_no_date_for_disposal() -> None:
    fact = dated(SHIFT, trusted=False, read=clock(timedelta(hours=1)))
    assert fact.recorded_at == iso(SHIFT)
    assert fact.retain_until == ""
    assert "not synchronised" in fact.basis


@given(
    raw=st.integers(-(2**62), 2**62),
    previous=st.none() | st.integers(0, ns(DOCKED)),
    offset=st.none() | st.integers(-(2**45), 2**45),
)
def test_footage_is_never_dated_after_its_docking_nor_kept_for_less_than_its_days(
    raw: int, previous: int | None, offset: int | None
) -> None:
    read = None if offset is None else clock(timedelta(milliseconds=offset))
    docked = Docked(at_ns=ns(DOCKED), previous_ns=previous, listed_ns=ns(DOCKED), clock=read, trusted=True)
    fact = date("c", raw, docked, non_evidential_days=31)
    assert fact.recorded_at <= iso(DOCKED + timedelta(minutes=2))
    assert kept(fact) >= timedelta(days=31)


# --- what the footage's own header says ------------------------------------------------------------------


def header(began: datetime, *, minutes: int = 5) -> VideoHeader:
    return VideoHeader(created_s=ns(began) // 10**9, length_ms=minutes * 60_000)


@pytest.mark.parametrize("began", [SHIFT, SHIFT - timedelta(minutes=5), SHIFT - timedelta(minutes=6)])
def test_a_header_that_says_the_same_is_told(began: datetime) -> None:
    fact = dated(SHIFT, header=header(began))
    assert fact.basis.endswith("the date in the video header agrees")
    assert fact.retain_until == dated(SHIFT).retain_until


@pytest.mark.parametrize("hours", [1, -1, 5.75, 14])
def test_a_time_zone_is_no_contradiction(hours: float) -> None:
    began = SHIFT - timedelta(minutes=5) - timedelta(hours=hours)
    fact = dated(SHIFT, header=header(began))
    assert f"differs by {int(hours * 60)} min, which fits a time zone" in fact.basis
    assert fact.retain_until == dated(SHIFT).retain_until


def test_a_contradiction_costs_no_day_of_keeping() -> None:
    """One of the two is wrong, and nobody knows which: it is kept from its docking on."""
    fact = dated(SHIFT, header=header(SHIFT - timedelta(days=40, minutes=7)))
    assert "so the recording date is uncertain" in fact.basis
    assert fact.recorded_at == iso(SHIFT)
    assert fact.retain_until == iso(DOCKED + timedelta(days=31))


def test_a_header_that_was_never_set_says_nothing() -> None:
    assert dated(SHIFT, header=header(datetime(1970, 1, 2, tzinfo=UTC))).basis == dated(SHIFT).basis


# --- what a file's time is --------------------------------------------------------------------------------

LONDON = ZoneInfo("Europe/London")
SUMMER = datetime(2026, 7, 1, 13, 20, tzinfo=UTC)  # 14:20 in London


def local(
    shown: datetime,
    *,
    times: FileTimes = FileTimes.LOCAL,
    read: CameraClockRead | None = None,
    previous: datetime | None = None,
    header: VideoHeader | None = None,
) -> ClipDated:
    docked = Docked(
        at_ns=ns(SUMMER),
        listed_ns=ns(SUMMER),
        previous_ns=ns(previous) if previous else None,
        clock=read,
        trusted=True,
    )
    return date("c", ns(shown), docked, non_evidential_days=31, header=header, times=times, zone=LONDON)


NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("assumed", [FileTimes.LOCAL, FileTimes.UTC])
@pytest.mark.parametrize("kept,hours", [(FileTimes.LOCAL, 1), (FileTimes.UTC, 0)])
def test_a_clock_that_was_read_and_is_right_says_what_it_keeps(
    assumed: FileTimes, kept: FileTimes, hours: int
) -> None:
    read = clock(timedelta(hours=hours, seconds=40))
    fact = local(NOON + timedelta(hours=hours, seconds=40), times=assumed, read=read)
    assert (fact.recorded_at, fact.times) == (iso(NOON), kept)


def test_a_clock_that_says_its_zone_is_compared_as_it_is() -> None:
    """The files have no zone, and are local; the clock said its own, and is ten minutes ahead."""
    read = replace(clock(timedelta(minutes=10)), zoned=True)
    fact = local(NOON + timedelta(hours=1, minutes=10), read=read)
    assert fact.recorded_at == iso(NOON)


def test_a_clock_that_jumped_since_moves_no_clip_that_was_right() -> None:
    """A battery that died on the way to the dock: the clock is at 1980, the clip's time was right."""
    read = clock(datetime(1980, 1, 1, tzinfo=UTC) - SUMMER)
    fact = local(NOON + timedelta(hours=1), read=read, previous=SUMMER - timedelta(hours=8))
    assert fact.recorded_at == iso(NOON)
    assert fact.rule == DateRule.CAMERA_TIME
    assert fact.retain_until == iso(SUMMER + timedelta(days=31))


def test_a_header_in_utc_shows_how_a_time_is_to_be_read_that_cannot_be_otherwise() -> None:
    recorded = SUMMER - timedelta(minutes=20)
    fact = local(recorded + timedelta(hours=1), times=FileTimes.UTC, header=header(recorded))
    assert (fact.recorded_at, fact.rule, fact.fits) == (iso(recorded), "header", "local")


def test_a_header_in_utc_shows_that_another_reading_fits_better() -> None:
    recorded = SUMMER - timedelta(hours=3)
    fact = local(recorded + timedelta(hours=1), times=FileTimes.UTC, header=header(recorded))
    assert (fact.recorded_at, fact.fits) == (iso(recorded + timedelta(hours=1)), "local")


def test_a_header_tells_the_two_hours_apart() -> None:
    shown, second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    docked = Docked(
        at_ns=ns(shown + timedelta(hours=9)),
        listed_ns=ns(shown + timedelta(hours=9)),
        previous_ns=None,
        clock=None,
        trusted=True,
    )

    def told(began: datetime) -> ClipDated:
        return date(
            "c",
            ns(shown),
            docked,
            non_evidential_days=31,
            header=header(began),
            times=FileTimes.LOCAL,
            zone=LONDON,
        )

    assert told(second).recorded_at == iso(second)
    assert "twice" not in told(second).basis
    assert "twice" in told(shown).basis


def test_a_clock_that_drifted_is_no_other_hour() -> None:
    assert local(SUMMER + timedelta(hours=1, minutes=5)).fits == ""
    assert local(SUMMER + timedelta(minutes=5), times=FileTimes.UTC).fits == "local"  # it may be either
    assert local(SUMMER + timedelta(hours=1, minutes=40)).fits == "an hour earlier"
    winter = dated(DOCKED + timedelta(minutes=5))
    assert (winter.rule, winter.fits) == ("docking-time", "")


def test_an_hour_that_the_clocks_left_out_is_said() -> None:
    reading = read_file_time(ns(datetime(2026, 3, 29, 1, 30, tzinfo=UTC)), FileTimes.LOCAL, LONDON)
    assert len(reading.moments) == 2
    assert "01:30 did not occur that night in Europe/London" in reading.oddity


@given(st.integers(-(2**63), 2**63))
def test_every_number_is_a_time(number: int) -> None:
    for zone in (LONDON, ZoneInfo("Pacific/Apia"), UTC):
        moments = read_file_time(number, FileTimes.LOCAL, zone).moments
        assert all(abs(moment - number) <= 26 * 3600 * 10**9 for moment in moments)
