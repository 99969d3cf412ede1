"""What does each fact change of what is known of a clip, and what does a whole history make of it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bwvdock.core.clips.classes.given import with_class
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.holds.marks import OF_STANDING, after_hold
from bwvdock.core.clips.lifecycle import (
    LEFT_CAMERA,
    IllegalFactError,
    advance_clip,
)
from bwvdock.core.clips.proof import Receipt
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.facts import (
    AttributionDisputed,
    AttributionUpheld,
    CameraDigestCompared,
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
    ClipRestored,
    ClipRetired,
    ClipRetried,
    ClipRetrieved,
    ClipUnflagged,
    ClipUnheld,
    ClipUploaded,
    ClipVerified,
    CopyWithdrawn,
    DeliveryRefused,
    DeliveryResumed,
    DisposalIntended,
    DisposalNoticed,
    DocumentRefused,
    LossClosed,
    ReleaseIntended,
    VerificationFailed,
    VerifiedAgain,
)


def apply(clip: Clip | None, fact: ClipFact) -> Clip:
    """Return the clip after `fact`.

    Raises:
        IllegalFactError: the lifecycle does not allow the fact; nothing has changed.
    """
    state = advance_clip(clip.state if clip else None, fact)
    if isinstance(fact, ClipFound):
        return Clip(
            id=fact.clip,
            state=state,
            camera=fact.camera,
            docking=fact.docking,
            files=fact.files,
            marked=fact.marked,
            notes=fact.notes,
            times=fact.times,
            known_by=fact.known_by,
        )
    if clip is None or clip.id != fact.clip:
        raise IllegalFactError(f"{fact.kind} of clip {fact.clip} was applied to another")
    after = replace(_learn(clip, fact), state=state)
    return _outdated(after) if isinstance(fact, _OUTDATING) else after


_NOWHERE: Mapping[str, Any] = {
    "uploaded": {},
    "receipts": {},
    "described": {},
    "undescribed": {},
    "owing": frozenset(),
    "refused": {},
    "resumed": frozenset(),
    "disposal_intended": frozenset(),
    "disposed": frozenset(),
    "freed": False,
    "staying": frozenset(),
    "doubted": frozenset(),
    "doubted_at": "",
    "earlier": frozenset(),
    "again": frozenset(),
    "failed": {},
    "withdrawn": {},
}
_OF_MARKS = (ClipFlagged, ClipUnflagged, ClipHeld, ClipUnheld, ClipClassified)
_OF_OFFICER = (ClipAttributed, AttributionDisputed, AttributionUpheld)
_OUTDATING = (ClipDated, *_OF_OFFICER, *_OF_MARKS, *OF_STANDING)
"""Facts that make a custody document out of date.

