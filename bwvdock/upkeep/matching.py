"""When are clips and events compared, and how are their matches recorded?

A worker finds which clips what is new may concern, and compares some of them at a time; the thread that owns
the journal records these before it has the next compared. So no turn is long, however long the list from
dispatch. How far that came is an entry (`events_matched`): a restart begins there, and does again what was
under way, which gives nothing new. Matching is a function of what is known, so the order in which that became
known does not count.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bwvdock.core.events.matching import Rules
from bwvdock.core.paced import GiveWay, go_on
from bwvdock.core.ports import Clock
from bwvdock.edges.journal.events.pairing import Found, Pairing, Remembered, find, last_matching, matched_by
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.errors import BwvdockError, HaltedError
from bwvdock.log import Say, say_nothing
from bwvdock.runtime.jobs import Post, say_failed
from bwvdock.runtime.ledger import Ledger
from bwvdock.runtime.workers import Worker
from bwvdock.upkeep.messages import ClipsCompared, ClipsFound, OfMatching

AT_ONCE = 50  # clips compared by one job, and recorded in one turn
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class FindClips:
    """Find which clips are to be compared. `since`: the first entry that is new; None: not known yet."""

    journal: Path
    rules: Rules
    since: int | None
    go_on: GiveWay

    def work(self, _: Post) -> ClipsFound:
        """Find them; that takes as long as there is news."""
        self.go_on()
        with JournalReader(self.journal) as reader:
            [found] = reader.report(lambda db: [self._find(db)])
        return ClipsFound(found=found)

    def _find(self, db: sqlite3.Connection) -> Found:
        since = self.since or last_matching(db, self.rules)
        return find(db, self.rules, since, give_way=self.go_on)

    def failed(self, error: BwvdockError) -> ClipsFound:
        """Report why it is not known."""
        return ClipsFound(error=error)


@dataclass(frozen=True, slots=True)
class CompareClips:
    """Compare some clips with the events that there are."""

    journal: Path
    rules: Rules
    clips: Sequence[str]
    remembered: Remembered
    go_on: GiveWay

    def work(self, _: Post) -> ClipsCompared:
        """Compare them."""
        self.go_on()
        with JournalReader(self.journal) as reader:
            facts = reader.report(lambda db: Pairing(db, self.rules, self.remembered).compare(self.clips))
        return ClipsCompared(facts=tuple(facts))

    def failed(self, error: BwvdockError) -> ClipsCompared:
        """Report why they were not."""
        return ClipsCompared(error=error)


class Matching:
    """Has a worker compare clips with events; owned by the thread that owns the ledger."""

    def __init__(
        self,
        worker: Worker,
        ledger: Ledger,
        clock: Clock,
        *,
        journal: Path,
        rules: Rules,
        give_way: GiveWay = go_on,
        say: Say = say_nothing,
    ) -> None:
        """Connect the parts; nothing is known yet.

        Args:
            worker: compares, with one thread.
            ledger: records the matches.
            clock: the dock's clocks.
            journal: the journal's file, which the worker reads.
            rules: the margins of events.
            give_way: called by the worker now and then, so that it lets this thread go first.
            say: logs why nothing was compared.
        """
        self._worker = worker
        self._ledger = ledger
        self._clock = clock
        self._journal = journal
        self._rules = rules
        self._give_way = give_way
        self._say = say
        self._halt = threading.Event()
        self._busy = False
        self._since: int | None = None
        self._found: Found | None = None
        self._done = 0
        self._remembered: Remembered = Remembered()  # used by the worker alone
        self._next_ms = 0

    def turn(self) -> None:
        """Have the worker do what is due."""
        if self._busy or self._halt.is_set():
            return
        if self._found is not None:
            self._go_on(self._found)
        elif self._clock.boottime_ms() >= self._next_ms:
            self._submit(FindClips(self._journal, self._rules, self._since, self._pause))

    def soon(self) -> None:
        """Compare in the next turn: there are new events."""
        self._next_ms = 0

    def halt(self) -> None:
        """Compare no further, because the daemon ends."""
        self._halt.set()

    def hear(self, message: OfMatching) -> None:
        """Take in what the worker found; record matches."""
        self._busy = False
        if message.error is not None:
            self._found, self._next_ms = None, self._clock.boottime_ms() + _MINUTE_MS
            say_failed(self._say, "CompareClips", message.error)
        elif isinstance(message, ClipsFound):
            self._found, self._done, self._remembered = message.found, 0, Remembered()
        else:
            self._ledger.record(message.facts)
            self._done += AT_ONCE

    def _go_on(self, found: Found) -> None:
        clips = found.clips[self._done : self._done + AT_ONCE]
        if clips:
            self._submit(CompareClips(self._journal, self._rules, clips, self._remembered, self._pause))
            return
        if found.news:
            self._ledger.record([matched_by(self._rules, found.entries)])
        self._found, self._since = None, found.entries
        self._next_ms = self._clock.boottime_ms() + _MINUTE_MS

    def _submit(self, job: FindClips | CompareClips) -> None:
        self._busy = True
        self._worker.submit(job)

    def _pause(self) -> None:
        if self._halt.is_set():
            raise HaltedError("The dock stops.")
        self._give_way()
