"""How is all that one turn records one commit? And what follows from it happens only after that.

A commit waits for the disk, and beside forty copies the disk is busy: with one for each report, the dock's
thread waits longer than it works. So a turn holds a group: what is recorded is at once what the thread itself
knows and asks, but no job is given out and no line is logged before the group is on the disk.

Owned by the thread that owns the ledger.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from bwvdock.core.facts import Fact
from bwvdock.errors import JournalFullError
from bwvdock.runtime.jobs import Job
from bwvdock.runtime.workers import Worker

_FULL = 256  # facts after which whoever can wait does; what follows from them still goes with them
_MOST = 1024  # facts that a group may have before more are recorded

WhenFull = Callable[[JournalFullError], None]
"""Called when the journal has no room; returns when it is worth another attempt, or raises."""


def give_up(error: JournalFullError) -> None:
    """Raise: nobody waits for room."""
    raise error


class GroupJournal(Protocol):
    """The part of the journal that records facts."""

    def append(self, facts: Sequence[Fact]) -> object:
        """Record the facts durably, all or none, before returning; while a group is held, in its commit.

        Raises:
            JournalError: nothing of them counts, nor of the group.
        """
        ...

    def hold(self) -> None:
        """Begin a group: what is appended waits for `settle`, and is one transaction."""
        ...

    def settle(self) -> None:
        """Commit what waits, durably; hold nothing any more.

        Raises:
            JournalError: nothing of it counts.
        """
        ...


class GroupCommit:
    """Records facts, by themselves or in groups. `when_full` is called where the journal has no room."""

    def __init__(self, journal: GroupJournal) -> None:
        """Hold nothing."""
        self.when_full: WhenFull = give_up
        self._journal = journal
        self._held = False
        self._waiting: list[Fact] = []  # recorded in this group, and not committed
        self._lost = False  # the journal had no room: those waiting are to be appended again
        self._then: deque[Callable[[], object]] = deque()

    @property
    def waits(self) -> bool:
        """Whether something was recorded that is not on the disk yet."""
        return bool(self._waiting)

    @property
    def is_full(self) -> bool:
        """Whether it has enough for one commit: who can wait records more in the next turn."""
        return len(self._waiting) >= _FULL

    def hold(self) -> None:
        """Begin a group.

        Raises:
            JournalFullError: there is no room for what an earlier one left.
        """
        self._held = True
        self._journal.hold()
        if self._lost:
            self._append((), patient=True)

    def settle(self) -> None:
        """Commit the group; then do what follows from it. Nothing is held any more.

        Raises:
            JournalFullError: there is no room and nobody waits for it; the group is kept for another attempt.
            JournalError: nothing of the group counts, and nothing of what would have followed is done.
        """
        while self._waiting:
            try:
                if self._lost:
                    self._append((), patient=True)
                self._journal.settle()
            except JournalFullError as error:
                self._lost = True
                self._journal.hold()
                self.when_full(error)
            else:
                self._waiting.clear()
        self._journal.settle()
        self._held = False
        while self._then:
            self._then.popleft()()

    def keep(self) -> None:
        """Commit what was recorded, and do nothing of what follows from it: the thread is about to end."""
        self._then.clear()
        self.settle()

    def drop(self) -> None:
        """Forget the group: the journal can record nothing more."""
        self._held = self._lost = False
        self._waiting.clear()
        self._then.clear()

    def append(self, facts: Sequence[Fact], *, patient: bool = True) -> None:
        """Record facts; wait for room, unless the caller is not `patient`.

        Raises:
            JournalError: none of them is recorded.
        """
        if self._held and not patient:
            self.settle()
        elif len(self._waiting) >= _MOST:
            self.settle()
            self.hold()
        if self._held:
            self._append(facts, patient=True)
            self._waiting += facts
        else:
            self._append(facts, patient=patient)

    def _append(self, facts: Sequence[Fact], *, patient: bool) -> None:
        while True:
            try:
                self._journal.append((*self._waiting, *facts) if self._lost else facts)
            except JournalFullError as error:
                self._lost = bool(self._waiting)
                if not patient:
                    raise
                self.when_full(error)
            else:
                self._lost = False
                return

    def then(self, act: Callable[[], object]) -> None:
        """Do this once all that was recorded so far is on the disk: now, if it is."""
        if self._held:
            self._then.append(act)
        else:
            act()


class Following:
    """A worker that is given a job only once what was recorded before it is on the disk."""

    def __init__(self, worker: Worker, group: GroupCommit) -> None:
        """Pass jobs on to this worker."""
        self._worker = worker
        self._group = group

    def submit(self, job: Job) -> None:
        """Add a job."""
        self._group.then(partial(self._worker.submit, job))

    def finish(self, timeout: float) -> bool:
        """Take no more jobs; wait up to `timeout` seconds; return whether all were done by then."""
        done: list[bool] = []
        self._group.then(lambda: done.append(self._worker.finish(timeout)))
        return done == [True]
