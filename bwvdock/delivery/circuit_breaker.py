"""Does a destination answer, do uploads succeed, and when is it tried again?

Many docks share a store. When it is back after an outage they come one by one, over half a minute or more,
and each of them within about a minute. So in the last minute of a backoff it is not probed, and one that is
longer ends a minute after a probe that failed. With a probe every ten seconds all would be back within ten.
"""

from __future__ import annotations

from tenacity.wait import wait_base

from bwvdock.core.ports import Clock
from bwvdock.delivery.backoff import Backoff, asked_for
from bwvdock.errors import AccessDeniedError, BwvdockError, DestinationUnavailableError
from bwvdock.log import Events, Say

_AWAY_S = 60.0  # the longest wait after a probe that failed; in a longer one it is probed
_SILENT_MS = 60_000  # longer than any edge waits for an answer to a probe


class CircuitBreaker:
    """A destination's breaker: it opens on a failure and closes on a success.

    While it is open, the destination is left alone; after that, one job at a time tries it.
    """

    def __init__(self, name: str, clock: Clock, wait: wait_base, say: Say) -> None:
        """Start without knowledge of the destination."""
        self._name = name
        self._clock = clock
        self._say = say
        self._backoff = Backoff(clock, wait)
        self._asked = False
        self._probed_ms: int | None = None  # when the running probe began
        self._failure: BwvdockError | None = None
        self._unreachable: BwvdockError | None = None
        self._hangs: BwvdockError | None = None
        self._told: type[BwvdockError] | None = None

    @property
    def error(self) -> BwvdockError | None:
        """The error that prevents uploads now; None if there is none, or it is unknown."""
        known = self._failure or self._unreachable or self._hangs
        return self._silence("a minute") if known is None and self._is_silent() else known

    @property
    def reachable(self) -> bool | None:
        """Whether it answers; None before the first contact. One that rejects our credentials does answer."""
        error = self.error
        if error is None:
            return True if self._asked else None
        return isinstance(error, AccessDeniedError)

    @property
    def resting(self) -> bool:
        """Whether it is backing off."""
        return self._backoff.resting

    @property
    def doubtful(self) -> bool:
        """Whether it failed and nothing has succeeded since."""
        return self._backoff.failures > 0

    def failed(self, error: BwvdockError) -> None:
        """Note a failure and back off."""
        self._failure = error
        if self._backoff.resting:
            self._backoff.lengthen(asked_for(error))  # several uploads failed together: one failure, not many
        else:
            self._backoff.fail(error)
        self._tell()

    def got_through(self) -> None:
        """Note a success, which shows better than any probe that it can be reached."""
        self._asked, self._unreachable = True, None
        self.recovered()

    def recovered(self) -> None:
        """Note that the cause of a failure is gone; a probe finds out whether it can be reached."""
        self._backoff.clear()
        self._failure = None
        self._tell()

    def wake(self) -> None:
        """End the backoff."""
        self._backoff.wake()

    def begin_probe(self) -> bool:
        """Return whether to probe it now: not while a probe runs, nor in a wait that none must end."""
        waits = self._backoff.resting and (self._asks_to_wait or not self._backoff.longer_than(_AWAY_S))
        if self._probed_ms is not None or waits:
            return False
        self._probed_ms = self._clock.boottime_ms()
        return True

    def probed(self, error: BwvdockError | None, *, idle: bool) -> None:
        """Note the result of a probe.

        Args:
            error: why it cannot be reached.
            idle: there is nothing to upload there that could show better whether it works.
        """
        self._probed_ms, self._asked = None, True
        if self._unreachable is not None and error is None:
            self._backoff.wake()
        if error is None and idle and not self._backoff.resting:
            self._failure = None
        self._unreachable = error
        self._wait_for_it()
        self._tell()

    def _wait_for_it(self) -> None:
        """Back off for at most a minute if the last probe failed, and not at all if nothing else did."""
        if self._unreachable is None:
            if self._failure is None:
                self._backoff.clear()
            return
        if not self._backoff.resting:
            self._backoff.fail(self._unreachable)
        if not self._asks_to_wait:
            self._backoff.shorten(_AWAY_S)

    @property
    def _asks_to_wait(self) -> bool:
        """Whether it asked the dock to wait."""
        return asked_for(self._failure) > 0 or asked_for(self._unreachable) > 0

    def hang(self, *, hangs: bool) -> None:
        """Note whether what is under way there has hung for minutes, or does no longer."""
        if hangs is not (self._hangs is not None):
            self._hangs = self._silence("five minutes while a clip is sent or read back") if hangs else None
            self._tell()

    def _silence(self, since: str) -> BwvdockError:
        return DestinationUnavailableError(
            f"destination {self._name} has not answered for more than {since}",
            remedy="Check whether its server, or the share that it is on, hangs: journalctl -k",
        )

    def _is_silent(self) -> bool:
        return self._probed_ms is not None and self._clock.boottime_ms() - self._probed_ms > _SILENT_MS

    def _tell(self) -> None:
        error = self._failure or self._unreachable or self._hangs
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
