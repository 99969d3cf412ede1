"""Which forms do sizes, rates, times of day and time zones have in the file?"""

from __future__ import annotations

import re
from datetime import time, timedelta

from bwvdock.config.time_zone import named_zone
from bwvdock.config.toml_table import instead, line
from bwvdock.units import parse_rate, parse_size, parse_time_of_day

_AGE = re.compile(r"(\d{1,4}) ?(hours?|h|days?|d|weeks?|w)")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}
_LONGEST_AGE = timedelta(days=366)


def size(value: object) -> int:
    """Parse a size, in bytes."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if not isinstance(value, str):
        raise instead('write a size such as "5 GiB", or a number of bytes from 0')
    return parse_size(line(value))


def rate(value: object) -> int | None:
    """Parse a rate, in bytes per second; None for no limit."""
    if not isinstance(value, str):
        raise instead('write a rate such as "80 Mbit/s", or "none"')
    return parse_rate(line(value))


def time_zone(value: object) -> str:
    """Parse the name of a time zone that this machine knows."""
    name_of_it = line(value)
    named_zone(name_of_it)
    return name_of_it


def age(value: object) -> timedelta:
    """Parse an age in hours, days or weeks, of a year at most."""
    found = _AGE.fullmatch(line(value))
    given = timedelta(hours=int(found[1]) * _HOURS[found[2][0]]) if found else timedelta()
    if not timedelta() < given <= _LONGEST_AGE:
        raise instead('write hours, days or weeks, such as "36 hours" or "7 days"; a year at most')
    return given


def time_of_day(value: object) -> time:
    """Parse a time of day."""
    return value if isinstance(value, time) else parse_time_of_day(line(value))
