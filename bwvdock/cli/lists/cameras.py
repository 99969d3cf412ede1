"""How is a list of cameras read? It is a CSV file with the columns serial, model and unit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bwvdock.cli.lists.csv_rows import Form, Row, parse, printable, read_file

_REMEDY = "Fix these lines and import the file again; rows already recorded are skipped."


def read_cameras(path: Path) -> tuple[Row, ...]:
    """Read the rows of a file: the line's number, serial, model and unit.

    Raises:
        UsageError: it cannot be read, or lines of it are wrong; all of them are named.
    """
    return read_file(path, _FORM)


def parse_cameras(content: bytes, *, name: str) -> tuple[Row, ...]:
    """Parse such a file.

    Raises:
        UsageError: as `read_cameras` does.
    """
    return parse(content, _FORM, name=name)


def _camera(line: int, row: Mapping[str, str], mistakes: list[str]) -> Row | None:
    before = len(mistakes)
    printable(line, row, ("serial",), needed=True, mistakes=mistakes)
    printable(line, row, ("model", "unit"), needed=False, mistakes=mistakes)
    if len(mistakes) > before:
        return None
    return str(line), row["serial"], row.get("model", ""), row.get("unit", "")


_FORM = Form(columns=("serial", "model", "unit"), optional=("model", "unit"), read=_camera, remedy=_REMEDY)
