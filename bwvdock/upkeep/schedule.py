"""When does a dock dispose of footage, date undated clips, and check its clock?

Once a minute, by the clock since boot, which never jumps; checked at every turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import Protocol

from bwvdock.core.clips.classes.rules import NO_CLASSES, RetentionRules
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.dates.dating import date_late
from bwvdock.core.clips.dates.file_times import FileTimes
from bwvdock.core.custody.entries import Stamp
from bwvdock.core.ports import Clock
from bwvdock.runtime.dock_time import DockTime
from bwvdock.runtime.ledger import Ledger
from bwvdock.upkeep.clock_watch import ClockWatch, SettledClock
from bwvdock.upkeep.disposal import Disposal
from bwvdock.upkeep.notices import Notices, UnnoticedClips

_MINUTE_MS = 60_000
_AT_ONCE = 64  # clips dated late in one round


class ScheduledClips(UnnoticedClips, Protocol):
    """The part of the journal that lists what regular work is about."""

    def undated(self, *, most: int) -> Sequence[tuple[Clip, Stamp | None]]:
        """Return acquired clips without a retention date, with the stamps of their dockings."""
        ...


class Schedule:
    """Does regular work; owned by the thread that owns the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        journal: ScheduledClips,
        disposal: Disposal,
        clock: Clock,
        *,
        non_evidential_days: int = 31,
        zone: tzinfo = UTC,
        rules: RetentionRules = NO_CLASSES,
        settled: SettledClock | None = None,
    ) -> None:
        """Connect the parts.

        Args:
            ledger: records facts.
            journal: finds undated clips, and those that notice is due for.
            disposal: disposes of what is due.
            clock: the dock's clocks.
            non_evidential_days: for how many days non-evidential footage is kept.
            zone: the dock's, for cameras that keep local time.
            rules: says how long before its disposal notice is given of what nobody reviewed.
            settled: the same clocks, as `disposal` has them; None: they are always settled.
        """
        self.disposal = disposal
        self.non_evidential_days = non_evidential_days
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._zone = zone
        self._clock_watch = ClockWatch(ledger, clock)
        self.settled = settled
        self.notices = Notices(ledger, journal, settled or clock)
        self._heed(rules)
        self._next_minute_ms = 0

    def turn(self, *, paused: bool) -> None:
        """Do the work that is due."""
        self.disposal.paused = paused
        self._ledger.go_on_holding()
        if self._clock.boottime_ms() >= self._next_minute_ms:
            self.round()
        self.disposal.free_more()

    def round(self) -> None:
        """Check the clock, date undated clips and dispose of what is due, now."""
        self._next_minute_ms = self._clock.boottime_ms() + _MINUTE_MS
        self._clock_watch.look()
        self._date_late()
        self.notices.round()
        self.disposal.round()

    def waits_for_a_leap(self) -> bool:
        """Return whether nothing is disposed of for now because the clock was set far forward."""
        return self.settled is not None and self.settled.leapt()

    def change(self, *, non_evidential_days: int, rules: RetentionRules | None = None) -> None:
        """Use another period, and other rules; clips that have a date keep it."""
        self.non_evidential_days = non_evidential_days
        if rules is not None:
            self._heed(rules)

    def _heed(self, rules: RetentionRules) -> None:
        self.notices.rules = rules
        self.disposal.notice_days, self.disposal.grace_days = rules.notice_days, rules.grace_days

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
