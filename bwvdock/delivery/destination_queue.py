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
from bwvdock.core.clips.plan import Situation, Step, Target, next_step
from bwvdock.core.clips.proof import Assessment
from bwvdock.core.facts import DestinationAssessed, Fact
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock, Destination
from bwvdock.delivery.attempt_sums import Attempt, AttemptSums
from bwvdock.delivery.backoff import Backoff, DecorrelatedJitter
from bwvdock.delivery.circuit_breaker import CircuitBreaker
from bwvdock.delivery.jobs import Assess, DeliveryJob, Probe, TakeStep
from bwvdock.delivery.messages import Assessed, Begun, Delivered, Probed
from bwvdock.delivery.outages import Outages
from bwvdock.delivery.rate_limit import RateLimit, Transfer, limit_for
from bwvdock.delivery.retries import Attempts, Blame, blame_for, is_permanent
from bwvdock.delivery.under_way import Traffic, UnderWay, gives_way, make_way
from bwvdock.errors import BwvdockError, DestinationRefusedError, HaltedError
from bwvdock.log import Events, Say, say_nothing
from bwvdock.runtime.ledger import Ledger
from bwvdock.runtime.workers import Worker

_AHEAD = 16  # jobs that wait for a thread: enough that none idles, few enough to stay fair
_DAY_MS = 24 * 3600 * 1000
_ASSESS_AGAIN_MS = 600_000
_SAMPLE_MS, _SAMPLES = 1_000, 10
_YIELDS_MS = {Step.VERIFY: 5_000, Step.DESCRIBE: 30_000}  # to footage that waits; then they have precedence


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
        self._tools = tools
        self._clock = tools.clock
        self._rate_limit = limit_for(destination.kind, tools.rate_limit)
        self._senders = tools.new_worker(f"upload {target.name}", tools.parallel)
        self._assessor = tools.new_worker(f"ask {target.name}", 1)
        self._halt = threading.Event()
        self._waiting: deque[str] = deque()
        self._hurried: Sequence[str] = ()  # that go before all others, until they are proven
        # What follows an upload, and until when it yields: in bursts it is fewer commits, and one document.
        self._yielding: dict[Step, dict[str, int]] = {step: {} for step in _YIELDS_MS}
        self._under_way: dict[str, UnderWay] = {}
        self._attempts: dict[str, Attempts] = {}
        self._outages = Outages(target.name, tools.clock)
        self._sums = AttemptSums(target.name, tools.clock)
        self._ended: list[Fact] = []  # sums that are recorded in the next turn
        self._successes = 0  # counts every success and every progress
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
    def parked(self) -> Mapping[str, str]:
        """The clips that kept failing while others succeeded, each with its last error."""
        return {clip: attempts.why for clip, attempts in self._attempts.items() if attempts.parked}

    def traffic(self) -> Traffic:
        """Return the running transfers."""
        running = [u.transfer for u in self._under_way.values() if u.begun_at and u.transfer.size]
        (first_ms, first), (last_ms, last) = self._samples[0], self._samples[-1]
        return Traffic(
            clips=len(running),
            size=sum(t.size for t in running),
            sent=sum(t.sent for t in running),
            held=sum(min(t.held, t.size) for t in running),
            rate=(last - first) * 1000 // max(1, last_ms - first_ms) if running else 0,
        )

    # --- work ----------------------------------------------------------------------------------------

    def refill(self, order: Sequence[str], *, hurried: Sequence[str] = ()) -> None:
        """Replace the queue by these clips, in this order; clips that failed come last, also hurried ones.

        One that keeps failing would keep all others waiting: whose fault it is shows when others get through.
        """
        for clip in [c for c in self._attempts if c not in self._tools.ledger.clips]:
            del self._attempts[clip]
        self._ended += self._sums.keep(self._tools.ledger.clips)
        behind = {c for c, attempts in self._attempts.items() if attempts.behind}
        self._hurried = [clip for clip in hurried if clip not in behind]
        self._waiting = deque([c for c in order if c not in behind] + [c for c in order if c in behind])
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
        if self.destination.kind == "directory":  # others have a deadline for each answer
            hangs = [under_way.hangs(now) for under_way in self._under_way.values() if under_way.begun_at]
            self.breaker.hang(hangs=bool(hangs) and all(hangs))
        if now - self._samples[-1][0] >= _SAMPLE_MS:
            passed = self._passed + sum(u.transfer.passed for u in self._under_way.values())
            self._samples.append((now, passed))
        self._record()

    def _record(self) -> None:
        """Record whether it was lost or came back, and the sums of attempts that are due."""
        changed = self._outages.look(self.breaker)
        facts = [*([changed] if changed else []), *self._ended, *self._sums.due()]
        self._ended = []
        self._tools.ledger.record(facts)

    def stopped(self) -> Sequence[Fact]:
        """Return what is still to be recorded when the dock stops."""
        back = self._outages.ended()
        facts = [*([back] if back else []), *self._ended, *self._sums.all()]
        self._ended = []
        return facts

    def pump(self) -> None:
        """Submit jobs to its threads."""
        self._halt.clear()
        if self.breaker.resting:
            return
        self._assess_if_due()
        if self.assessment is None:
            return
        situation = Situation(
            targets=self._tools.ledger.targets,
            proves=self.assessment.method is not None,
            parked=[c for c, attempts in self._attempts.items() if attempts.backoff.resting],
        )
        most = 1 if self.breaker.doubtful else _AHEAD
        self._hurry(situation, most)
        if gives_way(self._under_way):
            return  # those that gave way come back first, in their order
        self._follow_up(situation, most, until=self._clock.boottime_ms())
        for _ in range(len(self._waiting)):
            if len(self._under_way) >= most:
                return
            self._consider(self._waiting.popleft(), situation)
        self._follow_up(situation, most)

    def _hurry(self, situation: Situation, most: int) -> None:
        """Submit the next steps of hurried clips, however many others wait for a thread already."""
        if not self._hurried:
            return
        submitted = sum(clip in self._under_way for clip in self._hurried)
        for clip_id in self._hurried:
            if submitted >= most or (most == 1 and self._under_way):
                break
            if clip_id not in self._under_way:
                self._consider(clip_id, situation, yields=False)
                submitted += clip_id in self._under_way
        make_way(self._under_way, self._hurried, threads=self._tools.parallel)

    def _follow_up(self, situation: Situation, most: int, *, until: int | None = None) -> None:
        """Submit jobs that yield to footage: those that did until now, or all."""
        for clips in self._yielding.values():
            while clips and len(self._under_way) < most:
                clip_id = next(iter(clips))
                if until is not None and clips[clip_id] > until:
                    break
                del clips[clip_id]
                self._consider(clip_id, situation, yields=False)

    def _assess_if_due(self) -> None:
        if self._assess_ms is not None and self._clock.boottime_ms() >= self._assess_ms:
            self._assess_ms = None
            self._assessor.submit(
                Assess(destination=self.destination, rate_limit=self._rate_limit, halt=self._halt)
            )

    def _consider(self, clip_id: str, situation: Situation, *, yields: bool = True) -> None:
        clip = self._tools.ledger.clips.get(clip_id)
        if clip is None or clip_id in self._under_way:
            return
        step = next_step(clip, self.target, situation)
        if step in _YIELDS_MS and yields:
            self._yielding[step].setdefault(clip_id, self._clock.boottime_ms() + _YIELDS_MS[step])
        elif step is not None:
            self._send(clip, step)

    def _send(self, clip: Clip, step: Step) -> None:
        known = self._attempts.get(clip.id)
        transfer = Transfer(
            halt=self._halt,
            rate_limit=self._rate_limit,
            size=clip.size if step is Step.UPLOAD else 0,
            before=known.held if known else 0,
        )
        self._under_way[clip.id] = UnderWay(transfer=transfer, successes=self._successes, step=step)
        self._senders.submit(
            DeliveryJob(
                clip=clip,
                step=step,
                take_step=self._tools.steps[step],
                destination=self.destination,
                transfer=transfer,
            )
        )

    def probe(self) -> None:
        """Have it probed."""
        if self.breaker.begin_probe():
            self._assessor.submit(Probe(destination=self.destination))

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
        return self._senders, self._assessor

    # --- messages ------------------------------------------------------------------------------------

    def begun(self, message: Begun) -> None:
        """Note that a job has begun."""
        if message.clip in self._under_way:
            self._under_way[message.clip].begun_at = iso(self._clock.now())
        if message.step is Step.UPLOAD:
            self._tools.say(Events.UPLOAD_BEGUN, clip=message.clip, destination=self.target.name)

    def assessed(self, message: Assessed) -> None:
        """Record what an acknowledgement proves there: each time, so that no gap is longer than a day."""
        found, error = message.assessment, message.error
        if found is None:
            again = _ASSESS_AGAIN_MS if self.assessment else 0
            self._assess_ms = self._clock.boottime_ms() + again
            if error is not None and not isinstance(error, HaltedError):
                self.breaker.failed(error)
            return
        self._tools.ledger.record(
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
        waits = self._waiting or any(self._yielding.values())
        self.breaker.probed(message.error, idle=not self._under_way and not waits)

    def delivered(self, message: Delivered) -> None:
        """Note what the end of a job shows about clip and destination; its fact is already recorded."""
        clip, error = message.clip.id, message.error
        under_way = self._under_way.pop(clip)
        self._passed += under_way.transfer.passed
        self._count(message, under_way)
        if isinstance(error, HaltedError):
            self._waiting.appendleft(clip)
            self.stale = self.stale or under_way.transfer.gives_way.is_set()  # its place is another then
        elif error is None or is_permanent(error):
            self._attempts.pop(clip, None)
            self._waiting.appendleft(clip)
            if error is None or isinstance(error, DestinationRefusedError):
                self._got_through()
        else:
            self._failed(clip, under_way, error)

    def _count(self, message: Delivered, under_way: UnderWay) -> None:
        """Count an attempt that failed; one that succeeds after failures ends their sum."""
        if not under_way.begun_at:
            return
        transfer, error, clip = under_way.transfer, message.error, message.clip
        uploads = message.step is Step.UPLOAD
        attempt = Attempt(
            step=message.step,
            begun_at=under_way.begun_at,
            sent=transfer.passed if uploads else 0,
            before=transfer.before,
            held=clip.size if uploads and error is None else transfer.held,
            error=error,
        )
        if error is not None and not is_permanent(error):
            self._sums.add(clip.id, attempt)
        elif ended := self._sums.end(clip.id, attempt):
            self._ended.append(ended)

    def _failed(self, clip: str, under_way: UnderWay, error: BwvdockError) -> None:
        """Have the clip, or the whole queue, back off; which of them, retries.py says."""
        attempts = self._attempts.setdefault(clip, Attempts(backoff=Backoff(self._clock, self._tools.wait)))
        attempts.held = max(attempts.held, under_way.transfer.held)
        before = under_way.successes if attempts.successes is None else attempts.successes
        moved = under_way.transfer.moved
        blame = blame_for(error, moved=moved, others_got_through=self._successes > before)
        if moved:
            attempts.forgive()
            self._got_through()
        match blame:
            case Blame.STORE | Blame.UNKNOWN:
                attempts.behind = attempts.behind or blame is Blame.UNKNOWN
                self.breaker.failed(error)
                self._waiting.append(clip)
            case Blame.CONNECTION:
                attempts.backoff.fail(error)
            case Blame.CLIP:
                if attempts.strike(error):
                    self._say_parked(clip, error)
        attempts.successes = self._successes

    def _say_parked(self, clip: str, error: BwvdockError) -> None:
        self._tools.say(
            Events.CLIP_PARKED,
            clip=clip,
            destination=self.target.name,
            reason=error.message,
            remedy=error.remedy,
        )

    def _got_through(self) -> None:
        self._successes += 1
        self.breaker.got_through()
