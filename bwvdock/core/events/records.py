"""Which values do readers get about events from dispatch?

Times are those of the journal. A value that was erased reads as "", one that is withheld as None.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class EventFilter:
    """A filter for events; None means any. `since` and `until` bound when they were dispatched, inclusive.

    `without_footage` selects those that no clip overlaps for certain.
    """

    since: datetime | None = None
    until: datetime | None = None
    officer: str | None = None
    unit: str | None = None
    event: str | None = None
    without_footage: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SentRow:
    """An officer or a unit (`role`) that was sent to an event. `who` is None where it is withheld."""

    role: str
    who: str | None
    dispatched: str
    cleared: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EventRow:
    """One event: `certain` clips are footage that overlaps it for certain, `possible` ones may be of it."""

    event: str
    category: str
    dispatched: str
    cleared: str
    sent: tuple[SentRow, ...]
    certain: int
    possible: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchRow:
    """One clip that may be of an event, and why. `officer` is None where it is withheld."""

    event: str
    clip: str
    camera: str
    officer: str | None
    recorded_at: str
    basis: str
    role: str
    overlap_ms: int
    uncertainty_ms: int
