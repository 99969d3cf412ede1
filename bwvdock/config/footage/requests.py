"""Which keys does the table [requests] have, and are their values valid?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bwvdock.config.toml_table import Table, instead, whole

_MOST_HOLIDAYS = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestSettings:
    """How long may be taken over requests, and how many days before the end `status` warns."""

    subject_access_months: int = 1
    foi_working_days: int = 20
    warn_days: int = 7
    bank_holidays: frozenset[date] = frozenset()


NO_REQUESTS = RequestSettings()


def read_requests(table: Table) -> RequestSettings:
    """Return what [requests] says; mistakes are recorded in the table."""
    found = RequestSettings(
        subject_access_months=table.take("subject_access_months", whole(1, 12), 1),
        foi_working_days=table.take("foi_working_days", whole(1, 260), 20),
        warn_days=table.take("warn_days", whole(0, 365), 7),
        bank_holidays=table.take("bank_holidays", _days, frozenset()),
    )
    table.nothing_else()
    return found


def _days(value: object) -> frozenset[date]:
    if not isinstance(value, list) or len(value) > _MOST_HOLIDAYS:
        raise instead("write a list of days, such as [2026-05-04, 2026-05-25]")
    return frozenset(_day(one) for one in value)


def _day(value: object) -> date:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    if not isinstance(value, date) or isinstance(value, datetime):
        raise instead("write each day as 2026-05-04")
    return value
