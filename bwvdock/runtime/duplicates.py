"""Was the same footage received before, from another camera?

Then a card may have been moved from one camera to another, and its clips are attributed by the wrong one.
They are taken all the same: nothing is refused, and nobody decides here whose they are. The entry of such a
clip names the one that was received before, and an alert names the cameras.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bwvdock.core.custody.records import Received
from bwvdock.core.facts import ClipAcquired, ClipFact, ClipSkipped

LEAST_BYTES = 64 * 1024
"""Less than a second of the poorest footage: equal files below that are placeholders, or nearly empty."""
MANY_CAMERAS = 3
"""Other cameras: what so many have was on them when they were delivered, and no card went round."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Duplicates:
    """Clips of a camera's last docking that were received before: how many, one of them, and from where."""

    docking: str
    clips: int
    first: str
    cameras: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Copied:
    """A fact of the acquire stage, with the camera and the docking that it is of."""

    camera: str
    docking: str
    fact: ClipFact | ClipSkipped


Find = Callable[[str], Sequence[Received]]
"""A function: the digest of footage -> the clips with it that were received, the first of each camera."""


class DuplicateWatch:
    """Compares what is acquired with what was before. Owned by the thread that owns the ledger."""

    def __init__(self, find: Find) -> None:
        """Begin with nothing found; `found` has what was, by the camera's serial."""
        self._find = find
        self.found: dict[str, Duplicates] = {}

    def noted(self, copied: Sequence[Copied]) -> Iterator[ClipFact | ClipSkipped]:
        """Return the facts of one commit, in order, with a note in those of footage received before."""
        before: dict[str, list[Received]] = {}  # what this commit records is not in the journal yet
        for one in copied:
            if isinstance(one.fact, ClipAcquired):
                yield self._compared(one, one.fact, before)
            else:
                yield one.fact

    def _compared(self, one: Copied, fact: ClipAcquired, before: dict[str, list[Received]]) -> ClipAcquired:
        known = self.found.get(one.camera)
        if known is not None and known.docking != one.docking:
            del self.found[one.camera]
        footage = fact.parts[0]
        if footage.size < LEAST_BYTES:
            return fact
        same = before.setdefault(footage.sha256, [])
        others = [clip for clip in (*self._find(footage.sha256), *same) if clip.camera != one.camera]
        same.append(Received(clip=fact.clip, camera=one.camera))
        if not others:
            return fact
        if len({clip.camera for clip in others}) < MANY_CAMERAS:
            self._count(one, fact.clip, others)
        note = f"the same bytes were received before, from another camera, as clip {others[0].clip}"
        return replace(fact, notes=(*fact.notes, note))

    def _count(self, one: Copied, clip: str, others: Sequence[Received]) -> None:
        known = self.found.get(one.camera) or Duplicates(docking=one.docking, clips=0, first=clip, cameras=())
        cameras = dict.fromkeys((*known.cameras, *(other.camera for other in others)))
        self.found[one.camera] = replace(known, clips=known.clips + 1, cameras=tuple(cameras))
