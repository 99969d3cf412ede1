"""`bwvdock custody report`: what can a prosecutor, a witness and a technician say about one clip?"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from bwvdock import __version__
from bwvdock.cli.consultation import source_of
from bwvdock.cli.moments import when
from bwvdock.cli.output.console import print_json
from bwvdock.cli.statement.drafts import certificate, witness_statement
from bwvdock.cli.statement.faults import KnownFaults, known_faults
from bwvdock.cli.statement.page import as_page
from bwvdock.cli.statement.sections import (
    faults_of,
    what_is_not_claimed,
    what_it_is,
    what_was_observed,
    what_went_wrong,
    who_looked,
)
from bwvdock.cli.statement.subject import Subject
from bwvdock.cli.statement.text import as_text
from bwvdock.cli.statement.values import Report, Section, Sentence
from bwvdock.core.custody.records import ClipRow
from bwvdock.core.custody.story import Story
from bwvdock.core.moments import iso
from bwvdock.edges.peer import actor_of, this_process
from bwvdock.errors import JournalError
from bwvdock.operators.daemon_client import claimed_login


def report(arguments: Namespace) -> int:
    """Print the report about one clip: as text, as a page, or as JSON; it is a consultation."""
    source = source_of(arguments)
    with source.open() as reader:
        clip_id = reader.resolve_clip(arguments.clip)
        source.may_see(
            arguments, reader, command="custody report", subject=clip_id, clips=(clip_id,), needed=True
        )
        clip, story, said = reader.clip_row(clip_id), reader.story(clip_id), reader.summary()
    if clip is None or story is None:
        raise JournalError(
            f"The journal lists clip {clip_id}, but has no row for it.", remedy="bwvdock custody verify"
        )
    now, actor = iso(datetime.now(UTC)), actor_of(this_process(), claimed=claimed_login())
    made = how_made(
        at=now,
        actor=actor,
        reason=arguments.reason,
        entries=said.entries,
        root=said.root,
        copy=source.copy is not None,
    )
    document = compose(clip, story, made=made, faults=known_faults())
    if arguments.json:
        print_json(
            {
                "clip": clip_id,
                "made_at": now,
                "actor": actor,
                "reason": arguments.reason,
                "journal": {"entries": said.entries, "root": said.root},
                **{name: value for name, value in asdict(document).items() if name != "clip"},
            }
        )
    else:
        sys.stdout.write(as_page(document) if arguments.format == "html" else as_text(document))
    return 0


def how_made(*, at: str, actor: str, reason: str, entries: int, root: str, copy: bool) -> list[Sentence]:
    """Return what the report says about itself."""
    of = "a copy of the dock's journal" if copy else "the dock's journal"
    unrecorded = " The copy does not record this report." if copy else ""
    return [
        Sentence(
            f"Made on {when(at)} by {actor} with bwvdock {__version__}, from {of}: {entries} entries with "
            f"the root {root}.{unrecorded} Reason: {reason}."
        ),
        Sentence(
            "Each sentence follows from the journal entries whose numbers are in square brackets. Sentences "
            "without a number are about this report, the software and the law, or say where they come from. "
            "It is a draft: the person who signs it has to read and check it first."
        ),
    ]


def compose(clip: ClipRow, story: Story, *, made: Sequence[Sentence], faults: KnownFaults) -> Report:
    """Return the report about a clip.

    Args:
        clip: its row, with officer and case.
        story: its story, with nothing withheld.
        made: what the report says about itself.
        faults: those that are known of the software.
    """
    subject = Subject(clip=clip, story=story)
    sections: list[Section] = [
        what_it_is(subject),
        what_was_observed(subject),
        what_went_wrong(subject),
        who_looked(subject),
        faults_of(subject, faults),
        what_is_not_claimed(),
        witness_statement(subject),
        certificate(subject),
    ]
    return Report(clip=clip.id, title=f"Custody report for clip {clip.id}", made=made, sections=sections)
