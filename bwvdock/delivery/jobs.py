"""The jobs that a destination's threads carry out: one clip into one room, an assessment, a probe.

They share nothing with the dock's thread but the clip's Journey, and say what came of it in one message.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.permit import Assessment
from bwvdock.core.clips.plan import Step, Target
from bwvdock.core.custody.document import CustodyDocument
from bwvdock.core.facts import ClipDescribed, ClipFact
from bwvdock.core.ports import Destination, TransferControl
from bwvdock.delivery.messages import Assessed, Begun, Delivered, Probed
from bwvdock.delivery.rate_limit import RateLimit, Transfer, raise_if_halted
from bwvdock.errors import BwvdockError
from bwvdock.runtime.workers import Post
from bwvdock.stages.describe import describe
from bwvdock.stages.upload import upload
from bwvdock.stages.verify import verify

TakeStep = Callable[[Clip, Destination, Sequence[Target], TransferControl], ClipFact]
Write = Callable[[str], CustodyDocument]
"""Gives the custody document of the clip with an id, as the journal has it now; called in any thread."""


def steps(write: Write) -> Mapping[Step, TakeStep]:
    """Return what is done in each step that core/clips/plan.py names; a new step needs a line here."""

    def enter_describe(
        clip: Clip, destination: Destination, _: Sequence[Target], transfer: TransferControl
    ) -> ClipDescribed:
        return describe(clip, destination, write(clip.id), transfer)

    return {Step.UPLOAD: upload, Step.VERIFY: verify, Step.DESCRIBE: enter_describe}


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryJob:
    """Bring one clip through one room with one destination."""

    clip: Clip
    step: Step
    enter: TakeStep
    destination: Destination
    targets: Sequence[Target]
    transfer: Transfer

    def __call__(self, post: Post) -> None:
        """Do it, unless it was halted before its turn came."""
        fact: ClipFact | None = None
        failure: BwvdockError | None = None
        try:
            raise_if_halted(self.transfer.halt)
            post(Begun(clip=self.clip.id, destination=self.destination.name, step=self.step))
            fact = self.enter(self.clip, self.destination, self.targets, self.transfer)
        except BwvdockError as error:
            failure = error.without_frames()
        name = self.destination.name
        post(Delivered(clip=self.clip, destination=name, step=self.step, fact=fact, error=failure))


@dataclass(frozen=True, kw_only=True, slots=True)
class Assess:
    """Try out what a destination's acknowledgement is worth."""

    destination: Destination
    rate_limit: RateLimit | None
    halt: threading.Event

    def __call__(self, post: Post) -> None:
        """Do it."""
        assessment: Assessment | None = None
        failure: BwvdockError | None = None
        try:
            assessment = self.destination.assess(Transfer(halt=self.halt, rate_limit=self.rate_limit))
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
