"""How are sizes, rates, times of day and moments read from people and shown to them?

Pure functions: nothing here knows a configuration, a journal or a terminal.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

_SIZE_UNITS = {
    "": 1,
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
_RATE_UNITS = {  # bits per second for each; a byte has eight
    "bit/s": 1,
    "kbit/s": 10**3,
    "mbit/s": 10**6,
    "gbit/s": 10**9,
    "b/s": 8,
    "kb/s": 8 * 10**3,
    "mb/s": 8 * 10**6,
    "gb/s": 8 * 10**9,
    "kib/s": 8 * 2**10,
    "mib/s": 8 * 2**20,
    "gib/s": 8 * 2**30,
}
_QUANTITY = r"(?i)\s*(\d+(?:\.\d+)?)\s*([a-z/]*)\s*\Z"
_SHOWN_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def parse_size(text: str) -> int:
    """Return the bytes of a size such as "5 GiB", "500 MB" or "1024".

    Raises:
        ValueError: it is not a size.
    """
    return int(_quantity(text, _SIZE_UNITS, 'a size such as "5 GiB"'))


def parse_rate(text: str) -> int | None:
    """Return the bytes per second of a rate such as "80 Mbit/s" or "10 MiB/s", None for "none".

    Raises:
        ValueError: it is not a rate, or less than one byte per second.
    """
    if text.strip().lower() == "none":
        return None
    rate = int(_quantity(text, _RATE_UNITS, 'a rate such as "80 Mbit/s", or "none"') / 8)
    if rate < 1:
        raise ValueError('not a rate of at least one byte per second; for no limit write "none"')
    return rate


def _quantity(text: str, units: dict[str, int], example: str) -> float:
    match = re.match(_QUANTITY, text)
    unit = units.get(match[2].lower()) if match else None
    if match is None or unit is None:
        raise ValueError(f"not {example}")
    return float(match[1]) * unit


def parse_time_of_day(text: str) -> time:
    """Return a time of day such as "22:00", local to the dock.

    Raises:
        ValueError: it is not a time of day.
    """
    if not re.fullmatch(r"\d\d:\d\d(:\d\d)?", text):
        raise ValueError('not a time of day such as "22:00"')
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ValueError("not a valid time of day") from None


def parse_moment(text: str, zone: tzinfo = UTC) -> datetime:
    """Return an ISO 8601 date or time, in `zone` if it has no offset. A date is the beginning of that day.

    Raises:
        ValueError: it is not such a time, is ambiguous or does not exist in the zone.
    """
    bare = text.strip()
    try:
        given = datetime.fromisoformat(bare)
        first, second = (_in_utc(given.replace(fold=fold), zone) for fold in (0, 1))
    except (ValueError, OverflowError, OSError):  # in UTC it may be in the year 0 or 10000
        raise ValueError(f"{text!r} is not an ISO 8601 time such as 2026-03-01T06:00+00:00") from None
    if first != second and not is_day(bare):
        what = "occurs twice" if first < second else "does not exist"
        raise ValueError(f"{text!r} {what}, because the clocks change that night: add a UTC offset")
    return first


def parse_end(text: str, zone: tzinfo = UTC) -> datetime:
    """Return such a time as the end of a period that includes it: the last microsecond of what is named.

    A time to the second includes that second, and a date includes the whole day.

    Raises:
        ValueError: as `parse_moment` does.
    """
    begins, bare = parse_moment(text, zone), text.strip()
    try:
        if is_day(bare):
            next_day = datetime.fromisoformat(bare).date() + timedelta(days=1)
            return parse_moment(next_day.isoformat(), zone) - _MICROSECOND
        said = re.search(r"\d\d:?\d\d(:?\d\d([.,]\d+)?)?", bare[8:])
        to_second, to_fraction = (bool(said and said[group]) for group in (1, 2))
        length = timedelta(seconds=1) if to_second else timedelta(minutes=1)
        return begins if to_fraction else begins + length - _MICROSECOND
    except (ValueError, OverflowError):  # the last of all days
        return begins


def _in_utc(given: datetime, zone: tzinfo) -> datetime:
    return (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)


def is_day(text: str) -> bool:
    """Return whether a time as it was typed is a day alone."""
    return len(text) <= len("2026-03-31")


_MICROSECOND = timedelta(microseconds=1)


def format_size(size: int) -> str:
    """Return a size as a person reads it: "512 B", "1.5 GiB"."""
    amount = float(size)
    for unit in _SHOWN_UNITS:
        if amount < 999.5 or unit == _SHOWN_UNITS[-1]:
            break
        amount /= 1024
    digits = 0 if unit == "B" or amount >= 99.5 else 1
    return f"{amount:.{digits}f} {unit}"


def format_count(number: int, noun: str, plural: str = "") -> str:
    """Return a number of things as a person reads it: "1 clip", "2,000 clips", "2 entries".

    Args:
        number: how many.
        noun: the singular.
        plural: the plural, where it is not the singular with an s.
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def count_are(number: int, noun: str) -> str:
    """Return how a sentence about so many begins: "1 clip is", "2 clips are"."""
    return f"{format_count(number, noun)} {'is' if number == 1 else 'are'}"


def format_age(age: timedelta) -> str:
    """Return an age in one unit: "40 s", "12 min", "3 h", "9 days"."""
    seconds = max(0, int(age.total_seconds()))
    for length, unit in ((86400, "day"), (3600, "h"), (60, "min")):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}s" if unit == "day" and count != 1 else f"{count} {unit}"
    return f"{seconds} s"
