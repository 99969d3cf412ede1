"""How is a time written, and by how much do two times of one clock differ?

Moments in the journal are ISO 8601 texts in UTC with milliseconds ("2026-11-21T02:27:38.123Z"); file
times are integers, nanoseconds since 1970.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_NS = -62_135_596_800 * 10**9  # year 1
_LAST_NS = 253_402_300_799 * 10**9  # year 9999


def iso(moment: datetime) -> str:
    """Return a time as the journal writes it: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def nanoseconds(moment: datetime) -> int:
    """Return a time as nanoseconds since 1970, exact to the microsecond."""
    since = moment - _EPOCH  # in its own parts: to divide it takes several times as long
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000


def moment_of_ns(nanoseconds: int) -> datetime:
    """Return nanoseconds since 1970 as a time; one outside the years 1 to 9999 becomes the nearest."""
    within = min(max(nanoseconds, _FIRST_NS), _LAST_NS)
    return _EPOCH + timedelta(microseconds=within // 1000)


def iso_of_ns(nanoseconds: int) -> str:
    """Return nanoseconds since 1970 as the journal writes them."""
    return iso(moment_of_ns(nanoseconds))


_QUARTER_NS = 15 * 60 * 10**9  # time zones are whole quarters of an hour, 14 h at the most
_MOST_QUARTERS = 14 * 4
_ZONE_JITTER_NS = 10 * 10**9
JITTER_NS = 120 * 10**9
"""The resolution of FAT, and the delay between plugging in and the dock's first look."""


def without_zone(apart_ns: int) -> int | None:
    """Return the difference of two times of one clock without a time zone; None if no zone explains it.

    A difference no larger than the jitter is not a zone.
    """
    if abs(apart_ns) <= JITTER_NS:
        return apart_ns
    zones = round(apart_ns / _QUARTER_NS)
    rest = apart_ns - zones * _QUARTER_NS
    return rest if abs(rest) <= _ZONE_JITTER_NS and abs(zones) <= _MOST_QUARTERS else None