Another destination's receipt does not: each store has the proof of its own copy.
"""


def _outdated(clip: Clip) -> Clip:
    owing = frozenset(clip.receipts) - clip.disposed
    return replace(clip, described={}, undescribed={}, owing=owing, revision=clip.revision + 1)


def _learn(clip: Clip, fact: ClipFact) -> Clip:
    match fact:
        case ClipAcquired():
            return _acquire(clip, fact)
        case ClipQuarantined(place=place):
            doubted = clip.doubted | {place} if place else clip.doubted
            return replace(clip, quarantine=fact.reason, doubted=doubted, doubted_at=place)
        case ClipRecalled():
            after = replace(clip, parts=(), former=clip.parts, quarantine="", camera_digest="")
            return replace(after, **_still_proven(clip))
        case ClipRetried():
            return replace(clip, quarantine="", **_still_proven(clip))
        case ReleaseIntended():
            return replace(clip, erasing=True)
        case ClipRetired():
            return replace(clip, resumed=frozenset())
        case _:
            return _learn_of_delivery(clip, fact)


def _acquire(clip: Clip, fact: ClipAcquired) -> Clip:
    """Return the clip with a new copy; what proves a copy with other digests proves nothing of this one."""
    length_ms = fact.length_ms
    after = replace(
        clip, docking=fact.docking, parts=fact.parts, former=(), erasing=False, length_ms=length_ms
    )
    after = replace(after, notes=clip.notes + fact.notes)
    same = [part.sha256 for part in clip.former] == [part.sha256 for part in fact.parts]
    return after if same else replace(after, **_NOWHERE)


def _still_proven(clip: Clip) -> Mapping[str, Any]:
    """Return what remains of where a clip is once it is copied or uploaded again.

    A copy that a store proved is there whatever became of the spool's, or of another store's. Nothing remains
    where it is not known which copy was in doubt, or of a copy that was disposed of or was about to be.
    """
    if not clip.doubted_at:
        return _NOWHERE
    gone = clip.disposed | clip.disposal_intended | clip.doubted
    kept = frozenset(clip.receipts) - gone
    return {
        **_NOWHERE,
        "uploaded": {name: there for name, there in clip.uploaded.items() if name in kept},
        "receipts": {name: receipt for name, receipt in clip.receipts.items() if name in kept},
        "described": {name: sha256 for name, sha256 in clip.described.items() if name in kept},
        "undescribed": {name: why for name, why in clip.undescribed.items() if name in kept},
        "owing": clip.owing & kept,
        "earlier": kept,
        "again": clip.again & kept,
    }


def _learn_of_delivery(clip: Clip, fact: ClipFact) -> Clip:
    match fact:
        case ClipUploaded():
            return replace(clip, uploaded={**clip.uploaded, fact.destination: fact.object})
        case ClipVerified():
            return _receive(clip, fact)
        case ClipDescribed():
            return _describe(clip, fact)
        case DocumentRefused():
            return _refuse_document(clip, fact)
        case DeliveryRefused():
            refused = {**clip.refused, fact.destination: fact.reason}
            return replace(clip, refused=refused, resumed=clip.resumed - {fact.destination})
        case DeliveryResumed():
            return _resume(clip)
        case _:
            return _learn_of_keeping(clip, fact)


def _learn_later(clip: Clip, fact: VerifiedAgain | VerificationFailed | LossClosed | ClipRetrieved) -> Clip:
    if isinstance(fact, VerificationFailed):
        return _lose(clip, fact)
    if isinstance(fact, LossClosed):
        resumed = clip.resumed - {fact.destination}
        return replace(clip, failed=_without(clip.failed, fact.destination), resumed=resumed)
    if isinstance(fact, VerifiedAgain):
        proven = fact.scheduled and clip.is_proven(fact.destination)
        return replace(clip, again=clip.again | {fact.destination}) if proven else clip
    intended = clip.disposal_intended - {SPOOL}
    return replace(clip, disposed=clip.disposed - {SPOOL}, disposal_intended=intended, freed=False)


def _learn_of_keeping(clip: Clip, fact: ClipFact) -> Clip:
    match fact:
        case ClipDated():
            return replace(clip, dated=fact)
        case DisposalIntended():
            return replace(
                clip,
                disposal_intended=clip.disposal_intended | {fact.place},
                freed=clip.freed or fact.early,
                staying=clip.staying | set(fact.stay),
            )
        case ClipDisposed():
            return _dispose(clip, fact.place)
        case VerifiedAgain() | VerificationFailed() | LossClosed() | ClipRetrieved():
            return _learn_later(clip, fact)
        case ClipHeld() | ClipUnheld():
            # Notice that was given before a hold says nothing of what happens after it.
            return replace(clip, own_hold=isinstance(fact, ClipHeld), noticed=None)
        case ClipHoldMatched() | ClipHoldOver() | ClipHoldExcepted():
            return replace(clip, noticed=None, **after_hold(clip.standing, clip.excepted, fact))
        case _:
            return _learn_of_people(clip, fact)


def _learn_of_people(clip: Clip, fact: ClipFact) -> Clip:
    match fact:
        case AttributionDisputed():
            return replace(clip, officer="", disputed=True)
        case ClipAttributed() | AttributionUpheld():
            return replace(clip, officer=fact.officer, disputed=False)
        case ClipHurried():
            return replace(clip, hurried=True)
        case ClipFlagged():
            return replace(clip, flagged=True, case=fact.case)
        case ClipUnflagged():
            return replace(clip, flagged=False, case="")
        case _:
            return _learn_of_meaning(clip, fact)


def _learn_of_meaning(clip: Clip, fact: ClipFact) -> Clip:
    match fact:
        case ClipMatched():
            after = replace(clip, events=fact.events)
            # As a hold does, a certain match makes void what notice was given before it: it may be withdrawn.
            return after if after.matched == clip.matched else replace(after, noticed=None)
        case CopyWithdrawn():
            return replace(clip, withdrawn={**clip.withdrawn, fact.place: fact.until})
        case ClipRestored():
            return _restore(clip, fact.place)
        case CameraDigestCompared():
            return replace(clip, camera_digest=fact.outcome)
        case ClipClassified():
            return _classify(clip, fact)
        case DisposalNoticed():
            return replace(clip, noticed=fact)
        case _:
            return clip


def _dispose(clip: Clip, place: str) -> Clip:
    disposed, owing = clip.disposed | {place}, clip.owing - {place}
    undescribed, withdrawn = (_without(said, place) for said in (clip.undescribed, clip.withdrawn))
    return replace(clip, disposed=disposed, owing=owing, undescribed=undescribed, withdrawn=withdrawn)


def _restore(clip: Clip, place: str) -> Clip:
    # As if the disposal of this copy had never been announced.
    intended, staying = clip.disposal_intended - {place}, clip.staying | {place}
    withdrawn = _without(clip.withdrawn, place)
    return replace(clip, withdrawn=withdrawn, disposal_intended=intended, staying=staying)


def _classify(clip: Clip, fact: ClipClassified) -> Clip:
    after = replace(clip, classes=with_class(clip.classes, fact))
    if clip.state not in LEFT_CAMERA or SPOOL in clip.disposed or after.only_to is None:
        return after
    # Its camera's copy is gone: where it must go now it goes from the spool.
    return replace(after, resumed=after.resumed | (after.only_to - frozenset(after.receipts)))


def _receive(clip: Clip, fact: ClipVerified) -> Clip:
    here = {fact.destination}
    return replace(
        clip,
        receipts={**clip.receipts, fact.destination: Receipt.of(fact)},
        described=_without(clip.described, fact.destination),
        undescribed=_without(clip.undescribed, fact.destination),
        resumed=clip.resumed - here,
        doubted=clip.doubted - here,
        earlier=clip.earlier - here,
        again=clip.again - here,
        failed=_without(clip.failed, fact.destination),
        owing=clip.owing | here if fact.owes_document else clip.owing - here,
    )


def _lose(clip: Clip, fact: VerificationFailed) -> Clip:
    """Return the clip without a destination's copy, which is uploaded there again."""
    name = fact.destination
    if name not in clip.receipts:
        return clip
    return replace(
        clip,
        uploaded=_without(clip.uploaded, name),
        receipts={other: receipt for other, receipt in clip.receipts.items() if other != name},
        described=_without(clip.described, name),
        undescribed=_without(clip.undescribed, name),
        owing=clip.owing - {name},
        again=clip.again - {name},
        earlier=clip.earlier - {name},
        failed={**clip.failed, name: fact.finding},
        resumed=clip.resumed | {name},
    )


