"""A dock's journal and one feed of it over a fake clock, to a receiver that fails as it is told to."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Collection
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bwvdock.core.custody.checkpoints import StoredCheckpoint
from bwvdock.core.facts import DockPaused, DockResumed, Fact, JournalSucceeded
from bwvdock.delivery.backoff import Backoff, DecorrelatedJitter
from bwvdock.edges.journal import open_journal
from bwvdock.edges.journal.origin import origin_of
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.errors import DestinationRefusedError, DestinationUnavailableError
from bwvdock.feeds.batch import Batch
from bwvdock.feeds.feed import Feed
from bwvdock.feeds.position import position_file
from bwvdock.log import Events
from tests.fakes.clock import FakeClock
from tests.fakes.journals import lay_empty_journal
from tests.feeds.model import ReceiverModel

NAME = "county"
ACTOR = "1000:ann"


@dataclass
class Way:
    """The way to the receiver: each of `troubles` happens once, then all is well.

    "away": it is not reached. "lost": it takes the batch, and its answer is lost. "refused": it refuses the
    batch. "too large": it refuses one with more than one entry. "bug": an exception of ours.
    """

    model: ReceiverModel
    troubles: list[str] = field(default_factory=list)
    sent: list[Batch] = field(default_factory=list)

    def send(self, batch: Batch) -> str:
        trouble = self.troubles.pop(0) if self.troubles else ""
        self.sent.append(batch)
        if trouble == "away":
            raise DestinationUnavailableError("it does not answer.", remedy="wait")
        if trouble == "refused" or (trouble == "too large" and batch.body.count(b"\n") > 2):
            raise DestinationRefusedError("it answered with status 413.", remedy="ask")
        if trouble == "bug":
            raise ZeroDivisionError
        self.model.take(batch.body)
        if trouble == "lost":
            raise DestinationUnavailableError("its answer was lost.", remedy="wait")
        return "taken"


@dataclass
class World:
    """A state directory, over several starts of its dock."""

    folder: Path
    most: int = 3
    kinds: Collection[str] = ()
    clock: FakeClock = field(default_factory=FakeClock)
    model: ReceiverModel = field(default_factory=ReceiverModel)
    said: list[tuple[Events, dict[str, object]]] = field(default_factory=list)
    unexpected: list[Exception] = field(default_factory=list)
    kept: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        lay_empty_journal(self.path)
        self.way = Way(self.model)
        self.feed = self.started()

    @property
    def path(self) -> Path:
        return self.folder / "journal.sqlite3"

    def started(self) -> Feed:
        """Return the feed after a start."""
        self.feed = Feed(
            name=NAME,
            dock="LEW-03",
            journal=self.path,
            kinds=self.kinds,
            most=self.most,
            sender=self.way,
            file=position_file(self.folder, NAME),
            clock=self.clock,
            say=self._say,
            unexpected=lambda _, error: self.unexpected.append(error),
            backoff=Backoff(self.clock, DecorrelatedJitter(lambda least, _: least)),
        )
        self.feed.open()
        return self.feed

    def restart(self) -> None:
        self.feed.close()
        self.started()

    def record(self, *facts: Fact, count: int = 1) -> None:
        """Record facts; without any, so many that mean nothing."""
        made = facts or tuple((DockPaused, DockResumed)[n % 2](actor=ACTOR) for n in range(count))
        with open_journal(self.path, self.clock) as journal:
            journal.append(made)

    def succeed(self) -> None:
        """Put another journal in the place of the present one, as `custody succeed` does, and start again."""
        self.feed.close()
        with JournalReader(self.path) as reader:
            entries = reader.summary().entries
        fact = JournalSucceeded(
            dock="LEW-03",
            version="1",
            predecessor=origin_of(self.path),
            entries=entries,
            root="",
            confirmed="",
            reason="r",
            actor=ACTOR,
        )
        kept = self.folder / f"journal.sqlite3.succeeded-{len(self.kept) + 1}"
        self.path.rename(kept)
        self.kept.append(kept)
        lay_empty_journal(self.path)
        self.record(fact)
        self.started()

    # --- what happens to the file with the position ---

    @property
    def position(self) -> Path:
        return position_file(self.folder, NAME).path

    def back_up_position(self) -> None:
        if self.position.exists():
            shutil.copy(self.position, self.folder / "position.backup")

    def put_back_position(self) -> None:
        """Put back what was backed up, as a backup of the state directory does; the dock starts then."""
        self.feed.close()
        if (self.folder / "position.backup").exists() and not self.position.parent.is_file():
            self.position.parent.mkdir(exist_ok=True)
            shutil.copy(self.folder / "position.backup", self.position)
        self.started()

    def lose_position(self) -> None:
        self.feed.close()
        with suppress(FileNotFoundError, NotADirectoryError):
            self.position.unlink()
        self.started()

    def fill_or_free_disk(self) -> None:
        """Have a file in the place of the folder, so that nothing can be kept; or remove it again."""
        if not self.position.parent.exists():
            self.position.parent.touch()
        elif self.position.parent.is_file():
            self.position.parent.unlink()

    # --- what the feed does ---

    def rounds(self, most: int = 1) -> None:
        """Let the feed work, as long as it has something to do."""
        for _ in range(most):
            if not self.feed.round():
                return

    def finish(self) -> None:
        """Let the receiver work again, and time pass, until everything was sent."""
        self.way.troubles.clear()
        for _ in range(1000):
            self.clock.pass_ms(3_600_000)
            if not self.feed.round() and self.feed.state.waiting == 0:
                return
        raise AssertionError("it does not come to an end")

    def hashes(self, path: Path | None = None) -> list[str]:
        """Return the hashes of the entries of a journal, as its file has them."""
        with closing(sqlite3.connect(f"file:{path or self.path}?mode=ro", uri=True)) as db:
            return [row[0].hex() for row in db.execute("SELECT leaf_hash FROM entry ORDER BY seq")]

    def files(self) -> list[Path]:
        """Return the files of all journals, the oldest first."""
        return [*self.kept, self.path]

    def sign(self) -> None:
        """Have the journal as it is now signed."""
        with open_journal(self.path, self.clock) as journal:
            size = journal.size()
            root = bytes.fromhex(self.root())
            journal.keep_checkpoint(StoredCheckpoint(size=size, root=root, note=f"l\n{size}\n", made_at=""))

    def root(self) -> str:
        """Return the root that the journal itself has."""
        with JournalReader(self.path) as reader:
            return reader.summary().root

    def events(self) -> list[Events]:
        return [event for event, _ in self.said]

    def _say(self, event: Events, /, **told: object) -> None:
        self.said.append((event, told))
