"""How is what was found on a volume recorded, however much it is?

Part by part, so that the thread that owns the journal never does one thing for long: a card may hold a
hundred thousand files, and the other cameras, the stores and the operators do not wait for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bwvdock.bays.bay import Bay, Wanted
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import ClipFound
from bwvdock.core.ports import CameraFile, Clock
from bwvdock.runtime.ledger import Ledger
from bwvdock.stages.find import entries_of

T = TypeVar("T")

_PART = 64  # clips recorded at a time
_TURN_MS = 40  # of recording, for all bays together, before the world is looked at again


@dataclass(kw_only=True, slots=True)
class Unrecorded:
    """What is still to be recorded of a listing: new clips, and known ones that were never copied.

    `over` is called when nothing is left.
    """

    device: str
    found: deque[ClipFound]
    pending: deque[str]
    files: Mapping[str, tuple[CameraFile, ...]]
    over: Callable[[], None]


class FindingRecorder:
    """Records findings. Owned by the thread that owns the ledger."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        """Begin with nothing found."""
        self._ledger = ledger
        self._clock = clock
        self._waiting: deque[tuple[Bay, Unrecorded]] = deque()

    @property
    def waiting(self) -> bool:
        """Whether something is still to be recorded."""
        return bool(self._waiting)

    def take(self, bay: Bay, unrecorded: Unrecorded) -> None:
        """Take in what was found, once its listing is recorded."""
        self._waiting.append((bay, unrecorded))
        self.go_on()

    def forget(self, bay: Bay, device: str | None = None) -> None:
        """Record nothing more of a bay, or of one of its media: it left, or is not to be read."""
        self._waiting = deque(
            (b, u) for b, u in self._waiting if b is not bay or device not in {None, u.device}
        )

    def go_on(self) -> None:
        """Record for a while, the bays taking turns, and no more than goes into one commit."""
        until = self._clock.boottime_ms() + _TURN_MS
        while self._waiting and not self._ledger.group.is_full:
            bay, unrecorded = self._waiting.popleft()
            self._record(bay, unrecorded)
            if unrecorded.found or unrecorded.pending:
                self._waiting.append((bay, unrecorded))
            else:
                unrecorded.over()
            if self._clock.boottime_ms() >= until:
                return

    def _record(self, bay: Bay, unrecorded: Unrecorded) -> None:
        found = _next(unrecorded.found)
        self._ledger.record(found)
        self._want(bay, unrecorded, (fact.clip for fact in found))
        self._want(bay, unrecorded, _next(unrecorded.pending))

    def _want(self, bay: Bay, unrecorded: Unrecorded, clips: Iterable[str]) -> None:
        for clip_id in clips:
            clip = self._ledger.clip(clip_id)
            if clip is not None and clip.state is ClipState.FOUND and clip_id not in bay.wanted:
                # The journal says which files make the clip; a listing may show others beside them.
                entries = entries_of(clip, unrecorded.files[clip_id])
                bay.want(clip, Wanted(device=unrecorded.device, files=entries, size=clip.size))


def _next(queue: deque[T]) -> list[T]:
    return [queue.popleft() for _ in range(min(len(queue), _PART))]
