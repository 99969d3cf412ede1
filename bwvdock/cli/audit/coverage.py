"""`bwvdock report coverage`: for what share of the footage are officer, case, event and a review known?"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bwvdock.cli.audit.asking import ELSEWHERE, asked_of, how_made
from bwvdock.cli.audit.figures import grouping, total_of
from bwvdock.cli.audit.printing import give_out
from bwvdock.cli.audit.values import AuditReport, Column, Kind, Section, Table
from bwvdock.cli.journal import open_reader
from bwvdock.edges.journal.read.audit.coverage import Coverage
from bwvdock.edges.journal.read.audit.meaning import REVIEWED_MEANS

SHARES = ("officer", "case", "event", "reviewed")
_NO_EVENTS = "Event: this journal has no events from dispatch, so nothing is known of them."
_MEANS = (
    "Of the clips that were copied, by when they were recorded. Officer: the clip is attributed to one by an "
    f"assignment. Case: somebody gave it one. {REVIEWED_MEANS}"
)


def coverage(arguments: Namespace) -> int:
    """Report for what share of the copied clips officer, case, event and a review are known."""
    config, asked = asked_of(arguments, by_month=False)
    with open_reader(config) as reader:
        rows = reader.coverage(asked)
        made = how_made(arguments, config, reader)
    report = coverage_report(rows, made, by_unit=asked.by_unit)
    return give_out(arguments, report)


def coverage_report(rows: Sequence[Coverage], made: Sequence[str], *, by_unit: bool) -> AuditReport:
    """Return the report of these shares."""
    groups = grouping(by_unit=by_unit, by_month=False)
    counted = [
        {name: value for name, value in asdict(row).items() if name != "unit" or by_unit} for row in rows
    ]
    known = [name for name in SHARES if any(row[name] is not None for row in counted)]
    total = total_of(counted, groups, ("clips", *known))
    columns = [*groups, Column("clips", Kind.COUNT)]
    for name in known:
        columns += [
            Column(name, Kind.COUNT, drop=1),
            Column(f"{name}_permille", Kind.SHARE, heading=f"% {name}"),
        ]
    table = Table(
        caption="What is known of the clips that were copied",
        columns=columns,
        rows=[_with_shares(row) for row in counted],
        total=_with_shares(total) if total else None,
    )
    notes = [_MEANS, *([] if "event" in known or not rows else [_NO_EVENTS]), ELSEWHERE]
    return AuditReport(
        title="Coverage: officer, case, event, review",
        made=made,
        sections=[Section(tables=[table]), Section(sentences=notes)],
        document=[_with_shares(row) for row in counted],
        nothing="No clip that was recorded in this period was copied.",
    )


def _with_shares(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of counts, or of their sums
    shares = {
        f"{name}_permille": None
        if row.get(name) is None
        else (row[name] * 2000 + row["clips"]) // (2 * row["clips"])
        for name in SHARES
    }
    return {**row, **shares}
