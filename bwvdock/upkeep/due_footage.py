"""What falls due soon that nobody has reviewed or decided about? A worker looks every ten minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bwvdock.core.clips.classes.rules import RetentionRules, restricted_names
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.edges.journal.read.due_footage import DueFootage, due_footage
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.errors import BwvdockError
from bwvdock.log import Say, say_nothing
from bwvdock.runtime.jobs import Post, say_failed
from bwvdock.runtime.workers import Worker
from bwvdock.upkeep.messages import DueRead

_EACH_MS = 10 * 60_000

ReadDue = Callable[[datetime, RetentionRules], DueFootage]
"""Reads from the journal what falls due, by a time and by rules; called in a worker's thread."""


def nothing_due(_now: datetime, _rules: RetentionRules) -> DueFootage:
    """Return that nothing falls due: for a dock that nobody reads alerts of."""
    return DueFootage()


def read_due(journal: Path, now: datetime, rules: RetentionRules) -> DueFootage:
    """Return what falls due within the days that the rules name; from any thread.

    Raises:
        JournalError: the journal cannot be read.
    """
    noticed, consulted = (iso(now + timedelta(days=n)) for n in (rules.notice_days, rules.consulted_days))
    with JournalReader(journal) as reader:
        [found] = reader.report(
            lambda db: [
                due_footage(db, noticed=noticed, consulted=consulted, restricted=restricted_names(rules))
            ]
        )
    return found


@dataclass(frozen=True, slots=True)
class ReadDueFootage:
    """Read it."""

    read: ReadDue
    now: datetime
    rules: RetentionRules

    def work(self, _: Post) -> DueRead:
        """Report what falls due."""
        return DueRead(found=self.read(self.now, self.rules))

    def failed(self, error: BwvdockError) -> DueRead:
        """Report why it is not known."""
        return DueRead(error=error)


class DueSurvey:
    """Has a worker look what falls due; owned by the thread that owns the ledger.

    `found` is what was found last. Nothing is, while the time is not known.
    """

    def __init__(
        self, worker: Worker, clock: Clock, read: ReadDue, rules: RetentionRules, say: Say = say_nothing
    ) -> None:
        """Connect the parts; nothing is known yet."""
        self.found = DueFootage()
        self._worker = worker
        self._clock = clock
        self._read = read
        self._rules = rules
        self._say = say
        self._reading = False
        self._next_ms = 0

    def change(self, rules: RetentionRules) -> None:
        """Look by other rules, at once."""
        self._rules, self._next_ms = rules, 0

    def turn(self) -> None:
        """Have a worker look if that is due."""
        now_ms = self._clock.boottime_ms()
        if self._reading or now_ms < self._next_ms:
            return
        self._next_ms = now_ms + _EACH_MS
        if not self._clock.synchronised():
            self.found = DueFootage()
            return
        self._reading = True
        self._worker.submit(ReadDueFootage(self._read, self._clock.now(), self._rules))

    def hear(self, message: DueRead) -> None:
        """Take in what the worker found."""
        self._reading = False
        if message.found is not None:
            self.found = message.found
        elif message.error is not None:
            say_failed(self._say, "ReadDue", message.error)
