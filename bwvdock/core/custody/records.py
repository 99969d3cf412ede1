"""Which values do readers of the journal get, and how is the balance of a docking computed?

The daemon, the journal's projection and `custody verify` all use the functions here.

Units: sizes in bytes; times as ISO 8601 text in UTC with milliseconds ("2026-11-21T02:27:38.123Z"),
None where it has not happened; digests as lower-case hexadecimal SHA-256. A personal value
that was emptied from the journal reads as "".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from bwvdock.core.clips.lifecycle import ClipState, DockingState, IllegalFactError
from bwvdock.core.clips.safety import Observed, is_whole
from bwvdock.core.custody.entries import Stamp
from bwvdock.core.facts import (
    CameraDetached,
    CameraListed,
    CameraRelisted,
    ClipAcquired,
    ClipSkipped,
    LeftFile,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """A part of what was looked for. `after` is where the next part begins, "" if this was the last."""

    found: tuple[T, ...]
    after: str


# --- entries -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One journal entry for display. `data` has a fact's fields; None where a value was emptied."""

    seq: int
    time: str
    kind: str
    data: Mapping[str, Any]
    leaf_hash: str


# --- clips -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipFilter:
    """A filter for clips; None means any. `since` and `until` bound `recorded_at`, both inclusive.

    `unassigned` selects only acquired clips with no officer assigned, `event` those that may be of an event
    from dispatch.
    """

    camera: str | None = None
    officer: str | None = None
    state: ClipState | None = None
    since: datetime | None = None
    until: datetime | None = None
    case: str | None = None
    evidential: bool = False
    held: bool = False
    unassigned: bool = False
    unit: str | None = None
    of_class: str | None = None
    unreviewed: bool = False
    event: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedClip:
    """The best known time of recording of a clip, and its officer: "" if none is assigned.

    `disputed`: it is attributed to nobody, and its attribution was disputed: only a change of the roster at
    that time attributes it again, or a decision about it.
    """

    clip: str
    recorded_at: str
    officer: str
    disputed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptRow:
    """A destination's proven copy, and when we proved it.

    `document` is the digest of the custody document beside it, "" if there is none or a newer one is owed,
    and `document_refused` why the destination refuses it.
    """

    destination: str
    object: str
    version: str
    sha256: str
    method: str
    received_at: str
    document: str = ""
    document_refused: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipFinding:
    """What the last verification found wrong with a clip, and when."""

    at: str
    problems: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipRow:
    """One clip as `bwvdock clips` shows it.

    `recorded_at` is the corrected time of the recording where the clip was dated; before that the
    modification time in the camera's file system, written as if it were UTC; `recorded_uncertain` says that
    nothing confirms it. `officer` is "" if none is assigned, `case` if there is none; each is None if it is
    withheld: seeing it is a consultation. `retain_until` is None while the clip is evidence, and before it
    was dated. `refused` maps the destinations that refuse the clip to the reason.
    `classes` are the names of its retention classes, the one that decides how long it is kept first.
    `last_verification` is None if the last verification found nothing wrong with it, or there was none.
    `camera_digest` is how it compares with its camera's own digests, "" if there are none.
    `held` is so on any hold, `standing_holds` are the ids of those by query.
    """

    id: str
    camera: str
    officer: str | None = ""
    docking: str
    path: str
    size: int
    sha256: str
    recorded_at: str
    acquired_at: str | None
    state: ClipState
    evidential: bool = False
    held: bool = False
    case: str | None = ""
    retain_until: str | None = None
    receipts: tuple[ReceiptRow, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    recorded_uncertain: bool = False
    last_verification: ClipFinding | None = None
    camera_digest: str = ""
    classes: tuple[str, ...] = ()
    reviewed: bool = False
    standing_holds: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A clip that was acquired, and the serial of its camera."""

    clip: str
    camera: str


# --- cameras -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolment:
    """What operators decided about a serial; `revoked` is the reason, or None."""

    serial: str
    enrolled: bool
    model: str = ""
    revoked: str | None = None
    unit: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraRow:
    """A camera that was enrolled, revoked or docked here."""

    serial: str
    model: str
    enrolled_at: str | None
    revoked: str | None
    last_docking: str | None
    last_docked_at: str | None
    last_bay: str | None
    unit: str = ""


# --- dockings ----------------------------------------------------------------------------------


class Outcome(StrEnum):
    """The outcome for one clip that a docking had to copy."""

    COPIED = "copied"
    NOT_READY = "not_ready"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipOutcome:
    """One clip's part in a docking; `size` and `read` (from the camera this time) only if copied."""

    clip: str
    outcome: Outcome
    reason: str = ""
    size: int = 0
    read: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Balance:
    """The sums of a docking. The counts of its listings are added up over all volumes.

    A copied clip counts once; so does a skipped one, until it is copied after all.
    """

    seen: int = 0
    copied: int = 0
    already_held: int = 0
    not_ready: int = 0
    unreadable: int = 0
    refused: int = 0
    bytes_copied: int = 0
    bytes_read: int = 0

    @property
    def residual(self) -> int:
        """Clips that were seen and have no known outcome."""
        told = self.copied + self.already_held + self.not_ready + self.unreadable + self.refused
        return self.seen - told


def outcome_of(fact: ClipSkipped | ClipAcquired) -> ClipOutcome:
    """Return the outcome that a fact states.

    Raises:
        IllegalFactError: a skipped clip's outcome is neither "not_ready" nor "unreadable".
    """
    if isinstance(fact, ClipAcquired):
        size, read = sum(p.size for p in fact.parts), sum(p.read_bytes for p in fact.parts)
        return ClipOutcome(clip=fact.clip, outcome=Outcome.COPIED, size=size, read=read)
    if fact.outcome not in {Outcome.NOT_READY, Outcome.UNREADABLE}:
        raise IllegalFactError(f"clip_skipped with outcome {fact.outcome!r}: clip {fact.clip}")
    return ClipOutcome(clip=fact.clip, outcome=Outcome(fact.outcome), reason=fact.reason)


def settled_outcome(before: ClipOutcome | None, after: ClipOutcome) -> ClipOutcome:
    """Return the final outcome when a clip gets a second one: a copied clip stays copied."""
    if before and before.outcome is Outcome.COPIED and after.outcome is not Outcome.COPIED:
        return before
    return after


def add_listing(balance: Balance, fact: CameraListed | CameraRelisted) -> Balance:
    """Return the balance after one more listing, or a change of one."""
    return replace(
        balance,
        seen=balance.seen + fact.seen,
        already_held=balance.already_held + (fact.already_held if isinstance(fact, CameraListed) else 0),
        not_ready=balance.not_ready + fact.not_ready,
        unreadable=balance.unreadable + fact.unreadable,
        refused=balance.refused + fact.refused,
    )


def add_outcomes(balance: Balance, outcomes: Iterable[tuple[ClipOutcome | None, ClipOutcome]]) -> Balance:
    """Return the balance after clips' outcomes changed, each from one (None: it had none) to another."""
    signed = [
        (one, sign)
        for before, after in outcomes
        for one, sign in ((before, -1), (after, 1))
        if one is not None
    ]
    counts = {kind: sum(sign for one, sign in signed if one.outcome is kind) for kind in Outcome}
    return replace(
        balance,
        copied=balance.copied + counts[Outcome.COPIED],
        not_ready=balance.not_ready + counts[Outcome.NOT_READY],
        unreadable=balance.unreadable + counts[Outcome.UNREADABLE],
        bytes_copied=balance.bytes_copied + sum(sign * one.size for one, sign in signed),
        bytes_read=balance.bytes_read + sum(sign * one.read for one, sign in signed),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class DockingSheet:
    """One docking's balance sheet. `outcomes` and `left` are filled where one docking is asked for.

    `unknown` files are of no known kind, not taken, and not among those seen; `system` files are what
    operating systems and cameras keep for themselves.
    """

    id: str
    camera: str
    bay: str
    transport: str
    model: str
    state: DockingState
    reason: str
    attached_at: str
    detached_at: str | None
    seen: int
    copied: int
    already_held: int
    not_ready: int
    unreadable: int
    refused: int
    residual: int
    bytes_copied: int
    bytes_read: int
    complete: bool
    unknown: int = 0
    system: int = 0
    outcomes: tuple[ClipOutcome, ...] = ()
    left: tuple[LeftFile, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ThoroughDocking:
    """A docking after which nothing new was left on the volumes that it listed: what is new is younger.

    `stamp` is what the dock's clocks said when it began.
    """

    stamp: Stamp
    volumes: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockSetting:
    """A docking in which a camera's clock was to be set; `ended`: how that ended is recorded."""

    docking: str
    ended: bool


def may_be_complete(*, state: DockingState, residual: int) -> bool:
    """Return whether an entry may call a docking complete: the law that `custody verify` holds entries to.

    It may when the docking had been settled (every volume listed whole and nothing left to read: a camera
    unplugged while it is listed never comes so far) and every clip that was seen has an outcome.
    """
    return state is DockingState.SETTLED and residual == 0


def is_complete(sheet: DockingSheet) -> bool:
    """Return whether a docking that ends now took all there was to take.

    Nothing that may be footage is left.
    """
    left = sheet.not_ready + sheet.unreadable + sheet.refused
    observed = Observed(listed=sheet.state is DockingState.SETTLED, left=left, unknown=sheet.unknown)
    return is_whole(observed) and may_be_complete(state=sheet.state, residual=sheet.residual)


REMOVED = "removed"
SWITCHED = "the dock switched its socket off and on"
GONE = frozenset({REMOVED, SWITCHED})
"""Why a docking ended that ended because its camera left."""


def detachment(sheet: DockingSheet, *, reason: str, lost: bool) -> CameraDetached:
    """Return the fact that ends a docking, with its balance.

    `lost`: since it began, the dock's copy of one of the camera's clips went bad, or may have, and was not
    made anew, so that the camera may have the only good one.
    """
    return CameraDetached(
        docking=sheet.id,
        reason=reason,
        residual=sheet.residual,
        complete=is_complete(sheet) and not lost,
    )
