"""May a copy be disposed of because its time is over? And whose time is nearly over?

Rules only. Footage that is no evidence is kept for a fixed time after its recording (dating.py) and then
disposed of, in the spool and in vaults that are directories; what evidence stores of their own keep is
theirs to dispose of, by the date that they were given.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bwvdock.core.clip import Clip
from bwvdock.core.states import ClipState

SPOOL = "spool"  # as a place; no destination may have this name
MAY_GO = frozenset({ClipState.VERIFIED, ClipState.RELEASED, ClipState.RETIRED})


@dataclass(frozen=True, kw_only=True, slots=True)
class DisposalPermit:
    """The key to disposing of one clip's copies in one place. Only `permit_disposal` makes one."""

    clip: str
    place: str
    reason: str


def permit_disposal(
    clip: Clip, *, place: str, required: Collection[str], now: datetime, clock_trusted: bool
) -> DisposalPermit | None:
    """Give the permit to dispose of a clip's copy, or None: it is evidence, held, unproven or not due.

    Args:
        clip: as the journal has it now.
        place: "spool" or a destination's name.
        required: the names of every required destination; at least one.
        now: the time, in UTC.
        clock_trusted: whether the dock's own clock is synchronised; without that nothing is ever due.
    """
    proven = bool(required) and all(
        name in clip.receipts and clip.receipts[name].sha256 == clip.sha256 for name in required
    )
    if clip.held or clip.evidential or clip.state not in MAY_GO or not proven or not clock_trusted:
        return None
    until = clip.retain_until
    if not until or now <= datetime.fromisoformat(until):
        return None
    return DisposalPermit(clip=clip.id, place=place, reason=f"not evidence, and kept until {until}")


def require_permit(permit: DisposalPermit, clip: Clip, *, place: str) -> None:
    """Stop whoever comes with the permit of another clip or place: our bug, never the world's.

    Raises:
        RuntimeError: it is not the one for this clip and place.
    """
    if (permit.clip, permit.place) != (clip.id, place):
        raise RuntimeError(f"a permit for {permit.clip} in {permit.place} does not open {clip.id} in {place}")


def in_danger(clip: Clip, *, now: datetime, within: timedelta) -> bool:
    """Say whether footage may pass its limit before any store has proven to hold it."""
    if clip.receipts or not clip.retain_until:
        return False
    return datetime.fromisoformat(clip.retain_until) - now <= within
