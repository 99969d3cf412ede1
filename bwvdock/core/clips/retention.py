"""May a copy be disposed of, and which clips are close to their retention date?

Pure rules. Non-evidential footage is kept for a time after recording (dates/dating.py) and then disposed
of in the spool and in directory vaults; remote evidence stores dispose of their copies themselves, by the
date that they were given.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bwvdock.core.clips.classes.routing import Stores, required_of
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.proof import Receipt
from bwvdock.core.clips.states import SPOOL, ClipState
from bwvdock.core.moments import iso

AT_ONCE = "0001-01-01T00:00:00.000Z"
"""The date of what was announced to go early: before every other."""
MAY_GO = frozenset({ClipState.VERIFIED, ClipState.RELEASED, ClipState.RETIRED})


@dataclass(frozen=True, kw_only=True, slots=True)
class DisposalPermit:
    """The permit to dispose of one clip's copies in one place. Only `permit_disposal` makes one.

    `early`: before the retention date; every required destination must prove its copy again first.
    `aside_until`: the copy is moved aside, to be removed after that time; "": it is removed.
    """

    clip: str
    place: str
    reason: str
    early: bool = False
    aside_until: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """For how long `past` its date a clip waits until every required destination was asked again.

    Not for those of `mute`: they are known to give nothing back, so that asking shows nothing. Nor, where a
    copy is to go early, for `vaults`: a copy there lies where it was put, and is read just before.
    """

    past: timedelta
    mute: frozenset[str] = frozenset()
    vaults: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """On what terms a copy goes: `notice_days` as for `obstacle`.

    A copy that is not in the spool is only moved aside for `grace_days`.
    """

    notice_days: int = 0
    grace_days: int = 0


AT_ITS_DATE = Terms()


class Obstacle(StrEnum):
    """Why a copy is not disposed of: the first that applies counts."""

    HELD = "held"
    EVIDENCE = "evidence"
    UNPROVEN = "unproven"
    NOT_ASKED_AGAIN = "not verified again"
    UNDATED = "undated"
    NOT_DUE = "not due"
    CLOCK = "clock"
    NOTICE = "no notice"
    GRACE = "can be restored"


def obstacle(
    clip: Clip,
    *,
    stores: Stores,
    now: datetime,
    clock_trusted: bool,
    notice_days: int = 0,
    wait: Wait | None = None,
) -> Obstacle | None:
    """Return why a clip's copies are not disposed of, or None: they are due.

    Args:
        clip: its present state.
        stores: the destinations; at least one is required. A receipt of any other proves nothing now.
        now: the time, in UTC.
        clock_trusted: whether the dock's own clock is synchronised; if not, nothing is due.
        notice_days: how long before notice must have been given of what nobody reviewed; 0: it need not.
        wait: for how long a clip waits until destinations were asked again; None where they are not.
    """
    if (why := _kept_or_unproven(clip, stores.required, _of(stores, clip))) is not None:
        return why
    until = clip.retain_until
    if not until:
        return Obstacle.UNDATED
    if now <= datetime.fromisoformat(until):
        return Obstacle.NOT_DUE
    if (
        not_asked_again(clip, stores.required, wait)
        and wait
        and now <= datetime.fromisoformat(until) + wait.past
    ):
        return Obstacle.NOT_ASKED_AGAIN
    if not clock_trusted:
        return Obstacle.CLOCK
    return None if notice_days <= 0 or is_noticed(clip, now, days=notice_days) else Obstacle.NOTICE


def needs_notice(clip: Clip) -> bool:
    """Return whether notice of a clip's retention date is to be given: nobody reviewed it, or gave notice."""
    given = clip.noticed is not None and clip.noticed.due == clip.retain_until
    return bool(clip.retain_until) and not clip.reviewed and not given


