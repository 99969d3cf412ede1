"""What do the entries of a clip, a docking, a camera or the dock add up to, times included?

The law's folds (core/clips/clip.py, core/custody/records.py) with the times at which entries were written.
The projection and `custody verify` both use these, so a difference between them is a changed row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bwvdock.core.clips.classes.given import is_restricted, names
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.history import apply
from bwvdock.core.clips.lifecycle import DockingState, IllegalFactError, advance_docking
from bwvdock.core.clips.retention import MAY_GO, disposed_everywhere, due_date
from bwvdock.core.custody.records import Balance, ClipOutcome, DockingSheet, add_listing, add_outcomes
from bwvdock.core.facts import (
    FREE_TEXT,
    CameraAttached,
    CameraAuthorised,
    CameraDetached,
    CameraEnrolled,
    CameraListed,
    CameraRefused,
    CameraRelisted,
    CameraRevoked,
    ClipAcquired,
    ClipFact,
    ClipFound,
    ClipVerified,
    DockFact,
    DockingFact,
    DockPaused,
    DockResumed,
    DockStarted,
    DockStopped,
    LeftFile,
    LossClosed,
    VerificationFailed,
    VerifiedAgain,
)

# --- a clip --------------------------------------------------------------------------------------


ANEW, OVER = "proven anew", "over"
"""How the loss of a copy ended: the destination proved a copy again, or the clip is past its date."""


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """A copy that was found lost or changed, when, and when and how that ended; both "" if not yet."""

    finding: str
    found_at: str
    ended_at: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class KnownClip:
    """A clip with the times of its entries: `received` has a destination's receipt's time.

    `again` has when a destination was last asked again as `[reverify]` says, since that receipt; `failures`
    the latest copy of each destination that was found lost or changed.
    """

    clip: Clip
    acquired_at: str | None = None
    received: Mapping[str, str] = field(default_factory=dict)
    again: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[str, KnownFailure] = field(default_factory=dict)

    @property
    def served(self) -> str:
        """The destinations with a receipt, sorted, one a line."""
        return "\n".join(sorted(self.clip.receipts))

    @property
    def owing(self) -> str:
        """The destinations that are owed the clip's custody document, sorted, one a line."""
        return "\n".join(sorted(self.clip.owing))

    @property
    def resumed(self) -> str:
        """The destinations that it is offered to again after its camera's copy, sorted, one a line."""
        return "\n".join(sorted(self.clip.resumed))

    @property
    def due(self) -> str:
        """Until when it is kept; "" where it is kept for longer, or nothing is left to dispose of.

        What an order announced to go before that is due at once: after a power cut it is not forgotten.
        """
        clip = self.clip
        if clip.state not in MAY_GO or clip.held or disposed_everywhere(clip):
            return ""
        return due_date(clip)

    @property
    def meaning(self) -> tuple[str, int, str, int]:
        """The names of its classes, one a line; was it reviewed; the date of its notice; is it restricted."""
        clip = self.clip
        noticed = clip.noticed.due if clip.noticed else ""
        return "\n".join(names(clip.classes)), int(clip.reviewed), noticed, int(is_restricted(clip.classes))

    @property
    def footage(self) -> int:
        """Bytes of the footage alone: as acquired, or before that as the camera states them."""
        return self.clip.parts[0].size if self.clip.parts else self.clip.files[0].size


def add_clip_fact(known: KnownClip | None, fact: ClipFact, when: str) -> KnownClip:
    """Return what is known of a clip after `fact`.

    Raises:
        IllegalFactError: the lifecycle does not allow it, or it is a clip of no files.
    """
    if (isinstance(fact, ClipFound) and not fact.files) or (
        isinstance(fact, ClipAcquired) and not fact.parts
    ):
        raise IllegalFactError(f"{fact.kind} without any file: clip {fact.clip}")
    clip = apply(known.clip if known else None, fact)
    if known is None:
        return KnownClip(clip)
    acquired_at, received = known.acquired_at, known.received
    if isinstance(fact, ClipAcquired):
        acquired_at = when
    elif isinstance(fact, ClipVerified):
        received = {**received, fact.destination: when}
    if not clip.parts:
        acquired_at = None
    again = {**known.again, fact.destination: when} if isinstance(fact, VerifiedAgain) else known.again
    again = {name: at for name, at in again.items() if name in clip.again} if again else again
    received = received if clip.receipts else {}
    return KnownClip(clip, acquired_at, received, again, _failures(known, fact, when))


def _failures(known: KnownClip, fact: ClipFact, when: str) -> Mapping[str, KnownFailure]:
    failures, clip = known.failures, known.clip
    if isinstance(fact, VerificationFailed) and fact.destination in clip.receipts:
        return {**failures, fact.destination: KnownFailure(fact.finding, when)}
    if not isinstance(fact, ClipVerified | LossClosed):
        return failures
    loss = failures.get(fact.destination)
    if loss is not None and not loss.ended_at:
        outcome = ANEW if isinstance(fact, ClipVerified) else OVER
        return {**failures, fact.destination: replace(loss, ended_at=when, outcome=outcome)}
    return failures


def fold_clip(history: Iterable[tuple[ClipFact, str]]) -> KnownClip | None:
    """Return what a clip's facts, each with its entry's time, add up to."""
    known: KnownClip | None = None
    for fact, when in history:
        known = add_clip_fact(known, fact, when)
    return known


