"""The machine, as seen from inside."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The dock's clocks."""

    def now(self) -> datetime:
        """Give the wall-clock time, in UTC."""
        ...

    def boottime_ms(self) -> int:
        """Give milliseconds since boot, suspended time included: it never jumps."""
        ...

    def boot_id(self) -> str:
        """Give the kernel's id of this boot."""
        ...

    def synchronised(self) -> bool:
        """Say whether the kernel holds the wall clock for synchronised (adjtimex(2))."""
        ...
