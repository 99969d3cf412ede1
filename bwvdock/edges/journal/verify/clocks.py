"""Are the entries in the order that the dock's clocks state, and where were these set?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bwvdock.core.custody.entries import Leaf
from bwvdock.core.custody.verification import Problem, Remark
from bwvdock.edges.journal.verify.contain import Finding
from bwvdock.units import format_count

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_MOST_BOOTS = 100_000  # that are remembered: a dock does not start so often


@dataclass(slots=True)
class Clocks:
    """What the clocks showed at the entries that were read."""

    _boot: str = ""
    _since_boot: int = 0
    _wall: str = ""
    _followed: tuple[str, str, str] | None = None
    _boots: set[str] = field(default_factory=set)
    _set_back: int = 0
    _first_set_back: tuple[int, str, str] = (0, "", "")
    _returned: int = 0
    _first_returned: int = 0

    def read(self, leaf: Leaf) -> Iterator[Finding]:
        """Take in one entry; yield a problem where its times cannot be."""
        stamp = leaf.stamp
        if not _is_time(stamp.t):
            yield Problem(code="entry_form", entry=leaf.seq, message="its time is not one")
        elif stamp.t < self._wall:
            if not self._set_back:
                self._first_set_back = (leaf.seq, self._wall, stamp.t)
            self._set_back += 1
        if stamp.boot == self._boot:
            if stamp.bt < self._since_boot:
                message = f"{self._since_boot - stamp.bt} ms before the entry before it, within one boot"
                yield Problem(code="clock_order", entry=leaf.seq, message=message)
        elif stamp.boot in self._boots:
            self._first_returned = self._first_returned if self._returned else leaf.seq
            self._returned += 1
        elif len(self._boots) < _MOST_BOOTS:
            self._boots.add(stamp.boot)
        self._boot, self._since_boot, self._wall = stamp.boot, stamp.bt, stamp.t
        self._followed = None

    def follow(self, boot: str, since_boot: str, wall: str) -> bool:
        """Take in an entry of the same boot as the one before, and not earlier; return whether it is one.

        For any other, nothing was done: `read` takes it in.
        """
        if (boot, since_boot, wall) == self._followed:  # entries that were recorded together
            return True
        if boot != self._boot or int(since_boot) < self._since_boot or wall < self._wall:
            return False
        if wall != self._wall and not _is_time(wall):
            return False
        self._since_boot, self._wall = int(since_boot), wall
        self._followed = boot, since_boot, wall
        return True

    def remarks(self) -> Iterator[Remark]:
        """Yield where the order of the times is not that of the entries."""
        if self._set_back:
            seq, before, after = self._first_set_back
            times = format_count(self._set_back, "time")
            message = (
                f"The dock's clock was set back {times} between two entries: the first time from {before} to "
                f"{after}. The entries' order is that of their numbers"
            )
            yield Remark(message=message, entry=seq)
        if self._returned:
            times = format_count(self._returned, "time")
            message = f"An entry states an earlier boot again, {times}: as after a saved state was restored"
            yield Remark(message=message, entry=self._first_returned)


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
