"""What is being sent to one destination, what waits, and what do its acknowledgements prove?

A queue shares no thread and no failure with another: a store that hangs delays only its own clips.
Everything here belongs to the thread that owns the ledger, except the numbers of transfers.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tenacity.wait import wait_base

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.permit import Assessment
from bwvdock.core.clips.plan import Situation, Step, Target, next_step
from bwvdock.core.facts import DestinationAssessed
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock, Destination
from bwvdock.delivery.backoff import Backoff, DecorrelatedJitter, asked_for
from bwvdock.delivery.circuit_breaker import CircuitBreaker, Say, say_nothing
from bwvdock.delivery.jobs import Assess, DeliveryJob, Probe, TakeStep
from bwvdock.delivery.messages import Assessed, Begun, Delivered, Probed
from bwvdock.delivery.rate_limit import RateLimit, Transfer
from bwvdock.errors import (
    AccessDeniedError,
    BwvdockError,
    DestinationError,
    DestinationRefusedError,
    DurabilityError,
    HaltedError,
)
from bwvdock.log import Events
from bwvdock.runtime.ledger import Ledger
from bwvdock.runtime.workers import Worker

_AHEAD = 16  # jobs that wait for a thread: enough that none idles, few enough to stay fair
_STRIKES = 8  # failures of one clip without progress, while others succeeded
_PARKED_S = 3600.0
_DAY_MS = 24 * 3600 * 1000
_ASSESS_AGAIN_MS = 600_000
_SAMPLE_MS, _SAMPLES = 1_000, 10


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryTools:
    """What every queue needs. `hire` returns threads with a name; `pace` limits network transfers."""

    ledger: Ledger
    clock: Clock
    new_worker: Callable[[str, int], Worker]
    steps: Mapping[Step, TakeStep]
    parallel: int = 1
    rate_limit: RateLimit | None = None
    wait: wait_base = field(default_factory=DecorrelatedJitter)
    say: Say = say_nothing


@dataclass(kw_only=True, slots=True)
class _UnderWay:
    """A submitted job; `good` is the queue's count at that moment. `noted`: it made progress."""

    transfer: Transfer
    good: int
    begun: bool = False
    noted: bool = False


@dataclass(kw_only=True, slots=True)
class _Attempts:
    """The failures of a clip.

    `held` is the most that the destination ever had of it, `good` the queue's count at its last failure,
    `behind` says that others are tried before it.
    """

    backoff: Backoff
    held: int = 0
    good: int | None = None
    strikes: int = 0
    behind: bool = False
    parked: bool = False
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Traffic:
    """Running transfers: clips, their bytes, how many of these were sent and are held, bytes per second."""

    clips: int
    size: int
    sent: int
    held: int
    rate: int


