"""`bwvdock report`: reports for an auditor, as a table, as CSV or as JSON."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from bwvdock.cli.commands.dockings import balance
from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.consultation import must_see
from bwvdock.cli.journal import Reader, open_reader, say_unknown
from bwvdock.cli.lists.sums import summed
from bwvdock.cli.moments import localised, read_period, when
from bwvdock.cli.output.console import RED, print_json_array, print_table, say, size
from bwvdock.cli.output.spreadsheet import print_csv
from bwvdock.config.settings import Config
from bwvdock.core.clips.names import Named
from bwvdock.core.clips.roster import UnitSpan, unit_at
from bwvdock.core.custody.records import DockingSheet
from bwvdock.core.events.records import FootageFigure, LackRow
from bwvdock.core.moments import iso
from bwvdock.edges.journal.read import reports
from bwvdock.errors import UsageError

_EXAMPLE = "For example: bwvdock report dockings --since 2026-03-01 --until 2026-03-31"
_MOST_DAYS = 36500
_FIRST_DAY = datetime.min.replace(tzinfo=UTC)
_UNCERTAIN = "recorded_uncertain"
_TIMES = frozenset({"since", "recorded_at", "retain_until", "noticed", "at", "attached_at", "detached_at"})
_NUMBERS = frozenset(
    {
        "SEEN",
        "COPIED",
        "ALREADY HELD",
        "NOT READY",
        "UNREADABLE",
        "REFUSED",
        "RESIDUAL",
        "UNKNOWN",
        "SYSTEM",
        "BYTES",
        "ENTRY",
        "LINES",
        *("SENT", "CERTAIN", "POSSIBLE", "WITHOUT"),
    }
)
_WRAP = frozenset({"DETAIL", "REASON", "DISPOSED", "KNOWN"})
_DROP = (
    *(
        "TRANSPORT",
        "SYSTEM",
        "BYTES",
        "DETACHED",
        "ALREADY HELD",
        "BAY",
        "STATE",
        "REFUSED",
        "COPIED",
    ),
    *("NOT READY", "UNREADABLE", "SEEN", "RESIDUAL", "DISPOSED", "RECORDED AT", "ENTRY", "REASON", "PLACE"),
    *("UNKNOWN", "NOTICED", "REVIEWED", "CLASSES", "CAMERA"),
)
_WRAP_LACKING = {"KNOWN": 40}  # without it a line says no more than a name
_DROP_LACKING = ("CAMERA", "CATEGORY", "SINCE", "POSSIBLE")
_DOCKING_HEADS = {
    "id": "DOCKING",
    "attached_at": "ATTACHED",
    "detached_at": "DETACHED",
    "bytes_copied": "BYTES",
    "complete": "BALANCE",
}
"""What `dockings list` calls these columns; JSON and CSV have their names."""
_OF_ONE_DOCKING = frozenset({"outcomes", "reason", "model", "bytes_read"})  # shown by `dockings show`
_LISTS = frozenset({"left"})  # no cell holds one; `dockings show` names the files


def absence(arguments: Namespace) -> int:
    """Report cameras not docked, clips never copied, and gaps in file numbering."""
    config, span = _asked(arguments)
    until = span.until or datetime.now(UTC)
    before = until - min(timedelta(days=_days(arguments)), until - _FIRST_DAY)
    with open_reader(config) as reader:
        rows = reader.absences(span, before=before)
        chosen = _of_units(arguments, config, reader, [(row, row.camera, row.since) for row in rows])
    return _print(arguments, reports.Absence, chosen, by="what", nothing="Nothing is known to be missing.")


def missing(arguments: Namespace) -> int:
    """Report calls without footage, officers without a docking and cameras that are out."""
    config, span = _asked(arguments)
    with open_reader(config) as reader:
        if arguments.figures:
            counted = [("", one) for one in reader.footage_figures(span)]
            nothing = "No event was dispatched in this period."
            return _print(arguments, FootageFigure, counted, by="category", nothing=nothing)
        subject = arguments.unit or "missing"
        must_see(arguments, config, command="report missing", subject=subject)
        rows = reader.missing(span, now=iso(datetime.now(UTC)), subject=subject)
        say_unknown(reader, {Named.SENT_UNIT: arguments.unit}, config, subject)
    chosen = [(row.unit, row) for row in rows if arguments.unit in {None, row.unit}]
    if arguments.by_unit:
        chosen.sort(key=lambda one: one[0])
    own = {"unit"} if arguments.by_unit else ()
    nothing = "Nothing is known to be missing."
    return _print(arguments, LackRow, chosen, by="what", without=own, nothing=nothing)


def dockings(arguments: Namespace) -> int:
    """Report the balance of every docking."""
    config, span = _asked(arguments)
    with open_reader(config) as reader:
        sheets = reader.dockings(since=span.since, until=span.until)
        chosen = _of_units(arguments, config, reader, [(one, one.camera, one.attached_at) for one in sheets])
    return _print(
        arguments,
        DockingSheet,
        chosen,
        by="complete",
        without=_OF_ONE_DOCKING,
        nothing="No camera was docked in this period.",
    )


def retention(arguments: Namespace) -> int:
    """Report how long each clip is kept and why, and what was disposed of."""
    (config, span), now = _asked(arguments), iso(datetime.now(UTC))
    with open_reader(config) as reader:
        rows = [row for row in reader.retention(span, now=now) if _is_of_class(row, arguments.of_class)]
        say_unknown(reader, {Named.CLASS: arguments.of_class}, config, "")
        chosen = _of_units(arguments, config, reader, [(row, row.camera, row.recorded_at) for row in rows])
    return _print(arguments, reports.Kept, chosen, by="fate", nothing="No clip was acquired in this period.")


def _is_of_class(row: reports.Kept, wanted: str | None) -> bool:
    return wanted is None or wanted in (row.classes.split(", ") if row.classes else [""])


def erasures(arguments: Namespace) -> int:
    """Report every erasure and disposal, with the entry recorded before each."""
    config, span = _asked(arguments)
    with open_reader(config) as reader:
        rows = reader.removals(span)
        chosen = _of_units(arguments, config, reader, [(row, row.camera, row.recorded_at) for row in rows])
    nothing = "Nothing was erased or disposed of in this period."
    return _print(arguments, reports.Removal, chosen, by="kind", nothing=nothing)


def _of_units(
    arguments: Namespace, config: Config, reader: Reader, rows: Sequence[tuple[Any, str, str]]
) -> list[tuple[str, Any]]:
    """Return the rows that are wanted, each with its unit: "" for none, or where nobody asked for units.

    Each row comes with a camera and the time at which the camera's unit counts.
    """
    if arguments.unit is None and not arguments.by_unit:
        return [("", row) for row, _, _ in rows]
    subject = arguments.unit or "units"
    command = f"report {arguments.VERB} {'--by-unit' if arguments.by_unit else '--unit'}"
    must_see(arguments, config, command=command, subject=subject)
    say_unknown(reader, {Named.UNIT: arguments.unit}, config, subject)
    spans: dict[str, list[UnitSpan]] = {}
    for span in reader.unit_spans(subject=subject):
        spans.setdefault(span.camera, []).append(span)
    named = [(unit_at(spans.get(camera, ()), moment), row) for row, camera, moment in rows]
    wanted = [(unit, row) for unit, row in named if arguments.unit in {None, unit}]
    return sorted(wanted, key=lambda one: one[0]) if arguments.by_unit else wanted


def _asked(arguments: Namespace) -> tuple[Config, reports.Period]:
    """Return the configuration, and the period that is asked for, in its zone."""
    if arguments.sums and not arguments.by_unit:
        raise UsageError(
            "--sums sums up by unit: it needs --by-unit.",
            remedy=f"bwvdock report {arguments.VERB} --by-unit --sums --reason R",
        )
    config = working_configuration(arguments)
    return config, reports.Period(**read_period(arguments, remedy=_EXAMPLE))


def _days(arguments: Namespace) -> int:
    if not arguments.days.isdecimal() or int(arguments.days) > _MOST_DAYS:
        raise UsageError(
            f"{arguments.days!r} is not a number of days from 0 to {_MOST_DAYS}.",
            remedy="bwvdock report absence --days 7",
        )
    return int(arguments.days)


def _print(
    arguments: Namespace,
    kind: type,
    rows: Sequence[tuple[str, Any]],
    *,
    by: str,
    nothing: str,
    without: Collection[str] = (),
) -> int:
    """Print the lines, or with --sums how many there are and what they come to, by unit and by a column."""
    names = ["unit"] * arguments.by_unit + [f.name for f in fields(kind) if f.name not in without]
    documents = [
        {name: value for name, value in ({"unit": unit} | asdict(row)).items() if name in names}
        for unit, row in rows
    ]
    if arguments.sums:
        documents = summed([(str(document["unit"]), document) for document in documents], by=by)
        names = [*documents[0]] if documents else ["unit", by, "lines"]
    if arguments.json:
        print_json_array(documents)
        return 0
    names = [name for name in names if name not in _LISTS]
    documents = [{name: document[name] for name in names} for document in documents]
    if arguments.csv:
        print_csv(names, documents)
    elif not rows:
        filtered = arguments.unit is not None or getattr(arguments, "of_class", None) is not None
        say("Nothing in this period matches." if filtered else nothing)
    else:
        names = [name for name in names if name != _UNCERTAIN]  # said beside the time
        shown = [[_shown(name, document) for name in names] for document in documents]
        heads = _DOCKING_HEADS if kind is DockingSheet else {}
        head = [heads.get(name, name.replace("_", " ").upper()) for name in names]
        lacking = kind is LackRow
        wrap, drop = (_WRAP_LACKING, _DROP_LACKING) if lacking else (_WRAP, _DROP)
        print_table(head, shown, right=_NUMBERS & {*head}, wrap=wrap, drop=drop, colour=_colour)
    return 0


def _shown(name: str, document: Mapping[str, object]) -> str:
    value = document[name]
    if name == "complete":
        detached_at = document.get("detached_at", "")
        return balance(
            complete=bool(value),
            detached_at=None if detached_at is None else str(detached_at),
            state=str(document.get("state", "")),
        )
    if name in _TIMES:
        doubt = " (uncertain)" if name == "recorded_at" and document.get(_UNCERTAIN) else ""
        return when(str(value)) + doubt if value else "-"
    if name.startswith("bytes"):
        return size(int(str(value)))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value in {None, ""} else localised(str(value))


def _colour(row: Sequence[str], column: int) -> str:
    return RED if row[column] in {"due", "no", "NOT COMPLETE"} else ""
