"""How is a CSV file read? Every wrong line is named, and then no line of the file is used."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bwvdock.errors import UsageError
from bwvdock.operators.decisions import named_mistakes

Row = tuple[str, ...]
MOST_BYTES = 12 * 1024 * 1024  # 100,000 rows and their line numbers fit into one request


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """What a file has in its lines.

    Attributes:
        columns: their names; the first line names those that the file has, in any order.
        optional: those that may be left out.
        read: returns a row from its line's number and its fields by column. What it cannot read it appends to
            the list, and replaces by something that can be read.
        check: returns what else is wrong with the rows, in texts that begin with the line; it is given the
            lines in which something was replaced.
        remedy: what to do about wrong lines.
        named: what the file calls some columns, and what they are called here.
        others: whether it may have other columns, which are not used.
    """

    columns: Sequence[str]
    optional: Sequence[str]
    read: Callable[[int, Mapping[str, str], list[str]], Row]
    check: Callable[[Sequence[Row], Collection[str]], list[str]]
    remedy: str
    named: Mapping[str, str] = field(default_factory=dict)
    others: bool = False


def read_file(path: Path, form: Form) -> tuple[Row, ...]:
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
    return parse(content, form, name=str(path))


def parse(content: bytes, form: Form, *, name: str) -> tuple[Row, ...]:
    """Parse a file: UTF-8 with or without a byte order mark; comma, semicolon or tab; any line ending.

    Raises:
        UsageError: as `read_file` does.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UsageError(f"{name} is not UTF-8 text (line {line}).", remedy="Save it as CSV UTF-8.") from None
    mistakes: list[str] = []
    rows = tuple(_rows(text, form, mistakes))
    mistakes += form.check(rows, {_line(mistake) for mistake in mistakes})
    if mistakes:
        mistakes.sort(key=lambda mistake: int(_line(mistake)))
        lines = named_mistakes(mistakes)
        raise UsageError(f"{name} has mistakes, so none of it was recorded:\n{lines}", remedy=form.remedy)
    if not rows:
        raise UsageError(f"{name} has no rows.", remedy=f"Start it with: {','.join(form.columns)}")
    return rows


def _rows(text: str, form: Form, mistakes: list[str]) -> Iterator[Row]:
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
                head = _head(fields, form, mistakes)
                if head is None:
                    return
                continue
            row = _row(line, head, fields, form, mistakes)
            if row is not None:
                yield row
    except csv.Error as error:
        mistakes.append(f"line {begins}: {error}; the lines after it were not read")


def _head(fields: Sequence[str], form: Form, mistakes: list[str]) -> list[str] | None:
    head = [form.named.get(name, name) for name in (field.strip().casefold() for field in fields)]
    needed, known = {*form.columns} - {*form.optional}, {*form.columns}
    used = [name for name in head if name in known] if form.others else head
    if not set(used) >= needed or not set(used) <= known or len(set(used)) < len(used):
        spare = ", ".join(repr(name) for name in form.optional)
        missing = [name for name in form.columns if name in needed - {*used}]
        absent = f"; missing: {', '.join(missing)}" if missing else ""
        mistakes.append(
            f"line 1: the columns must be {', '.join(form.columns)}, in any order "
            f"({spare} may be left out){absent}"
        )
        return None
    return head


def _row(
    line: int, head: Sequence[str], fields: Sequence[str], form: Form, mistakes: list[str]
) -> Row | None:
    if len(fields) != len(head):
        mistakes.append(f"line {line}: {len(fields)} fields, but the first line has {len(head)}")
        return None
    return form.read(line, {name: field.strip() for name, field in zip(head, fields, strict=True)}, mistakes)


def _line(mistake: str) -> str:
    return mistake.partition(":")[0].removeprefix("line ")
