"""What is known of an event from dispatch, and what has changed in it?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bwvdock.core.facts import EventRecorded, SentOfficer, SentUnit


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Sending:
    """An officer or a unit was sent: from `dispatched` until `cleared` ("" if not cleared yet), UTC."""

    who: str
    dispatched: str
    cleared: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """An event as its last entry has it; `officers` and `units` are sorted, and each is there once."""

    id: str
    category: str = ""
    officers: tuple[Sending, ...] = ()
    units: tuple[Sending, ...] = ()


def sendings(found: Iterable[Sending]) -> tuple[Sending, ...]:
    """Return who was sent in the one order that they have in an entry."""
    return tuple(sorted(set(found)))


def changes(before: Event | None, now: Event) -> tuple[str, ...]:
    """Return the names of what differs from what was known; none for a new event."""
    if before is None:
        return ()
    names = ("category", "officers", "units")
    return tuple(name for name in names if getattr(before, name) != getattr(now, name))


def recorded(now: Event, *, changed: tuple[str, ...], actor: str) -> EventRecorded:
    """Return the fact that an event was entered."""
    return EventRecorded(
        event=now.id,
        category=now.category,
        officers=tuple(
            SentOfficer(officer=one.who, dispatched=one.dispatched, cleared=one.cleared)
            for one in now.officers
        ),
        units=tuple(
            SentUnit(unit=one.who, dispatched=one.dispatched, cleared=one.cleared) for one in now.units
        ),
        changed=changed,
        actor=actor,
    )
