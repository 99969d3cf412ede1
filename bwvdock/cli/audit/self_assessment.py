"""`bwvdock report self-assessment`: what can this dock say to those who ask how cameras are used?"""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from bwvdock.cli.audit.asking import ELSEWHERE, how_made
from bwvdock.cli.audit.assessment.findings import FINDINGS
from bwvdock.cli.audit.assessment.places import places
from bwvdock.cli.audit.assessment.principles import PRINCIPLES
from bwvdock.cli.audit.assessment.values import Finding, Known, Question
from bwvdock.cli.audit.printing import give_out
from bwvdock.cli.audit.values import AuditReport, Column, Kind, Row, Section, Table
from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.journal import open_reader
from bwvdock.edges.journal.read.audit.scope import Asked

_ANSWERS = (
    Column("id"),
    Column("finding"),
    Column("question"),
    Column("source", heading="asked by"),
    Column("answer"),
    Column("seen_in"),
)
_PLACES = (
    Column("destination"),
    Column("kind"),
    Column("place"),
    Column("required", Kind.FLAG),
    Column("receipts", Kind.COUNT, heading="clips with a receipt"),
    Column("left", Kind.COUNT, heading="of these not disposed of by this dock"),
    Column("method", heading="proof"),
    Column("opened_by"),
)
_CAPTION = "Questions and answers, with what each answer was seen in"
_HOW = (
    "Seen: the configuration or the journal shows it. Gap: they show that it is missing, or was not done. "
    "Not seen here: a dock cannot see it, and people have to answer. No answer says that a principle is met "
    "or a law kept: that is for people to judge."
)


def self_assessment(arguments: Namespace) -> int:
    """Answer the twelve principles and what audits faulted elsewhere, from configuration and journal."""
    config, now = working_configuration(arguments), datetime.now(UTC)
    asked = Asked(
        zone=config.zone,
        by_month=False,
        vaults=tuple(store.name for store in config.vaults),
        required=tuple(store.name for store in config.destinations if store.required),
    )
    with open_reader(config) as reader:
        known = Known(config=config, seen=reader.observations(asked, now=now))
        made = how_made(arguments, config, reader)
    return give_out(arguments, assessment(known, made))


def assessment(known: Known, made: Sequence[str]) -> AuditReport:
    """Return the report: every answer with what it was seen in."""
    principles, findings = (_rows(known, of) for of in (PRINCIPLES, FINDINGS))
    counts = Counter(str(row["finding"]) for row in (*principles, *findings))
    sums = ", ".join(f"{counts[finding]} {finding}" for finding in Finding)
    where = _places(known)
    return AuditReport(
        title=f"Self-assessment of dock {known.config.dock}",
        made=[*made, f"{len(principles) + len(findings)} questions: {sums}.", _HOW],
        sections=[
            _section("The twelve principles of the Surveillance Camera Code of Practice", principles),
            _section("What audits and courts have faulted elsewhere", findings),
            Section(
                heading="Where each copy lies, and who may open it",
                tables=[Table(caption="Destinations of footage", columns=_PLACES, rows=where, prose=True)],
            ),
            Section(sentences=[ELSEWHERE]),
        ],
        document={"answers": [*principles, *findings], "places": where},
    )


def _section(heading: str, rows: Sequence[Row]) -> Section:
    return Section(heading=heading, tables=[Table(caption=_CAPTION, columns=_ANSWERS, rows=rows, prose=True)])


def _rows(known: Known, questions: Sequence[Question]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for question in questions:
        answer = question.answer(known)
        rows.append(
            {
                "id": question.id,
                "finding": answer.finding.value,
                "question": question.text,
                "answer": answer.words,
                "seen_in": answer.seen_in,
                "source": question.source,
            }
        )
    return rows


def _places(known: Known) -> list[dict[str, object]]:
    return [
        {
            "destination": place.destination,
            "kind": place.kind,
            "place": place.place,
            "required": place.required,
            "receipts": place.copies.receipts,
            "left": place.copies.left,
            "method": place.copies.method,
            "opened_by": place.opened_by,
        }
        for place in places(known)
    ]
