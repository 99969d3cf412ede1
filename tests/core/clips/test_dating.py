"""What does a camera's clock prove, and what stands in where it proves nothing?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.clips.dating import NOT_KNOWN, Docked, VideoHeader, date
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
    newest: datetime | None = None,
    trusted: bool = True,
    header: VideoHeader | None = None,
) -> ClipDated:
    docked = Docked(
        at_ns=ns(DOCKED),
        previous_ns=ns(previous) if previous else None,
        newest_ns=ns(newest or raw),
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


def test_one_file_from_the_future_takes_the_belief_from_them_all() -> None:
    fact = dated(SHIFT, newest=DOCKED + timedelta(hours=1))
    assert fact.recorded_at == iso(DOCKED)
    assert "3600 s after docking" in fact.basis


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
    newest=st.integers(-(2**62), 2**62),
    previous=st.none() | st.integers(0, ns(DOCKED)),
    offset=st.none() | st.integers(-(2**45), 2**45),
)
def test_footage_is_never_dated_after_its_docking_nor_kept_for_less_than_its_days(
    raw: int, newest: int, previous: int | None, offset: int | None
) -> None:
    read = None if offset is None else clock(timedelta(milliseconds=offset))
    docked = Docked(at_ns=ns(DOCKED), previous_ns=previous, newest_ns=newest, clock=read, trusted=True)
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