def is_noticed(clip: Clip, now: datetime, *, days: int) -> bool:
    """Return whether a clip was reviewed, or notice of this very date was given at least so many days ago.

    What an entry promised counts where that is longer.
    """
    if clip.reviewed:
        return True
    notice = clip.noticed
    if notice is None or notice.due != clip.retain_until:
        return False
    return now - datetime.fromisoformat(notice.at) >= timedelta(days=max(days, notice.days))


def goes_from(clip: Clip, now: datetime, *, days: int) -> datetime | None:
    """Return from when a clip is noticed, if notice is given as soon as it may be; None: undated."""
    if not clip.retain_until:
        return None
    due = datetime.fromisoformat(clip.retain_until)
    if needs_notice(clip):
        return max(now + timedelta(days=days), due)
    if clip.reviewed or clip.noticed is None:
        return due
    given = datetime.fromisoformat(clip.noticed.at)
    return max(due, given + timedelta(days=max(days, clip.noticed.days)))


def not_asked_again(
    clip: Clip, required: Collection[str], wait: Wait | None, *, early: bool = False
) -> list[str]:
    """Return the required destinations that a clip waits for: not asked again since the receipt."""
    if wait is None:
        return []
    known = clip.again | wait.mute | (wait.vaults if early else frozenset())
    return [name for name in required_of(clip, required) if name not in known and not clip.leaving(name)]


def obstacle_to_freeing(clip: Clip, *, stores: Stores, wait: Wait | None = None) -> Obstacle | None:
    """Return why the spool's copy of a clip may not go before its date, or None: it may.

    What proves it are the receipts of copies that exist: every required destination has one, for the digest
    taken at ingest (as `permit.permit_erase` requires it).

    Args:
        clip: its present state.
        stores: as in `obstacle`.
        wait: as in `obstacle`; here it has no end.
    """
    there = {name: one for name, one in _of(stores, clip).items() if not clip.leaving(name)}
    if (why := _kept_or_unproven(clip, stores.required, there)) is not None:
        return why
    if clip.failed:
        return Obstacle.UNPROVEN  # what was lost is uploaded from this copy
    return Obstacle.NOT_ASKED_AGAIN if not_asked_again(clip, stores.required, wait, early=True) else None


def _of(stores: Stores, clip: Clip) -> Mapping[str, Receipt]:
    """Return the receipts of destinations that the configuration has.

    A class of the clip may name another. It cannot be asked any more, so nothing shows that it has the clip.
    """
    return {name: receipt for name, receipt in clip.receipts.items() if name in stores.configured}


def _kept_or_unproven(
    clip: Clip, required: Collection[str], receipts: Mapping[str, Receipt]
) -> Obstacle | None:
    required = required_of(clip, required)
    proven = bool(required) and all(
        name in receipts and receipts[name].sha256 == clip.sha256 != "" for name in required
    )
    if clip.held:
        return Obstacle.HELD
    if clip.evidential:
        return Obstacle.EVIDENCE
    return None if clip.state in MAY_GO and proven else Obstacle.UNPROVEN


def being_freed(clip: Clip) -> bool:
    """Return whether it was announced that the spool's copy goes before its date, and it is not gone yet."""
    return clip.freed and SPOOL not in clip.disposed


def due_date(clip: Clip) -> str:
    """Return the date by which a clip falls due; AT_ONCE for one that is being freed, "" for evidence.

    Of one that is left in vaults alone, where it was moved aside: when the first may be removed.
    """
    left = {until for place, until in clip.withdrawn.items() if place not in clip.disposed}
    if left and clip.retain_until and SPOOL in clip.disposed:
        return max(clip.retain_until, min(left))
    return AT_ONCE if being_freed(clip) and not clip.evidential else clip.retain_until


def disposed_everywhere(clip: Clip) -> bool:
    """Return whether nothing of a clip is left that bwvdock disposes of."""
    return SPOOL in clip.disposed and clip.disposal_intended | clip.staying <= clip.disposed


