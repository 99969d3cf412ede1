"""The jobs that a destination's threads carry out: one clip into one room, an assessment, a probe.

They share nothing with the dock's thread but the clip's Journey, and say what came of it in one message.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bwvdock.core.clip import Clip
from bwvdock.core.custody_document import CustodyDocument
from bwvdock.core.facts import ClipDescribed, ClipFact
from bwvdock.core.plan import Room, Target
from bwvdock.core.policy import Assessment
from bwvdock.core.ports import Destination, Passage
from bwvdock.errors import BwvdockError
from bwvdock.messages import Assessed, Begun, Delivered, Probed
from bwvdock.passage import Journey, Pace, raise_if_halted
from bwvdock.stages.describe import describe
from bwvdock.stages.upload import upload
from bwvdock.stages.verify import verify
from bwvdock.workers import Post

Enter = Callable[[Clip, Destination, Sequence[Target], Passage], ClipFact]
Write = Callable[[str], CustodyDocument]
"""Gives the custody document of the clip with an id, as the journal has it now; called in any thread."""


def rooms(write: Write) -> Mapping[Room, Enter]:
    """Say what is done in each room that core/plan.py names. A new room needs a line there and one here."""

    def enter_describe(
        clip: Clip, destination: Destination, _: Sequence[Target], passage: Passage
    ) -> ClipDescribed:
        return describe(clip, destination, write(clip.id), passage)

    return {Room.UPLOAD: upload, Room.VERIFY: verify, Room.DESCRIBE: enter_describe}


@dataclass(frozen=True, kw_only=True, slots=True)
class Errand:
    """Bring one clip through one room with one destination."""

    clip: Clip
    room: Room
    enter: Enter
    destination: Destination
    targets: Sequence[Target]
    journey: Journey

    def __call__(self, post: Post) -> None:
        """Do it, unless it was halted before its turn came."""
        fact: ClipFact | None = None
        failure: BwvdockError | None = None
        try:
            raise_if_halted(self.journey.halt)
            post(Begun(clip=self.clip.id, destination=self.destination.name, room=self.room))
            fact = self.enter(self.clip, self.destination, self.targets, self.journey)
        except BwvdockError as error:
            failure = error.without_frames()
        name = self.destination.name
        post(Delivered(clip=self.clip, destination=name, room=self.room, fact=fact, error=failure))


@dataclass(frozen=True, kw_only=True, slots=True)
class Assess:
    """Try out what a destination's acknowledgement is worth."""

    destination: Destination
    pace: Pace | None
    halt: threading.Event

    def __call__(self, post: Post) -> None:
        """Do it."""
        assessment: Assessment | None = None
        failure: BwvdockError | None = None
        try:
            assessment = self.destination.assess(Journey(halt=self.halt, pace=self.pace))
        except BwvdockError as error:
            failure = error.without_frames()
        post(Assessed(destination=self.destination.name, assessment=assessment, error=failure))


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """Ask a destination whether it can be reached."""

    destination: Destination

    def __call__(self, post: Post) -> None:
        """Do it."""
        failure: BwvdockError | None = None
        try:
            self.destination.probe()
        except BwvdockError as error:
            failure = error.without_frames()
        post(Probed(destination=self.destination.name, error=failure))
