"""How long did the turns of the thread that owns the journal take? Counted, for a monitoring system.

That thread alone adds; others read, at any moment, what was added by then.
"""

from __future__ import annotations

from bisect import bisect_left

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""The upper ends of the classes, in seconds; what takes longer is in one more."""


class TurnTimes:
    """How many turns took how long since the start, and all of them together, in seconds."""

    def __init__(self) -> None:
        """Begin with no turn."""
        self._counts = [0] * (len(BOUNDS) + 1)
        self._seconds = 0.0

    def add(self, seconds: float) -> None:
        """Count one turn."""
        self._counts[bisect_left(BOUNDS, seconds)] += 1
        self._seconds += seconds

    def read(self) -> tuple[tuple[int, ...], float]:
        """Return how many turns are in each class, and their seconds together."""
        return tuple(self._counts), self._seconds
