"""Which clip goes to which destination next, and what if one does not answer?

A pump, not a queue: whenever a worker is free, the plan is asked again. What failed rests and is
asked again later; nothing is ever given up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from bwvdock.core.clip import Clip
from bwvdock.core.facts import ClipFact, ClipQuarantined
from bwvdock.core.lifecycle import ClipState
from bwvdock.core.plan import Room, Situation, Step, Target, fair_order, next_step
from bwvdock.core.policy import rest_seconds
from bwvdock.core.ports import Clock, Destination
from bwvdock.errors import BwvdockError, DestinationError, DurabilityError
from bwvdock.ledger import Ledger
from bwvdock.messages import Delivered
from bwvdock.passage import FREE_PASSAGE
from bwvdock.stages.upload import upload
from bwvdock.stages.verify import verify
from bwvdock.workers import Post, Worker

_AHEAD = 16  # jobs kept waiting in the pool: enough that no thread idles, few enough to stay fair


class Delivery:
    """Keeps the uploaders busy. Owned by the thread that owns the ledger."""

    def __init__(
        self, ledger: Ledger, destinations: Sequence[Destination], pool: Worker, clock: Clock
    ) -> None:
        """Serve these destinations on that pool."""
        self._ledger = ledger
        self._destinations: Mapping[str, Destination] = {d.name: d for d in destinations}
        self._pool = pool
        self._clock = clock
        self._busy: set[str] = set()
        self._line: deque[str] = deque()
        self._stale = True
        self._thought_over = 0
        self._failures: dict[str, int] = {}
        self._rests_until_ms: dict[str, int] = {}
        self.errors: dict[str, BwvdockError] = {}

    @property
    def busy(self) -> bool:
        """Whether a clip is on its way just now."""
        return bool(self._busy)

    def waiting(self) -> int:
        """Count the clips that are acquired and still owe themselves to a destination."""
        return sum(clip.state is not ClipState.FOUND for clip in self._ledger.clips.values())

    def pump(self, *, paused: bool) -> None:
        """Give the pool what it can take."""
        situation = Situation(
            readable=(), targets=self._ledger.targets, resting=self._resting(), paused=paused
        )
        if paused or len(self._busy) >= _AHEAD:
            return
        if self._stale or self._thought_over != self._ledger.became_deliverable:
            self._thought_over = self._ledger.became_deliverable
            self._line = deque(c.id for c in fair_order(self._ledger.clips.values()))
            self._stale = False
        for _ in range(len(self._line)):
            if len(self._busy) >= _AHEAD:
                return
            self._consider(self._line.popleft(), situation)

    def _consider(self, clip_id: str, situation: Situation) -> None:
        clip = self._ledger.clips.get(clip_id)
        if clip is None or clip_id in self._busy:
            return
        step = next_step(clip, situation)
        if step is not None:
            self._busy.add(clip_id)
            self._pool.submit(_Errand(clip, step, self._destinations[step.destination], self._ledger.targets))

    def delivered(self, messages: Sequence[Delivered]) -> None:
        """Record what came of some errands, as one commit, and ask again about their clips."""
        self._ledger.record([fact for m in messages for fact in _facts_of(m)])
        for message in messages:
            self._busy.discard(message.clip)
            self._line.appendleft(message.clip)  # upload, then verify, while the clip is still warm
            if message.error is None:
                self._recovered(message.destination)
            elif not _is_fatal(message.error):
                self._let_rest(message.destination, message.error)

    def _resting(self) -> frozenset[str]:
        now = self._clock.boottime_ms()
        for name in [n for n, until in self._rests_until_ms.items() if until <= now]:
            del self._rests_until_ms[name]
            self._stale = True
        return frozenset(self._rests_until_ms)

    def _let_rest(self, destination: str, error: BwvdockError) -> None:
        self.errors[destination] = error
        if destination in self._rests_until_ms:
            return  # several clips were on their way: that is one failure, not many
        failures = self._failures.get(destination, 0) + 1
        self._failures[destination] = failures
        self._rests_until_ms[destination] = self._clock.boottime_ms() + 1000 * rest_seconds(failures)

    def _recovered(self, destination: str) -> None:
        self._failures.pop(destination, None)
        self.errors.pop(destination, None)


def _is_fatal(error: BwvdockError) -> bool:
    # What asking again cannot mend must not keep the destination from the other clips.
    return isinstance(error, DestinationError | DurabilityError) and not error.retryable


def _facts_of(message: Delivered) -> list[ClipFact]:
    if message.error is not None and _is_fatal(message.error):
        return [ClipQuarantined(clip=message.clip, reason=message.error.message)]
    return [message.fact] if message.fact is not None else []


class _Errand:
    """One job of the pool: bring a clip to a destination, or prove what stands there."""

    def __init__(self, clip: Clip, step: Step, destination: Destination, targets: Sequence[Target]) -> None:
        self._clip = clip
        self._step = step
        self._destination = destination
        self._targets = targets

    def __call__(self, post: Post) -> None:
        room = upload if self._step.room is Room.UPLOAD else verify
        fact: ClipFact | None = None
        failure: BwvdockError | None = None
        try:
            fact = room(self._clip, self._destination, self._targets, FREE_PASSAGE)
        except BwvdockError as error:
            failure = error.without_frames()
        post(Delivered(clip=self._clip.id, destination=self._step.destination, fact=fact, error=failure))
