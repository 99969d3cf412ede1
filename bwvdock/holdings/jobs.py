"""The jobs of the threads that ask stores again for their copies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from bwvdock.core.clips.clip import Clip
from bwvdock.core.holdings.draw import Drawn, seed_of
from bwvdock.core.holdings.rules import Reverify
from bwvdock.core.paced import GiveWay
from bwvdock.errors import BwvdockError
from bwvdock.holdings.messages import AskedAgain, CopiesChosen, Retrieved
from bwvdock.runtime.jobs import Post
from bwvdock.stages.ask_again import Ask
from bwvdock.stages.retrieve import Fetch


@dataclass(frozen=True, kw_only=True, slots=True)
class Night:
    """What a choice of copies depends on beside the journal's rows.

    `night` is the date on which it began; `root` is that over the first `entries` entries. `sampled`: the
    sample of this night was drawn already. `everything`: all that it has is asked for.
    """

    destination: str
    night: str
    now: datetime
    entries: int
    root: str
    rules: Reverify
    sampled: bool = False
    everything: bool = False

    @property
    def seed(self) -> bytes:
        """What the sample is drawn by."""
        return seed_of(self.root, self.destination)


Choose = Callable[[Night, GiveWay], Drawn]
"""A function that returns which copies a destination is asked for; called in a worker's thread.

It lets others go first between its parts.
"""


def choose_nothing(_: Night, __: GiveWay) -> Drawn:
    """Return no copy: there is nobody who knows which there are."""
    return Drawn()


@dataclass(frozen=True, slots=True)
class ChooseCopies:
    """Choose the copies that a destination is asked for; that takes as long as it has copies."""

    night: Night
    choose: Choose
    give_way: GiveWay

    def work(self, _: Post) -> CopiesChosen:
        """Read the journal and choose."""
        night = self.night
        return CopiesChosen(
            destination=night.destination,
            night=night.night,
            entries=night.entries,
            root=night.root,
            everything=night.everything,
            drawn=self.choose(night, self.give_way),
        )

    def failed(self, error: BwvdockError) -> CopiesChosen:
        """Report why none were chosen."""
        return CopiesChosen(destination=self.night.destination, error=error)


@dataclass(frozen=True, kw_only=True, slots=True)
class AskAgain:
    """Ask a destination for its copy of a clip."""

    clip: Clip
    destination: str
    required: bool
    scheduled: bool
    ask: Ask
    halt: Event

    def work(self, _: Post) -> AskedAgain:
        """Read it whole; that takes as long as an upload."""
        found = self.ask(
            self.clip, self.destination, self.halt, required=self.required, scheduled=self.scheduled
        )
        return AskedAgain(clip=self.clip.id, destination=self.destination, found=found)

    def failed(self, error: BwvdockError) -> AskedAgain:
        """Report why nothing is known."""
        return AskedAgain(clip=self.clip.id, destination=self.destination, error=error)


@dataclass(frozen=True, kw_only=True, slots=True)
class Retrieve:
    """Read a clip from a destination that has a proven copy into the spool."""

    clip: Clip
    destination: str
    fetch: Fetch
    halt: Event

    def work(self, _: Post) -> Retrieved:
        """Read it; that takes as long as an upload."""
        fact = self.fetch(self.clip, self.destination, self.halt)
        return Retrieved(clip=self.clip.id, destination=self.destination, fact=fact)

    def failed(self, error: BwvdockError) -> Retrieved:
        """Report why it is not there."""
        return Retrieved(clip=self.clip.id, destination=self.destination, error=error)
