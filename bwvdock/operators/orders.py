"""What does an operator's order lead to? Facts to record, and a sentence to answer with.

The daemon decides with it, and so does the command line when no daemon runs. It records nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bwvdock.core.clips.admission import wrong_with_serial
from bwvdock.core.clips.classes.rules import NO_CLASSES, RetentionRules
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.states import SPOOL
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
from bwvdock.operators.attribution.decide import decide_on_attribution
from bwvdock.operators.attribution.requests import AttributionOrder, Dispute, Uphold
from bwvdock.operators.audit.disclosure import Disclose, DrawSample, HandOver, hand_over
from bwvdock.operators.consultation import consult, exported
from bwvdock.operators.decisions import (
    Checker,
    Decision,
    DecisionJournal,
    DecisionReader,
    OrderReader,
    printable,
)
from bwvdock.operators.enrolments import enrol_rows
from bwvdock.operators.erase_values import erase_values
from bwvdock.operators.events.importing import import_events
from bwvdock.operators.events.requests import ImportEvents
from bwvdock.operators.holds.decide import decide_on_holds
from bwvdock.operators.holds.decide_requests import decide_on_requests
from bwvdock.operators.holds.requests import (
    CloseRequest,
    CorrectRequest,
    EndHold,
    ExceptClips,
    HoldOrder,
    OpenHold,
    OpenRequest,
    RequestOrder,
)
from bwvdock.operators.hurry import hurry
from bwvdock.operators.marks import Mark, mark
from bwvdock.operators.observed import BackedUp, Observed, Verified, observed
from bwvdock.operators.requests import (
    Assign,
    Consult,
    Enrol,
    EnrolRows,
    EraseValues,
    Exported,
    Flag,
    Hold,
    Hurry,
    Pause,
    Resume,
    Retry,
    Revoke,
    Unflag,
    Unhold,
)
from bwvdock.operators.retention.requests import Restore, Review
from bwvdock.operators.retention.restore import restore
from bwvdock.operators.retention.review import review
from bwvdock.operators.retention.units import classes_given, require_may_move
from bwvdock.operators.roster import assign
from bwvdock.units import format_count

Order = (
    Pause
    | Resume
    | Enrol
    | EnrolRows
    | Revoke
    | Assign
    | ImportEvents
    | Retry
    | Mark
    | Review
    | AttributionOrder
    | HoldOrder
    | RequestOrder
    | Restore
    | Hurry
    | Consult
    | Exported
    | EraseValues
    | Observed
    | HandOver
)


def _never(_: str) -> bool:
    return False


def decide(
    order: Order,
    *,
    journal: DecisionJournal,
    reader: OrderReader,
    spool: Checker,
    paused: bool,
    actor: str,
    parked: Callable[[str], bool] = _never,
    retention: RetentionRules = NO_CLASSES,
) -> Decision:
    """Return what an order leads to in the present state.

    Args:
        order: what the operator wants.
        journal: the journal's writer, which knows the latest state.
        reader: the journal's reader.
        spool: used only to release a clip from quarantine; this reads the whole clip.
        paused: whether the dock is paused.
        actor: who gives the order, "uid:name".
        parked: returns whether a clip keeps failing at a destination; only a running dock knows.
        retention: what the configuration says of classes.

    Raises:
        UsageError: the order cannot be carried out.
    """
    match order:
        case Pause() | Resume():
            return (_pause if isinstance(order, Pause) else _resume)(paused=paused, actor=actor)
        case Enrol() | EnrolRows() | Revoke():
            decision = _decide_on_cameras(order, journal, reader, actor)
            require_may_move(decision.facts, reader, retention, enrolment=journal.enrolment)
            return decision
        case Assign():
            return _assign(order, journal, reader, retention, actor)
        case ImportEvents():
            return import_events(order, reader.event, actor)
        case Retry():
            return _retry(_known(order, journal, reader), spool, actor, parked)
        case (
            Review()
            | Dispute()
            | Uphold()
            | Restore()
            | Hurry()
            | Flag()
            | Unflag()
            | Hold()
            | Unhold()
            | OpenHold()
            | EndHold()
            | ExceptClips()
            | OpenRequest()
            | CorrectRequest()
            | CloseRequest()
        ):
            return _decide_on_clips(order, journal, reader, retention, actor)
        case _:
            return _decide_on_people(order, journal, reader, actor)


def _assign(
    order: Assign, journal: DecisionJournal, reader: OrderReader, retention: RetentionRules, actor: str
) -> Decision:
    decision = assign(order, reader, actor)
    require_may_move(decision.facts, reader, retention, enrolment=journal.enrolment)
    given = tuple(
        classes_given(decision.facts, reader, retention, enrolment=journal.enrolment, clip_of=journal.clip)
    )
    closed = reader.veil.closed if reader.veil else ()
    told = sum(one.name not in closed for one in given)
    message = f" {format_count(told, 'clip')} {'has' if told == 1 else 'have'} the class of the unit now."
    message = decision.message + (message if told else "")
    return replace(decision, facts=(*decision.facts, *given), message=message)


def _decide_on_cameras(
    order: Enrol | EnrolRows | Revoke, journal: DecisionJournal, reader: OrderReader, actor: str
) -> Decision:
    match order:
        case Enrol():
            return _enrol(order, journal, actor)
        case EnrolRows():
            return enrol_rows(order, journal.enrolment, actor)
        case Revoke():
            return _revoke(order, journal, reader, actor)


def _retry(clip: Clip, spool: Checker, actor: str, parked: Callable[[str], bool]) -> Decision:
    if clip.state is ClipState.QUARANTINED:
        return _lead_out(clip, spool, actor)
    return _offer_again(clip, actor, parked=parked(clip.id))


def _decide_on_people(
    order: Consult | Exported | EraseValues | Observed | HandOver,
    journal: DecisionJournal,
    reader: OrderReader,
    actor: str,
) -> Decision:
    match order:
        case EraseValues():
            return erase_values(order, journal, reader, actor)
        case Verified() | BackedUp():
            return observed(order, actor)
        case Consult() | Exported() | Disclose() | DrawSample():
            return _decide_on_looking(order, reader, actor)


def _decide_on_clips(
    order: Review | AttributionOrder | Restore | Hurry | Mark | HoldOrder | RequestOrder,
    journal: DecisionJournal,
    reader: OrderReader,
    retention: RetentionRules,
    actor: str,
) -> Decision:
    match order:
        case Review():
            return review(order, journal, reader, retention, actor)
        case OpenHold() | EndHold() | ExceptClips():
            return decide_on_holds(order, journal, reader, actor)
        case OpenRequest() | CorrectRequest() | CloseRequest():
            return decide_on_requests(order, reader, actor)
        case Restore():
            return restore(order, journal, reader, actor)
        case Dispute() | Uphold():
            return decide_on_attribution(order, journal, reader, actor)
        case Hurry():
            return hurry(order, journal, reader, actor)
        case _:
            return mark(order, journal, reader, actor)


def _decide_on_looking(order: Consult | Exported | HandOver, reader: OrderReader, actor: str) -> Decision:
    match order:
        case Consult():
            return consult(order, reader, actor)
        case Exported():
            return exported(order, reader, actor)
        case Disclose() | DrawSample():
            return hand_over(order, reader, actor)


def _pause(*, paused: bool, actor: str) -> Decision:
    if paused:
        return Decision(facts=(), message="The dock is already paused; nothing changed.")
    return Decision(
        facts=(DockPaused(actor=actor),),
        message="Paused: nothing is copied or uploaded until `bwvdock resume`.",
    )


def _resume(*, paused: bool, actor: str) -> Decision:
    if not paused:
        return Decision(facts=(), message="The dock was not paused; nothing changed.")
    return Decision(facts=(DockResumed(actor=actor),), message="Resumed.")


def _enrol(order: Enrol, journal: DecisionJournal, actor: str) -> Decision:
    serial, model, unit = _serial(order.serial), order.model.strip(), order.unit.strip()
    for text, what in ((model, "model"), (unit, "unit")):
        if text:
            printable(text, what)
    if wrong := wrong_with_serial(serial):
        raise UsageError(
            f"Serial {serial} {wrong}.",
            remedy="Set a serial of its own with the vendor's software, then enrol that.",
        )
    known = journal.enrolment(serial)
    if known.enrolled and model in {"", known.model} and unit in {"", known.unit}:
        return Decision(facts=(), message=f"Camera {serial} was already enrolled; nothing changed.")
    again = f" again (it had been revoked{_given(known.revoked)})" if known.revoked is not None else ""
    return Decision(
        facts=(
            CameraEnrolled(camera=serial, model=model or known.model, actor=actor, unit=unit or known.unit),
        ),
        message=f"Camera {serial} is enrolled{again}{f', unit {unit}' if unit else ''}.",
    )


def _revoke(order: Revoke, journal: DecisionJournal, reader: DecisionReader, actor: str) -> Decision:
    serial, reason = _serial(order.serial), printable(order.reason, "reason")
    known = journal.enrolment(serial)
    if known.revoked is not None:
        return Decision(
            facts=(), message=f"Camera {serial} was already revoked{_given(known.revoked)}; nothing changed."
        )
    if not known.enrolled and all(camera.serial != serial for camera in reader.cameras()):
        raise UsageError(
            f"Camera {serial} was never enrolled or docked here; nothing changed.",
            remedy="bwvdock cameras list shows the serials that this dock knows.",
        )
    return Decision(
        facts=(CameraRevoked(camera=serial, reason=reason, actor=actor),),
        message=f"Camera {serial} is revoked ({reason}). The dock now refuses it.",
    )


def _given(reason: str) -> str:
    return f": {reason}" if reason else ""


def _serial(text: str) -> str:
    return printable(text, "serial", remedy="Type the serial as `bwvdock cameras list` shows it.")


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
            f"Clip {clip.id} is {clip.state}: it is not in quarantine, and no destination refused it or "
            "keeps failing. There is nothing to retry.",
            remedy=f"bwvdock clips show {clip.id}",
        )
    return Decision(
        facts=(DeliveryResumed(clip=clip.id, actor=actor),), message=f"Clip {clip.id} {_again(clip)}."
    )


def _left_spool(clip: Clip) -> bool:
    return clip.leaving(SPOOL) or clip.state is ClipState.RETIRED


def _out_of_reach(clip: Clip) -> UsageError:
    held = ", ".join(sorted(set(clip.receipts) - clip.disposed))
    where = f"Copies are at {held}." if held else "The journal has the hashes of its former copies."
    return UsageError(
        f"Clip {clip.id} cannot be offered to {', '.join(sorted(clip.refused))} again: its retention date "
        f"has passed, and the spool's copy is gone or being disposed of. {where}",
        remedy=f"bwvdock clips show {clip.id}; copy it there by hand from a store that has it",
    )


def _again(clip: Clip) -> str:
    within_reach = () if _left_spool(clip) else clip.refused
    refused, undescribed = (", ".join(sorted(names)) for names in (within_reach, clip.undescribed))
    if undescribed:
        also = f"will be offered to {refused} again, and " if refused else "is unchanged; "
        return f"{also}its custody document will be offered to {undescribed} again"
    return f"will be offered to {refused} again" if refused else "will be tried again at once"


def _lead_out(clip: Clip, spool: Checker, actor: str) -> Decision:
    if _is_whole(clip, spool):
        return Decision(
            facts=(ClipRetried(clip=clip.id, actor=actor),),
            message=f"Clip {clip.id}: the spool's copy matches the hash taken at ingest and will be uploaded "
            "again.",
        )
    return Decision(
        facts=(ClipRecalled(clip=clip.id, actor=actor),),
        message=f"Clip {clip.id}: the spool has no copy that can be read and matches the hash taken at "
        f"ingest, so it will be copied again from camera {clip.camera}: now, if it is in a bay, or the "
        "next time it is docked.",
    )


def _is_whole(clip: Clip, spool: Checker) -> bool:
    if not clip.parts:
        return False
    try:
        spool.check(clip)
    except DurabilityError:
        return False
    return True
