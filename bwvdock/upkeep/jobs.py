"""The jobs of the threads that dispose of copies."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.retention import DisposalPermit
from bwvdock.core.ports import Keeper
from bwvdock.errors import BwvdockError
from bwvdock.runtime.jobs import Post
from bwvdock.stages.verify import ProveAgain
from bwvdock.upkeep.messages import Disposed


@dataclass(frozen=True, slots=True)
class DisposeOfCopy:
    """Take away one copy whose disposal is journalled."""

    clip: Clip
    permit: DisposalPermit
    keeper: Keeper
    prove_again: ProveAgain
    halt: Event

    def work(self, _: Post) -> Disposed:
        """Dispose of the copy; of one that goes early only if the others are proven at this moment.

        A proof from the time of the upload says nothing of what has happened to that copy since.
        """
        if self.permit.early and (wrong := self.prove_again(self.clip, self.halt)) is not None:
            return Disposed(clip=self.clip.id, place=self.permit.place, error=None, wrong=wrong)
        self.keeper.dispose(self.clip, self.permit)
        return Disposed(clip=self.clip.id, place=self.permit.place, error=None)

    def failed(self, error: BwvdockError) -> Disposed:
        """Report why it is still there."""
        return Disposed(clip=self.clip.id, place=self.permit.place, error=error)
