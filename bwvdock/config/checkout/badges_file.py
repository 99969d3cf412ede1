"""How is the list of badges read? It is a CSV file with the columns badge, officer, unit and until.

Every wrong line is named, by its number and never by what is in it, and then no line of the file is used.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path

from bwvdock.core.checkout.badges import Holder, may_be_badge
from bwvdock.core.moments import iso
from bwvdock.errors import ConfigError

_COLUMNS, _NEEDED = ("badge", "officer", "unit", "until"), frozenset({"badge", "officer"})
_MOST_BYTES = 4 * 2**20
_MOST_SHOWN = 20
_LONGEST_NAME = 200
_RELOAD = "then: systemctl reload bwvdock"
Row = tuple[str, Holder]


def read_badges(path: Path, zone: tzinfo) -> list[Row]:
    """Return whose each badge is.

    Args:
        path: the file.
        zone: of times without an offset.

    Raises:
        ConfigError: it cannot be read, or lines of it are wrong; they are named.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror}.", remedy=f"Let the user bwvdock read it: ls -l {path}; {_RELOAD}"
        ) from None
    if len(content) > _MOST_BYTES:
        raise ConfigError(
            f"{path} is larger than {_MOST_BYTES // 2**20} MiB.", remedy=f"Shorten it; {_RELOAD}"
        )
    return parse_badges(content, zone, name=str(path))


def parse_badges(content: bytes, zone: tzinfo, *, name: str) -> list[Row]:
    """Return the same of a file's content: UTF-8; comma, semicolon or tab; any line ending.

    Raises:
        ConfigError: as `read_badges` does.
    """
    mistakes: list[str] = []
    try:
        rows = list(_rows(content.decode("utf-8-sig"), zone, mistakes))
    except UnicodeDecodeError:
        mistakes.append("it is not UTF-8 text")
        rows = []
    if mistakes:
        more = [f"and {len(mistakes) - _MOST_SHOWN} more"] if len(mistakes) > _MOST_SHOWN else []
        said = "\n".join(f"  {mistake}" for mistake in [*mistakes[:_MOST_SHOWN], *more])
        raise ConfigError(
            f"{name} has mistakes, so none of it is used:\n{said}", remedy=f"Fix these lines; {_RELOAD}"
        )
    return rows


def _rows(text: str, zone: tzinfo, mistakes: list[str]) -> Iterator[Row]:
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    head: list[str] = []
    seen: dict[str, int] = {}
    begins = 1
    try:
        for fields in reader:
            number, begins = begins, reader.line_num + 1
            if not any(field.strip() for field in fields):
                continue
            if not head:
                head = [field.strip().casefold() for field in fields]
                if len(set(head)) < len(head) or not _NEEDED <= set(head) <= set(_COLUMNS):
                    mistakes.append(
                        f"line 1: the columns must be {', '.join(_COLUMNS)}; the last two may be left out"
                    )
                    return
                continue
            row = _row(number, head, fields, zone, mistakes)
            if row is None:
                continue
            if row[0] in seen:
                mistakes.append(f"line {number}: its badge is in line {seen[row[0]]} already")
            seen[row[0]] = number
            yield row
    except csv.Error as error:
        mistakes.append(f"line {begins}: {error}; the lines after it were not read")
    if not head:
        mistakes.append(f"it is empty; begin with: {','.join(_COLUMNS)}")


def _row(number: int, head: list[str], fields: list[str], zone: tzinfo, mistakes: list[str]) -> Row | None:
    if len(fields) != len(head):
        mistakes.append(f"line {number}: {len(fields)} fields, but the first line has {len(head)}")
        return None
    row = {name: field.strip() for name, field in zip(head, fields, strict=True)}
    wrong = list(_wrong(row))
    until = ""
    try:
        until = _until(row.get("until", ""), zone)
    except (ValueError, OverflowError):
        wrong.append("until is not a date or an ISO 8601 time")
    mistakes += [f"line {number}: {mistake}" for mistake in wrong]
    holder = Holder(officer=row["officer"], unit=row.get("unit", ""), until=until)
    return None if wrong else (row["badge"], holder)


def _wrong(row: Mapping[str, str]) -> Iterator[str]:
    if not may_be_badge(row["badge"]):
        yield "badge is empty, longer than 128 characters, or contains unprintable characters"
    officer, unit = row["officer"], row.get("unit", "")
    if not officer or any(len(name) > _LONGEST_NAME or not name.isprintable() for name in (officer, unit)):
        yield "officer is empty, or officer or unit is too long or contains unprintable characters"


def _until(text: str, zone: tzinfo) -> str:
    """Return the time at which a badge is not valid any more: that of a day is its end."""
    if not text:
        return ""
    if len(text) == len("2026-01-31"):
        day = date.fromisoformat(text) + timedelta(days=1)
        return iso(datetime(day.year, day.month, day.day, tzinfo=zone))
    moment = datetime.fromisoformat(text)
    return iso(moment if moment.tzinfo else moment.replace(tzinfo=zone))
