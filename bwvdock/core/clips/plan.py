"""What comes next for a clip at a destination? A pure function of clip, destination and situation.

Level-triggered: nothing here remembers. After a restart, an undocking or an outage the question is
asked again and gets the same answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.retention import SPOOL
from bwvdock.core.moments import iso_of_ns

SERVED_STATES = frozenset({ClipState.ACQUIRED, ClipState.UPLOADED, ClipState.VERIFIED})
"""The states in which a clip may owe itself to every destination."""

OPEN_STATES = (ClipState.ACQUIRED, ClipState.UPLOADED, ClipState.RELEASING)
"""The states of a clip that the dock has in hand; one that was only found is its camera's still."""

_DUE_DAYS = 7  # before its retention passes, a clip goes before younger ones
_DAY_NS = int(timedelta(days=1).total_seconds()) * 10**9


class Step(StrEnum):
    """The rooms that a clip can be sent to with a destination."""

    UPLOAD = "upload"
    VERIFY = "verify"
    DESCRIBE = "describe"


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A configured destination."""

    name: str
    required: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """What is so at one destination at this moment.

    Attributes:
        targets: every destination.
        proves: something that this one offers proves a copy; without that nothing is verified there.
        parked: ids of clips that are not brought there for a while, because they alone kept failing.
    """

    targets: Sequence[Target]
    proves: bool = True
    parked: Collection[str] = ()


def next_step(clip: Clip, target: Target, situation: Situation) -> Step | None:
    """Return the step that comes next for a clip at a destination; None: nothing to do, or not now."""
    if clip.id in situation.parked:
        return None
    if target.name in clip.refused or clip.leaving(target.name):
        return None
    if clip.owes_document(target.name):
        return Step.DESCRIBE
    if clip.leaving(SPOOL) or not is_served(clip, target.name):
        return None
    if _owes(clip, target, situation, held=clip.uploaded, behind=ClipState.ACQUIRED):
        return Step.UPLOAD
    if situation.proves and _owes(clip, target, situation, held=clip.receipts, behind=ClipState.UPLOADED):
        return Step.VERIFY
    return None


def is_served(clip: Clip, destination: str) -> bool:
    """Return whether a clip may owe itself to a destination, as far as its own life goes."""
    return clip.state in SERVED_STATES or clip.offered_again(destination)


def _owes(
    clip: Clip, target: Target, situation: Situation, *, held: Collection[str], behind: ClipState
) -> bool:
    if target.name not in held:
        return True
    # A destination that was required and is so no longer sends no fact that would move the clip: one that
    # still is, and holds it, is asked again.
    late = clip.state is behind and target.required
    return late and not awaiting(held, targets=situation.targets, just_served="")


def awaiting(held: Collection[str], *, targets: Sequence[Target], just_served: str) -> tuple[str, ...]:
    """Name the required destinations that do not hold a clip once `just_served` does."""
    return tuple(t.name for t in targets if t.required and t.name != just_served and t.name not in held)


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """Which clips are due: within 7 days their retention passes, or it has.

    Attributes:
        now_ns: nanoseconds since 1970.
        non_evidential_days: for how long footage is kept that is no evidence, for clips without a date.
    """

    now_ns: int
    non_evidential_days: int

    def __call__(self, clip: Clip) -> bool:
        """Return whether a clip is due."""
        soon = iso_of_ns(self.now_ns + _DUE_DAYS * _DAY_NS)
        days_ns = self.non_evidential_days * _DAY_NS
        # Both are written in one fixed form, so that text sorts as time does.
        return (clip.retain_until or iso_of_ns(clip.files[0].mtime_ns + days_ns)) < soon


def fair_order(clips: Iterable[Clip], *, due: Callable[[Clip], bool] = lambda _: False) -> list[Clip]:
    """Order clips for a queue: evidence, then those that are due, then the rest.

    In each group the oldest first, cameras taking turns: that keeps one camera's four hundred clips from
    standing before another's four.

    Args:
        clips: in any order.
        due: says of a clip whether it is due (`Due`).
    """
    groups: tuple[list[Clip], ...] = ([], [], [])
    for clip in sorted(clips, key=_age):
        groups[0 if clip.evidential else 1 if due(clip) else 2].append(clip)
    return [clip for group in groups for clip in _take_turns(group)]


def _age(clip: Clip) -> tuple[int, str]:
    return clip.files[0].mtime_ns, clip.id


def _take_turns(ordered: Iterable[Clip]) -> Iterable[Clip]:
    queues: dict[str, deque[Clip]] = {}
    for clip in ordered:
        queues.setdefault(clip.camera, deque()).append(clip)
    while queues:
        for camera in list(queues):
            yield queues[camera].popleft()
            if not queues[camera]:
                del queues[camera]
