"""How do clips get from the spool to every evidence store, and what is recorded of it?

Each destination has its own queue (destination_queue.py); a clip may be uploaded to several at once. Here is
what they share: the order of clips, and the facts, which are checked against the present state when they are
recorded. Whenever something has changed, the plan is asked again. No clip is ever given up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce

from bwvdock.config.settings import UploadSettings
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.history import apply
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.plan import Due, Step, awaiting, fair_order, is_served
from bwvdock.core.facts import (
    ClipFact,
    ClipQuarantined,
    ClipUploaded,
    ClipVerified,
    DeliveryRefused,
    DocumentRefused,
    Fact,
)
from bwvdock.core.ports import Destination
from bwvdock.delivery.destination_queue import DeliveryTools, DestinationQueue
from bwvdock.delivery.messages import Assessed, Begun, Delivered, Probed
from bwvdock.delivery.retries import is_permanent
from bwvdock.errors import BwvdockError, DestinationRefusedError, ObjectConflictError
from bwvdock.runtime.workers import Worker

_ORDER_MS = 3_600_000  # retention dates come nearer while nothing else happens
_SHARE = 9  # putting all clips in order takes a tenth of the time at the most
_UNPROVEN = frozenset({ClipState.ACQUIRED, ClipState.UPLOADED})
_CAMERAS_FIRST_MS = 60_000  # for which vaults wait while cameras are copied


class Delivery:
    """Runs the queues of all destinations. Owned by the thread that owns the ledger."""

    def __init__(
        self, destinations: Sequence[Destination], tools: DeliveryTools, *, non_evidential_days: int = 31
    ) -> None:
        """Deliver to these destinations, which are all targets of the ledger."""
        self._tools = tools
        self._ledger = tools.ledger
        self.non_evidential_days = non_evidential_days
        targets = {target.name: target for target in self._ledger.targets}
        self.queues: Mapping[str, DestinationQueue] = {
            d.name: DestinationQueue(d, targets[d.name], tools) for d in destinations
        }
        self._thought_over = -1
        self._order_ms = self._rest_ms = 0
        self._hurried: Sequence[str] = ()
        self._hurries = 0
        self._copying_since_ms: int | None = None

    @property
    def errors(self) -> dict[str, BwvdockError]:
        """The errors that prevent uploads now, by destination."""
        known = {name: queue_of.breaker.error for name, queue_of in self.queues.items()}
        return {name: error for name, error in known.items() if error is not None}

    def can_be_asked(self) -> bool:
        """Return whether every required destination is known to answer, or nothing is known against it."""
        required = {name for name, queue_of in self.queues.items() if queue_of.target.required}
        return not required & self.errors.keys()

    @property
    def busy(self) -> bool:
        """Whether a clip is being uploaded or verified now."""
        return any(queue_of.busy for queue_of in self.queues.values())

    def carries(self, clip_id: str) -> bool:
        """Return whether this clip is being uploaded or verified now."""
        return any(queue_of.carries(clip_id) for queue_of in self.queues.values())

    def waiting(self) -> int:
        """Return how many acquired clips are still missing at a destination."""
        return len(self._ledger.clips)

    def hurried(self) -> int:
        """Return how many hurried clips some required destination does not prove yet."""
        known = (self._ledger.clips.get(clip) for clip in self._hurried)
        return sum(clip is not None and clip.state in _UNPROVEN for clip in known)

    def parked(self, clip_id: str) -> bool:
        """Return whether a clip keeps failing at a destination while others succeed."""
        return any(clip_id in queue_of.parked for queue_of in self.queues.values())

    def pump(self, *, paused: bool, copying: bool = False) -> None:
        """Fill every queue; those of vaults are not for a while if cameras are being copied.

        An officer waits for the copy. A vault is in the dock or its network, and what it reads back takes
        disk and processor from the copies; of an uplink, no minute is given away.
        """
        for queue_of in self.queues.values():
            queue_of.look()
        if paused:
            self.halt()
            return
        self._put_in_order()
        cameras_first = self._cameras_come_first(copying=copying)
        for queue_of in self.queues.values():
            if not (cameras_first and queue_of.destination.kind == "directory"):
                queue_of.pump()

    def _cameras_come_first(self, *, copying: bool) -> bool:
        now_ms = self._tools.clock.boottime_ms()
        if not copying:
            self._copying_since_ms = None
            return False
        if self._copying_since_ms is None:
            self._copying_since_ms = now_ms
        return now_ms - self._copying_since_ms < _CAMERAS_FIRST_MS

    def _put_in_order(self) -> None:
        now_ms = self._tools.clock.boottime_ms()
        if now_ms < self._rest_ms and self._hurries == self._ledger.hurries:
            return
        self._hurries = self._ledger.hurries
        fresh = self._thought_over != self._ledger.became_deliverable or now_ms >= self._order_ms
        stale = [queue_of for queue_of in self.queues.values() if fresh or queue_of.stale]
        if not stale:
            return
        self._thought_over, self._order_ms = self._ledger.became_deliverable, now_ms + _ORDER_MS
        now_ns = int(self._tools.clock.now().timestamp()) * 10**9
        due = Due(now_ns=now_ns, non_evidential_days=self.non_evidential_days)
        clips = fair_order(self._ledger.clips.values(), due=due)
        order, hurried = [clip.id for clip in clips], [clip.id for clip in clips if clip.hurried]
        self._hurried = hurried
        for queue_of in stale:
            queue_of.refill(order, hurried=hurried)
        done_ms = self._tools.clock.boottime_ms()
        self._rest_ms = done_ms + _SHARE * (done_ms - now_ms)

    def halt(self) -> None:
        """Halt all transfers; what the stores have already is kept."""
        for queue_of in self.queues.values():
            queue_of.halt()
        if self._tools.rate_limit is not None:
            self._tools.rate_limit.stir()

    def stopped(self) -> Sequence[Fact]:
        """Return what is still to be recorded of outages and attempts when the dock stops."""
        return [fact for queue_of in self.queues.values() for fact in queue_of.stopped()]

    def workers(self) -> Sequence[Worker]:
        """Return the threads of every queue."""
        return [worker for queue_of in self.queues.values() for worker in queue_of.workers()]

    def change(self, upload: UploadSettings, *, non_evidential_days: int) -> None:
        """Use other limits, windows and days; running uploads continue."""
        self.non_evidential_days = non_evidential_days
        if self._tools.rate_limit is not None:
            self._tools.rate_limit.change(upload)

    def wake(self) -> None:
        """Try every destination again at once."""
        for queue_of in self.queues.values():
            queue_of.wake()

    def probe(self) -> None:
        """Have every destination probed."""
        for queue_of in self.queues.values():
            queue_of.probe()

    def resume(self, clip_id: str) -> None:
        """Offer a clip again, without its earlier failures."""
        for queue_of in self.queues.values():
            queue_of.forget(clip_id)

    # --- messages of the queues' threads -------------------------------------------------------------

    def hear(self, message: Begun | Assessed | Probed) -> None:
        """Pass a message that is not about a clip's fact to its queue."""
        queue_of = self.queues[message.destination]
        match message:
            case Begun():
                queue_of.begun(message)
            case Assessed():
                queue_of.assessed(message)
            case Probed():
                queue_of.probed(message)

    def delivered(self, messages: Sequence[Delivered]) -> None:
        """Record the results of some jobs, as one commit, and plan their clips again."""
        facts: dict[str, list[ClipFact]] = {}
        for message in messages:
            before = facts.setdefault(message.clip.id, [])
            clip = reduce(apply, before, self._ledger.clips.get(message.clip.id))
            fact = _settled(message, clip, self._tools)
            if fact is not None:
                before.append(fact)
        self._ledger.record([fact for its in facts.values() for fact in its])
        for message in messages:
            self.queues[message.destination].delivered(message)


