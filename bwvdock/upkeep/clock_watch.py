"""Which time source keeps the dock's own clock, and has that changed?

It is recorded once a day and on each change. Every date and every disposal depends on this clock: the journal
shows years later how reliable it was on a day.
"""

from __future__ import annotations

from bwvdock.core.facts import DockClockSeen
from bwvdock.core.moments import nanoseconds
from bwvdock.core.ports import Clock
from bwvdock.runtime.ledger import Ledger

_DAY_MS = 24 * 3600 * 1000
_STEP_MS = 1000  # a time service corrects less by slewing; a larger jump means that the clock was set


class ClockWatch:
    """Watches the dock's clock; owned by the thread that owns the ledger."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        """Start from the present state, which the entry of the dock's start records."""
        self._ledger = ledger
        self._clock = clock
        state = clock.state()
        self._was = (state.source, state.synchronised)
        self._ahead_ms = self._wall_ahead_ms()
        self._next_ms = clock.boottime_ms() + _DAY_MS

    def look(self) -> None:
        """Record the clock's time source if it has changed or a day has passed."""
        state = self._clock.state()
        ahead_ms = self._wall_ahead_ms()
        stepped_ms = ahead_ms - self._ahead_ms
        self._ahead_ms = ahead_ms
        if abs(stepped_ms) < _STEP_MS:
            stepped_ms = 0
        now_ms, is_now = self._clock.boottime_ms(), (state.source, state.synchronised)
        if is_now == self._was and not stepped_ms and now_ms < self._next_ms:
            return
        self._was, self._next_ms = is_now, now_ms + _DAY_MS
        self._ledger.record(
            [
                DockClockSeen(
                    source=state.source,
                    synchronised=state.synchronised,
                    error_ms=state.error_ms,
                    most_ms=state.most_ms,
                    stepped_ms=stepped_ms,
                )
            ]
        )

    def _wall_ahead_ms(self) -> int:
        return nanoseconds(self._clock.now()) // 10**6 - self._clock.boottime_ms()
