"""How much happened since the daemon started, by its journal's entries?

Read in the publisher's own thread, each entry once: the thread that owns the journal counts nothing for it.
"""

from __future__ import annotations

import re
import sqlite3
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from bwvdock.core.facts import (
    CameraAttached,
    CameraDetached,
    CameraRefused,
    CameraSettled,
    ClipAcquired,
    ClipQuarantined,
    ClipUploaded,
    ClipVerified,
    DeliveryRefused,
    VerificationFailed,
    VerifiedAgain,
)
from bwvdock.edges.journal.database import snapshot
from bwvdock.edges.journal.read import figures
from bwvdock.edges.journal.read.figures import DockingStep

SAFE_BOUNDS = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0)
"""The upper ends of the classes of the time to safe, in seconds; what takes longer is in one more."""

COMPLETE, INCOMPLETE, REFUSED = "complete", "incomplete", "refused"

_AT_ONCE = 20_000  # entries that are looked at in one moment of the journal, which holds up its checkpoint
_HALTED = "halted by the dock"
_COUNT = re.compile(r": ([0-9]{1,9})$")


@dataclass(slots=True)
class Docking:
    """A docking that has not ended: when it began, in milliseconds since boot, and whether it was refused."""

    bt: int
    refused: bool = False


@dataclass(slots=True)
class Counters:
    """The counters.

    `first` is the first entry that was not read yet, None where that is not known: then those that come next
    count. `caught_up`: there was no more.

    `clips` and `bytes` are by kind of entry and destination ("" for none), `errors` by destination,
    `dockings` by outcome. `safe` has the classes of SAFE_BOUNDS, `safe_seconds` all of them together.
    """

    first: int | None = 0
    caught_up: bool = False
    clips: Counter[tuple[str, str]] = field(default_factory=Counter)
    bytes: Counter[tuple[str, str]] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    dockings: Counter[str] = field(default_factory=Counter)
    safe: list[int] = field(default_factory=lambda: [0] * (len(SAFE_BOUNDS) + 1))
    safe_seconds: float = 0.0
    _open: dict[str, Docking] = field(default_factory=dict)

    def read_on(self, db: sqlite3.Connection) -> None:
        """Count the entries that were added since.

        A part is counted wholly or not at all: where the journal cannot be read, what is here stays true.
        """
        end = figures.size(db)
        first = end if self.first is None else self.first
        while first < end:
            first = self._read_part(db, first, min(end, first + _AT_ONCE))
        self.first, self.caught_up = first, True

    def _read_part(self, db: sqlite3.Connection, first: int, end: int) -> int:
        with snapshot(db):
            counted = list(figures.of_clips(db, first, end))
            steps = list(figures.of_dockings(db, first, end))
            failures = list(figures.failed_attempts(db, first, end))
        for one in counted:
            self.clips[one.kind, one.destination] += one.count
            self.bytes[one.kind, one.destination] += one.bytes
        for step in steps:
            self._take(step)
        for destination, cause in failures:
            if _HALTED not in cause and (count := _COUNT.search(cause)):
                self.errors[destination] += int(count[1])
        self.first = end
        return end

    def _take(self, step: DockingStep) -> None:
        if step.kind == CameraAttached.kind:
            self._open[step.docking] = Docking(step.bt)
            return
        docking = self._open.get(step.docking)
        if docking is None:  # it began before the daemon started
            return
        if step.kind == CameraRefused.kind:
            docking.refused = True
        elif step.kind == CameraSettled.kind:
            self._settle(docking, step)
        elif step.kind == CameraDetached.kind:
            del self._open[step.docking]
            ended = COMPLETE if step.complete else INCOMPLETE
            self.dockings[REFUSED if docking.refused else ended] += 1

    def _settle(self, docking: Docking, step: DockingStep) -> None:
        seconds = (step.bt - docking.bt) / 1000
        self.safe[bisect_left(SAFE_BOUNDS, seconds)] += 1
        self.safe_seconds += seconds


ACQUIRED, QUARANTINED = (ClipAcquired.kind, ""), (ClipQuarantined.kind, "")
ASKED, FAILED = VerifiedAgain.kind, VerificationFailed.kind
UPLOADED, VERIFIED, NOT_TAKEN = ClipUploaded.kind, ClipVerified.kind, DeliveryRefused.kind
