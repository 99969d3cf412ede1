"""In which time zone is the dock? The configured one, or the one that this machine has.

One zone for all: local times of cameras are read in it, every time is shown in it, and what a person types
without an offset from UTC is taken in it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

LOCALTIME = Path("/etc/localtime")


class SystemZone(tzinfo):
    """The zone of this machine, as the C library has it ($TZ, /etc/localtime)."""

    def __init__(self, name: str) -> None:
        """Call it by its name."""
        self._name = name

    def __str__(self) -> str:
        return self._name

    def __repr__(self) -> str:
        return f"SystemZone({self._name!r})"

    def __reduce__(self) -> tuple[type[SystemZone], tuple[str]]:
        return SystemZone, (self._name,)

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """Return what local time is ahead of UTC by where the clocks show `dt`."""
        if dt is None:
            return None
        shown = dt.replace(tzinfo=None)
        return shown.replace(tzinfo=UTC, fold=0) - datetime.fromtimestamp(shown.timestamp(), UTC)

    def dst(self, dt: datetime | None) -> timedelta | None:  # noqa: ARG002 - a tzinfo's
        """Return None: it is not known which part of the offset is summer time."""
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        """Return the abbreviation, such as "BST"."""
        return None if dt is None else dt.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, dt: datetime) -> datetime:
        """Return what the clocks show at a moment in UTC."""
        return datetime.fromtimestamp(dt.replace(tzinfo=UTC).timestamp()).replace(tzinfo=self)  # noqa: DTZ006


def system_zone(environ: Mapping[str, str] = os.environ, localtime: Path = LOCALTIME) -> SystemZone:
    """Return the zone of this machine, by the name that it bears there."""
    name = environ.get("TZ", "").removeprefix(":")
    if not name:
        _, _, name = os.path.realpath(localtime).partition("/zoneinfo/")
    return SystemZone(name or "UTC")


def named_zone(name: str) -> tzinfo:
    """Return a zone of the IANA database; "" for the one of this machine.

    Raises:
        ValueError: there is none of that name here.
    """
    if not name:
        return system_zone()
    import zoneinfo  # noqa: PLC0415 - most docks name none, and `bwvdock status` must start fast

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            'write a time zone that this machine knows (timedatectl list-timezones), such as "Europe/London"'
        ) from None
