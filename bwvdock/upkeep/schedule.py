"""When does a dock dispose of footage, date undated clips, and look for what is missing?

Once a minute or once an hour, by the clock since boot, which never jumps; checked at every turn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.dating import date_late
from bwvdock.core.clips.file_times import FileTimes
from bwvdock.core.custody.entries import Stamp
from bwvdock.core.ports import Clock
from bwvdock.edges.journal.read.reports import Absence
from bwvdock.runtime.dock_time import DockTime
from bwvdock.runtime.ledger import Ledger
from bwvdock.upkeep.clock_watch import ClockWatch
from bwvdock.upkeep.disposal import Disposal

_MINUTE_MS = 60_000
_HOUR_MS = 3_600_000
_AT_ONCE = 64  # clips dated late in one round


class UndatedClips(Protocol):
    """The part of the journal that lists clips acquired while the time was unknown."""

    def undated(self, *, most: int) -> Sequence[tuple[Clip, Stamp | None]]:
        """Return acquired clips without a retention date, with the stamps of their dockings."""
        ...


Absences = Callable[[datetime], Sequence[Absence]]
"""A function that returns what has been missing since a time: cameras, clips, file numbers."""


class Schedule:
    """Does regular work; owned by the thread that owns the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        journal: UndatedClips,
        disposal: Disposal,
        clock: Clock,
        *,
        absences: Absences,
        non_evidential_days: int = 31,
        absence_days: int = 7,
        zone: tzinfo = UTC,
    ) -> None:
        """Connect the parts.

        Args:
            ledger: records facts.
            journal: finds undated clips.
            disposal: disposes of what is due.
            clock: the dock's clocks.
            absences: reads absences from the journal.
            non_evidential_days: for how many days non-evidential footage is kept.
            absence_days: after how many days a camera counts as absent, and for how many days other missing
                things are reported; 0 for never.
            zone: the dock's, for cameras that keep local time.
        """
        self.disposal = disposal
        self.non_evidential_days = non_evidential_days
        self.absence_days = absence_days
        self.absent: Sequence[Absence] = ()
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._zone = zone
        self._clock_watch = ClockWatch(ledger, clock)
        self._absences = absences
        self._next_minute_ms = 0
        self._next_hour_ms = 0

    def turn(self, *, paused: bool) -> None:
        """Do the work that is due."""
        self.disposal.paused = paused
        now_ms = self._clock.boottime_ms()
        if now_ms >= self._next_minute_ms:
            self.round()
        self.disposal.free_more()
        if now_ms >= self._next_hour_ms:
            self._next_hour_ms = now_ms + _HOUR_MS
            self._look_what_is_missing()

    def round(self) -> None:
        """Check the clock, date undated clips and dispose of what is due, now."""
        self._next_minute_ms = self._clock.boottime_ms() + _MINUTE_MS
        self._clock_watch.look()
        self._date_late()
        self.disposal.round()

    def change(self, *, non_evidential_days: int, absence_days: int) -> None:
        """Use other periods; clips that have a date keep it."""
        self.non_evidential_days, self.absence_days = non_evidential_days, absence_days
        self._next_hour_ms = 0

    def _date_late(self) -> None:
        if not self._clock.synchronised():
            return
        now = DockTime.read(self._clock)
        self._ledger.record(
            [
                date_late(
                    clip.id,
                    clip.files[0].mtime_ns,
                    now_ns=now.now_ns,
                    docked_ns=now.of_stamp(stamp) if stamp else None,
                    non_evidential_days=self.non_evidential_days,
                    times=FileTimes(clip.times or FileTimes.UTC),
                    zone=self._zone,
                )
                for clip, stamp in self._journal.undated(most=_AT_ONCE)
            ]
        )

    def _look_what_is_missing(self) -> None:
        # By a clock that was never set, every camera or none would be absent.
        if not self.absence_days or not self._clock.synchronised():
            self.absent = ()
        else:
            self.absent = self._absences(self._clock.now() - timedelta(days=self.absence_days))
