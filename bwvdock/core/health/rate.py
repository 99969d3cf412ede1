"""How fast was a camera read at a docking, by its journal's entries?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

LEAST_BYTES = 64 * 2**20
"""Less than this, read at one docking, says nothing of a camera's speed: the dock's own work takes longer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """An entry about reading a clip: its reading began, or ended with `read` bytes (0: it was skipped).

    `ms` is the clock since boot `boot`, which never jumps.
    """

    clip: str
    boot: str
    ms: int
    began: bool = False
    read: int = 0


def read_rate(steps: Iterable[Step]) -> int | None:
    """Return the rate that half of the bytes were read at or faster, in bytes a second.

    None where less than 64 MiB was read. What was committed together counts as one reading. A pause within a
    docking makes one reading slow, and so does not change the middle.

    Args:
        steps: the entries of one docking, or the last of them, in their order.
    """
    readings: list[tuple[float, int]] = []
    waiting: set[str] = set()
    since: tuple[str, int] | None = None
    for (boot, ms), together in groupby(steps, key=lambda step: (step.boot, step.ms)):
        alike = list(together)
        ended = [step for step in alike if not step.began]
        size = sum(step.read for step in ended)
        if size and since and since[0] == boot and ms > since[1]:
            readings.append((size * 1000 / (ms - since[1]), size))
        if ended or not waiting:
            since = (boot, ms)
        waiting |= {step.clip for step in alike if step.began}
        waiting -= {step.clip for step in ended}
    return _middle(readings)


def _middle(readings: list[tuple[float, int]]) -> int | None:
    total = sum(size for _, size in readings)
    if total < LEAST_BYTES:
        return None
    passed = 0
    for rate, size in sorted(readings, reverse=True):
        passed += size
        if passed * 2 >= total:
            return max(1, int(rate))
    return None
