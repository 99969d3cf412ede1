"""What becomes of copies that were found lost or changed, where the spool has none to upload again?

Once a minute some of these clips are looked at. One is read at a time, from a store that has a proven copy;
then it is uploaded as any other. What is past its retention date is not: footage that is not evidence goes
from every store then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import Event
from typing import Protocol

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import CLIP_TRANSITIONS
from bwvdock.core.clips.retention import is_over
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.facts import ClipRetrieved, LossClosed
from bwvdock.core.ports import Clock
from bwvdock.holdings.jobs import Retrieve
from bwvdock.holdings.messages import Retrieved
from bwvdock.log import Say, say_nothing
from bwvdock.runtime.jobs import say_failed
from bwvdock.runtime.ledger import Ledger
from bwvdock.runtime.workers import Worker
from bwvdock.stages.retrieve import Fetch

_MINUTE_MS = 60_000
_AT_ONCE = 64  # clips that are looked at in one round
_AGAIN_MS = 3_600_000  # after which a clip that could not be read is tried again


class LostCopies(Protocol):
    """The part of the journal that knows which copies were lost."""

    def with_losses(self, *, most: int, after: str) -> Sequence[Clip]:
        """Return clips with a copy that was lost or changed and not proven anew, by id, those after an id."""
        ...


class Losses:
    """Has lost copies made good; owned by the thread that owns the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        journal: LostCopies,
        clock: Clock,
        fetch: Fetch,
        worker: Worker,
        *,
        carried: Callable[[str], bool],
        say: Say = say_nothing,
    ) -> None:
        """Connect the parts; `carried` returns whether a clip is being uploaded at this moment."""
        self.worker = worker
        self.halt = Event()
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._fetch = fetch
        self._carried = carried
        self._say = say
        self._next_ms = 0
        self._after = ""
        self._in_hand = ""
        self._again_ms: dict[tuple[str, str], int] = {}  # by clip and store that could not give it

    def turn(self) -> None:
        """Look at the next clips once a minute, and have one read if none is."""
        now_ms = self._clock.boottime_ms()
        if self._in_hand or now_ms < self._next_ms:
            return
        clips = self._journal.with_losses(most=_AT_ONCE, after=self._after)
        more = len(clips) == _AT_ONCE
        self._after = clips[-1].id if more else ""
        self._next_ms = now_ms + (0 if more else _MINUTE_MS)
        for clip in clips:
            if self._is_closed(clip) or self._in_hand:
                continue
            source = next(self._sources(clip), "")
            if source and not self._carried(clip.id):
                self._in_hand = clip.id
                self.worker.submit(Retrieve(clip=clip, destination=source, fetch=self._fetch, halt=self.halt))

    def _is_closed(self, clip: Clip) -> bool:
        """Return whether nothing is to be uploaded again: the clip is past its date."""
        if not (is_over(clip, self._clock.now()) and self._clock.synchronised()):
            return False
        if SPOOL in clip.disposed:  # else the required store gets it, as any clip that it lacks
            self._ledger.record([LossClosed(clip=clip.id, destination=name) for name in sorted(clip.failed)])
        return True

    def _sources(self, clip: Clip) -> Iterator[str]:
        if SPOOL not in clip.disposed or (clip.state, ClipRetrieved) not in CLIP_TRANSITIONS:
            return
        now_ms = self._clock.boottime_ms()
        proven = [name for name in clip.receipts if clip.is_proven(name) and not clip.leaving(name)]
        for name in sorted(proven, key=lambda name: (name not in clip.again, name)):
            if self._again_ms.get((clip.id, name), 0) <= now_ms and self._is_configured(name):
                yield name

    def _is_configured(self, name: str) -> bool:
        return any(target.name == name for target in self._ledger.targets)

    def hear(self, message: Retrieved) -> None:
        """Record that a clip is in the spool again, or note why it is not."""
        self._in_hand = ""
        key = message.clip, message.destination
        if message.error is not None:
            self._again_ms[key] = self._clock.boottime_ms() + _AGAIN_MS
            say_failed(self._say, "Retrieve", message.error)
            return
        self._again_ms.pop(key, None)
        clip = self._ledger.clip(message.clip)
        if clip is None or message.fact is None or not clip.failed or SPOOL not in clip.disposed:
            return
        if (clip.state, ClipRetrieved) in CLIP_TRANSITIONS:
            self._ledger.record([message.fact])
