"""How long does the dock wait after a failure?"""

from __future__ import annotations

import random
from collections.abc import Callable

from tenacity import RetryCallState, Retrying
from tenacity.wait import wait_base

from bwvdock.core.ports import Clock
from bwvdock.errors import DestinationUnavailableError

_LEAST, _MOST = 1.0, 300.0  # seconds
_APART = 60.0  # seconds over which docks come back whose second attempt failed as well
_MOST_ASKED = 3600.0  # seconds; a store may ask for more, but is retried by then

Uniform = Callable[[float, float], float]


class DecorrelatedJitter(wait_base):
    """Wait one to three seconds, then up to a minute, then from a minute to three times the last wait.

    Never longer than five minutes; the wait that a store asks for (Retry-After) is the minimum. So forty
    docks that reconnect after an outage do not retry in step ("Exponential Backoff And Jitter", AWS
    Architecture Blog, 2015). All of them notice an outage in the same second. A first failure may be a mere
    hiccup: the wait after it is short, and keeps them hardly apart. The next is drawn from a whole minute.
    """

    def __init__(self, uniform: Uniform = random.uniform) -> None:
        """Draw random waits from `uniform`."""
        self._uniform = uniform

    def __call__(self, retry_state: RetryCallState) -> float:
        """Return the seconds to wait after the failure that is the state's outcome."""
        last = min(max(retry_state.upcoming_sleep, _LEAST), _MOST)
        if retry_state.attempt_number == 1:
            least, most = _LEAST, 3 * last
        elif retry_state.attempt_number == 2:
            least, most = _LEAST, max(3 * last, _APART)
        else:
            least, most = _APART, max(3 * last, _APART)  # who is apart stays apart
        wait = min(_MOST, self._uniform(least, most))
        error = retry_state.outcome.exception() if retry_state.outcome else None
        return max(wait, asked_for(error))


def asked_for(error: BaseException | None) -> float:
    """Return the seconds that a store asks the dock to wait, up to the maximum."""
    asked = error.retry_after if isinstance(error, DestinationUnavailableError) else 0.0
    return min(asked, _MOST_ASKED) if asked > 0 else 0.0


class Backoff:
    """The backoff after failures of one thing. Owned by one thread."""

    def __init__(self, clock: Clock, wait: wait_base) -> None:
        """Start without a failure."""
        self._clock = clock
        self._loop = Retrying(wait=wait)
        self._state = RetryCallState(self._loop, None, (), {})
        self.failures = 0
        self.until_ms = 0

    @property
    def resting(self) -> bool:
        """Whether it is still backing off."""
        return self._clock.boottime_ms() < self.until_ms

    def fail(self, error: BaseException, *, at_least: float = 0.0) -> float:
        """Back off after a failure, usually longer than before; return the seconds."""
        self.failures += 1
        self._state.set_exception((type(error), error, None))
        self._state.upcoming_sleep = self._loop.wait(self._state)
        self._state.prepare_for_next_attempt()
        seconds = max(self._state.upcoming_sleep, at_least)
        self.until_ms = max(self.until_ms, self._clock.boottime_ms() + int(1000 * seconds))
        return seconds

    def lengthen(self, seconds: float) -> None:
        """Back off for at least so long from now."""
        self.until_ms = max(self.until_ms, self._clock.boottime_ms() + int(1000 * seconds))

    def shorten(self, seconds: float) -> None:
        """Back off for at most so long from now."""
        self.until_ms = min(self.until_ms, self._clock.boottime_ms() + int(1000 * seconds))

    def longer_than(self, seconds: float) -> bool:
        """Return whether it backs off for longer than so long from now."""
        return self.until_ms > self._clock.boottime_ms() + int(1000 * seconds)

    def wake(self) -> None:
        """End the wait; earlier failures still count."""
        self.until_ms = 0

    def clear(self) -> None:
        """Forget all failures."""
        self.failures, self.until_ms = 0, 0
        self._state = RetryCallState(self._loop, None, (), {})
