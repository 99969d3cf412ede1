"""One destination: what is on its way there, what waits, and what its acknowledgements are worth.

A lane shares no thread, no queue and no failure with another: a store that hangs keeps only its own waiting.
Everything here belongs to the thread that owns the ledger, but for the Journeys' numbers.
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

_AHEAD = 16  # errands kept waiting for a thread: enough that none idles, few enough to stay fair
_STRIKES = 8  # failures of one clip, none of them with progress, while others got through
_PARKED_S = 3600.0
_DAY_MS = 24 * 3600 * 1000
_ASSESS_AGAIN_MS = 600_000
_SAMPLE_MS, _SAMPLES = 1_000, 10


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryTools:
    """What every lane is given. `hire` gives threads under a name; `pace` is for what has a network."""

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
    """An errand that was given out; `good` is the lane's count at that moment. `noted`: it got further."""

    transfer: Transfer
    good: int
    begun: bool = False
    noted: bool = False


@dataclass(kw_only=True, slots=True)
class _Attempts:
    """What is remembered of a clip that failed.

    `held` is the most that the destination ever held of it, `good` the lane's count when it failed last,
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
    """What is on its way: clips, their bytes, how many of these were sent and are held, bytes a second."""

    clips: int
    size: int
    sent: int
    held: int
    rate: int


class DestinationQueue:
    """Keeps one destination's threads busy."""

    def __init__(self, destination: Destination, target: Target, tools: DeliveryTools) -> None:
        """Serve this destination; nothing is asked of it yet."""
        self.destination = destination
        self.target = target
        self.breaker = CircuitBreaker(target.name, tools.clock, tools.wait, tools.say)
        self.assessment: Assessment | None = None
        self.assessed_at = ""
        self.stale = True  # its line is to be filled again
        self._means = tools
        self._clock = tools.clock
        self._rate_limit = None if destination.kind == "directory" else tools.rate_limit
        self._crew = tools.new_worker(f"upload {target.name}", tools.parallel)
        self._scout = tools.new_worker(f"ask {target.name}", 1)
        self._halt = threading.Event()
        self._line: deque[str] = deque()
        self._under_way: dict[str, _UnderWay] = {}
        self._attempts: dict[str, _Attempts] = {}
        self._good = 0  # counts up with all that got through, or further
        self._assess_ms: int | None = 0  # when it is due; None while it is under way
        self._passed = 0
        self._samples: deque[tuple[int, int]] = deque([(self._clock.boottime_ms(), 0)], maxlen=_SAMPLES)

    # --- what is seen of it --------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether a clip is on its way there just now."""
        return bool(self._under_way)

    def carries(self, clip_id: str) -> bool:
        """Return whether a clip is on its way there just now."""
        return clip_id in self._under_way

    @property
    def parked(self) -> frozenset[str]:
        """The clips that failed again and again while others got through."""
        return frozenset(clip for clip, attempts in self._attempts.items() if attempts.parked)

    def why_parked(self, clip_id: str) -> str:
        """Return what a parked clip last failed with."""
        return self._attempts[clip_id].why

    def traffic(self) -> Traffic:
        """Return what is on its way."""
        journeys = [u.transfer for u in self._under_way.values() if u.begun and u.transfer.size]
        (first_ms, first), (last_ms, last) = self._samples[0], self._samples[-1]
        return Traffic(
            clips=len(journeys),
            size=sum(j.size for j in journeys),
            sent=sum(j.sent for j in journeys),
            held=sum(min(j.held, j.size) for j in journeys),
            rate=(last - first) * 1000 // max(1, last_ms - first_ms),
        )

    # --- what it does --------------------------------------------------------------------------------

    def refill(self, order: Sequence[str]) -> None:
        """Begin anew with these clips, in this order; what failed goes behind the others."""
        for clip in [c for c in self._attempts if c not in self._means.ledger.clips]:
            del self._attempts[clip]
        behind = {c for c, attempts in self._attempts.items() if attempts.behind}
        self._line = deque([c for c in order if c not in behind] + [c for c in order if c in behind])
        self.stale = False

    def look(self) -> None:
        """See how far everything is; what rested long enough is thought of again."""
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
        """Give its threads what they can take."""
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
                targets=self._means.ledger.targets,
                transfer=transfer,
            )
        )

    def probe(self) -> None:
        """Have it asked whether it can be reached."""
        if self.breaker.begin_probe():
            self._scout.submit(Probe(destination=self.destination))

    def halt(self) -> None:
        """Have all that is on its way stop where it is; `pump` lets it go on."""
        self._halt.set()

    def wake(self) -> None:
        """Try again at once what rests, and try it out anew: somebody may have mended something."""
        self.breaker.wake()
        self._assess_ms = None if self._assess_ms is None else 0
        for attempts in self._attempts.values():
            attempts.backoff.wake()
        self.stale = True

    def forget(self, clip_id: str) -> None:
        """Think of a clip as if it had never failed."""
        self._attempts.pop(clip_id, None)
        self.stale = True

    def workers(self) -> Sequence[Worker]:
        """Return its threads."""
        return self._crew, self._scout

    # --- what it hears -------------------------------------------------------------------------------

    def begun(self, message: Begun) -> None:
        """A clip is really on its way."""
        if message.clip in self._under_way:
            self._under_way[message.clip].begun = True
        if message.step is Step.UPLOAD:
            self._means.say(Events.UPLOAD_BEGUN, clip=message.clip, destination=self.target.name)

    def assessed(self, message: Assessed) -> None:
        """Record what an acknowledgement is worth there: each time, so that no gap is longer than a day."""
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
        """Hear whether it can be reached."""
        self.breaker.probed(message.error, idle=not self._under_way and not self._line)

    def delivered(self, message: Delivered) -> None:
        """See what an errand's end says of clip and destination; its fact is recorded by now."""
        clip, error = message.clip.id, message.error
        under_way = self._under_way.pop(clip)
        self._passed += under_way.transfer.passed
        if isinstance(error, HaltedError):
            self._line.appendleft(clip)
        elif error is None or is_final(error):
            self._attempts.pop(clip, None)
            self._line.appendleft(clip)  # upload, then verify, while the clip is still warm
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
    """Return whether asking the same destination again with the same clip cannot mend it."""
    return isinstance(error, DestinationError | DurabilityError) and not error.retryable
