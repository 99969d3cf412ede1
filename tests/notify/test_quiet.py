"""Are quiet hours one stretch of time in every night, also when the clocks change?"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from bwvdock.config.notify.targets import QuietHours
from bwvdock.notify.quiet import is_quiet

LONDON = ZoneInfo("Europe/London")
NIGHTS = {"spring": datetime(2026, 3, 28, 12, tzinfo=UTC), "autumn": datetime(2026, 10, 24, 12, tzinfo=UTC)}


def stretches(hours: QuietHours, begin: datetime, zone: tzinfo) -> list[tuple[str, str]]:
    """Return from when until when it is quiet in the 24 hours from `begin`, in UTC."""
    minutes = [begin + timedelta(minutes=minute) for minute in range(24 * 60)]
    quiet = [is_quiet(hours, minute, zone) for minute in minutes]
    edges = [m for m, before, now in zip(minutes[1:], quiet, quiet[1:], strict=False) if before is not now]
    shown = [f"{edge:%H:%M}" for edge in edges]
    return list(zip(shown[::2], shown[1::2], strict=True))


@pytest.mark.parametrize(
    "night, hours, expected",
    [
        ("spring", ("22:00", "06:00"), ("22:00", "05:00")),
        ("autumn", ("22:00", "06:00"), ("21:00", "06:00")),
        ("spring", ("22:00", "01:30"), ("22:00", "01:00")),  # 01:30 does not come: it ends as 02:00 comes
        ("spring", ("01:30", "06:00"), ("01:00", "05:00")),
        ("autumn", ("22:00", "01:30"), ("21:00", "01:30")),  # 01:30 comes twice: it ends the second time
        ("autumn", ("01:30", "06:00"), ("00:30", "06:00")),  # and begins the first time
        ("autumn", ("01:10", "01:50"), ("00:10", "01:50")),
    ],
)
def test_a_night_in_which_the_clocks_change(
    night: str, hours: tuple[str, str], expected: tuple[str, str]
) -> None:
    start, end = map(time.fromisoformat, hours)
    assert stretches(QuietHours(start=start, end=end), NIGHTS[night], LONDON) == [expected]


def test_hours_within_a_day_and_over_midnight() -> None:
    day = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert stretches(QuietHours(start=time(13), end=time(14, 30)), day, UTC) == [("13:00", "14:30")]
    assert stretches(QuietHours(start=time(22), end=time(6)), day, UTC) == [("22:00", "06:00")]
    assert not is_quiet(None, day, UTC)
