"""`bwvdock report figures`: how much was recorded, is kept, was disposed of and handed over?"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict

from bwvdock.cli.audit.asking import ELSEWHERE, asked_of, how_made
from bwvdock.cli.audit.printing import give_out
from bwvdock.cli.audit.values import AuditReport, Column, Kind, Row, Section, Table
from bwvdock.cli.journal import open_reader
from bwvdock.edges.journal.read.audit.figures import Figure

_COUNTS = ("recorded", "bytes", "kept", "in_stores", "disposed", "not_copied", "uncertain", "disclosed")
_NOTES = (
    (
        "Each clip counts in the month in which it was recorded, and as it is now: recorded = kept + in "
        "stores + disposed + not copied. Kept: a copy is in this dock or in a vault that it disposes of "
        "itself. In stores: the journal has a copy in a store alone, which was not asked whether it still "
        "has it. Disposed: no copy is left that the journal knows of. Not copied: seen on a camera, and no "
        "copy was made, or one is to be made anew. Uncertain: nobody vouches for the date, so the month may "
        "be wrong. Disclosed: an entry says that the clip was handed to somebody."
    ),
    ELSEWHERE,
)


def figures(arguments: Namespace) -> int:
    """Report the figures that a force publishes, by month and, if asked for, by unit."""
    config, asked = asked_of(arguments, by_month=not arguments.total)
    with open_reader(config) as reader:
        rows = reader.figures(asked)
        made = how_made(arguments, config, reader)
    return give_out(arguments, figures_report(rows, made, by_unit=asked.by_unit, by_month=asked.by_month))


def figures_report(
    rows: Sequence[Figure], made: Sequence[str], *, by_unit: bool, by_month: bool
) -> AuditReport:
    """Return the report of these figures."""
    groups = grouping(by_unit=by_unit, by_month=by_month)
    names = [*(column.name for column in groups), *_COUNTS]
    documents = [{name: value for name, value in asdict(row).items() if name in names} for row in rows]
    columns = [*groups, *(_column(name) for name in _COUNTS)]
    table = Table(
        caption="Clips by when they were recorded, as they are now",
        columns=columns,
        rows=documents,
        total=total_of(documents, groups, _COUNTS),
    )
    return AuditReport(
        title="Footage: recorded, kept, disposed of, disclosed",
        made=made,
        sections=[Section(tables=[table]), Section(sentences=_NOTES)],
        document=documents,
        nothing="This dock has seen no clip that was recorded in this period.",
    )


def _column(name: str) -> Column:
    drops = {"bytes": 5, "not_copied": 2, "in_stores": 3}
    return Column(name, Kind.BYTES if name == "bytes" else Kind.COUNT, drop=drops.get(name, 0))


def grouping(*, by_unit: bool, by_month: bool) -> list[Column]:
    """Return the columns that say what a row is about."""
    return [Column("unit", wrap=True)] * by_unit + [Column("month")] * by_month


def total_of(rows: Sequence[Row], groups: Sequence[Column], counts: Sequence[str]) -> Row | None:
    """Return the sums of all rows, None where there is one row at most or nothing divides them."""
    if len(rows) < 2 or not groups:
        return None
    sums: dict[str, object] = {name: sum(int(str(row[name])) for row in rows) for name in counts}
    return {groups[0].name: "all", **sums}
