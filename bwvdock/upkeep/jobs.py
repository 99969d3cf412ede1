"""The jobs of the threads that dispose of copies, read a doubtful one again, and look what there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.retention import DisposalPermit
from bwvdock.core.facts import ClipQuarantined
from bwvdock.core.paced import GiveWay
from bwvdock.core.ports import GracefulKeeper, Keeper, Spool
from bwvdock.edges.journal.read.reports import Absence
from bwvdock.errors import BwvdockError, HaltedError
from bwvdock.runtime.jobs import Post
from bwvdock.stages.verify import ProveAgain
from bwvdock.upkeep.messages import (
    AbsencesRead,
    CopyRead,
    Disposed,
    FitnessChecked,
    Proven,
    Restored,
    SpoolCounted,
)

Absences = Callable[[datetime, GiveWay], Sequence[Absence]]
"""A function that returns what has been missing since a time: cameras, clips, file numbers.

Called in a worker's thread; it lets others go first between its parts, and passes on what that raises.
"""


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
        found = self.prove_again(self.clip, self.halt)
        if isinstance(found, ClipQuarantined):
            return Proven(clip=self.clip.id, place=self.place, wrong=found)
        return Proven(clip=self.clip.id, place=self.place, again=found)

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
        """Dispose of the copy, or move it aside where that is permitted alone and can be done."""
        place, until = self.permit.place, self.permit.aside_until
        if until and isinstance(self.keeper, GracefulKeeper):
            self.keeper.withdraw(self.clip, self.permit)
            return Disposed(clip=self.clip.id, place=place, error=None, aside_until=until)
        self.keeper.dispose(self.clip, self.permit)
        return Disposed(clip=self.clip.id, place=place, error=None)

    def failed(self, error: BwvdockError) -> Disposed:
        """Report why it is still there."""
        return Disposed(clip=self.clip.id, place=self.permit.place, error=error)


@dataclass(frozen=True, slots=True)
class RestoreCopy:
    """Bring back one copy that was moved aside."""

    clip: Clip
    place: str
    keeper: GracefulKeeper

    def work(self, _: Post) -> Restored:
        """Move it back and read it."""
        self.keeper.restore(self.clip)
        return Restored(clip=self.clip.id, place=self.place)

    def failed(self, error: BwvdockError) -> Restored:
        """Report why it is not back."""
        return Restored(clip=self.clip.id, place=self.place, error=error)


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


@dataclass(frozen=True, slots=True)
class ReadAbsences:
    """Read from the journal what has been missing since a time, which is so many days ago."""

    days: int
    since: datetime
    read: Absences
    give_way: GiveWay
    halt: Event

    def work(self, _: Post) -> AbsencesRead:
        """Read it; that takes as long as there are clips of that time."""
        return AbsencesRead(days=self.days, absent=self.read(self.since, self._go_on))

    def failed(self, error: BwvdockError) -> AbsencesRead:
        """Report why it is not known."""
        return AbsencesRead(days=self.days, error=error)

    def _go_on(self) -> None:
        if self.halt.is_set():
            raise HaltedError("The dock stops.")
        self.give_way()


@dataclass(frozen=True, slots=True)
class CountSpool:
    """Count the bytes that the spool holds."""

    spool: Spool

    def work(self, _: Post) -> SpoolCounted:
        """Look at every file."""
        return SpoolCounted(bytes=self.spool.used_bytes())

    def failed(self, error: BwvdockError) -> SpoolCounted:
        """Report why they were not counted."""
        return SpoolCounted(error=error)


@dataclass(frozen=True, slots=True)
class CheckFitness:
    """Check the installation."""

    check: Callable[[], FitnessChecked]

    def work(self, _: Post) -> FitnessChecked:
        """Look at all of it; each look has its limit."""
        return self.check()

    def failed(self, error: BwvdockError) -> FitnessChecked:
        """Report why it was not checked."""
        return FitnessChecked(error=error)
