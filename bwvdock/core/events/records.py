"""Which values do readers get about events from dispatch?

Times are those of the journal. A value that was erased reads as "", one that is withheld as None.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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


class Lack(StrEnum):
    """What can be missing beside events."""

    FOOTAGE = "footage"  # an officer or a unit was sent, and no clip is certain to be of it
    DOCKING = "docking"  # an officer had a camera, and none of them was docked here since
    CAMERA = "camera"  # a camera is assigned, and was not docked here since
    MATCHING = "matching"  # clips and events were not compared yet


@dataclass(frozen=True, kw_only=True, slots=True)
class LackRow:
    """Something that is missing, by what this dock knows; `known` is what is known of it, and no more.

    `possible` counts the clips that may be of an event. A field that says nothing of a row is empty.
    """

    what: Lack
    since: str
    event: str = ""
    category: str = ""
    officer: str = ""
    unit: str = ""
    camera: str = ""
    possible: int = 0
    known: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FootageFigure:
    """Of how many who were sent to events of a category there is footage.

    Each officer or unit sent to an event counts once: with a clip that is `certain` to be of it, with
    `possible` ones alone, or `without` any.
    """

    category: str
    sent: int
    certain: int
    possible: int
    without: int

    @property
    def share(self) -> str:
        """The share of those without a certain clip, as auditors state it."""
        return f"{100 * (self.sent - self.certain) / self.sent:.1f} %" if self.sent else "-"


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
