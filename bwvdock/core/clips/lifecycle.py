"""Which fact may follow which? Every rule about the lifecycle of a clip and of a docking is here.

Rule 1: what is not in TRANSITIONS cannot happen. An illegal fact raises an error and changes no state.
Rule 2: a fact that still awaits other required destinations is recorded but changes no state.
Rule 3: every path to RELEASING passes VERIFIED; so a clip always has a proven copy.

Left out here: what to do next (plan.py) and what may be erased (permit.py). The diagram in
docs/reference/lifecycle.md is drawn from these tables by `python -m bwvdock.core.clips.lifecycle`.
"""

from __future__ import annotations

from enum import StrEnum

from bwvdock.core.clips.states import ClipState, DockingState
from bwvdock.core.facts import (
    AttributionDisputed,
    AttributionUpheld,
    CameraAttached,
    CameraAuthorised,
    CameraBatteryRead,
    CameraClockRead,
    CameraDetached,
    CameraDigestCompared,
    CameraIdentified,
    CameraListed,
    CameraOfficerDiffers,
    CameraRefused,
    CameraRelisted,
    CameraSettled,
    ClipAcquired,
    ClipAttributed,
    ClipClassified,
    ClipDated,
    ClipDescribed,
    ClipDisposed,
    ClipFact,
    ClipFlagged,
    ClipFound,
    ClipHeld,
    ClipHoldExcepted,
    ClipHoldMatched,
    ClipHoldOver,
    ClipHurried,
    ClipMatched,
    ClipQuarantined,
    ClipRecalled,
    ClipReleased,
    ClipRestored,
    ClipRetired,
    ClipRetried,
    ClipRetrieved,
    ClipSkipped,
    ClipUnflagged,
    ClipUnheld,
    ClipUploaded,
    ClipVerified,
    ClockSetEnded,
    ClockSetIntended,
    CopyIntended,
    CopyWithdrawn,
    DeliveryRefused,
    DeliveryResumed,
    DisposalIntended,
    DisposalNoticed,
    DockingFact,
    DocumentRefused,
    FilesLeft,
    LossClosed,
    ReleaseIntended,
    RestoreIntended,
    UnlockEnded,
    UnlockIntended,
    UploadAttempts,
    VerificationFailed,
    VerifiedAgain,
)

__all__ = [
    "CLIP_TRANSITIONS",
    "DOCKING_TRANSITIONS",
    "LEFT_CAMERA",
    "ClipState",
    "DockingState",
    "IllegalFactError",
    "advance_clip",
    "advance_docking",
    "mermaid",
]


class IllegalFactError(RuntimeError):
    """A fact is not allowed by the table: a bug in bwvdock."""


_C = ClipState
_D = DockingState

LEFT_CAMERA = (_C.RELEASING, _C.RELEASED)
"""The states of a clip that was erased from its camera, or is about to be."""

_SAID = (ClipDated, ClipAttributed, ClipMatched, DisposalNoticed)
_HOLDS = (ClipHeld, ClipUnheld, ClipHoldMatched, ClipHoldOver, ClipHoldExcepted)
_DISPUTES = (AttributionDisputed, AttributionUpheld)
_MARKS = (ClipFlagged, ClipUnflagged, *_HOLDS, ClipHurried, ClipClassified, *_DISPUTES)
_KNOWN = (*_SAID, *_MARKS)
_OBSERVED = (UploadAttempts, VerifiedAgain, LossClosed, CameraDigestCompared, RestoreIntended, ClipRestored)
_PROVEN = (_C.VERIFIED, _C.RELEASED, _C.RETIRED)
_DESCRIBED = (_C.ACQUIRED, _C.UPLOADED, _C.VERIFIED, _C.RELEASING, _C.RELEASED, _C.RETIRED)

