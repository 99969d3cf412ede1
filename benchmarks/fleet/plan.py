"""Which clips does each dock of a fleet get, and when? Drawn from a seed: the same seed, the same night."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

KIB = 1024
_LEAST, _MOST = 128 * KIB, 2048 * KIB  # bytes of a clip
_DOCKINGS = (((0.0, 0.04), 0.5), ((0.1, 0.25), 0.8), ((0.26, 0.34), 1.0))
"""Between which parts of the night cameras are docked, and which part of the footage is there by then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedClip:
    """A clip of so many bytes that is on a dock's camera `at` seconds after the night has begun."""

    dock: str
    name: str
    size: int
    at: float

    def content(self) -> bytes:
        """Return its bytes, which do not compress and are no other clip's."""
        return random.Random(f"{self.dock}/{self.name}").randbytes(self.size)  # noqa: S311 - reproducible


@dataclass(frozen=True, kw_only=True, slots=True)
class Night:
    """A night in fast motion, of so many seconds.

    Attributes:
        docks: how many.
        seconds: as long as all of it would take with docks that never wait.
        each: about as many bytes for each dock.
        seed: what else it is drawn from.
    """

    docks: int
    seconds: float
    each: int
    seed: int = 1

    @property
    def names(self) -> list[str]:
        """The docks."""
        return [f"dock-{number:02}" for number in range(1, self.docks + 1)]

    @property
    def limit(self) -> int:
        """What each dock may send, in bytes per second: its footage takes 70 % of the night."""
        return round(self.each / (0.7 * self.seconds))

    @property
    def outage(self) -> tuple[float, float]:
        """From when until when the store is away."""
        return 0.35 * self.seconds, 0.55 * self.seconds

    def clips(self) -> Sequence[PlannedClip]:
        """Draw the clips of all docks, in the order of their arrival."""
        return sorted(
            (clip for dock in self.names for clip in self._of(dock)), key=lambda c: (c.at, c.dock, c.name)
        )

    def _of(self, dock: str) -> list[PlannedClip]:
        chance = random.Random(f"{self.seed}/{dock}")  # noqa: S311 - reproducible
        clips: list[PlannedClip] = []
        total = 0
        for between, part in _DOCKINGS:
            at = self.seconds * chance.uniform(*between)
            while total < part * self.each:
                size = round(_LEAST * (_MOST / _LEAST) ** chance.random())
                clips.append(PlannedClip(dock=dock, name=f"B_{len(clips):05}.MP4", size=size, at=at))
                total += size
        return clips
