"""Does a destination answer, does it let anything through, and when is it asked again?"""

from __future__ import annotations

from typing import Protocol

from tenacity.wait import wait_base

from bwvdock.core.ports import Clock
from bwvdock.delivery.backoff import Backoff, asked_for
from bwvdock.errors import AccessDeniedError, BwvdockError, DestinationUnavailableError
from bwvdock.log import Events

_SILENT_MS = 60_000  # longer than any edge waits for an answer to a probe


class Say(Protocol):
    """Told of what is worth a line in the log and is no fact."""

    def __call__(self, event: Events, /, **told: object) -> None:
        """Write it."""
        ...


def say_nothing(_: Events, /, **__: object) -> None:
    """Write nothing."""


class CircuitBreaker:
    """A destination's breaker: it opens with a failure and closes when something gets through.

    While it is open the destination rests; after that one errand at a time tries the ground.
    """

    def __init__(self, name: str, clock: Clock, wait: wait_base, say: Say) -> None:
        """Nothing is known yet."""
        self._name = name
        self._clock = clock
        self._say = say
        self._backoff = Backoff(clock, wait)
        self._asked = False
        self._probed_ms: int | None = None  # since when a probe is under way
        self._failure: BwvdockError | None = None
        self._unreachable: BwvdockError | None = None
        self._told: type[BwvdockError] | None = None

    @property
    def error(self) -> BwvdockError | None:
        """Why nothing gets through just now; None if something does, or nobody knows better."""
        known = self._failure or self._unreachable
        if known is None and self._is_silent():
            return DestinationUnavailableError(
                f"destination {self._name} has not answered for more than a minute",
                remedy="See whether its server hangs, or the share that it lies on: journalctl -k",
            )
        return known

    @property
    def reachable(self) -> bool | None:
        """Whether it answers; None before it was first asked. One that lets nobody in does answer."""
        error = self.error
        if error is None:
            return True if self._asked else None
        return isinstance(error, AccessDeniedError)

    @property
    def resting(self) -> bool:
        """Whether it is left alone now."""
        return self._backoff.resting

    @property
    def doubtful(self) -> bool:
        """Whether it failed, and nothing has got through since."""
        return self._backoff.failures > 0

    def failed(self, error: BwvdockError) -> None:
        """Nothing got through: let it rest."""
        self._failure = error
        if self._backoff.resting:
            self._backoff.lengthen(asked_for(error))  # several were on their way: one failure, not many
        else:
            self._backoff.fail(error)
        self._tell()

    def got_through(self) -> None:
        """Something did."""
        self._asked = True
        self.recovered()

    def recovered(self) -> None:
        """What failed is mended; whether it can be reached is for a probe to say."""
        self._backoff.clear()
        self._failure = None
        self._tell()

    def wake(self) -> None:
        """Let it be tried at once."""
        self._backoff.wake()

    def begin_probe(self) -> bool:
        """Return whether it is to be probed now: not while it is being asked, nor while it wants quiet."""
        if self._probed_ms is not None or (self._backoff.resting and asked_for(self._failure) > 0):
            return False
        self._probed_ms = self._clock.boottime_ms()
        return True

    def probed(self, error: BwvdockError | None, *, idle: bool) -> None:
        """Hear what came of the probe.

        Args:
            error: why it cannot be reached.
            idle: nothing is to be brought there that could show better whether it works.
        """
        self._probed_ms, self._asked = None, True
        if self._unreachable is not None and error is None:
            self._backoff.wake()
        if error is None and idle and not self._backoff.resting:
            self._failure = None
        self._unreachable = error
        self._tell()

    def _is_silent(self) -> bool:
        return self._probed_ms is not None and self._clock.boottime_ms() - self._probed_ms > _SILENT_MS

    def _tell(self) -> None:
        error = self._failure or self._unreachable
        kind = type(error) if error is not None else None
        if kind is self._told:
            return
        self._told = kind
        if error is None:
            self._say(Events.DESTINATION_BACK, destination=self._name)
        else:
            self._say(
                Events.DESTINATION_LOST, destination=self._name, reason=error.message, remedy=error.remedy
            )
