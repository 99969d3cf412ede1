"""By which day must a request be answered? Pure: days only, by the rules that the configuration has.

- Subject access: so many months after receipt, on the same day of the month, or the last one where that
month has no
  such day (UK GDPR, article 12(3); Data Protection Act 2018, section 54).
- Freedom of information: so many working days after the day of receipt (Freedom of Information Act 2000,
section 10).
  Saturdays, Sundays, Christmas Day, Good Friday and the bank holidays of any part of the UK are not working
  days.

A day that a rule may put later (a bank holiday that nobody configured, an end on a Sunday) is not put
later: the day that is shown is never after the law's.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class About(StrEnum):
    """What kind of request it is."""

    FOI = "foi"
    SUBJECT_ACCESS = "subject-access"
    LITIGATION = "litigation"
    COMPLAINT = "complaint"
    OTHER = "other"


class Outcome(StrEnum):
    """How a request was closed."""

    DISCLOSED = "disclosed"
    PARTLY = "partly-disclosed"
    REFUSED = "refused"
    NOTHING = "nothing-held"
    WITHDRAWN = "withdrawn"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Clocks:
    """How long may be taken over each kind, and which days are bank holidays."""

    subject_access_months: int = 1
    foi_working_days: int = 20
    bank_holidays: frozenset[date] = frozenset()


def due(about: About, received: date, clocks: Clocks) -> tuple[date, str] | None:
    """Return the last day for an answer, and the rule that sets it; None where no rule does."""
    if about is About.SUBJECT_ACCESS:
        months = clocks.subject_access_months
        said = "one month" if months == 1 else f"{months} months"
        return months_after(received, months), f"{said} from receipt"
    if about is About.FOI:
        last = working_days_after(received, clocks.foi_working_days, clocks.bank_holidays)
        return last, f"{clocks.foi_working_days} working days after receipt"
    return None


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or that month's last where it has no such day."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def working_days_after(day: date, count: int, holidays: Collection[date]) -> date:
    """Return the working day that is the `count`-th after a day."""
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day, holidays)
    return day


def is_working_day(day: date, holidays: Collection[date]) -> bool:
    """Return whether a day is a working day as the Freedom of Information Act has it."""
    free = day.weekday() > 4 or (day.month, day.day) == (12, 25) or day == good_friday(day.year)
    return not free and day not in holidays


def good_friday(year: int) -> date:
    """Return Good Friday of a year: two days before Easter Sunday, by the Gregorian computation."""
    century, rest = divmod(year, 100)
    moon = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (year % 19 + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return date(year, month, day + 1) - timedelta(days=2)
