"""Which changes of a destination's state does the journal have to say?

The rule of what counts as an outage is the alert's own (`CircuitBreaker.reachable`). An entry is made when
one is noticed, and another when it is over: once the destination has answered for ten minutes, so that one
that fails and recovers all the time makes no more than a few entries an hour.
"""

from __future__ import annotations

from bwvdock.core.facts import StoreBack, StoreLost
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.delivery.circuit_breaker import CircuitBreaker

_SETTLED_MS = 600_000


class Outages:
    """The outages of one destination. Owned by the thread that owns the ledger."""

    def __init__(self, name: str, clock: Clock) -> None:
        """Start without knowledge of the destination."""
        self._name = name
        self._clock = clock
        self._lost_since = ""
        self._times = 0
        self._since = ""  # from when it has answered without an interruption; "" while it does not
        self._answered_ms = 0

    def look(self, breaker: CircuitBreaker) -> StoreLost | StoreBack | None:
        """Return what is to be recorded about the present state of the destination, if anything is."""
        reachable = breaker.reachable
        if reachable is False:
            return self._fails(breaker)
        if not reachable or not self._lost_since:
            return None
        now = self._clock.boottime_ms()
        if not self._since:
            self._since, self._answered_ms = iso(self._clock.now()), now
        return self.ended() if now - self._answered_ms >= _SETTLED_MS else None

    def ended(self) -> StoreBack | None:
        """Return the end of an outage, if the destination answers again: nobody will look any more."""
        if not self._lost_since or not self._since:
            return None
        back = StoreBack(
            destination=self._name, lost_since=self._lost_since, since=self._since, times=self._times
        )
        self._lost_since, self._since, self._times = "", "", 0
        return back

    def _fails(self, breaker: CircuitBreaker) -> StoreLost | None:
        if self._lost_since:
            self._times += bool(self._since)
            self._since = ""
            return None
        self._lost_since, self._times = iso(self._clock.now()), 1
        reason = breaker.error.message if breaker.error else ""
        return StoreLost(destination=self._name, since=self._lost_since, reason=reason)
