"""The port of the machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockState:
    """What keeps the wall clock, and how well.

    `source` is "chrony", "systemd-timesyncd", "ntpd", or "" if none of them is running. `error_ms` is the
    kernel's estimate of its error, `most_ms` the maximum error; -1: unknown.
    """

    source: str
    error_ms: int
    most_ms: int

    @property
    def synchronised(self) -> bool:
        """Whether a time service keeps it synchronised."""
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
        """Return whether the kernel considers the wall clock synchronised (adjtimex(2))."""
        ...

    def state(self) -> ClockState:
        """Return the time source of the wall clock, and its accuracy."""
        ...
