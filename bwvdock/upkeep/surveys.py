"""What is missing, and how full is the spool?

To find out takes as long as there are clips, so a worker does it now and then, and what it found last is kept
here. One of each kind is in progress at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from bwvdock.core.paced import GiveWay, go_on
from bwvdock.core.ports import Clock, Spool
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.read.reports import Absence, Period
from bwvdock.log import Say, say_nothing
from bwvdock.runtime.jobs import say_failed
from bwvdock.runtime.workers import Worker
from bwvdock.upkeep.due_footage import DueSurvey
from bwvdock.upkeep.fitness import Fitness
from bwvdock.upkeep.health.messages import HealthRead
from bwvdock.upkeep.health.survey import HealthSurvey
from bwvdock.upkeep.jobs import Absences, CountSpool, ReadAbsences
from bwvdock.upkeep.matching import Matching
from bwvdock.upkeep.messages import (
    AbsencesRead,
    ClipsCompared,
    ClipsFound,
    DueRead,
    FitnessChecked,
    OfSurvey,
    SpoolCounted,
)

_HOUR_MS = 3_600_000
_COUNT_MS = 5_000  # between two counts of the spool
_SHARE = 50  # at most one part in so many of the time is spent counting


def read_absences(journal: Path, since: datetime, give_way: GiveWay) -> Sequence[Absence]:
    """Return what has been missing since a time, as a journal says: cameras, clips, file numbers.

    From any thread: it opens the journal for itself. `give_way` is called now and then.

    Raises:
        JournalError: it cannot be read.
    """
    with JournalReader(journal) as reader:
        return reader.absences(Period(since=since), before=since, give_way=give_way)


class Surveys:
    """Has a worker look what there is; owned by the thread that owns the ledger.

    `absences` are those that were read last, `spool_bytes` those that were counted last: None while unknown.
    `fitness` has the installation checked, `due` what falls due read, `matching` clips compared with events,
    `health` that of docked cameras read; None where nothing does.
    """

    def __init__(
        self,
        worker: Worker,
        spool: Spool,
        clock: Clock,
        *,
        absences: Absences,
        absence_days: int = 7,
        give_way: GiveWay = go_on,
        say: Say = say_nothing,
    ) -> None:
        """Connect the parts; nothing is known yet.

        Args:
            worker: looks; with two threads, so that a long report keeps no count waiting.
            spool: what is counted.
            clock: the dock's clocks.
            absences: reads absences from the journal.
            absence_days: after how many days a camera counts as absent, and for how many days other missing
                things are reported; 0 for never.
            give_way: called by the worker now and then, so that it lets this thread go first.
            say: logs what could not be read.
        """
        self.worker = worker
        self.absence_days = absence_days
        self.absences = AbsencesRead(days=absence_days)
        self.spool_bytes: int | None = None
        self.fitness: Fitness | None = None
        self.due: DueSurvey | None = None
        self.matching: Matching | None = None
        self.health: HealthSurvey | None = None
        self._spool = spool
        self._clock = clock
        self._read = absences
        self._give_way = give_way
        self._say = say
        self._halt = threading.Event()
        self._reading = self._counting = False
        self._next_hour_ms = self._next_count_ms = self._count_began_ms = 0
        self._count_failed = False

    def turn(self) -> None:
        """Have the worker look at what is due."""
        now_ms = self._clock.boottime_ms()
        if self._halt.is_set():
            return
        if now_ms >= self._next_hour_ms:
            self._look_what_is_missing(now_ms)
        if now_ms >= self._next_count_ms and not self._counting:
            self._counting, self._count_began_ms = True, now_ms
            self.worker.submit(CountSpool(self._spool))
        for more in (self.fitness, self.due, self.matching, self.health):
            if more:
                more.turn()

    def change(self, *, absence_days: int) -> None:
        """Report what is missing by another period, as soon as it was read."""
        self.absence_days = absence_days
        self._next_hour_ms = 0

    def set_aside(self, serial: str) -> bool:
        """Return whether a docked camera is to be set aside, by what was seen of it; at once, at any time."""
        return self.health is not None and self.health.set_aside(serial)

    def halt(self) -> None:
        """Read no further, because the daemon ends."""
        self._halt.set()
        if self.matching:
            self.matching.halt()

    def hear(self, message: OfSurvey) -> None:
        """Take in what the worker found."""
        match message:
            case AbsencesRead():
                self._take_absences(message)
            case SpoolCounted():
                self._take_count(message)
            case FitnessChecked() if self.fitness:
                self.fitness.hear(message)
            case DueRead() if self.due:
                self.due.hear(message)
            case HealthRead() if self.health:
                self.health.hear(message)
            case ClipsFound() | ClipsCompared() if self.matching:
                self.matching.hear(message)

    def _look_what_is_missing(self, now_ms: int) -> None:
        # By a clock that was never set, every camera or none would be absent.
        known = self.absence_days and self._clock.synchronised()
        if not known:
            self.absences = AbsencesRead(days=self.absence_days)
        elif self._reading:
            return  # it is due still when that has ended
        else:
            since = self._clock.now() - timedelta(days=self.absence_days)
            self._reading = True
            self.worker.submit(ReadAbsences(self.absence_days, since, self._read, self._give_way, self._halt))
        self._next_hour_ms = now_ms + _HOUR_MS

    def _take_absences(self, message: AbsencesRead) -> None:
        self._reading = False
        if message.error is not None:
            say_failed(self._say, "ReadAbsences", message.error)
        elif message.days == self.absence_days:  # otherwise they will be read anew, by the other period
            self.absences = message

    def _take_count(self, message: SpoolCounted) -> None:
        now_ms = self._clock.boottime_ms()
        self._counting = False
        self._next_count_ms = now_ms + max(_COUNT_MS, _SHARE * (now_ms - self._count_began_ms))
        if message.error is not None and not self._count_failed:
            say_failed(self._say, "CountSpool", message.error)
        self._count_failed = message.error is not None
        self.spool_bytes = message.bytes
