"""The jobs of the threads that dispose of copies, and that read a doubtful one again."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.retention import DisposalPermit
from bwvdock.core.ports import Keeper, Spool
from bwvdock.errors import BwvdockError
from bwvdock.runtime.jobs import Post
from bwvdock.stages.verify import ProveAgain
from bwvdock.upkeep.messages import CopyRead, Disposed, Proven


@dataclass(frozen=True, slots=True)
class ProveOthers:
    """Have the stores prove their copies of a clip at this moment, before its copy in a place goes early.

    A proof from the time of the upload says nothing of what has happened to that copy since.
    """

    clip: Clip
    place: str
    prove_again: ProveAgain
    halt: Event

    def work(self, _: Post) -> Proven:
        """Ask them; that may take as long as reading the clip back."""
        return Proven(clip=self.clip.id, place=self.place, wrong=self.prove_again(self.clip, self.halt))

    def failed(self, error: BwvdockError) -> Proven:
        """Report why nothing is known."""
        return Proven(clip=self.clip.id, place=self.place, error=error)


@dataclass(frozen=True, slots=True)
class DisposeOfCopy:
    """Take away one copy whose disposal is journalled."""

    clip: Clip
    permit: DisposalPermit
    keeper: Keeper

    def work(self, _: Post) -> Disposed:
        """Dispose of the copy."""
        self.keeper.dispose(self.clip, self.permit)
        return Disposed(clip=self.clip.id, place=self.permit.place, error=None)

    def failed(self, error: BwvdockError) -> Disposed:
        """Report why it is still there."""
        return Disposed(clip=self.clip.id, place=self.permit.place, error=error)


@dataclass(frozen=True, slots=True)
class ReadCopy:
    """Read the spool's copy of a clip back from the disk."""

    clip: Clip
    spool: Spool

    def work(self, _: Post) -> CopyRead:
        """Report that it is what was acquired."""
        self.spool.check(self.clip)
        return CopyRead(clip=self.clip.id)

    def failed(self, error: BwvdockError) -> CopyRead:
        """Report that it is not, or cannot be read."""
        return CopyRead(clip=self.clip.id, error=error)
