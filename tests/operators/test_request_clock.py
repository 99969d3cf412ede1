"""By which day must a request be answered, as the laws count?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.operators.holds.clock import (
    About,
    Clocks,
    due,
    good_friday,
    is_working_day,
    months_after,
    working_days_after,
)

GOOD_FRIDAYS = {
    date(2024, 3, 29),
    date(2025, 4, 18),
    date(2026, 4, 3),
    date(2027, 3, 26),
    date(2028, 4, 14),
    date(2038, 4, 23),
}
MONTHS = {
    "the same day of the next month": (date(2026, 9, 3), 1, date(2026, 10, 3)),
    "the last one where there is none": (date(2026, 1, 31), 1, date(2026, 2, 28)),
    "in a leap year": (date(2028, 1, 31), 1, date(2028, 2, 29)),
    "over the end of the year": (date(2026, 12, 15), 1, date(2027, 1, 15)),
    "three months": (date(2026, 11, 30), 3, date(2027, 2, 28)),
}


def test_good_friday_is_computed() -> None:
    assert {good_friday(day.year) for day in GOOD_FRIDAYS} == GOOD_FRIDAYS


@pytest.mark.parametrize("case", MONTHS)
def test_a_month_ends_on_the_same_day(case: str) -> None:
    received, months, wanted = MONTHS[case]
    assert months_after(received, months) == wanted


def test_freedom_of_information_counts_working_days_from_the_day_after() -> None:
    assert due(About.FOI, date(2026, 6, 1), Clocks()) == (
        date(2026, 6, 29),
        "20 working days after receipt",
    )
    # Over Easter: Good Friday is computed, Easter Monday is a bank holiday that is configured.
    assert working_days_after(date(2026, 3, 31), 3, ()) == date(2026, 4, 6)
    assert working_days_after(date(2026, 3, 31), 3, {date(2026, 4, 6)}) == date(2026, 4, 7)


def test_subject_access_takes_a_month_and_other_kinds_have_no_clock() -> None:
    assert due(About.SUBJECT_ACCESS, date(2026, 9, 3), Clocks()) == (
        date(2026, 10, 3),
        "one month from receipt",
    )
    for about in (About.LITIGATION, About.COMPLAINT, About.OTHER):
        assert due(about, date(2026, 9, 3), Clocks()) is None


@given(
    st.dates(date(2000, 1, 1), date(2090, 1, 1)),
    st.integers(1, 60),
    st.sets(st.dates(date(2000, 1, 1), date(2099, 1, 1)), max_size=5),
)
def test_so_many_working_days_lie_between(day: date, count: int, holidays: set[date]) -> None:
    """Counted the other way: by looking at every day up to the answer."""
    last = working_days_after(day, count, holidays)
    passed = (day + timedelta(days=n) for n in range(1, (last - day).days + 1))
    assert sum(is_working_day(one, holidays) for one in passed) == count
    assert is_working_day(last, holidays)
    assert last >= working_days_after(day, count, ()), "a holiday more never makes the day earlier"
