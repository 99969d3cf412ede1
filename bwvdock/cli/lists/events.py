"""How is a list from dispatch read? It is a CSV file with one line for each officer or unit that was sent.

Its columns may have other names, and there may be more of them. Times without a UTC offset are local times of
the dock; one that the clocks show twice that night, or never, is not guessed at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bwvdock.cli.lists.csv_rows import Form, Row, parse, read_file
from bwvdock.cli.roster_file import EARLIEST, read_time
from bwvdock.config.events.settings import COLUMNS
from bwvdock.errors import UsageError
from bwvdock.operators.events.importing import mistakes_in_events
from bwvdock.units import is_day

_REMEDY = (
    "Fix these lines and import the file again; nothing of it was recorded. If the file only calls a column "
    "differently: --column event='Incident No'"
)
_OPTIONAL = ("officer", "unit", "cleared", "category")


def read_events(path: Path, named: Mapping[str, str]) -> tuple[Row, ...]:
    """Read the rows of a file: line, event, officers, units, dispatched, cleared, category.

    Args:
        path: the file.
        named: what it calls its columns, by bwvdock's names for them.

    Raises:
        UsageError: it cannot be read, or lines of it are wrong; all of them are named.
    """
    return read_file(path, _form(named))


def parse_events(content: bytes, named: Mapping[str, str], *, name: str) -> tuple[Row, ...]:
    """Parse such a file.

    Raises:
        UsageError: as `read_events` does.
    """
    return parse(content, _form(named), name=name)


def named_columns(given: Sequence[str], configured: Mapping[str, str]) -> dict[str, str]:
    """Return what a file calls its columns, from options "event=Incident No" and the configuration.

    Raises:
        UsageError: an option is not one.
    """
    named = dict(configured)
    for option in given:
        ours, equals, theirs = option.partition("=")
        if not equals or not theirs.strip() or ours.strip() not in COLUMNS:
            raise UsageError(
                f"{option!r} does not say what the file calls a column.",
                remedy=f"For example: --column event='Incident No'; the columns are {', '.join(COLUMNS)}",
            )
        named[ours.strip()] = theirs.strip()
    return named


def _form(named: Mapping[str, str]) -> Form:
    return Form(
        columns=COLUMNS,
        optional=_OPTIONAL,
        read=_event,
        check=mistakes_in_events,
        remedy=_REMEDY,
        named={theirs.strip().casefold(): ours for ours, theirs in named.items()},
        others=True,
    )


def _event(line: int, row: Mapping[str, str], mistakes: list[str]) -> Row:
    return (
        str(line),
        row["event"],
        row.get("officer", ""),
        row.get("unit", ""),
        _time(line, row, "dispatched", mistakes, otherwise=EARLIEST),
        _time(line, row, "cleared", mistakes) if row.get("cleared") else "",
        row.get("category", ""),
    )


def _time(line: int, row: Mapping[str, str], column: str, mistakes: list[str], *, otherwise: str = "") -> str:
    """Return a time of a call; a day alone is none: it was cut off, perhaps: midnight is a guess."""
    if is_day(row.get(column, "")):
        mistakes.append(f"line {line}: {column} {row[column]!r} has no time of day")
        return otherwise
    return read_time(line, row, column, mistakes, otherwise=otherwise)
