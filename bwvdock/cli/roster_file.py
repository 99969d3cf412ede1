"""How is a roster read? It is a CSV file with the columns serial, officer, from, to and unit.

Every wrong line is named, and then no line of the file is used. Times without a UTC offset are the dock's
local time, as on a paper roster; one that is ambiguous, or does not exist, is not guessed at.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from bwvdock.cli.lists.csv_rows import MOST_BYTES, Form, Row, parse, read_file
from bwvdock.cli.moments import begin
from bwvdock.core.moments import iso
from bwvdock.operators.assigned_rows import Rows, assigned_time
from bwvdock.operators.roster import mistakes_in_roster

__all__ = ["MOST_BYTES", "local_moment", "parse_roster", "read_roster"]
_REMEDY = (
    "Fix these lines and import the file again; rows already recorded are skipped. Whether rows contradict "
    "what is recorded here is checked then."
)


EARLIEST = "2000-01-01T00:00:00.000Z"
"""The time at which something begins, where that cannot be read."""


def read_roster(path: Path, *, correct: bool = False) -> Rows:
    """Read the rows of a file, each with its line number.

    Args:
        path: the file.
        correct: a row may contradict an earlier one.

    Raises:
        UsageError: it cannot be read, or lines of it are wrong; all of them are named.
    """
    return read_file(path, _form(correct=correct))


def parse_roster(content: bytes, *, name: str, correct: bool = False) -> Rows:
    """Parse a roster: UTF-8 with or without a byte order mark; comma, semicolon or tab; any line ending.

    Raises:
        UsageError: as `read_roster` does.
    """
    return parse(content, _form(correct=correct), name=name)


def _assignment(line: int, row: Mapping[str, str], mistakes: list[str]) -> Row:
    begins = read_time(line, row, "from", mistakes, otherwise=EARLIEST)
    ends = read_time(line, row, "to", mistakes) if row.get("to") else ""
    unit = row.get("unit", "")
    return (str(line), row["serial"], row["officer"], begins, ends, *([unit] if unit else []))


def _form(*, correct: bool) -> Form:
    return Form(
        columns=("serial", "officer", "from", "to", "unit"),
        optional=("to", "unit"),
        read=_assignment,
        check=partial(mistakes_in_roster, correct=correct),
        remedy=_REMEDY,
    )


def read_time(
    line: int, row: Mapping[str, str], column: str, mistakes: list[str], *, otherwise: str = ""
) -> str:
    """Return a time of a row as the journal writes it; where it cannot be read that is noted."""
    try:
        return local_moment(row[column])
    except ValueError as error:
        mistakes.append(f"line {line}: {column} {error}")
        return otherwise


def local_moment(text: str) -> str:
    """Return an ISO 8601 time as the journal writes it; without an offset it is local time.

    Raises:
        ValueError: it is not such a time, is ambiguous, does not exist here, or is in an impossible year.
    """
    return assigned_time(iso(begin(text)), typed=text)
