"""Is the dock's copy of a clip in quarantine still good, where no required store has proven another?

If it is not, the camera may have the only good copy: it is not safe to remove, and the clip is copied from it
again, now or when it is docked. Until the copy was read, nobody knows, and the camera is not called safe.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.safety import is_in_doubt
from bwvdock.core.facts import ClipRecalled
from bwvdock.core.ports import Spool
from bwvdock.runtime.ledger import Ledger
from bwvdock.runtime.workers import Worker
from bwvdock.upkeep.jobs import ReadCopy
from bwvdock.upkeep.messages import CopyRead


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

    def __init__(self, ledger: Ledger, spool: Spool, worker: Worker, cameras: DockedCameras) -> None:
        """Read with this worker, from this spool; begin with no doubt.

        It has no other work: a store that spoils every clip has them all read, and no order waits for that.
        """
        self._ledger = ledger
        self._spool = spool
        self.worker = worker
        self._cameras = cameras
        self._reading: set[str] = set()
        ledger.quarantined = cameras.recheck = self.look

    def look(self, clip: Clip) -> None:
        """Have the spool's copy of a clip read, if the camera may have the only good one."""
        if not is_in_doubt(clip, self._ledger.required):
            return
        self._cameras.doubted(clip)
        if clip.id not in self._reading:
            self._reading.add(clip.id)
            self.worker.submit(ReadCopy(clip, self._spool))

    def hear(self, message: CopyRead) -> None:
        """Recall the clip if its copy is bad, and nothing else was decided meanwhile."""
        self._reading.discard(message.clip)
        clip = self._ledger.clip(message.clip)
        if clip is None:
            return
        doubtful = is_in_doubt(clip, self._ledger.required)
        if message.error is None or not doubtful:
            self._cameras.trusted(clip)
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
