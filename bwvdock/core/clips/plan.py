"""Which step is next for a clip at a destination? A pure function of clip, destination and situation.

Nothing is remembered here: after a restart, an undocking or an outage the same question gets the same answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bwvdock.core.clips.classes.given import priority
from bwvdock.core.clips.classes.routing import may_have, required_of
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.moments import iso_of_ns

SERVED_STATES = frozenset({ClipState.ACQUIRED, ClipState.UPLOADED, ClipState.VERIFIED})
"""The states in which a clip may have to go to any destination."""

OPEN_STATES = (ClipState.ACQUIRED, ClipState.UPLOADED, ClipState.RELEASING)
"""The states of a clip that the dock has copied; a clip only found is still on its camera alone."""

_DUE_DAYS = 7  # so long before its retention date, a clip takes precedence
_DAY_NS = int(timedelta(days=1).total_seconds()) * 10**9


class Step(StrEnum):
    """The steps that a clip can take at a destination."""

    UPLOAD = "upload"
    VERIFY = "verify"
    DESCRIBE = "describe"


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A configured destination; `classes_only`: it gets only clips whose classes name it."""

    name: str
    required: bool
    classes_only: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """The present situation at one destination.

    Attributes:
        targets: every destination.
        proves: whether this one can prove a copy; without that no clip is verified there.
        parked: ids of clips that are not sent there for a while, because they alone kept failing.
    """

    targets: Sequence[Target]
    proves: bool = True
    parked: Collection[str] = ()


def next_step(clip: Clip, target: Target, situation: Situation) -> Step | None:
    """Return the step that comes next for a clip at a destination; None: nothing to do, or not now."""
    if clip.id in situation.parked or target.name in clip.refused or clip.leaving(target.name):
        return None
    if clip.owes_document(target.name):
        return Step.DESCRIBE
    if not may_have(clip, target.name, classes_only=target.classes_only):
        return None
    if clip.leaving(SPOOL) or not is_served(clip, target.name):
        return None
    if _owes(clip, target, situation, held=clip.uploaded, behind=ClipState.ACQUIRED):
        return Step.UPLOAD
    if situation.proves and _owes(clip, target, situation, held=clip.receipts, behind=ClipState.UPLOADED):
        return Step.VERIFY
    return None


def is_served(clip: Clip, destination: str) -> bool:
    """Return whether a clip may have to go to a destination, judged by its own state."""
    return clip.state in SERVED_STATES or clip.offered_again(destination)


def _owes(
    clip: Clip, target: Target, situation: Situation, *, held: Collection[str], behind: ClipState
) -> bool:
    if target.name not in held:
        return True
    # A destination that is no longer required gives no fact that changes the clip's state: one that still
    # is required, and has the clip, is asked again.
    required = required_of(clip, [t.name for t in situation.targets if t.required])
    late = clip.state is behind and target.name in required
    return late and not awaiting(clip, held, targets=situation.targets, just_served="")


def awaiting(
    clip: Clip, held: Collection[str], *, targets: Sequence[Target], just_served: str
) -> tuple[str, ...]:
    """Return the destinations that must have a clip and do not have it once `just_served` has it.

    Args:
        clip: its present state.
        held: the destinations that have it.
        targets: every destination.
        just_served: the one that has it now, "" for none.
    """
    required = required_of(clip, [t.name for t in targets if t.required])
    return tuple(name for name in required if name != just_served and name not in held)


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """Decides which clips are due: their retention date is within 7 days, or has passed.

    Attributes:
        now_ns: nanoseconds since 1970.
        non_evidential_days: how long non-evidential footage is kept, for clips without a date.
    """

    now_ns: int
    non_evidential_days: int

    def __call__(self, clip: Clip) -> bool:
        """Return whether a clip is due."""
        soon = iso_of_ns(self.now_ns + _DUE_DAYS * _DAY_NS)
        days_ns = self.non_evidential_days * _DAY_NS
        # Both have one fixed form, so that texts sort like times.
        return (clip.retain_until or iso_of_ns(clip.files[0].mtime_ns + days_ns)) < soon


def fair_order(clips: Iterable[Clip], *, due: Callable[[Clip], bool] = lambda _: False) -> list[Clip]:
    """Return clips in the order of a queue: the hurried, evidence, by class, those that are due, the rest.

    In each group the oldest first, with cameras taking turns, so that one camera's four hundred clips do not
    delay another's four.

    Args:
        clips: in any order.
        due: returns whether a clip is due (`Due`).
    """
    groups: dict[tuple[int, int], list[Clip]] = {}
    for clip in sorted(clips, key=_age):
        first = priority(clip.classes)
        ranks = clip.hurried, clip.evidential, bool(first), due(clip), True
        groups.setdefault((ranks.index(True), -first if first else 0), []).append(clip)
    return [clip for rank in sorted(groups) for clip in _take_turns(groups[rank])]


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
