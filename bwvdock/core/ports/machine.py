"""The machine, as seen from inside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockState:
    """What keeps the wall clock, and how well.

    `source` is "chrony", "systemd-timesyncd", "ntpd", or "" where none of them is seen. `error_ms` is the
    kernel's estimate of how far off it is, `most_ms` the most that it can be off by; -1: not known.
    """

    source: str
    error_ms: int
    most_ms: int

    @property
    def synchronised(self) -> bool:
        """Whether a time service keeps it right."""
        return self.error_ms >= 0


class Clock(Protocol):
    """The dock's clocks."""

    def now(self) -> datetime:
        """Return the wall-clock time, in UTC."""
        ...

    def boottime_ms(self) -> int:
        """Return milliseconds since boot, suspended time included: it never jumps."""
        ...

    def boot_id(self) -> str:
        """Return the kernel's id of this boot."""
        ...

    def synchronised(self) -> bool:
        """Return whether the kernel holds the wall clock for synchronised (adjtimex(2))."""
        ...

    def state(self) -> ClockState:
        """Return what keeps the wall clock, and how well."""
        ...
