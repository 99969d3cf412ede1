"""Which rows of a list from dispatch are new events, changed or known, and what does importing them lead to?

A row is one event with who was sent to it; several rows of one event, each with its own times, are one event.
All rows are recorded, or none; a very long order is split first (roster.py, `in_parts`). An event that is in
the list replaces what was known of it, by one more entry that says what differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from bwvdock.core.events.event import Event, Sending, changes, recorded, sendings
from bwvdock.core.facts import EventRecorded
from bwvdock.errors import UsageError
from bwvdock.operators.assigned_rows import assigned_time
from bwvdock.operators.decisions import Decision, noted, printable, require_no_mistakes
from bwvdock.operators.events.requests import ImportEvents
from bwvdock.units import format_count

FIELDS = 7  # line, event, officers, units, dispatched, cleared, category
_MOST_SENT = 500  # in one event
_SEVERAL = re.compile("[;|,]")


@dataclass(slots=True)
class _Gathered:
    """One event of the list so far: `line` is that of its first row."""

    line: str
    category: str = ""
    officers: list[Sending] = field(default_factory=list)
    units: list[Sending] = field(default_factory=list)


def events_of(rows: Sequence[Sequence[str]]) -> list[Event]:
    """Return the events of a list's rows, in the order in which it names them first.

    Raises:
        UsageError: rows cannot be recorded; all that is wrong with them is named.
    """
    found, mistakes = _gathered(rows)
    require_no_mistakes(mistakes)
    return [
        Event(id=event, category=one.category, officers=sendings(one.officers), units=sendings(one.units))
        for event, one in found.items()
    ]


def mistakes_in_events(rows: Sequence[Sequence[str]], _unsure: Collection[str] = ()) -> list[str]:
    """Return all that is wrong with a list's rows; none contradicts another by its times."""
    return _gathered(rows)[1]


def _gathered(rows: Sequence[Sequence[str]]) -> tuple[dict[str, _Gathered], list[str]]:
    found: dict[str, _Gathered] = {}
    mistakes = [f"line {row[0] if row else '?'}: {mistake}" for row in rows for mistake in _taken(row, found)]
    return found, mistakes


def _taken(row: Sequence[str], found: dict[str, _Gathered]) -> list[str]:
    """Add a row to what was found, and return nothing; or return all that is wrong with it."""
    if len(row) != FIELDS:
        return ["a row has a line, an event, officers, units, two times and a category."]
    line, named, officers, units, dispatched, cleared, category = row
    wrong: list[str] = []
    event = noted(wrong, lambda: _value(named, "event"), "")
    begins = noted(wrong, lambda: _time(dispatched), "")
    ends = noted(wrong, lambda: _time(cleared), "") if cleared else ""
    if begins and ends and ends < begins:
        wrong.append(f"event {event} was cleared ({ends}) before it was dispatched ({begins}).")
    if not any(_SEVERAL.sub(" ", officers + units).split()):
        wrong.append(f"event {event} names neither an officer nor a unit.")
    sent = [
        [Sending(who=who, dispatched=begins, cleared=ends) for who in _named(text, what, wrong)]
        for text, what in ((officers, "officer"), (units, "unit"))
    ]
    category = noted(wrong, lambda: _value(category, "category"), "") if category.strip() else ""
    known = found.get(event, _Gathered(line))
    if category and known.category not in {"", category}:
        wrong.append(f"event {event} is in line {known.line} as well, with another category.")
    if len(known.officers) + len(known.units) + sum(map(len, sent)) > _MOST_SENT:
        wrong.append(f"more than {_MOST_SENT} officers and units were sent to event {event}.")
    if not wrong:
        known.category = category or known.category
        known.officers += sent[0]
        known.units += sent[1]
        found[event] = known
    return wrong


def _named(text: str, what: str, wrong: list[str]) -> list[str]:
    return [noted(wrong, partial(_value, one, what), "") for one in _SEVERAL.split(text) if one.strip()]


def _value(text: str, what: str) -> str:
    value = printable(text, what)
    if value.startswith("="):
        raise UsageError(f"the {what} begins with '=': the spreadsheet saved a formula instead of its value.")
    return value


def _time(text: str) -> str:
    try:
        return assigned_time(text)
    except ValueError as error:
        raise UsageError(f"{error}.") from None


def import_events(order: ImportEvents, known: Callable[[str], Event | None], actor: str) -> Decision:
    """Return what importing a list from dispatch leads to; nothing is recorded in a dry run.

    Args:
        order: the list.
        known: returns what is known of an event.
        actor: who gives the order.

    Raises:
        UsageError: as `events_of` does.
    """
    events = events_of(order.rows)
    facts: list[EventRecorded] = []
    for event in events:
        before = known(event.id)
        if event != before:
            facts.append(recorded(event, changed=changes(before, event), actor=actor))
    sums = {
        "new": sum(not fact.changed for fact in facts),
        "changed": sum(bool(fact.changed) for fact in facts),
        "same": len(events) - len(facts),
        "not_cleared": sum(any(not one.cleared for one in (*e.officers, *e.units)) for e in events),
    }
    if order.dry_run:
        message = f"Nothing was recorded. {message_of_events(sums, recorded=False)}"
        return Decision(facts=(), message=message, sums=sums)
    return Decision(facts=tuple(facts), message=message_of_events(sums), sums=sums)


def message_of_events(sums: Mapping[str, int], *, recorded: bool = True) -> str:
    """Return the message about events that were recorded, or would be."""
    would = "" if recorded else "would be "
    said = [f"{format_count(sums['new'], 'event')} {would}recorded"]
    said += [f"{sums['changed']:,} {would}changed"] if sums["changed"] else []
    said += [f"{sums['same']:,} already recorded"] if sums["same"] else []
    still = format_count(sums["not_cleared"], "event")
    are, them = ("is", "it") if sums["not_cleared"] == 1 else ("are", "them")
    open_ones = f" {still} of the list {are} not cleared yet: import {them} again later."
    open_ones = open_ones if sums["not_cleared"] else ""
    return f"{', '.join(said)}.{open_ones}"