# --- a docking -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownDocking:
    """A docking with the times of its entries. `camera` may be a serial or its commitment."""

    id: str
    camera: str
    bay: str
    transport: str
    model: str
    attached_at: str
    state: DockingState
    reason: str = ""
    detached_at: str | None = None
    balance: Balance = Balance()  # noqa: RUF009 - a frozen value
    complete: bool = False

    def sheet(
        self,
        *,
        camera: str,
        unknown: int = 0,
        system: int = 0,
        outcomes: Iterable[ClipOutcome] = (),
        left: Iterable[LeftFile] = (),
    ) -> DockingSheet:
        """Return the balance sheet, with the camera's serial in place."""
        sums = self.balance
        return DockingSheet(
            id=self.id,
            camera=camera,
            bay=self.bay,
            transport=self.transport,
            model=self.model,
            state=self.state,
            reason=self.reason,
            attached_at=self.attached_at,
            detached_at=self.detached_at,
            seen=sums.seen,
            copied=sums.copied,
            already_held=sums.already_held,
            not_ready=sums.not_ready,
            unreadable=sums.unreadable,
            refused=sums.refused,
            residual=sums.residual,
            bytes_copied=sums.bytes_copied,
            bytes_read=sums.bytes_read,
            complete=self.complete,
            unknown=unknown,
            system=system,
            outcomes=tuple(outcomes),
            left=tuple(left),
        )


def add_docking_fact(known: KnownDocking | None, fact: DockingFact, when: str) -> KnownDocking:
    """Return what is known of a docking after `fact`; the outcome in a ClipSkipped is `add_clip_outcome`'s.

    Raises:
        IllegalFactError: the lifecycle does not allow it.
    """
    state = advance_docking(known.state if known else None, fact)
    if isinstance(fact, CameraAttached):
        return KnownDocking(
            id=fact.docking,
            camera=fact.camera,
            bay=fact.bay,
            transport=fact.transport,
            model=fact.model,
            attached_at=when,
            state=state,
        )
    assert known is not None  # noqa: S101 - the table lets only CameraAttached begin a docking
    match fact:
        case CameraListed() | CameraRelisted():
            return replace(known, state=state, balance=add_listing(known.balance, fact))
        case CameraAuthorised():
            return replace(known, state=state, reason="")
        case CameraRefused():
            return replace(known, state=state, reason=fact.reason)
        case CameraDetached():
            # A refusal says more than the pulling out that followed it.
            reason = known.reason if known.state is DockingState.REFUSED else fact.reason
            return replace(known, state=state, reason=reason, detached_at=when, complete=fact.complete)
        case _:
            return replace(known, state=state)


def add_clip_outcome(known: KnownDocking, before: ClipOutcome | None, after: ClipOutcome) -> KnownDocking:
    """Return what is known of a docking after one of its clips got an outcome."""
    return add_clip_outcomes(known, [(before, after)])


def add_clip_outcomes(
    known: KnownDocking, outcomes: Sequence[tuple[ClipOutcome | None, ClipOutcome]]
) -> KnownDocking:
    """Return what is known of a docking after clips of it got an outcome: the one before, and the new one."""
    return replace(known, balance=add_outcomes(known.balance, outcomes)) if outcomes else known


# --- a camera and the dock -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KnownCamera:
    """A camera's admission and its last docking; `revoked` is not None where it was withdrawn.

    What an operator typed: from an entry of version 1, `model` and `revoked` have model and reason; from
    later ones, `named`, `revoked_for` and `unit` have the commitments.
    """

    model: str = ""
    enrolled_at: str | None = None
    revoked: str | None = None
    last_docking: str | None = None
    named: str = ""
    revoked_for: str = ""
    unit: str = ""


CameraFact = CameraAttached | CameraEnrolled | CameraRevoked


def add_camera_fact(known: KnownCamera, fact: CameraFact, when: str, *, version: int) -> KnownCamera:
    """Return what is known of a camera after `fact`; what an operator calls its model comes first.

    Args:
        known: what was known before.
        fact: what happened, with the commitments that its entry has.
        when: the entry's time.
        version: the entry's version.
    """
    committed = version >= FREE_TEXT
    match fact:
        case CameraAttached():
            return replace(known, model=known.model or fact.model, last_docking=fact.docking)
        case CameraEnrolled():
            named = {"named" if committed else "model": fact.model} if fact.model else {}
            unit = fact.unit or known.unit
            return replace(known, enrolled_at=when, revoked=None, revoked_for="", unit=unit, **named)
        case CameraRevoked() if committed:
            return replace(known, revoked="", revoked_for=fact.reason)
        case CameraRevoked():
            return replace(known, revoked=fact.reason)


@dataclass(frozen=True, slots=True)
class KnownDock:
    """The dock itself: `running` says that its last start has no orderly stop after it."""

    started_at: str | None = None
    running: bool = False
    paused: bool = False


def add_dock_fact(known: KnownDock, fact: DockFact, when: str) -> KnownDock:
    """Return what is known of the dock after `fact`."""
    match fact:
        case DockStarted():
            return replace(known, started_at=when, running=True)
        case DockStopped():
            return replace(known, running=False)
        case DockPaused() | DockResumed():
            return replace(known, paused=isinstance(fact, DockPaused))
        case _:
            return known
