"""How is a time read that a person typed as an option's value?"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypedDict, TypeVar

from bwvdock.errors import UsageError
from bwvdock.units import parse_moment

Moment = TypeVar("Moment")


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
    """Read --since and --until; a date without a time after --until includes that whole day.

    Raises:
        UsageError: one of them cannot be read.
    """
    since = read_moment(arguments.since, parse_moment, remedy=remedy)
    until = read_moment(arguments.until, parse_moment, remedy=remedy)
    if until is not None and len(arguments.until) == len("2026-03-31"):
        until += timedelta(days=1, milliseconds=-1)
    return Bounds(since=since, until=until)
