"""When did something happen that was noted by the dock's clocks, by what these say now?

The wall clock may be set at any time; the clock since boot never is. So within one boot every moment is
counted back from now: one that was noted under a wrong wall clock comes out right as soon as that is right.
Of another boot there is only the wall clock's word, which counts if it was synchronised then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from bwvdock.core.custody.entries import Stamp
from bwvdock.core.moments import nanoseconds
from bwvdock.core.ports import Clock

_NS_PER_MS = 10**6


@dataclass(frozen=True, kw_only=True, slots=True)
class DockTime:
    """What the dock's clocks say at one moment: `now_ns` is the wall clock's."""

    now_ns: int
    boottime_ms: int
    boot: str

    @classmethod
    def read(cls, clock: Clock) -> Self:
        """Read the clocks."""
        return cls(now_ns=nanoseconds(clock.now()), boottime_ms=clock.boottime_ms(), boot=clock.boot_id())

    def of_boottime(self, ms: int) -> int:
        """Return when the clock since boot showed `ms`."""
        return self.now_ns - (self.boottime_ms - ms) * _NS_PER_MS

    def of_stamp(self, stamp: Stamp) -> int | None:
        """Return when an entry was written; None where nothing that can be relied on says it."""
        if stamp.boot == self.boot:
            return self.of_boottime(stamp.bt)
        written_ns = nanoseconds(datetime.fromisoformat(stamp.t))
        return written_ns if stamp.ntp and written_ns <= self.now_ns else None
