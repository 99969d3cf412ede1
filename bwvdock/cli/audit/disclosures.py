"""`bwvdock disclose`, `bwvdock report disclosures`: what was handed to whom?"""

from __future__ import annotations

import hashlib
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from bwvdock.cli.audit.asking import how_made
from bwvdock.cli.audit.printing import give_out
from bwvdock.cli.audit.values import AuditReport, Column, Kind, Section, Table
from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.consultation import WITHHELD, may_see
from bwvdock.cli.journal import open_reader
from bwvdock.cli.moments import read_period
from bwvdock.cli.orders import give
from bwvdock.edges import durable
from bwvdock.edges.journal.read.reports import Period
from bwvdock.errors import UsageError
from bwvdock.operators.audit.disclosure import Disclose
from bwvdock.operators.audit.queries import DISCLOSURES, without_people

_TAGMANIFEST = "tagmanifest-sha256.txt"
_MOST_BYTES = 4 * 1024 * 1024
_COLUMNS = (
    Column("entry", Kind.COUNT, drop=3),
    Column("at", Kind.TIME, heading="recorded at"),
    Column("recipient", wrap=True),
    Column("reason", wrap=True, drop=1),
    Column("clips", Kind.IDS),
    Column("package", drop=7),
    Column("exported", Kind.FLAG, heading="exported here", drop=2),
    Column("request", wrap=True, drop=5),
    Column("by", wrap=True, drop=6),
)
_NOTES = (
    (
        "Each line is what somebody stated; the dock saw nothing handed over. Exported here: the journal has "
        "an entry that the package with this id (the SHA-256 of its tagmanifest-sha256.txt) was exported on "
        "this dock with these clips."
    ),
    "What was handed over unrecorded, or from an evidence store, is not in it.",
)


def disclose(arguments: Namespace) -> int:
    """Record what was handed to whom."""
    order = Disclose(
        clips=tuple(arguments.clips),
        recipient=arguments.to,
        reason=arguments.reason,
        package=_package(arguments.package),
        reference=arguments.request,
    )
    return give(arguments, order)


def _package(named: str) -> str:
    """Return the id of a package: of a folder, the digest of its tagmanifest."""
    folder = Path(named)
    if not named or not folder.is_dir():
        return named.lower()
    try:
        content = durable.read_small(str(folder / _TAGMANIFEST), _MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{folder} is not an evidence package that can be read: {_TAGMANIFEST}: {error.strerror}.",
            remedy="Name the folder that `custody export` made, or the id that it printed.",
        ) from None
    return hashlib.sha256(content).hexdigest()


def disclosures(arguments: Namespace) -> int:
    """Report what was handed to whom; recipients and reasons are shown with a reason."""
    config = working_configuration(arguments)
    span = Period(**read_period(arguments, remedy="bwvdock report disclosures --since 2026-03-01"))
    with open_reader(config) as reader:
        clip = reader.resolve_clip(arguments.clip) if arguments.clip else ""
        subject = clip or DISCLOSURES
        clips = (clip,) if clip else ()
        seen = may_see(
            arguments, config, command="report disclosures", subject=subject, implied=True, clips=clips
        )
        rows = reader.disclosures(span, clip=clip)
        made = how_made(arguments, config, reader)
    rows = rows if seen else [without_people(row) for row in rows]
    documents = [asdict(row) for row in rows]
    table = Table(caption="What was recorded as handed over", columns=_COLUMNS, rows=documents)
    notes = _NOTES if seen else (f"Recipients, reasons and who recorded it: {WITHHELD}.", *_NOTES)
    report = AuditReport(
        title="Footage handed over",
        made=made,
        sections=[Section(tables=[table]), Section(sentences=notes)],
        document=documents,
        nothing="The journal records nothing as handed over in this period.",
    )
    return give_out(arguments, report)
