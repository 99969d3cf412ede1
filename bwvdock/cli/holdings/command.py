"""`bwvdock report holdings`: has every store what it has proven?"""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.holdings.asking import ask_now
from bwvdock.cli.journal import open_reader
from bwvdock.cli.moments import when
from bwvdock.cli.output.console import RED, print_json_array, print_table, say
from bwvdock.cli.output.spreadsheet import print_csv
from bwvdock.core.holdings.holding import Holding, Standing, compared, with_difference
from bwvdock.core.visible_text import quoted
from bwvdock.errors import UsageError
from bwvdock.units import format_count

Rows = Sequence[Mapping[str, Any]]
_NAMES = tuple(field.name for field in fields(Holding))
_HEAD = ("CLIP", "STORE", "STANDING", "RECEIVED", "LAST PROVEN", "HOW", "DIFFERENCE")
_DIFFERENCE = _HEAD.index("DIFFERENCE")


def holdings(arguments: Namespace) -> int:
    """Print what stores have; return 1 where something is not as it must be."""
    config = working_configuration(arguments)
    before = _read(arguments.against) if arguments.against else None
    began = ask_now(config, arguments.destination) if arguments.now else ""
    required = [store.name for store in config.destinations if store.required]
    with open_reader(config) as reader:
        known = list(reader.holdings(required, now=datetime.now(UTC), asked_since=began))
        partial = reader.partial
    rows: Iterable[Holding] = [with_difference(row, asked_since=began) for row in known]
    rows = rows if before is None else compared(before, rows, partial=partial)
    wanted = {"", arguments.destination} if arguments.destination else None
    found = [row for row in rows if wanted is None or row.destination in wanted]
    found.sort(key=lambda row: (row.clip, row.destination))
    wrong = [row for row in found if row.difference]
    _print(arguments, wrong if arguments.differences else found)
    _sum_up(found, wrong, since=_since(arguments.against, before, found), partial=partial)
    return int(bool(wrong))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Since:
    """An earlier report: its file, how many copies it has as proven, and how many are proven only now."""

    file: str
    proven: int
    only_now: int


def _since(file: str | None, before: Rows | None, found: Iterable[Holding]) -> _Since | None:
    if file is None or before is None:
        return None
    proven = {(row["clip"], row["destination"]) for row in before if row["standing"] == Standing.PROVEN}
    now = {(row.clip, row.destination) for row in found if row.standing is Standing.PROVEN}
    return _Since(file=file, proven=len(proven), only_now=len(now - proven))


def _print(arguments: Namespace, rows: Sequence[Holding]) -> None:
    if arguments.json:
        print_json_array(asdict(row) for row in rows)
    elif arguments.csv:
        print_csv(_NAMES, map(asdict, rows))
    elif rows:
        drop = ("RECEIVED", "HOW", "LAST PROVEN")
        lines = [_line(row) for row in rows]
        print_table(_HEAD, lines, wrap={"DIFFERENCE": 30}, drop=drop, colour=_colour)


def _line(row: Holding) -> list[str]:
    return [
        row.clip,
        row.destination,
        row.standing,
        when(row.received_at) if row.received_at else "-",
        when(row.proven_at) if row.proven_at else "-",
        row.method or "-",
        row.difference or "-",
    ]


def _colour(row: Sequence[str], column: int) -> str:
    return RED if column == _DIFFERENCE and row[column] != "-" else ""


def _sum_up(
    found: Sequence[Holding], wrong: Sequence[Holding], *, since: _Since | None, partial: bool
) -> None:
    """Print what was found in a sentence, and the figure that must be 0, last of all."""
    counts = {standing: sum(row.standing is standing for row in found) for standing in Standing}
    named = ", ".join(f"{count} {standing}" for standing, count in counts.items() if count)
    copies = format_count(len(found), "copy", "copies")
    say(f"{copies} of {_clips(found)}: {named or 'none has been proven'}.")
    if since:
        compared = format_count(since.proven, "copy", "copies")
        say(f"Compared with {compared} proven in {since.file}. Proven now and not there: {since.only_now}.")
    seen = " of what you may see" if partial else ""
    say(f"DIFFERENCES{f' since {since.file}' if since else ''}: {len(wrong)}{seen}")


def _clips(rows: Iterable[Holding]) -> str:
    return format_count(len({row.clip for row in rows}), "clip")


def _read(file: str) -> Rows:
    """Return the rows of an earlier report.

    Raises:
        UsageError: it cannot be read, or is none.
    """
    remedy = "Name a file that `bwvdock report holdings --json` has written."
    try:
        document = json.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{quoted(file)} cannot be read: {error.strerror}.", remedy=remedy) from error
    except (ValueError, RecursionError):
        raise UsageError(f"{quoted(file)} is not JSON.", remedy=remedy) from None
    if not isinstance(document, list) or not all(_is_row(row) for row in document):
        raise UsageError(f"{quoted(file)} is not a report of holdings.", remedy=remedy)
    return document


def _is_row(row: object) -> bool:
    named = ("clip", "destination", "standing", "sha256")
    return isinstance(row, dict) and all(isinstance(row.get(name), str) for name in named)
