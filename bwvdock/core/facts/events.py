"""What can be recorded about events from dispatch: calls to which officers or units were sent?

Which footage may show which event is computed (core/events/matching.py); the result is an entry too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.visibility.personal import personal

CERTAIN, POSSIBLE = "certain", "possible"
BY_OFFICER, BY_UNIT = "officer", "unit"


@dataclass(frozen=True, kw_only=True, slots=True)
class SentOfficer:
    """An officer was sent to an event: `dispatched` and `cleared` in UTC, "" if not cleared yet."""

    officer: str = personal()
    dispatched: str
    cleared: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SentUnit:
    """A unit was sent to an event; the times are as in `SentOfficer`."""

    unit: str = personal()
    dispatched: str
    cleared: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EventRecorded:
    """An operator's list names an event, and who was sent to it; the last such entry of an event counts.

    `changed` names what differs from the event's entry before this one: "category", "officers" or "units";
    it is empty for a new event.
    """

    kind: ClassVar[str] = "event_recorded"
    event: str = personal()
    category: str = personal(optional=True)
    officers: tuple[SentOfficer, ...]
    units: tuple[SentUnit, ...]
    changed: tuple[str, ...] = ()
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class EventMatch:
    """An event that a clip may be footage of.

    `basis` is "certain" where recording and event overlap however far the recording's date is off within its
    accuracy, and the clip is attributed to an officer who was sent; otherwise it is "possible". `role` says
    what fits: "officer" or "unit". `overlap_ms` is for how long both overlap as the clip is dated,
    `uncertainty_ms` the accuracy of that date either way (-1: not known).
    """

    event: str = personal()
    basis: str
    role: str
    overlap_ms: int
    uncertainty_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipMatched:
    """The clip was compared with all events known then; the last such entry of a clip counts.

    `events` are those that it may be footage of, "certain" ones first; none if there is none any more. So
    many `more` are possible and not named.
    """

    kind: ClassVar[str] = "clip_matched"
    clip: str
    events: tuple[EventMatch, ...]
    more: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class EventsMatched:
    """Every clip and event in the first `entries` entries was compared with the others, by these rules.

    An event is taken to last from `before_s` before an officer was sent until `after_s` after they were
    cleared; one that lasts longer than `longest_s` was probably never cleared, and is matched as possible.
    """

    kind: ClassVar[str] = "events_matched"
    entries: int
    before_s: int
    after_s: int
    longest_s: int