CLIP_TRANSITIONS: dict[tuple[ClipState | None, type[ClipFact]], ClipState] = {
    (None, ClipFound): _C.FOUND,
    (_C.FOUND, CopyIntended): _C.FOUND,
    (_C.FOUND, ClipAcquired): _C.ACQUIRED,
    (_C.ACQUIRED, ClipUploaded): _C.UPLOADED,
    # A clip that its required destinations have must still go to the others.
    (_C.UPLOADED, ClipUploaded): _C.UPLOADED,
    (_C.VERIFIED, ClipUploaded): _C.VERIFIED,
    # After the camera's copy is gone, it goes only where an operator has it offered again.
    **{(state, fact): state for state in LEFT_CAMERA for fact in (ClipUploaded, ClipVerified)},
    # A fast destination may prove its copy while a required one is still receiving it.
    (_C.ACQUIRED, ClipVerified): _C.ACQUIRED,
    (_C.UPLOADED, ClipVerified): _C.VERIFIED,
    (_C.VERIFIED, ClipVerified): _C.VERIFIED,
    # The custody document follows every copy and every change of the clip, for ever. If a store refuses the
    # document, its receipt remains valid.
    **{(state, fact): state for state in _DESCRIBED for fact in (ClipDescribed, DocumentRefused)},
    # One store's refusal does not put the clip in doubt: the others still get it.
    **{(state, fact): state for state in _DESCRIBED for fact in (DeliveryRefused, DeliveryResumed)},
    # Dates, attributions and marks do not change where a clip is.
    **{(state, fact): state for state in _C for fact in _KNOWN},
    # Sums of attempts and repeated proofs are recorded when they end, whatever has become of the clip.
    **{(state, fact): state for state in _C for fact in _OBSERVED},
    # A copy that is not what it was counts as no copy: the clip waits for it as it did before. What the
    # camera has no more stays where it is, and is offered to that destination again.
    **{(state, VerificationFailed): _C.ACQUIRED for state in (_C.ACQUIRED, _C.UPLOADED, _C.VERIFIED)},
    **{(s, VerificationFailed): s for s in (*LEFT_CAMERA, _C.RETIRED, _C.QUARANTINED)},
    # To be uploaded there, a copy that was disposed of comes back into the spool from another store.
    (_C.RETIRED, ClipRetrieved): _C.RELEASED,
    **{(state, ClipRetrieved): state for state in (_C.ACQUIRED, _C.VERIFIED, *LEFT_CAMERA)},
    # Only what is proven elsewhere, or past its retention date everywhere, is disposed of.
    **{(state, fact): state for state in _PROVEN for fact in (DisposalIntended, CopyWithdrawn, ClipDisposed)},
    # Erasing may begin, or the clip may be quarantined, while an announced copy is being disposed of.
    **{
        (state, fact): state
        for state in (_C.RELEASING, _C.QUARANTINED)
        for fact in (CopyWithdrawn, ClipDisposed)
    },
    (_C.VERIFIED, ReleaseIntended): _C.RELEASING,
    # erase = "never": the camera's copy stays, so no intention is recorded.
    (_C.VERIFIED, ClipReleased): _C.RELEASED,
    (_C.RELEASING, ClipReleased): _C.RELEASED,
    (_C.RELEASED, ClipRetired): _C.RETIRED,
    (_C.FOUND, ClipQuarantined): _C.QUARANTINED,
    (_C.ACQUIRED, ClipQuarantined): _C.QUARANTINED,
    (_C.UPLOADED, ClipQuarantined): _C.QUARANTINED,
    (_C.VERIFIED, ClipQuarantined): _C.QUARANTINED,
    (_C.RELEASING, ClipQuarantined): _C.QUARANTINED,
    (_C.RELEASED, ClipQuarantined): _C.QUARANTINED,
    (_C.QUARANTINED, ClipRecalled): _C.FOUND,
    (_C.QUARANTINED, ClipRetried): _C.ACQUIRED,
}

