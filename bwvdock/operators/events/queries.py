"""What does the journal say about events, when somebody asks who may not read its file?

Who was sent, and whose clips may be of an event, is withheld from those whose consultation was not recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from bwvdock.core.events.records import EventFilter, EventRow, LackRow, MatchRow
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.read.reports import Period

ALL_EVENTS = "events"
"""The subject of a consultation that is about no single officer, unit or event."""


class Asked(Protocol):
    """A question, and whether officers may be shown of a subject."""

    reader: JournalReader
    arguments: Mapping[str, str]
    seen: Callable[[str], bool]

    def must_see(self, subject: str) -> None:
        """Check that the consultation of this subject was recorded."""
        ...


def subject_of_events(wanted: EventFilter) -> str:
    """Return what a consultation of these events is about."""
    return wanted.officer or wanted.unit or wanted.event or ALL_EVENTS


def withheld_event(row: EventRow) -> EventRow:
    """Return an event without whom was sent."""
    return replace(row, sent=tuple(replace(one, who=None) for one in row.sent))


def withheld_match(row: MatchRow) -> MatchRow:
    """Return a clip of an event without its officer; that there is none may be known."""
    return replace(row, officer=row.officer and None)


def filter_of(arguments: Mapping[str, str]) -> EventFilter:
    """Return the filter that arguments spell."""
    since, until = (
        datetime.fromisoformat(text) if text else None
        for text in (arguments.get("since"), arguments.get("until"))
    )
    named = {name: arguments.get(name) for name in ("officer", "unit", "event")}
    return EventFilter(since=since, until=until, without_footage="without_footage" in arguments, **named)


def events(asked: Asked) -> Iterable[EventRow]:
    """Return the events that are wanted."""
    wanted = filter_of(asked.arguments)
    if wanted.officer is not None or wanted.unit is not None:
        asked.must_see(subject_of_events(wanted))
    seen = asked.seen(subject_of_events(wanted))
    return (row if seen else withheld_event(row) for row in asked.reader.events(wanted))


def event_clips(asked: Asked) -> Iterable[MatchRow]:
    """Return the clips that may be of an event."""
    event = asked.arguments["event"]
    seen = asked.seen(event)
    return (row if seen else withheld_match(row) for row in asked.reader.event_clips(event))


def missing(asked: Asked, span: Period) -> Iterable[LackRow]:
    """Return what is missing; it names officers, so the consultation must be recorded."""
    subject = asked.arguments["subject"]
    asked.must_see(subject)
    return asked.reader.missing(span, now=asked.arguments["now"], subject=subject)


def clip_events(asked: Asked) -> Iterable[MatchRow]:
    """Return the clips that may be of the events of a clip; its consultation must be recorded."""
    clip = asked.arguments["clip"]
    asked.must_see(clip)
    return asked.reader.clip_events(clip)
