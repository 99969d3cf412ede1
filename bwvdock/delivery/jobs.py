"""Which jobs do a destination's threads carry out? One step of one clip, an assessment, a probe.

They share only the clip's transfer with the dock's thread, and report the result in one message.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.plan import Step
from bwvdock.core.custody.document import CustodyDocument
from bwvdock.core.facts import ClipDescribed, ClipFact
from bwvdock.core.ports import Destination, TransferControl
from bwvdock.delivery.messages import Assessed, Begun, Delivered, Probed
from bwvdock.delivery.rate_limit import RateLimit, Transfer, raise_if_halted
from bwvdock.errors import BwvdockError
from bwvdock.runtime.jobs import Post
from bwvdock.stages.describe import describe
from bwvdock.stages.upload import upload
from bwvdock.stages.verify import verify

TakeStep = Callable[[Clip, Destination, TransferControl], ClipFact]
Write = Callable[[str], CustodyDocument]
"""A function that returns the custody document of a clip from the present journal; called in any thread."""


def steps(write: Write) -> Mapping[Step, TakeStep]:
    """Return the function for each step that core/clips/plan.py names; a new step needs a line here."""

    def describe_clip(clip: Clip, destination: Destination, transfer: TransferControl) -> ClipDescribed:
        return describe(clip, destination, write(clip.id), transfer)

    return {Step.UPLOAD: upload, Step.VERIFY: verify, Step.DESCRIBE: describe_clip}


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryJob:
    """Take one step with one clip at one destination."""

    clip: Clip
    step: Step
    take_step: TakeStep
    destination: Destination
    transfer: Transfer

    def work(self, post: Post) -> Delivered:
        """Carry it out, unless it was halted before its turn came."""
        raise_if_halted(self.transfer.halt)
        self.transfer.make_way()
        post(Begun(clip=self.clip.id, destination=self.destination.name, step=self.step))
        return self._ended(fact=self.take_step(self.clip, self.destination, self.transfer))

    def failed(self, error: BwvdockError) -> Delivered:
        """Report what stopped it."""
        return self._ended(error=error)

    def _ended(self, *, fact: ClipFact | None = None, error: BwvdockError | None = None) -> Delivered:
        name = self.destination.name
        return Delivered(clip=self.clip, destination=name, step=self.step, fact=fact, error=error)


@dataclass(frozen=True, kw_only=True, slots=True)
class Assess:
    """Test what a destination's acknowledgement proves."""

    destination: Destination
    rate_limit: RateLimit | None
    halt: threading.Event

    def work(self, _: Post) -> Assessed:
        """Return what the trial showed."""
        assessment = self.destination.assess(Transfer(halt=self.halt, rate_limit=self.rate_limit))
        return Assessed(destination=self.destination.name, assessment=assessment, error=None)

    def failed(self, error: BwvdockError) -> Assessed:
        """Report why the trial failed."""
        return Assessed(destination=self.destination.name, assessment=None, error=error)


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """Check whether a destination can be reached."""

    destination: Destination

    def work(self, _: Post) -> Probed:
        """Report that it can be reached."""
        self.destination.probe()
        return Probed(destination=self.destination.name, error=None)

    def failed(self, error: BwvdockError) -> Probed:
        """Report why it cannot."""
        return Probed(destination=self.destination.name, error=error)
