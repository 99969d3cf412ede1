"""How is what was found on a volume recorded, however much it is?

Part by part, so that the thread that owns the journal never does one thing for long: a card may hold a
hundred thousand files, and the other cameras, the stores and the operators do not wait for it.

A sidecar that cannot be read when its clip is copied is found anew, as a clip of its own: its clip is copied
without it, for footage does not wait for a track. It is tried once more, counted with what was not taken, and
copied in a later docking.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bwvdock.bays.bay import Bay, Medium, Wanted
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.identity import identity
from bwvdock.core.clips.lifecycle import ClipState, DockingState
from bwvdock.core.facts import CameraRelisted, ClipAcquired, ClipFound
from bwvdock.core.ports import CameraFile, Clock
from bwvdock.runtime.ledger import Ledger
from bwvdock.stages.find import Held, entries_of

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
                listed = unrecorded.files[clip_id]
                entries = entries_of(clip, listed)
                absent = {file.path for file in entries} - {file.path for file in listed}
                wanted = Wanted(
                    device=unrecorded.device, files=entries, size=clip.size, absent=frozenset(absent)
                )
                bay.want(clip, wanted)


def _next(queue: deque[T]) -> list[T]:
    return [queue.popleft() for _ in range(min(len(queue), _PART))]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """Sidecars that a copy does not have, each a clip of its own by these facts; `wanted` are tried now."""

    facts: Sequence[CameraRelisted | ClipFound]
    wanted: Mapping[str, Wanted]

    def want(self, bay: Bay, ledger: Ledger) -> None:
        """Have them tried once more; call it when the facts are recorded."""
        for clip_id, wanted in self.wanted.items():
            if (clip := ledger.clip(clip_id)) is not None and wanted.device in bay.media:
                bay.want(clip, wanted)


def unread(bay: Bay, clip: Clip, fact: ClipAcquired, held: Held, new_id: Callable[[], str]) -> Unread | None:
    """Return the sidecars that a copy does not have; None if it has all that were there.

    Args:
        bay: the bay that copied it; while the clip is still among those to be copied there, its sidecars are
            tried once more.
        clip: the clip, as it was before this copy.
        fact: the copy.
        held: which clip has a file, as the journal's writer knows it: what is recorded in one commit with
            this copy is seen too.
        new_id: makes ids.
    """
    among = bay.wanted.get(clip.id)
    medium = bay.media.get(among.device) if among is not None else None
    absent = among.absent if among is not None else frozenset()
    counted = medium.counted.as_ if medium is not None else {}
    found, wanted = [], {}
    for n in _empty(clip, fact):
        source = clip.files[n]
        seen = source.path not in absent
        its = identity(clip.camera, source, clip.known_by)
        holder = held([its]).get(its)
        if not (seen or source.path in counted) or (holder is not None and holder.footage):
            continue  # it is not there any more, or is a clip of its own already
        alone = ClipFound(
            clip=new_id(),
            docking=fact.docking,
            camera=clip.camera,
            files=(source,),
            marked=clip.marked,
            notes=(f"sidecar of {clip.id}",),
            times=clip.times,
            known_by=clip.known_by,
        )
        found.append(alone)
        if seen and among and medium and bay.state is not DockingState.REFUSED:
            wanted[alone.clip] = Wanted(device=among.device, files=(among.files[n],), size=source.size)
    if not found:
        return None
    more = [_so_many_more(bay.docking, medium, len(wanted))] if wanted and medium else []
    return Unread(facts=[*more, *found], wanted=wanted)


def _so_many_more(docking: str, medium: Medium, count: int) -> CameraRelisted:
    return CameraRelisted(
        docking=docking,
        volume=medium.arrival.name,
        looked=medium.looked,
        seen=count,
        new=count,
        not_ready=0,
        unreadable=0,
        refused=0,
    )


def _empty(clip: Clip, fact: ClipAcquired) -> Sequence[int]:
    parts = zip(clip.files, fact.parts, strict=True)
    return [n for n, (source, part) in enumerate(parts) if n and source.size and not part.size]
