"""How is a roster read? It is a CSV file with the columns serial, officer, from, to and unit.

Every wrong line is named, and then no line of the file is used. Times without a UTC offset are the dock's
local time, as on a paper roster; one that is ambiguous, or does not exist, is not guessed at.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from bwvdock.cli.moments import begin
from bwvdock.core.moments import iso
from bwvdock.errors import UsageError
from bwvdock.operators.requests import Rows, assigned_time

MOST_BYTES = 12 * 1024 * 1024  # 100,000 rows and their line numbers fit into one request
_COLUMNS = ("serial", "officer", "from", "to", "unit")
_NEEDED = frozenset(_COLUMNS) - {"to", "unit"}
_REMEDY = "Fix these lines and import the file again; rows already recorded are skipped."


def read_roster(path: Path) -> Rows:
    """Read the rows of a file, each with its line number.

    Raises:
        UsageError: it cannot be read, or lines of it are wrong; all of them are named.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}.", remedy="Give the path of a CSV file."
        ) from None
    if len(content) > MOST_BYTES:
        raise UsageError(
            f"{path} is larger than {MOST_BYTES // 2**20} MiB.", remedy="Split it and import the parts."
        )
    return parse_roster(content, name=str(path))


def parse_roster(content: bytes, *, name: str) -> Rows:
    """Parse a roster: UTF-8 with or without a byte order mark; comma, semicolon or tab; any line ending.

    Raises:
        UsageError: as `read_roster` does.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UsageError(f"{name} is not UTF-8 text (line {line}).", remedy="Save it as CSV UTF-8.") from None
    mistakes: list[str] = []
    rows = tuple(_rows(text, mistakes))
    if mistakes:
        lines = "\n".join(f"  {mistake}" for mistake in mistakes)
        raise UsageError(f"{name} has mistakes, so none of it was recorded:\n{lines}", remedy=_REMEDY)
    if not rows:
        raise UsageError(f"{name} has no rows.", remedy=f"Start it with: {','.join(_COLUMNS)}")
    return rows


def _rows(text: str, mistakes: list[str]) -> Iterator[tuple[str, ...]]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    head: list[str] | None = None
    begins = 1
    try:
        for fields in reader:
            line, begins = begins, reader.line_num + 1
            if not any(field.strip() for field in fields):
                continue
            if head is None:
                head = _head(fields, mistakes)
                if head is None:
                    return
                continue
            row = _row(line, head, fields, mistakes)
            if row is not None:
                yield row
    except csv.Error as error:
        mistakes.append(f"line {begins}: {error}; the lines after it were not read")


def _head(fields: Sequence[str], mistakes: list[str]) -> list[str] | None:
    head = [field.strip().casefold() for field in fields]
    if not set(head) >= _NEEDED or not set(head) <= set(_COLUMNS) or len(set(head)) < len(head):
        mistakes.append(
            f"line 1: the columns must be {', '.join(_COLUMNS)}, in any order ('to' and 'unit' may be left "
            "out)"
        )
        return None
    return head


def _row(
    line: int, head: Sequence[str], fields: Sequence[str], mistakes: list[str]
) -> tuple[str, ...] | None:
    if len(fields) != len(head):
        mistakes.append(f"line {line}: {len(fields)} fields, but the first line has {len(head)}")
        return None
    row = {name: field.strip() for name, field in zip(head, fields, strict=True)}
    before = len(mistakes)
    mistakes += [
        f"line {line}: {name} is empty or contains unprintable characters"
        for name in ("serial", "officer")
        if not row[name] or not row[name].isprintable()
    ]
    unit = row.get("unit", "")
    if unit and not unit.isprintable():
        mistakes.append(f"line {line}: unit contains unprintable characters")
    times = []
    for name in ("from", "to"):
        try:
            times.append(local_moment(row[name]) if row.get(name) or name == "from" else "")
        except ValueError as error:
            mistakes.append(f"line {line}: {name} {error}")
    if len(mistakes) > before:
        return None
    return (str(line), row["serial"], row["officer"], *times, *([unit] if unit else []))


def local_moment(text: str) -> str:
    """Return an ISO 8601 time as the journal writes it; without an offset it is local time.

    Raises:
        ValueError: it is not such a time, is ambiguous, does not exist here, or is in an impossible year.
    """
    return assigned_time(iso(begin(text)), typed=text)
