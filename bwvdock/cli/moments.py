"""How is a time shown to a person, and how is one read that a person typed?

One rule for every command: a time is shown in the dock's zone, with its offset from UTC; a time that is typed
without an offset is in the dock's zone. So what is shown can be typed back. JSON and CSV are UTC.
"""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TypedDict, TypeVar

from bwvdock.config.time_zone import named_zone
from bwvdock.core.visible_text import visible
from bwvdock.errors import UsageError
from bwvdock.units import parse_end, parse_moment

Moment = TypeVar("Moment")
_IN_UTC = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


@dataclass(slots=True)
class _DockZone:
    """The zone of the dock that this process speaks for; the machine's until a configuration was read."""

    zone: tzinfo


_here = _DockZone(named_zone(""))


def use_zone(zone: tzinfo) -> None:
    """Show and read times in this zone."""
    _here.zone = zone


def when(text: str | None) -> str:
    """Return a time of the journal as a person reads it: to the second, "2026-07-01 06:30:00+01:00"."""
    if not text:
        return "-"
    moment = datetime.fromisoformat(text)
    with suppress(OverflowError, ValueError, OSError):  # in the first or last hours of all years
        moment = moment.astimezone(_here.zone)
    return moment.isoformat(" ", "seconds")


def offset_ms(text: str) -> int:
    """Return how far the dock's local time is ahead of UTC at a time of the journal."""
    moment = datetime.fromisoformat(text).astimezone(_here.zone)
    return (moment.utcoffset() or timedelta(0)) // timedelta(milliseconds=1)


def localised(text: str) -> str:
    """Return a sentence with its times as `when` shows them: the journal and the daemon write UTC."""
    return _IN_UTC.sub(lambda found: when(found[0]), text)


def begin(text: str) -> datetime:
    """Read a time, or the beginning of a day, that a person typed.

    Raises:
        ValueError: it cannot be read, is ambiguous or does not exist here.
    """
    return parse_moment(text, _here.zone)


def end(text: str) -> datetime:
    """Read the end of a span that includes what is typed: all of that second, that minute or that day.

    Raises:
        ValueError: as `begin` does.
    """
    return parse_end(text, _here.zone)


class Bounds(TypedDict):
    """The period that a list or a report covers, both ends inclusive; None is open."""

    since: datetime | None
    until: datetime | None


def read_moment(text: str | None, read: Callable[[str], Moment], *, remedy: str) -> Moment | None:
    """Read a time as it was typed; return None where its option was left out.

    Args:
        text: what was typed.
        read: reads it, or raises ValueError with what is wrong with it.
        remedy: what to type instead, for example a command with a time that can be read.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return None if text is None else read(text)
    except ValueError as error:
        raise UsageError(f"{error}.", remedy=remedy) from None


def read_period(arguments: Namespace, *, remedy: str) -> Bounds:
    """Read --since and --until in the dock's zone; the end includes that whole day, minute or second.

    Raises:
        UsageError: one of them cannot be read, or neither.
    """
    read: list[datetime | None] = []
    wrong: list[str] = []
    for text, reads in ((arguments.since, begin), (arguments.until, end)):
        try:
            read.append(read_moment(text, reads, remedy=remedy))
        except UsageError as error:
            wrong.append(error.message)
    if wrong:
        raise UsageError(" ".join(wrong), remedy=remedy)
    since, until = read
    if since is not None and until is not None and since > until:
        said = f"--since {visible(arguments.since)} is later than --until {visible(arguments.until)}."
        print(said, file=sys.stderr)
    return Bounds(since=since, until=until)