class DestinationQueue:
    """The queue of one destination, and its threads."""

    def __init__(self, destination: Destination, target: Target, tools: DeliveryTools) -> None:
        """Deliver to this destination, which is not contacted yet."""
        self.destination = destination
        self.target = target
        self.breaker = CircuitBreaker(target.name, tools.clock, tools.wait, tools.say)
        self.assessment: Assessment | None = None
        self.assessed_at = ""
        self.stale = True  # the queue must be filled again
        self._means = tools
        self._clock = tools.clock
        self._rate_limit = None if destination.kind == "directory" else tools.rate_limit
        self._crew = tools.new_worker(f"upload {target.name}", tools.parallel)
        self._scout = tools.new_worker(f"ask {target.name}", 1)
        self._halt = threading.Event()
        self._line: deque[str] = deque()
        self._under_way: dict[str, _UnderWay] = {}
        self._attempts: dict[str, _Attempts] = {}
        self._good = 0  # counts every success and every progress
        self._assess_ms: int | None = 0  # when it is due; None while it runs
        self._passed = 0
        self._samples: deque[tuple[int, int]] = deque([(self._clock.boottime_ms(), 0)], maxlen=_SAMPLES)

    # --- state ---------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether a clip is being sent there now."""
        return bool(self._under_way)

    def carries(self, clip_id: str) -> bool:
        """Return whether this clip is being sent there now."""
        return clip_id in self._under_way

    @property
    def parked(self) -> frozenset[str]:
        """The clips that kept failing while others succeeded."""
        return frozenset(clip for clip, attempts in self._attempts.items() if attempts.parked)

    def why_parked(self, clip_id: str) -> str:
        """Return the last error of a parked clip."""
        return self._attempts[clip_id].why

    def traffic(self) -> Traffic:
        """Return the running transfers."""
        journeys = [u.transfer for u in self._under_way.values() if u.begun and u.transfer.size]
        (first_ms, first), (last_ms, last) = self._samples[0], self._samples[-1]
        return Traffic(
            clips=len(journeys),
            size=sum(j.size for j in journeys),
            sent=sum(j.sent for j in journeys),
            held=sum(min(j.held, j.size) for j in journeys),
            rate=(last - first) * 1000 // max(1, last_ms - first_ms),
        )

    # --- work ----------------------------------------------------------------------------------------

    def refill(self, order: Sequence[str]) -> None:
        """Replace the queue by these clips, in this order; clips that failed come last."""
        for clip in [c for c in self._attempts if c not in self._means.ledger.clips]:
            del self._attempts[clip]
        behind = {c for c, attempts in self._attempts.items() if attempts.behind}
        self._line = deque([c for c in order if c not in behind] + [c for c in order if c in behind])
        self.stale = False

    def look(self) -> None:
        """Note the progress of transfers; queue again what has backed off long enough."""
        for under_way in self._under_way.values():
            if under_way.transfer.moved and not under_way.noted:
                under_way.noted = True
                self._got_through()
        for attempts in self._attempts.values():
            if attempts.backoff.until_ms and not attempts.backoff.resting:
                attempts.backoff.wake()
                self.stale = True
        now = self._clock.boottime_ms()
        if now - self._samples[-1][0] >= _SAMPLE_MS:
            passed = self._passed + sum(u.transfer.passed for u in self._under_way.values())
            self._samples.append((now, passed))

    def pump(self) -> None:
        """Submit jobs to its threads."""
        self._halt.clear()
        if self.breaker.resting:
            return
        self._assess_if_due()
        if self.assessment is None:
            return
        situation = Situation(
            targets=self._means.ledger.targets,
            proves=self.assessment.method is not None,
            parked=[c for c, attempts in self._attempts.items() if attempts.backoff.resting],
        )
        most = 1 if self.breaker.doubtful else _AHEAD
        for _ in range(len(self._line)):
            if len(self._under_way) >= most:
                return
            self._consider(self._line.popleft(), situation)

    def _assess_if_due(self) -> None:
        if self._assess_ms is not None and self._clock.boottime_ms() >= self._assess_ms:
            self._assess_ms = None
            self._scout.submit(
                Assess(destination=self.destination, rate_limit=self._rate_limit, halt=self._halt)
            )

    def _consider(self, clip_id: str, situation: Situation) -> None:
        clip = self._means.ledger.clips.get(clip_id)
        if clip is None or clip_id in self._under_way:
            return
        step = next_step(clip, self.target, situation)
        if step is not None:
            self._send(clip, step)

    def _send(self, clip: Clip, step: Step) -> None:
        known = self._attempts.get(clip.id)
        transfer = Transfer(
            halt=self._halt,
            rate_limit=self._rate_limit,
            size=clip.size if step is Step.UPLOAD else 0,
            before=known.held if known else 0,
        )
        self._under_way[clip.id] = _UnderWay(transfer=transfer, good=self._good)
        self._crew.submit(
            DeliveryJob(
                clip=clip,
                step=step,
                take_step=self._means.steps[step],
                destination=self.destination,
                transfer=transfer,
            )
        )

    def probe(self) -> None:
        """Have it probed."""
        if self.breaker.begin_probe():
            self._scout.submit(Probe(destination=self.destination))

    def halt(self) -> None:
        """Halt all transfers; `pump` resumes them."""
        self._halt.set()

    def wake(self) -> None:
        """Retry at once what is backing off, and assess it again: the cause may have been fixed."""
        self.breaker.wake()
        self._assess_ms = None if self._assess_ms is None else 0
        for attempts in self._attempts.values():
            attempts.backoff.wake()
        self.stale = True

    def forget(self, clip_id: str) -> None:
        """Forget the failures of a clip."""
        self._attempts.pop(clip_id, None)
        self.stale = True

    def workers(self) -> Sequence[Worker]:
        """Return the threads of the queue."""
        return self._crew, self._scout

    # --- messages ------------------------------------------------------------------------------------

    def begun(self, message: Begun) -> None:
        """Note that a job has begun."""
        if message.clip in self._under_way:
            self._under_way[message.clip].begun = True
        if message.step is Step.UPLOAD:
            self._means.say(Events.UPLOAD_BEGUN, clip=message.clip, destination=self.target.name)

    def assessed(self, message: Assessed) -> None:
        """Record what an acknowledgement proves there: each time, so that no gap is longer than a day."""
        found, error = message.assessment, message.error
        if found is None:
            again = _ASSESS_AGAIN_MS if self.assessment else 0
            self._assess_ms = self._clock.boottime_ms() + again
            if error is not None and not isinstance(error, HaltedError):
                self.breaker.failed(error)
            return
        self._means.ledger.record(
            [
                DestinationAssessed(
                    destination=self.target.name,
                    method=found.method or "",
                    words=found.words,
                    object_lock=found.object_lock,
                )
            ]
        )
        self._assess_ms = self._clock.boottime_ms() + _DAY_MS
        self.assessment, self.assessed_at = found, iso(self._clock.now())
        self.stale = True
        self.breaker.recovered()

    def probed(self, message: Probed) -> None:
        """Note whether it can be reached."""
        self.breaker.probed(message.error, idle=not self._under_way and not self._line)

    def delivered(self, message: Delivered) -> None:
        """Note what the end of a job shows about clip and destination; its fact is already recorded."""
        clip, error = message.clip.id, message.error
        under_way = self._under_way.pop(clip)
        self._passed += under_way.transfer.passed
        if isinstance(error, HaltedError):
            self._line.appendleft(clip)
        elif error is None or is_final(error):
            self._attempts.pop(clip, None)
            self._line.appendleft(clip)  # upload, then verify, while the clip is still in the cache
            if error is None or isinstance(error, DestinationRefusedError):
                self._got_through()
        else:
            self._failed(clip, under_way, error)

    def _failed(self, clip: str, under_way: _UnderWay, error: BwvdockError) -> None:
        attempts = self._attempts.setdefault(clip, _Attempts(backoff=Backoff(self._clock, self._means.wait)))
        attempts.held = max(attempts.held, under_way.transfer.held)
        since = under_way.good if attempts.good is None else attempts.good
        moved, others_got_through = under_way.transfer.moved, self._good > since
        if moved:
            attempts.strikes, attempts.parked, attempts.behind = 0, False, False
            attempts.backoff.clear()
            self._got_through()
        if isinstance(error, AccessDeniedError) or asked_for(error) > 0:
            self.breaker.failed(error)
            self._line.append(clip)
        elif moved:
            attempts.backoff.fail(error)
        elif others_got_through:
            self._strike(clip, attempts, error)
        else:
            attempts.behind = True
            self.breaker.failed(error)
            self._line.append(clip)
        attempts.good = self._good

    def _strike(self, clip: str, attempts: _Attempts, error: BwvdockError) -> None:
        attempts.strikes += 1
        parked = attempts.strikes >= _STRIKES
        attempts.backoff.fail(error, at_least=_PARKED_S if parked else 0)
        if parked and not attempts.parked:
            self._means.say(
                Events.CLIP_PARKED,
                clip=clip,
                destination=self.target.name,
                reason=error.message,
                remedy=error.remedy,
            )
        attempts.parked, attempts.why = parked, error.message

    def _got_through(self) -> None:
        self._good += 1
        self.breaker.got_through()


def is_final(error: BwvdockError) -> bool:
    """Return whether trying the same clip at the same destination again is useless."""
    return isinstance(error, DestinationError | DurabilityError) and not error.retryable
