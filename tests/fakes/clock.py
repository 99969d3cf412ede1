"""A clock that stands still until it is told to go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bwvdock.core.ports import ClockState


@dataclass(kw_only=True, slots=True)
class FakeClock:
    """The Clock port, by hand."""

    ms: int = 1_000_000
    boot: str = "11111111-2222-4333-8444-555555555555"
    is_synchronised: bool = True
    source: str = "chrony"
    step_ms: int = 0  # passes at each look at the clock since boot
    wrong_by: timedelta = timedelta(0)  # what the wall clock is off by
    earlier_ms: int = 0  # of the boots before this one

    def now(self) -> datetime:
        true = datetime(2026, 3, 14, 10, 15, tzinfo=UTC) + timedelta(milliseconds=self.earlier_ms + self.ms)
        return true + self.wrong_by

    def boottime_ms(self) -> int:
        self.ms += self.step_ms
        return self.ms

    def boot_id(self) -> str:
        return self.boot

    def synchronised(self) -> bool:
        return self.is_synchronised

    def state(self) -> ClockState:
        known = self.is_synchronised
        return ClockState(source=self.source, error_ms=1 if known else -1, most_ms=20 if known else -1)

    def reboot(self) -> None:
        """Begin another boot, a second ago; the time of day goes on."""
        self.earlier_ms += self.ms
        self.ms = 1000
        self.boot = f"{int(self.boot[:8], 16) + 1:08x}{self.boot[8:]}"

    def pass_ms(self, ms: int) -> None:
        self.ms += ms
