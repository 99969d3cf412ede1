"""`bwvdock report`: what an auditor asks, as a table, as CSV or as JSON."""

from __future__ import annotations

import csv
import sys
from argparse import Namespace
from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from bwvdock.cli.journal import open_reader
from bwvdock.cli.moments import read_moment
from bwvdock.cli.output.screen import RED, configuration, print_json_array, print_table, say, when
from bwvdock.core.custody.records import DockingSheet
from bwvdock.core.moments import iso
from bwvdock.core.visible import visible
from bwvdock.edges.journal.read import reports
from bwvdock.errors import UsageError
from bwvdock.units import parse_moment

_EXAMPLE = "For instance: bwvdock report dockings --from 2026-03-01 --to 2026-03-31"
_MOST_DAYS = 36500
_FIRST_DAY = datetime.min.replace(tzinfo=UTC)
_TIMES = frozenset({"since", "recorded_at", "retain_until", "at", "attached_at", "detached_at"})
_OF_ONE_DOCKING = frozenset({"outcomes", "reason", "model", "bytes_read"})  # `dockings show` tells them


def absence(arguments: Namespace) -> int:
    """Report cameras that were not docked, clips that never came, and gaps in cameras' numbering."""
    span = _span(arguments)
    until = span.until or datetime.now(UTC)
    before = until - min(timedelta(days=_days(arguments)), until - _FIRST_DAY)
    with open_reader(configuration(arguments)) as reader:
        rows = reader.absences(span, before=before)
    return _print(arguments, reports.Absence, rows, nothing="Nothing is missing that is known of.")


def dockings(arguments: Namespace) -> int:
    """Report the balance of every docking."""
    span = _span(arguments)
    with open_reader(configuration(arguments)) as reader:
        sheets = reader.dockings(since=span.since, until=span.until)
    return _print(
        arguments, DockingSheet, sheets, without=_OF_ONE_DOCKING, nothing="No camera was docked then."
    )


def retention(arguments: Namespace) -> int:
    """Report until when each clip is kept, why, and what was disposed of."""
    span, now = _span(arguments), iso(datetime.now(UTC))
    with open_reader(configuration(arguments)) as reader:
        rows = reader.retention(span, now=now)
    return _print(arguments, reports.Kept, rows, nothing="No clip was acquired then.")


def erasures(arguments: Namespace) -> int:
    """Report everything that was erased or disposed of, with the entry before each act."""
    span = _span(arguments)
    with open_reader(configuration(arguments)) as reader:
        rows = reader.removals(span)
    return _print(arguments, reports.Removal, rows, nothing="Nothing was erased or disposed of then.")


def _span(arguments: Namespace) -> reports.Period:
    since = read_moment(arguments.since, parse_moment, remedy=_EXAMPLE)
    until = read_moment(arguments.until, parse_moment, remedy=_EXAMPLE)
    if until is not None and len(arguments.until) == len("2026-03-31"):
        until += timedelta(days=1, milliseconds=-1)  # a day that is named is meant whole
    return reports.Period(since=since, until=until)


def _days(arguments: Namespace) -> int:
    if not arguments.days.isdecimal() or int(arguments.days) > _MOST_DAYS:
        raise UsageError(
            f"{arguments.days!r} is no number of days.", remedy="bwvdock report absence --days 7"
        )
    return int(arguments.days)


def _print(
    arguments: Namespace, kind: type, rows: Sequence[Any], *, nothing: str, without: Collection[str] = ()
) -> int:
    names = [f.name for f in fields(kind) if f.name not in without]
    documents = [{name: value for name, value in asdict(row).items() if name in names} for row in rows]
    if arguments.json:
        print_json_array(documents)
    elif arguments.csv:
        writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows({n: _harmless(v) for n, v in document.items()} for document in documents)
    elif not rows:
        say(nothing)
    else:
        shown = [[_shown(name, document[name]) for name in names] for document in documents]
        print_table([name.replace("_", " ").upper() for name in names], shown, colour=_colour)
    return 0


def _shown(name: str, value: object) -> str:
    if name in _TIMES:
        return when(str(value)) if value else "-"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return "-" if value in {None, ""} else str(value)


def _harmless(value: object) -> object:
    """Keep a spreadsheet from taking a camera's file name for a formula, and a terminal from obeying it."""
    if not isinstance(value, str):
        return value
    shown = visible(value)
    return f"'{shown}" if shown.lstrip()[:1] in {"=", "+", "-", "@"} else shown


def _colour(row: Sequence[str], column: int) -> str:
    return RED if row[column] in {"due", "NO"} else ""