def _describe(clip: Clip, fact: ClipDescribed) -> Clip:
    if fact.revision != clip.revision:
        return clip  # out of date by now: a newer document is owed
    described = {**clip.described, fact.destination: fact.sha256}
    return replace(clip, described=described, owing=clip.owing - {fact.destination})


def _refuse_document(clip: Clip, fact: DocumentRefused) -> Clip:
    if fact.revision != clip.revision or fact.destination not in clip.owing:
        return clip  # out of date by now: the newer document may be accepted
    undescribed = {**clip.undescribed, fact.destination: fact.reason}
    return replace(clip, undescribed=undescribed, owing=clip.owing - {fact.destination})


def _resume(clip: Clip) -> Clip:
    again = frozenset(clip.refused) if clip.state in LEFT_CAMERA else frozenset()
    owing = clip.owing | frozenset(clip.undescribed)
    return replace(clip, refused={}, undescribed={}, owing=owing, resumed=clip.resumed | again)


def _without(said: Mapping[str, str], destination: str) -> Mapping[str, str]:
    return {name: what for name, what in said.items() if name != destination}


def fold(facts: Iterable[ClipFact]) -> Clip | None:
    """Return the clip that a whole history makes, or None for an empty one."""
    clip: Clip | None = None
    for fact in facts:
        clip = apply(clip, fact)
    return clip
