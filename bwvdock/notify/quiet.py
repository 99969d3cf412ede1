"""Is it within the quiet hours, by the clocks on the wall where the dock is?

In the night in which an hour comes twice, quiet hours that begin or end in it begin the first time and end
the second time: they are one stretch of time in every night.
"""

from __future__ import annotations

from datetime import datetime, time, tzinfo

from bwvdock.config.notify.targets import QuietHours


def is_quiet(hours: QuietHours | None, moment: datetime, zone: tzinfo) -> bool:
    """Return whether a moment is within the hours.

    Args:
        hours: None for none.
        moment: with an offset from UTC.
        zone: the dock's.
    """
    if hours is None:
        return False
    local = moment.astimezone(zone)
    shown = local.time().replace(fold=0)
    if _is_within(hours, shown):
        return True
    if not _comes_twice(local, zone):
        return False
    if local.fold:  # the hour before had the beginning already
        return _comes_twice(_at(local, hours.start), zone) and shown < hours.start
    return _comes_twice(_at(local, hours.end), zone) and shown >= hours.end


def _is_within(hours: QuietHours, shown: time) -> bool:
    if hours.start < hours.end:
        return hours.start <= shown < hours.end
    return shown >= hours.start or shown < hours.end


def _at(day: datetime, shown: time) -> datetime:
    return datetime.combine(day.date(), shown)


def _comes_twice(local: datetime, zone: tzinfo) -> bool:
    """Return whether the clocks show this time twice on its day."""
    first, second = (zone.utcoffset(local.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    return first is not None and second is not None and first > second
