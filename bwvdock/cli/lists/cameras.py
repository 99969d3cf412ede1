"""How is a list of cameras read? It is a CSV file with the columns serial, model and unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from bwvdock.cli.lists.csv_rows import Form, Row, parse, read_file
from bwvdock.core.custody.records import Enrolment
from bwvdock.operators.enrolments import mistakes_in_cameras

_REMEDY = "Fix these lines and import the file again; rows already recorded are skipped."
Known = Callable[[str], Enrolment]


def read_cameras(path: Path, known: Known) -> tuple[Row, ...]:
    """Read the rows of a file: the line's number, serial, model and unit.

    Args:
        path: the file.
        known: returns what operators decided about a serial.

    Raises:
        UsageError: it cannot be read, or lines of it are wrong; all of them are named.
    """
    return read_file(path, _form(known))


def parse_cameras(content: bytes, known: Known, *, name: str) -> tuple[Row, ...]:
    """Parse such a file.

    Raises:
        UsageError: as `read_cameras` does.
    """
    return parse(content, _form(known), name=name)


def _form(known: Known) -> Form:
    return Form(
        columns=("serial", "model", "unit"),
        optional=("model", "unit"),
        read=_camera,
        check=lambda rows, _unsure: mistakes_in_cameras(rows, known),
        remedy=_REMEDY,
    )


def _camera(line: int, row: Mapping[str, str], _mistakes: list[str]) -> Row:
    return str(line), row["serial"], row.get("model", ""), row.get("unit", "")