def permit_disposal(
    clip: Clip,
    *,
    place: str,
    stores: Stores,
    now: datetime,
    clock_trusted: bool,
    terms: Terms = AT_ITS_DATE,
    early: bool = False,
    wait: Wait | None = None,
) -> DisposalPermit | None:
    """Return the permit to dispose of a clip's copy, or None if there is an `obstacle`.

    Args:
        clip: as the journal has it now.
        place: "spool" or a destination's name.
        stores: as in `obstacle`.
        now: the time, in UTC.
        clock_trusted: whether the dock's own clock is synchronised.
        terms: what is due stays for a while all the same.
        early: an operator has the spool's copy go before its date; then `obstacle_to_freeing` decides.
        wait: as in `obstacle`.
    """
    if early:
        held_back = obstacle_to_freeing(clip, stores=stores, wait=wait)
        if place != SPOOL or held_back is not None:
            return None
        return DisposalPermit(clip=clip.id, place=place, reason=proof_of(clip, stores.required), early=True)
    why = obstacle(
        clip,
        stores=stores,
        now=now,
        clock_trusted=clock_trusted,
        notice_days=terms.notice_days,
        wait=wait,
    )
    if why is not None:
        return None
    unasked = ", ".join(not_asked_again(clip, stores.required, wait))
    doubt = f"; not verified again in {unasked}" if unasked else ""
    until = clip.withdrawn.get(place, "")
    if until and now <= datetime.fromisoformat(until):
        return None
    moved = place != SPOOL and terms.grace_days > 0 and not until
    return DisposalPermit(
        clip=clip.id,
        place=place,
        reason=f"not evidence, and kept until {clip.retain_until}{doubt}",
        aside_until=iso(now + timedelta(days=terms.grace_days)) if moved else "",
    )


def proof_of(clip: Clip, required: Collection[str]) -> str:
    """Return in words which required destinations have a proven copy of a clip, and how it was proven."""
    return "proven in " + ", ".join(
        f"{name} ({clip.receipts[name].method})" for name in sorted(required_of(clip, required))
    )


def places(clip: Clip, keepers: Collection[str]) -> Iterator[str]:
    """Return those of the keepers that may have a copy: a vault that never received the clip has none."""
    for place in keepers:
        if place not in clip.disposed and (place == SPOOL or place in clip.uploaded):
            yield place


def proofs(clip: Clip, *, stores: Stores, now: datetime, clock_trusted: bool) -> Mapping[str, Receipt]:
    """Return the proofs that allow erasing a clip from its camera: those of the existing copies.

    Once the clip is past its retention date, the proofs of copies that were disposed of count as well: they
    were valid, and the camera must not keep footage past that date.

    Args:
        clip: as the journal has it now.
        stores: as in `obstacle`.
        now: the time, in UTC.
        clock_trusted: whether the dock's own clock is synchronised; if not, no date has passed.
    """
    over = is_over(clip, now) and clock_trusted
    known = _of(stores, clip)
    return {name: receipt for name, receipt in known.items() if over or name not in clip.disposed}


def is_over(clip: Clip, now: datetime) -> bool:
    """Return whether a clip is past its retention date, and nothing keeps it: stores remove it then."""
    kept = clip.held or clip.evidential or not clip.retain_until
    return not kept and now > datetime.fromisoformat(clip.retain_until)


def require_permit(permit: DisposalPermit, clip: Clip, *, place: str) -> None:
    """Check that a permit is for this clip and place; if not, it is a bug in bwvdock.

    Raises:
        RuntimeError: the permit is for another clip or place.
    """
    if (permit.clip, permit.place) != (clip.id, place):
        raise RuntimeError(
            f"a permit for {permit.clip} in {permit.place} does not cover {clip.id} in {place}"
        )


def in_danger(clip: Clip, *, now: datetime, within: timedelta) -> bool:
    """Return whether a clip may pass its retention date before any store has a proven copy."""
    if clip.receipts or not clip.retain_until:
        return False
    return datetime.fromisoformat(clip.retain_until) - now <= within
