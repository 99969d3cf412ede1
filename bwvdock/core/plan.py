"""What comes next for a clip? A pure function of the clip and the situation.

Level-triggered: nothing here remembers. After a restart, an undocking or an outage the question is
asked again and gets the same answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bwvdock.core.clip import Clip
from bwvdock.core.lifecycle import ClipState


class Room(StrEnum):
    """The rooms that a clip can be sent to."""

    ACQUIRE = "acquire"
    UPLOAD = "upload"
    VERIFY = "verify"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """Send this clip to that room; `destination` is "" for rooms that have none."""

    room: Room
    clip: str
    destination: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A configured destination."""

    name: str
    required: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """What is so at this moment.

    Attributes:
        readable: serials of the cameras that are docked, admitted and present.
        targets: every destination.
        resting: names of destinations that are being left alone for a while after a failure.
        paused: an operator has paused the dock.
    """

    readable: Collection[str]
    targets: Sequence[Target]
    resting: Collection[str] = ()
    paused: bool = False


def next_step(clip: Clip, situation: Situation) -> Step | None:
    """Give the next step for a clip, or None: nothing to do, or nothing that can be done now."""
    if situation.paused:
        return None
    match clip.state:
        case ClipState.FOUND if clip.camera in situation.readable:
            return Step(room=Room.ACQUIRE, clip=clip.id)
        case ClipState.ACQUIRED | ClipState.UPLOADED | ClipState.VERIFIED:
            return _serve(clip, situation)
        case _:
            return None


def _serve(clip: Clip, situation: Situation) -> Step | None:
    # Required destinations first: they decide when the clip is safe.
    for target in sorted(situation.targets, key=lambda t: not t.required):
        if target.name in situation.resting or target.name in clip.receipts or target.name in clip.refused:
            continue
        room = Room.VERIFY if target.name in clip.uploaded else Room.UPLOAD
        return Step(room=room, clip=clip.id, destination=target.name)
    return None


def awaiting(held: Collection[str], *, targets: Sequence[Target], just_served: str) -> tuple[str, ...]:
    """Name the required destinations that do not hold a clip once `just_served` does."""
    return tuple(t.name for t in targets if t.required and t.name != just_served and t.name not in held)


def fair_order(clips: Iterable[Clip]) -> list[Clip]:
    """Order clips for the queue: marked ones first, then the oldest, cameras taking turns.

    Taking turns keeps one camera's four hundred clips from standing before another's four.
    """
    by_age = sorted(clips, key=_age)
    marked = _take_turns(c for c in by_age if c.marked)
    return [*marked, *_take_turns(c for c in by_age if not c.marked)]


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
