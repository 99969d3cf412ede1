"""Is the dock's copy of a clip in quarantine still good, where no required store has proven another?

If it is not, the camera may have the only good copy: it is not safe to remove, and the clip is copied from it
again, now or when it is docked. Until the copy was read, nobody knows, and the camera is not called safe.

What cannot be read now says nothing of the copy: it may be good, and the camera may have left or be empty. It
is read again later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.safety import is_in_doubt
from bwvdock.core.facts import ClipRecalled
from bwvdock.core.ports import Clock, Spool
from bwvdock.errors import BwvdockError, NotAsAcquiredError
from bwvdock.log import Say, say_nothing
from bwvdock.runtime.jobs import say_failed
from bwvdock.runtime.ledger import Ledger
from bwvdock.runtime.workers import Worker
from bwvdock.upkeep.jobs import ReadCopy
from bwvdock.upkeep.messages import CopyRead

_AGAIN_MS = 60_000
_AT_ONCE = 16  # clips in one turn: every one that is in doubt may have failed to be read


class DockedCameras(Protocol):
    """What must be known of a clip at the bay that has its camera, if one has.

    `recheck` is called with each clip that is in quarantine and on a camera.
    """

    recheck: Callable[[Clip], None]

    def doubted(self, clip: Clip) -> None:
        """Note that its only copy is in doubt, and is being read."""
        ...

    def trusted(self, clip: Clip) -> None:
        """Note that it is not in doubt any more."""
        ...

    def may_recall(self, clip: Clip) -> bool:
        """Return whether it is to be copied again, now that its copy is known to be bad."""
        ...

    def recalled(self, clip: Clip) -> None:
        """Have it copied again: it was recalled."""
        ...


class Rechecks:
    """Has doubtful copies read again. Owned by the thread that owns the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        spool: Spool,
        worker: Worker,
        cameras: DockedCameras,
        clock: Clock,
        *,
        say: Say = say_nothing,
    ) -> None:
        """Read with this worker, from this spool; begin with no doubt. `say` logs what could not be read.

        It has no other work: a store that spoils every clip has them all read, and no order waits for that.
        """
        self._ledger = ledger
        self._spool = spool
        self.worker = worker
        self._cameras = cameras
        self._clock = clock
        self._say = say
        self._reading: set[str] = set()
        self._told: dict[str, str] = {}  # by clip, why it could not be read
        self._again_ms: dict[str, int] = {}  # by clip, the next one first
        ledger.quarantined = cameras.recheck = self.look

    def look(self, clip: Clip) -> None:
        """Have the spool's copy of a clip read, if the camera may have the only good one."""
        if not is_in_doubt(clip, self._ledger.required):
            return
        self._cameras.doubted(clip)
        self._again_ms.pop(clip.id, None)
        if clip.id not in self._reading:
            self._reading.add(clip.id)
            self.worker.submit(ReadCopy(clip, self._spool))

    def turn(self) -> None:
        """Have those read again that could not be read a while ago."""
        now_ms = self._clock.boottime_ms()
        for clip_id, due_ms in list(self._again_ms.items())[:_AT_ONCE]:
            if due_ms > now_ms:
                return
            del self._again_ms[clip_id]
            clip = self._ledger.clip(clip_id)
            if clip is not None and is_in_doubt(clip, self._ledger.required):
                self.look(clip)
            elif clip is not None:
                self._cameras.trusted(clip)

    def hear(self, message: CopyRead) -> None:
        """Recall the clip if its copy is bad, and nothing else was decided meanwhile.

        One that could not be read stays in doubt.
        """
        self._reading.discard(message.clip)
        clip = self._ledger.clip(message.clip)
        if clip is None:
            return
        doubtful = is_in_doubt(clip, self._ledger.required)
        if message.error is None or not doubtful or isinstance(message.error, NotAsAcquiredError):
            self._told.pop(clip.id, None)
        if message.error is None or not doubtful:
            self._cameras.trusted(clip)
        elif not isinstance(message.error, NotAsAcquiredError):
            self._say_unread(clip, message.error)
            self._again_ms[clip.id] = self._clock.boottime_ms() + _AGAIN_MS
        elif self._cameras.may_recall(clip):
            fact = ClipRecalled(clip=clip.id, actor="")
            self._ledger.record([fact])
            self.recalled(fact)

    def recalled(self, fact: ClipRecalled) -> None:
        """Have a clip that was recalled copied again, if its camera is docked."""
        clip = self._ledger.clip(fact.clip)
        if clip is not None:
            self._cameras.trusted(clip)
            self._cameras.recalled(clip)

    def _say_unread(self, clip: Clip, error: BwvdockError) -> None:
        """Log once why a copy cannot be read."""
        if self._told.get(clip.id) != error.message:
            self._told[clip.id] = error.message
            say_failed(self._say, "ReadCopy", error, about=f"clip {clip.id}: ")