def _settled(message: Delivered, clip: Clip | None, tools: DeliveryTools) -> ClipFact | None:
    """Return the fact to record for a job in the present state, which may have changed meanwhile."""
    name, fact, error = message.destination, message.fact, message.error
    if clip is None or not _still_served(clip, message):
        return None
    targets = tools.ledger.targets
    # What has taken the place of a lost copy is in the way there, and nowhere else.
    in_the_way = isinstance(error, ObjectConflictError) and name in clip.failed
    if error is not None and (in_the_way or isinstance(error, DestinationRefusedError)):
        return _refused(message, error)
    if error is not None:
        doubt = ClipQuarantined(clip=clip.id, reason=error.message, place=name)
        return doubt if is_permanent(error) else None
    if isinstance(fact, ClipUploaded):
        return replace(fact, awaiting=awaiting(clip, clip.uploaded, targets=targets, just_served=name))
    if isinstance(fact, ClipVerified):
        if name not in clip.uploaded:
            return None  # an operator had it uploaded there again: that copy must be proven
        return replace(fact, awaiting=awaiting(clip, clip.receipts, targets=targets, just_served=name))
    return fact


def _refused(message: Delivered, error: BwvdockError) -> ClipFact:
    clip, name = message.clip, message.destination
    if message.step is Step.DESCRIBE:  # the footage is proven there, with or without its document
        return DocumentRefused(clip=clip.id, destination=name, reason=error.message, revision=clip.revision)
    return DeliveryRefused(clip=clip.id, destination=name, reason=error.message)


def _still_served(clip: Clip, message: Delivered) -> bool:
    # It may be in quarantine by now, or be another copy.
    serving = is_served(clip, message.destination) or clip.owes_document(message.destination)
    return serving and clip.parts == message.clip.parts
