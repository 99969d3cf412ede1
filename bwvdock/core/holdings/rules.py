"""How often are stores asked again for the copies that they have proven?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How much one store is asked for in a night: in bytes or in clips; None for no limit."""

    bytes: int | None = None
    clips: int | None = None

    def allows(self, *, spent_bytes: int, spent_clips: int, size: int) -> bool:
        """Return whether a copy of a size may still be asked for; the first of a night always may.

        One that is larger than the pace of a night would otherwise never be.
        """
        if not spent_clips:
            return True
        in_bytes = self.bytes is None or spent_bytes + size <= self.bytes
        return in_bytes and (self.clips is None or spent_clips < self.clips)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reverify:
    """What `[reverify]` says.

    A copy is asked for when `first` has passed since its receipt, and after that at least once in each
    `every`. Until it was, nothing of the clip is disposed of before its date, and past it only after `wait`.
    """

    first: timedelta = timedelta(hours=24)
    every: timedelta = timedelta(days=90)
    wait: timedelta = timedelta(days=7)
    pace: Pace = Pace(bytes=2**40)
