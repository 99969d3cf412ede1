"""What does an operator's request mean? Facts to record, and a sentence to answer with.

The daemon asks here; so does the command line when no daemon runs. Nothing is recorded here.
"""

from __future__ import annotations

from collections.abc import Callable

from bwvdock.core.clips.admission import is_shared_serial
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.retention import SPOOL
from bwvdock.core.facts import (
    CameraEnrolled,
    CameraRevoked,
    ClipRecalled,
    ClipRetried,
    DeliveryResumed,
    DockPaused,
    DockResumed,
)
from bwvdock.errors import DurabilityError, UsageError
from bwvdock.operators.consultation import consult
from bwvdock.operators.decisions import Checker, Decision, DecisionJournal, DecisionReader, printable
from bwvdock.operators.marks import Mark, mark
from bwvdock.operators.requests import Assign, Consult, Enrol, Pause, Resume, Retry, Revoke
from bwvdock.operators.roster import assign

Order = Pause | Resume | Enrol | Revoke | Assign | Retry | Mark | Consult


def _never(_: str) -> bool:
    return False


def decide(
    order: Order,
    *,
    journal: DecisionJournal,
    reader: DecisionReader,
    spool: Checker,
    paused: bool,
    actor: str,
    parked: Callable[[str], bool] = _never,
) -> Decision:
    """Return what an order means as things stand.

    Args:
        order: what the operator wants.
        journal: the journal's writer, which knows what was recorded last.
        reader: the journal's reader.
        spool: asked only for a clip that is to be led out of quarantine; this reads the clip whole.
        paused: whether the dock is paused.
        actor: who asks, "uid:name".
        parked: says whether a clip fails again and again at a destination; only a running dock knows.

    Raises:
        UsageError: it cannot be done, and why.
    """
    match order:
        case Pause():
            return _pause(paused=paused, actor=actor)
        case Resume():
            return _resume(paused=paused, actor=actor)
        case Enrol():
            return _enrol(order, journal, actor)
        case Revoke():
            return _revoke(order, journal, reader, actor)
        case Retry():
            clip = _known(order, journal, reader)
            if clip.state is ClipState.QUARANTINED:
                return _lead_out(clip, spool, actor)
            return _offer_again(clip, actor, parked=parked(clip.id))
        case _:
            return _decide_on_people(order, journal, reader, actor)


def _decide_on_people(
    order: Assign | Mark | Consult, journal: DecisionJournal, reader: DecisionReader, actor: str
) -> Decision:
    match order:
        case Assign():
            return assign(order, reader, actor)
        case Consult():
            return consult(order, actor)
        case _:
            return mark(order, journal, reader, actor)


def _pause(*, paused: bool, actor: str) -> Decision:
    if paused:
        return Decision(facts=(), message="It is paused already.")
    return Decision(
        facts=(DockPaused(actor=actor),),
        message="Paused: no footage is taken and none uploaded until `bwvdock resume`.",
    )


def _resume(*, paused: bool, actor: str) -> Decision:
    if not paused:
        return Decision(facts=(), message="It is not paused.")
    return Decision(facts=(DockResumed(actor=actor),), message="Resumed.")


def _enrol(order: Enrol, journal: DecisionJournal, actor: str) -> Decision:
    serial, model = _serial(order.serial), order.model.strip()
    if model:
        printable(model, "model")
    if is_shared_serial(serial):
        raise UsageError(
            f"The serial {serial} does not tell one camera from another: whole production runs share such "
            "serials, so enrolling it would let strangers in.",
            remedy="Give the camera a serial of its own with the vendor's software, then enrol that.",
        )
    known = journal.enrolment(serial)
    if known.enrolled and model in {"", known.model}:
        return Decision(facts=(), message=f"Camera {serial} is enrolled already.")
    again = f" again (it had been revoked: {known.revoked})" if known.revoked is not None else ""
    return Decision(
        facts=(CameraEnrolled(camera=serial, model=model or known.model, actor=actor),),
        message=f"Camera {serial} is enrolled{again}.",
    )


def _revoke(order: Revoke, journal: DecisionJournal, reader: DecisionReader, actor: str) -> Decision:
    serial, reason = _serial(order.serial), printable(order.reason, "reason")
    known = journal.enrolment(serial)
    if known.revoked is not None:
        return Decision(facts=(), message=f"Camera {serial} is revoked already: {known.revoked}.")
    if not known.enrolled and all(camera.serial != serial for camera in reader.cameras()):
        raise UsageError(
            f"No camera {serial} was ever enrolled or docked here, so nothing was revoked.",
            remedy="bwvdock cameras list shows the serials as this dock knows them.",
        )
    return Decision(
        facts=(CameraRevoked(camera=serial, reason=reason, actor=actor),),
        message=f"Camera {serial} is revoked: {reason}. It is refused from now on.",
    )


def _serial(text: str) -> str:
    return printable(text, "serial", remedy="Type it as `bwvdock cameras list` shows it.")


def _known(order: Retry, journal: DecisionJournal, reader: DecisionReader) -> Clip:
    clip_id = reader.resolve_clip(order.clip)
    clip = journal.clip(clip_id)
    if clip is None:
        raise UsageError(f"Clip {clip_id} is unknown.", remedy="bwvdock custody verify")
    return clip


def _offer_again(clip: Clip, actor: str, *, parked: bool) -> Decision:
    if clip.refused and _left_spool(clip) and not clip.undescribed:
        raise _out_of_reach(clip)
    if not (clip.refused or clip.undescribed or parked):
        raise UsageError(
            f"Clip {clip.id} is {clip.state}, not in quarantine, and no destination refused or parked it: "
            "there is nothing to retry.",
            remedy=f"bwvdock clips show {clip.id}",
        )
    return Decision(
        facts=(DeliveryResumed(clip=clip.id, actor=actor),), message=f"Clip {clip.id} {_again(clip)}."
    )


def _left_spool(clip: Clip) -> bool:
    return clip.leaving(SPOOL) or clip.state is ClipState.RETIRED


def _out_of_reach(clip: Clip) -> UsageError:
    held = ", ".join(sorted(set(clip.receipts) - clip.disposed))
    stands = f"It stands at {held}." if held else "Of its copies the journal has the digests."
    return UsageError(
        f"Clip {clip.id} cannot be offered to {', '.join(sorted(clip.refused))} again: its time is over, and "
        f"its copy in the spool is gone, or about to go. {stands}",
        remedy=f"bwvdock clips show {clip.id}; bring it there by hand from a store that has it",
    )


def _again(clip: Clip) -> str:
    within_reach = () if _left_spool(clip) else clip.refused
    refused, undescribed = (", ".join(sorted(names)) for names in (within_reach, clip.undescribed))
    if undescribed:
        also = f"is offered to {refused} again, and " if refused else "stays as it is; "
        return f"{also}its custody document is offered to {undescribed} again"
    return f"is offered to {refused} again" if refused else "is tried again at once"


def _lead_out(clip: Clip, spool: Checker, actor: str) -> Decision:
    if _is_whole(clip, spool):
        return Decision(
            facts=(ClipRetried(clip=clip.id, actor=actor),),
            message=f"Clip {clip.id}: the spool's copy is whole and is brought to its destinations again.",
        )
    return Decision(
        facts=(ClipRecalled(clip=clip.id, actor=actor),),
        message=f"Clip {clip.id}: the spool has no whole copy, so it is copied again when camera "
        f"{clip.camera} is docked.",
    )


def _is_whole(clip: Clip, spool: Checker) -> bool:
    if not clip.parts:
        return False
    try:
        spool.check(clip)
    except DurabilityError:
        return False
    return True
