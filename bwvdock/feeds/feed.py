"""What is sent to one evidence system next, and what follows from its answer?

Belongs to one thread. A batch counts as acknowledged when its answer has a status of 200 to 299; then the
position is kept, and only then the next batch is sent. So entries arrive in order, each at least once; those
that arrive twice have the same journal, number and hash.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.delivery.backoff import Backoff
from bwvdock.edges.journal.read.handed_out.feed import FollowedJournal, Stretch
from bwvdock.errors import (
    BwvdockError,
    DestinationRefusedError,
    JournalError,
    StorageError,
    UnexpectedError,
)
from bwvdock.feeds.batch import Batch, Before, batch_of
from bwvdock.feeds.journals import line_from
from bwvdock.feeds.position import Position
from bwvdock.log import Events, Say
from bwvdock.runtime.jobs import Unexpected
from bwvdock.runtime.kept_file import KeptFile
from bwvdock.status.values import LiveFeed

FAILURES = 3  # one after the other: then there is an alert
MOST_BYTES = 1024 * 1024  # of the texts of a batch


class Sender(Protocol):
    """The way to an evidence system."""

    def send(self, batch: Batch) -> str:
        """Send a batch; return how that was answered, for a person.

        Raises:
            DestinationUnavailableError: it was not taken; it may be later.
            DestinationRefusedError: this very batch was refused.
            BwvdockError: it cannot be sent.
        """
        ...


@dataclass(kw_only=True)
class Feed:
    """One evidence system, and how far it has the journal.

    Attributes:
        name: the feed's in the configuration.
        dock: the dock's id.
        journal: the file of the dock's journal.
        kinds: the kinds of entries whose text is sent; empty for all.
        most: how many entries a batch has at most.
        sender: the way to the system.
        file: where the position is kept.
        clock: the dock's clocks.
        say: logs what becomes of the feed.
        unexpected: logs an exception that nobody was prepared for.
        backoff: the wait after failures.
        closed: the stores of restricted footage alone, which are named to nobody.
    """

    name: str
    dock: str
    journal: Path
    kinds: Collection[str]
    most: int
    sender: Sender
    file: KeptFile[Position]
    clock: Clock
    say: Say
    unexpected: Unexpected
    backoff: Backoff
    closed: Collection[str] = ()
    state: LiveFeed = field(init=False)
    _position: Position = Position()  # noqa: RUF009 - frozen
    _kept: bool = True  # whether the file has what is in memory
    _files: list[Path] | None = None  # the journals that are still to be sent, the one of the position first
    _open: FollowedJournal | None = None
    _at_once: int = field(init=False)  # how many entries a batch has at most, after refusals
    _trouble: BwvdockError | None = None

    def __post_init__(self) -> None:
        """Begin with nothing read or sent."""
        self._at_once = self.most
        self.state = LiveFeed(name=self.name)

    def open(self) -> None:
        """Read how far it is. Where that cannot be read, everything is sent once more."""
        try:
            self._position = self.file.read()
        except StorageError as error:
            self.say(Events.FEED_NOT_KEPT, feed=self.name, reason=error.message, remedy=error.remedy)

    def close(self) -> None:
        """Close the journal."""
        if self._open is not None:
            self._open.close()
        self._open = None

    @property
    def resting(self) -> bool:
        """Whether it waits after a failure."""
        return self.backoff.resting

    def round(self) -> bool:
        """Send the next batch, if there is one and it is time for it; return whether more may follow."""
        if self.backoff.resting:
            return False
        try:
            stretch = self._next()
            if stretch is None:
                self._idle()
                return False
            batch = batch_of(
                stretch,
                dock=self.dock,
                before=Before(journal=self._position.before, acknowledged=self._position.before_acknowledged),
                kinds=self.kinds,
                closed=self.closed,
            )
            self.sender.send(batch)
        except BwvdockError as error:
            self._failed(error.without_frames())
        except Exception as error:  # noqa: BLE001 - the boundary: one feed fails, the dock continues
            self.unexpected(self.round, error)
            self._failed(UnexpectedError(f"{type(error).__name__} ({self.name})."))
        else:
            self._acknowledged(stretch)
            return True
        return False

    # --- what comes next ---

    def _next(self) -> Stretch | None:
        """Return the entries to send now; None where all that there are were acknowledged.

        Raises:
            JournalError: a journal cannot be read, or is not the one that was sent before.
        """
        if self._files is None:
            self._files = self._find()
        while True:
            journal = self._opened(self._files[0])
            at = self._position.acknowledged if journal.journal == self._position.journal else 0
            stretch = journal.stretch(at, most=self._at_once, most_bytes=MOST_BYTES)
            if stretch.leaves:
                if journal.journal != self._position.journal:
                    self._step_to(journal.journal)
                return stretch
            if len(self._files) == 1:
                self._show(waiting=0)
                return None
            self.close()
            del self._files[0]

    def _find(self) -> list[Path]:
        line = line_from(self.journal, self._position.journal)
        if not line.complete:
            self.say(
                Events.FEED_GAP,
                feed=self.name,
                journal=self._position.journal,
                entries=self._position.acknowledged,
            )
        return list(line.files)

    def _opened(self, path: Path) -> FollowedJournal:
        """Return a journal, which begins with what was acknowledged of it.

        Raises:
            JournalError: it cannot be read, or does not begin so.
        """
        if self._open is None:
            journal = FollowedJournal(path, kept=path != self.journal)
            try:
                self._require_continued(journal)
            except BaseException:
                journal.close()
                raise
            self._open = journal
        return self._open

    def _require_continued(self, journal: FollowedJournal) -> None:
        position = self._position
        if journal.journal != position.journal or not position.acknowledged:
            return
        has = journal.hash_of(position.acknowledged - 1)
        if not has and journal.path != self.journal:
            return  # an earlier journal, put back from a backup, ends before: nothing of it is left to send
        if has != position.leaf_hash:
            raise JournalError(
                f"Entry {position.acknowledged - 1} of the journal is not the one that feed {self.name} was "
                "acknowledged: the journal was cut off, put back or changed. Nothing more is sent, because "
                "the receiver would get two histories under one name.",
                remedy="bwvdock custody verify; then see docs/how-to/feed-an-evidence-system.md",
            )

    def _step_to(self, journal: str) -> None:
        """Begin a journal; what was acknowledged of the one before is said with each batch of it."""
        old = self._position
        self._position = Position(
            journal=journal, before=old.journal, before_acknowledged=old.acknowledged if old.journal else 0
        )

    # --- what follows ---

    def _acknowledged(self, stretch: Stretch) -> None:
        if self.backoff.failures >= FAILURES:
            self.say(Events.FEED_BACK, feed=self.name)
        self.backoff.clear()
        self._trouble = None
        self._at_once = min(self.most, self._at_once * 2)
        last = stretch.leaves[-1]
        self._position = replace(self._position, acknowledged=last.seq + 1, leaf_hash=last.leaf_hash)
        self._keep()
        self._show(waiting=stretch.entries - self._position.acknowledged)
        self.state = replace(self.state, acknowledged_at=iso(self.clock.now()))

    def _idle(self) -> None:
        """Note that nothing waits: whatever failed before, reading the journal, is over."""
        if self._trouble is not None:
            self.backoff.clear()
            self._trouble = None
            self._show(waiting=0)
        if not self._kept:
            self._keep()

    def _failed(self, error: BwvdockError) -> None:
        failing = self.backoff.failures >= FAILURES
        self.backoff.fail(error)
        self._trouble = error
        if isinstance(error, DestinationRefusedError):
            self._at_once = max(1, self._at_once // 2)  # it may be too much at once
        elif isinstance(error, JournalError):
            self.close()
        if self.backoff.failures >= FAILURES and not failing:
            self.say(Events.FEED_FAILED, feed=self.name, reason=error.message, remedy=error.remedy)
        self._show(waiting=self._waiting())

    def _waiting(self) -> int | None:
        try:
            if self._open is None or self._open.journal != self._position.journal:
                return None
            return self._open.entries() - self._position.acknowledged
        except BwvdockError:
            return None

    def _keep(self) -> None:
        try:
            self.file.write(self._position)
        except StorageError as error:
            if self._kept:
                self.say(Events.FEED_NOT_KEPT, feed=self.name, reason=error.message, remedy=error.remedy)
            self._kept = False
        else:
            self._kept = True

    def _show(self, *, waiting: int | None) -> None:
        failing = self._trouble if self.backoff.failures >= FAILURES else None
        self.state = replace(
            self.state,
            journal=self._position.journal,
            acknowledged=self._position.acknowledged,
            waiting=waiting,
            error=failing.message if failing else "",
            remedy=failing.remedy if failing else "",
        )