DOCKING_TRANSITIONS: dict[tuple[DockingState | None, type[DockingFact]], DockingState] = {
    (None, CameraAttached): _D.ATTACHED,
    (_D.ATTACHED, CameraAuthorised): _D.AUTHORISED,
    (_D.ATTACHED, CameraRefused): _D.REFUSED,
    # Enrolling a refused camera admits it without a second docking.
    (_D.REFUSED, CameraAuthorised): _D.AUTHORISED,
    # Revoking one that is being read stops the reading.
    (_D.AUTHORISED, CameraRefused): _D.REFUSED,
    (_D.SETTLED, CameraRefused): _D.REFUSED,
    # Only an authorised camera is unlocked. The end is recorded even if it was refused meanwhile.
    (_D.AUTHORISED, UnlockIntended): _D.AUTHORISED,
    (_D.AUTHORISED, UnlockEnded): _D.AUTHORISED,
    (_D.REFUSED, UnlockEnded): _D.REFUSED,
    # Only an authorised camera is opened, and only an open camera can identify itself. If a store is
    # unlocked late, the camera is asked again.
    (_D.AUTHORISED, CameraIdentified): _D.AUTHORISED,
    (_D.AUTHORISED, CameraClockRead): _D.AUTHORISED,
    (_D.AUTHORISED, CameraBatteryRead): _D.AUTHORISED,
    # A clock is set only when nothing more is to be read. The end is recorded whatever happened meanwhile, if
    # need be in the next docking.
    (_D.SETTLED, ClockSetIntended): _D.SETTLED,
    **{(state, ClockSetEnded): state for state in (_D.AUTHORISED, _D.SETTLED, _D.REFUSED)},
    (_D.AUTHORISED, CameraOfficerDiffers): _D.AUTHORISED,
    (_D.AUTHORISED, CameraListed): _D.AUTHORISED,
    # A card put into a reader, or a second volume that came late.
    (_D.SETTLED, CameraListed): _D.AUTHORISED,
    # A medium is listed again while files on it are being written, also after the dock stopped waiting.
    (_D.AUTHORISED, CameraRelisted): _D.AUTHORISED,
    (_D.SETTLED, CameraRelisted): _D.AUTHORISED,
    **{(state, FilesLeft): state for state in (_D.AUTHORISED, _D.SETTLED)},
    (_D.AUTHORISED, ClipSkipped): _D.AUTHORISED,
    (_D.AUTHORISED, CameraSettled): _D.SETTLED,
    (_D.ATTACHED, CameraDetached): _D.DETACHED,
    (_D.AUTHORISED, CameraDetached): _D.DETACHED,
    (_D.REFUSED, CameraDetached): _D.DETACHED,
    (_D.SETTLED, CameraDetached): _D.DETACHED,
}


def advance_clip(state: ClipState | None, fact: ClipFact) -> ClipState:
    """Return the state that a clip has after `fact`.

    Raises:
        IllegalFactError: the table does not allow it; the clip is unchanged.
    """
    after = CLIP_TRANSITIONS.get((state, type(fact)))
    if after is None:
        raise IllegalFactError(f"{fact.kind} cannot follow {state or 'nothing'}: clip {fact.clip}")
    if isinstance(fact, ClipUploaded | ClipVerified) and fact.awaiting:
        assert state is not None  # noqa: S101 - the table has no such fact for None
        return state
    if isinstance(fact, VerificationFailed) and not fact.required:
        assert state is not None  # noqa: S101 - likewise
        return state
    return after


def advance_docking(state: DockingState | None, fact: DockingFact) -> DockingState:
    """Return the state that a docking has after `fact`.

    Raises:
        IllegalFactError: the table does not allow it; the docking is unchanged.
    """
    after = DOCKING_TRANSITIONS.get((state, type(fact)))
    if after is None:
        raise IllegalFactError(f"{fact.kind} cannot follow {state or 'nothing'}: docking {fact.docking}")
    return after


def mermaid() -> str:
    """Return both tables as Mermaid state diagrams, without facts that never change a state."""
    lines, never = ["```mermaid", "stateDiagram-v2"], (*_KNOWN, *_OBSERVED)
    lines += [f"    {_node(s)} --> {a}: {k.kind}" for (s, k), a in CLIP_TRANSITIONS.items() if k not in never]
    lines += ["```", "", "```mermaid", "stateDiagram-v2"]
    lines += [f"    {_node(s)} --> {a}: {k.kind}" for (s, k), a in DOCKING_TRANSITIONS.items()]
    return "\n".join([*lines, "```"])


def _node(state: StrEnum | None) -> str:
    return "[*]" if state is None else str(state)


if __name__ == "__main__":
    print(mermaid())  # noqa: T201 - this is the drawing tool's output
