"""`bwvdock report timeliness`: how long until footage is docked, safe and proven?"""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

from bwvdock.cli.audit.asking import ELSEWHERE, asked_of, how_made
from bwvdock.cli.audit.figures import grouping
from bwvdock.cli.audit.printing import give_out
from bwvdock.cli.audit.values import AuditReport, Column, Kind, Section, Table
from bwvdock.cli.journal import open_reader

_VALUES = (
    Column("measure", heading="from, to", wrap=True),
    Column("counted", Kind.COUNT),
    Column("p50_ms", Kind.SPAN, heading="p50", drop=2),
    Column("p95_ms", Kind.SPAN, heading="p95"),
    Column("worst_ms", Kind.SPAN, heading="worst"),
    Column("late", Kind.COUNT, heading="over 24 h", drop=1),
    Column("uncertain", Kind.COUNT),
    Column("open", Kind.COUNT),
)
_NOTES = (
    (
        "Months are those of the docking. Recording to docking: of each copied clip, to the docking in which "
        "it was copied. Docking to safe: of each admitted camera, until nothing more was to be read from it. "
        "Docking to proven: of each copied clip, until every required store had proven its copy. Percentiles "
        "are by nearest rank, of those counted."
    ),
    (
        "Uncertain: an end is a time that nobody vouches for (the camera's clock, or the dock's while it was "
        "not synchronised and did not run through), or comes before the beginning; these are in no "
        "percentile. Open: not ended yet, or never."
    ),
    ELSEWHERE,
)


def timeliness(arguments: Namespace) -> int:
    """Report how long it takes until footage is docked, its camera safe to remove, and its copies proven."""
    config, asked = asked_of(arguments, by_month=not arguments.total)
    with open_reader(config) as reader:
        rows = reader.timeliness(asked)
        made = how_made(arguments, config, reader)
    columns = [*grouping(by_unit=asked.by_unit, by_month=asked.by_month), *_VALUES]
    names = [column.name for column in columns]
    documents = [{name: asdict(row)[name] for name in names} for row in rows]
    table = Table(caption="How long it took", columns=columns, rows=documents)
    report = AuditReport(
        title="Timeliness: recorded, docked, safe, proven",
        made=made,
        sections=[Section(tables=[table]), Section(sentences=_NOTES)],
        document=documents,
        nothing="No camera was docked in this period.",
    )
    return give_out(arguments, report)
