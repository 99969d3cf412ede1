"""Which time source keeps the dock's own clock, has that changed, and may anything be given up by it?

It is recorded once a day and on each change. Every date and every disposal depends on this clock: the journal
shows years later how reliable it was on a day. A time service may be wrong, and what is disposed of does not
come back: from a clock that was set forward by a day or more nothing follows until a day later.
"""

from __future__ import annotations

from datetime import datetime

from bwvdock.core.facts import DockClockSeen
from bwvdock.core.moments import nanoseconds
from bwvdock.core.ports import Clock, ClockState
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
        self._ahead_ms = _wall_ahead_ms(clock)
        self._next_ms = clock.boottime_ms() + _DAY_MS

    def look(self) -> None:
        """Record the clock's time source if it has changed or a day has passed."""
        state = self._clock.state()
        ahead_ms = _wall_ahead_ms(self._clock)
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


class SettledClock:
    """The dock's clocks, as what gives footage up may use them: `synchronised` only while they are settled.

    They are not for a day after the wall clock was set forward by a day or more, or until it is set back. The
    first time at which it is synchronised is taken as it is: a machine without a battery begins in another
    year, and days on which it was off are days that passed.
    """

    def __init__(self, clock: Clock) -> None:
        """Know nothing yet of the clock."""
        self._clock = clock
        self._settled_ms: int | None = None  # how far ahead it was when it was settled last
        self._leapt: tuple[int, int] | None = None  # since when it is a day further, and the least by then

    def now(self) -> datetime:
        """Return the wall-clock time, in UTC."""
        return self._clock.now()

    def boottime_ms(self) -> int:
        """Return milliseconds since boot."""
        return self._clock.boottime_ms()

    def boot_id(self) -> str:
        """Return the kernel's id of this boot."""
        return self._clock.boot_id()

    def state(self) -> ClockState:
        """Return the time source of the wall clock, and its accuracy."""
        return self._clock.state()

    def synchronised(self) -> bool:
        """Return whether the wall clock is synchronised and settled."""
        return self._clock.synchronised() and not self.leapt()

    def leapt(self) -> bool:
        """Return whether the wall clock was set forward by a day or more, less than a day ago."""
        now_ms, ahead_ms = self._clock.boottime_ms(), _wall_ahead_ms(self._clock)
        if self._settled_ms is None:
            self._settled_ms = ahead_ms if self._clock.synchronised() else None
            return False
        self._settled_ms = min(self._settled_ms, ahead_ms)
        if self._leapt is not None:
            since_ms, to_ms = self._leapt
            self._leapt = since_ms, min(to_ms, ahead_ms)
            if now_ms - since_ms >= _DAY_MS:
                self._settled_ms, self._leapt = self._leapt[1], None
        if ahead_ms - self._settled_ms < _DAY_MS:
            self._leapt = None
        elif self._leapt is None:
            self._leapt = now_ms, ahead_ms
        return self._leapt is not None


def _wall_ahead_ms(clock: Clock) -> int:
    return nanoseconds(clock.now()) // 10**6 - clock.boottime_ms()
