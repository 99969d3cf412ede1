"""Are quantities read as they are written, and shown as people say them?"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock import units


@pytest.mark.parametrize(
    "text,size", [("5 GiB", 5 * 2**30), ("500MB", 500_000_000), ("1.5 kib", 1536), ("0", 0), ("7 B", 7)]
)
def test_sizes(text: str, size: int) -> None:
    assert units.parse_size(text) == size


@pytest.mark.parametrize("text", ["", "5 gigs", "-1 GiB", "GiB", "5 GiB/s", "1e3", "five"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="size"):
        units.parse_size(text)


@pytest.mark.parametrize(
    "text,rate",
    [("80 Mbit/s", 10_000_000), ("10 MiB/s", 10 * 2**20), ("8 bit/s", 1), ("none", None), ("1 GB/s", 10**9)],
)
def test_rates_are_bytes_per_second(text: str, rate: int | None) -> None:
    assert units.parse_rate(text) == rate


@pytest.mark.parametrize("text", ["80 Mbots", "80 Mbit", "1 bit/s", "0 Mbit/s", ""])
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(ValueError, match="not a rate"):
        units.parse_rate(text)


def test_times_of_day() -> None:
    assert units.parse_time_of_day("22:00") == time(22)
    for wrong in ("26:00", "6:00", "22", "22:00 ", "T22:00"):
        with pytest.raises(ValueError, match="time of day"):
            units.parse_time_of_day(wrong)


def test_a_moment_without_an_offset_is_taken_as_it_stands() -> None:
    assert units.parse_moment("2026-03-01T06:00") == datetime(2026, 3, 1, 6, tzinfo=UTC)
    assert units.parse_moment("2026-03-01T06:00+01:00") == datetime(2026, 3, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize("text", ["yesterday", "", "9999-12-31T23:00-05:00", "0001-01-01T01:00+05:00"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601"):
        units.parse_moment(text)


@pytest.mark.parametrize(
    "size,shown",
    [
        (0, "0 B"),
        (999, "999 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (5 * 2**30, "5.0 GiB"),
        (300 * 2**20, "300 MiB"),
        (1023 * 2**10, "1.0 MiB"),
    ],
)
def test_shown_sizes(size: int, shown: str) -> None:
    assert units.format_size(size) == shown


@given(st.integers(min_value=0, max_value=2**59))
def test_a_shown_size_is_short_and_near(size: int) -> None:
    shown = units.format_size(size)
    assert len(shown) <= 8
    if not shown.endswith("PiB"):
        assert units.parse_size(shown) == pytest.approx(size, rel=0.06, abs=1)


@pytest.mark.parametrize(
    "number,noun,plural,shown",
    [
        (0, "clip", "", "0 clips"),
        (1, "clip", "", "1 clip"),
        (2, "clip", "", "2 clips"),
        (12_345, "clip", "", "12,345 clips"),
        (1, "entry", "entries", "1 entry"),
        (0, "entry", "entries", "0 entries"),
    ],
)
def test_shown_counts(number: int, noun: str, plural: str, shown: str) -> None:
    assert units.format_count(number, noun, plural) == shown


@pytest.mark.parametrize(
    "age,shown",
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=40), "40 s"),
        (timedelta(minutes=12, seconds=59), "12 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=9), "9 days"),
    ],
)
def test_shown_ages(age: timedelta, shown: str) -> None:
    assert units.format_age(age) == shown


LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    "text,end",
    [
        ("2026-07-01", "2026-07-01T22:59:59.999999+00:00"),
        ("2026-07-01T06:30", "2026-07-01T05:30:59.999999+00:00"),
        ("2026-07-01 06:30:00+01:00", "2026-07-01T05:30:00.999999+00:00"),
        ("20260701T063000", "2026-07-01T05:30:00.999999+00:00"),
        ("2026-07-01T05:30:00.250Z", "2026-07-01T05:30:00.250000+00:00"),
        ("2026-10-25", "2026-10-25T23:59:59.999999+00:00"),
        ("9999-12-31", "9999-12-31T00:00:00+00:00"),
    ],
)
def test_an_end_includes_all_of_what_is_named(text: str, end: str) -> None:
    assert units.parse_end(text, LONDON).isoformat() == end


def test_a_time_without_an_offset_is_in_the_zone() -> None:
    assert units.parse_moment("2026-07-01T06:30", LONDON) == datetime(2026, 7, 1, 5, 30, tzinfo=UTC)
    assert units.parse_moment("2026-07-01T06:30+00:00", LONDON) == datetime(2026, 7, 1, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text,why", [("2026-10-25T01:30", "occurs twice"), ("2026-03-29 01:30:00", "does not exist")]
)
def test_a_time_that_the_clocks_show_twice_or_never_is_not_guessed(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        units.parse_moment(text, LONDON)


def test_a_day_begins_even_where_its_midnight_is_left_out() -> None:
    santiago = ZoneInfo("America/Santiago")  # on 6 September 2026 the clocks go from 23:59 to 01:00
    assert units.parse_moment("2026-09-06", santiago) == datetime(2026, 9, 6, 4, tzinfo=UTC)
