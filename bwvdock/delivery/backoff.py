"""For how long is something that failed left alone?"""

from __future__ import annotations

import random
from collections.abc import Callable

from tenacity import RetryCallState, Retrying
from tenacity.wait import wait_base

from bwvdock.core.ports import Clock
from bwvdock.errors import DestinationUnavailableError

_LEAST, _MOST = 1.0, 300.0  # seconds
_MOST_ASKED = 3600.0  # seconds; a store may ask for more, and is asked again then all the same

Uniform = Callable[[float, float], float]


class DecorrelatedJitter(wait_base):
    """Wait between a second and three times the last wait, never longer than five minutes.

    What a store asks for (Retry-After) is a floor. So forty docks that come back at the end of a shift do not
    come back in step ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    """

    def __init__(self, uniform: Uniform = random.uniform) -> None:
        """Draw from `uniform`."""
        self._uniform = uniform

    def __call__(self, retry_state: RetryCallState) -> float:
        """Return the seconds to wait after the failure that is the state's outcome."""
        last = min(max(retry_state.upcoming_sleep, _LEAST), _MOST)
        wait = min(_MOST, self._uniform(_LEAST, 3 * last))
        error = retry_state.outcome.exception() if retry_state.outcome else None
        return max(wait, asked_for(error))


def asked_for(error: BaseException | None) -> float:
    """Return the seconds for which a store asks to be left alone, as far as that is heeded."""
    asked = error.retry_after if isinstance(error, DestinationUnavailableError) else 0.0
    return min(asked, _MOST_ASKED) if asked > 0 else 0.0


class Backoff:
    """The rest of one thing that fails now and then. Owned by one thread."""

    def __init__(self, clock: Clock, wait: wait_base) -> None:
        """It has not failed yet."""
        self._clock = clock
        self._loop = Retrying(wait=wait)
        self._state = RetryCallState(self._loop, None, (), {})
        self.failures = 0
        self.until_ms = 0

    @property
    def resting(self) -> bool:
        """Whether it is to be left alone now."""
        return self._clock.boottime_ms() < self.until_ms

    def fail(self, error: BaseException, *, at_least: float = 0.0) -> float:
        """It failed: let it rest, longer than before as a rule; give for how many seconds."""
        self.failures += 1
        self._state.set_exception((type(error), error, None))
        self._state.upcoming_sleep = self._loop.wait(self._state)
        self._state.outcome = None
        seconds = max(self._state.upcoming_sleep, at_least)
        self.until_ms = max(self.until_ms, self._clock.boottime_ms() + int(1000 * seconds))
        return seconds

    def lengthen(self, seconds: float) -> None:
        """Let it rest at least so long from now on."""
        self.until_ms = max(self.until_ms, self._clock.boottime_ms() + int(1000 * seconds))

    def wake(self) -> None:
        """Let it be tried now; that it failed before is remembered."""
        self.until_ms = 0

    def clear(self) -> None:
        """It works: forget that it ever failed."""
        self.failures, self.until_ms = 0, 0
        self._state = RetryCallState(self._loop, None, (), {})
