"""How is a roster read? It is a CSV file with the columns serial, officer, from, to and unit.

Every wrong line is named, and then no line of the file is used. Times without a UTC offset are the dock's
local time, as on a paper roster; one that is ambiguous, or does not exist, is not guessed at.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bwvdock.cli.lists.csv_rows import MOST_BYTES, Form, Row, parse, printable, read_file
from bwvdock.cli.moments import begin
from bwvdock.core.moments import iso
from bwvdock.operators.assigned_rows import Rows, assigned_time

__all__ = ["MOST_BYTES", "local_moment", "parse_roster", "read_roster"]
_REMEDY = "Fix these lines and import the file again; rows already recorded are skipped."


def read_roster(path: Path) -> Rows:
    """Read the rows of a file, each with its line number.

    Raises:
        UsageError: it cannot be read, or lines of it are wrong; all of them are named.
    """
    return read_file(path, _FORM)


def parse_roster(content: bytes, *, name: str) -> Rows:
    """Parse a roster: UTF-8 with or without a byte order mark; comma, semicolon or tab; any line ending.

    Raises:
        UsageError: as `read_roster` does.
    """
    return parse(content, _FORM, name=name)


def _assignment(line: int, row: Mapping[str, str], mistakes: list[str]) -> Row | None:
    before = len(mistakes)
    printable(line, row, ("serial", "officer"), needed=True, mistakes=mistakes)
    printable(line, row, ("unit",), needed=False, mistakes=mistakes)
    times = []
    for name in ("from", "to"):
        try:
            times.append(local_moment(row[name]) if row.get(name) or name == "from" else "")
        except ValueError as error:
            mistakes.append(f"line {line}: {name} {error}")
    if len(mistakes) > before:
        return None
    unit = row.get("unit", "")
    return (str(line), row["serial"], row["officer"], *times, *([unit] if unit else []))


_FORM = Form(
    columns=("serial", "officer", "from", "to", "unit"),
    optional=("to", "unit"),
    read=_assignment,
    remedy=_REMEDY,
)


def local_moment(text: str) -> str:
    """Return an ISO 8601 time as the journal writes it; without an offset it is local time.

    Raises:
        ValueError: it is not such a time, is ambiguous, does not exist here, or is in an impossible year.
    """
    return assigned_time(iso(begin(text)), typed=text)
