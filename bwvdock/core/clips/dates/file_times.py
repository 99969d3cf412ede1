"""Which moments can the time of a file on a camera mean?

A camera dates its files by digits. Whether these are UTC or local time depends on the file system and on the
model, not on the file: FAT has no zone, exFAT and MTP have room for one. Local digits mean one moment, except
in the hour that occurs twice when the clocks go back, and in the hour that is left out in spring.

Times are nanoseconds since 1970; digits without a zone are written as if they were UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, tzinfo
from enum import StrEnum

from bwvdock.core.moments import moment_of_ns

_MICROSECOND = timedelta(microseconds=1)


class FileTimes(StrEnum):
    """What the times of files are."""

    UTC = "utc"
    LOCAL = "local"  # to the place where the dock is
    ZONED = "zoned"  # the file states its own offset from UTC, which was applied


@dataclass(frozen=True, slots=True)
class Reading:
    """The moments that digits can mean, the earliest first, and what is odd about them ("" for nothing)."""

    moments: tuple[int, ...]
    oddity: str = ""


def read_file_time(digits_ns: int, times: FileTimes, zone: tzinfo) -> Reading:
    """Return the moments that a file's time can mean.

    Args:
        digits_ns: the time as the file system or the camera gave it.
        times: what it is.
        zone: the zone of the place, for local times.
    """
    if times is not FileTimes.LOCAL:
        return Reading((digits_ns,))
    first, second = (_offset_ns(digits_ns, zone, fold=fold) for fold in (0, 1))
    if first == second:
        return Reading((digits_ns - first,))
    shown = moment_of_ns(digits_ns).strftime("%H:%M")
    happened = "occurred twice" if first > second else "did not occur"
    moments = sorted((digits_ns - first, digits_ns - second))
    return Reading(tuple(moments), f"{shown} {happened} that night in {zone}, where the clocks changed")


def _offset_ns(digits_ns: int, zone: tzinfo, *, fold: int) -> int:
    """Return what local time is ahead of UTC by where the clocks show these digits."""
    try:
        offset = zone.utcoffset(moment_of_ns(digits_ns).replace(tzinfo=None, fold=fold))
    except (OverflowError, ValueError, OSError):  # the first or the last day of all years
        return 0
    return (offset or timedelta(0)) // _MICROSECOND * 1000
