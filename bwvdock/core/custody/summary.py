"""What does the journal show at a glance?

Separate from records.py, because `bwvdock status` needs no more and must start fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bwvdock.core.clips.states import ClipState


@dataclass(frozen=True, kw_only=True, slots=True)
class Undescribed:
    """How many custody documents a destination refuses; one of the clips, and the reason."""

    clips: int
    clip: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestsDiffer:
    """How many clips of a camera differ from its own digests of them, and one of the clips."""

    clips: int
    first: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedCopies:
    """How many copies of a destination were found lost or changed, after they had been proven.

    `open` counts those that it has not proven anew, `missing` those of them that were not there,
    `proven_anew` the others that it has. `clip` is one of them, an open one if there is one; the last was
    found at `last_at`.
    """

    open: int
    missing: int
    proven_anew: int
    clip: str
    last_at: str


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalSummary:
    """The journal at a glance; costs the same whatever its size.

    `clips` has every state, zeros included. The queue is what is acquired or uploaded and not yet verified;
    `queue_oldest_at` is when the oldest of it was acquired. `running` only says that no clean shutdown
    follows the last start. `unassigned` counts acquired clips with no officer assigned. `undescribed` has the
    destinations that refuse the custody document of a copy that they have. `recalled` counts, by camera, the
    clips that are to be copied from it again: no store has proven one, and the camera was not docked since
    and no longer had it. `checkpoint_at` is when the latest checkpoint was signed. `verified_at` is when the
    latest verification was recorded, None before the first; it found so many `problems` and could not read
    `unread` things. `backup_at` is when the latest backup was recorded. `digests_differ` has, by camera, the
    clips that differ from its own digests and are not on hold. `failed` has the destinations that had lost or
    changed a proven copy when they were asked again. `holds_to_review` are the standing holds in force that
    have a review date, with that date; `requests_due` the open requests that have a date, with their kind and
    that date.
    """

    entries: int
    root: str
    clips: Mapping[ClipState, int]
    queue_clips: int
    queue_bytes: int
    queue_oldest_at: str | None
    last_receipts: Mapping[str, str]
    paused: bool
    running: bool
    started_at: str | None
    unassigned: int = 0
    undescribed: Mapping[str, Undescribed] = field(default_factory=dict)
    recalled: Mapping[str, int] = field(default_factory=dict)
    checkpoint_at: str | None = None
    verified_at: str | None = None
    problems: int = 0
    unread: int = 0
    backup_at: str | None = None
    digests_differ: Mapping[str, DigestsDiffer] = field(default_factory=dict)
    failed: Mapping[str, FailedCopies] = field(default_factory=dict)
    holds_to_review: tuple[tuple[str, str], ...] = ()
    requests_due: tuple[tuple[str, str, str], ...] = ()
