"""How do facts get into the journal, for good?

`append` is one transaction: entries, tree and projections together, on the disk when it returns. Several can
be held together as one (`hold`, `settle`).
One Journal per dock, used by the one thread that opened it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import IllegalFactError
from bwvdock.core.clips.roster import Assignment
from bwvdock.core.clips.states import Holder
from bwvdock.core.custody.entries import Stamp, encode, read_leaf
from bwvdock.core.custody.merkle import Tree, leaf_hash
from bwvdock.core.custody.records import ClockSetting, DockingSheet, Enrolment, Received, ThoroughDocking
from bwvdock.core.facts import Fact, UncleanStart, ValuesErased
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.edges.journal import lookups, people
from bwvdock.edges.journal.checkout.questions import CheckoutQuestions
from bwvdock.edges.journal.database import BUSY_MS, connect_writer, explained, is_final, translated
from bwvdock.edges.journal.holds.questions import HoldQuestions
from bwvdock.edges.journal.origin import origin
from bwvdock.edges.journal.personal_values import Committer
from bwvdock.edges.journal.read.holdings import clips_with_losses
from bwvdock.edges.journal.tree import check_tail
from bwvdock.edges.journal.write import camera_clocks
from bwvdock.edges.journal.write.attestations import Attestations
from bwvdock.edges.journal.write.indexes import Indexes
from bwvdock.edges.journal.write.projection import Batch, ProjectionMemory
from bwvdock.edges.journal.write.transactions import Transactions
from bwvdock.edges.journal.write.unnoticed import unnoticed_clips
from bwvdock.errors import JournalError


def _nobody(_: str) -> None:
    """Ignore a journal's first entry."""


def open_journal(
    path: Path,
    clock: Clock,
    *,
    random: Callable[[int], bytes] = os.urandom,
    begun: Callable[[str], None] = _nobody,
) -> Journal:
    """Open a dock's journal for writing, making it where there is none.

    Takes the same time whatever the journal's size: the stored right edge must give the stored root,
    and the last entry must be the tree's last leaf. All else is `custody verify`'s to recompute.

    Args:
        path: the database file; its directory must exist.
        clock: asked once for each batch.
        random: gives salts and nonces; the kernel's generator, or a seeded one in tests.
        begun: called with the journal's id once its first entry is on the disk.

    Raises:
        JournalError: it cannot be opened or written, is not a journal, is of a later version, or its
            tail does not fit its tree.
    """
    db = connect_writer(path)
    try:
        with translated(path):
            tree, last = check_tail(db, path)
            return Journal(path, clock, db, Committer(db, random), tree, last, begun)
    except BaseException:
        db.close()
        raise


class Journal(Transactions, Attestations):
    """The one writer. Made by `open_journal`; a context manager that closes itself."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        db: sqlite3.Connection,
        committer: Committer,
        tree: Tree,
        last: bytes,
        begun: Callable[[str], None],
    ) -> None:
        super().__init__(path, db, committer, tree, last)
        self._clock = clock
        self._begun = begun
        self._indexes = Indexes(db, path, clock)
        self._wal_has_erased = False

    # --- writing ---

    def append(self, facts: Sequence[Fact]) -> Sequence[int]:
        """Record facts in order, all or none; on the disk when this returns, or once the group is settled.

        Returns:
            The numbers of their entries.

        Raises:
            IllegalFactError: the law does not allow one of them, or it cannot be written as an
                entry; nothing of the batch was recorded.
            JournalError: SQLite could not record them; nothing of the batch counts, nor of the group that
                was held. After an I/O error, or on a damaged file, every later call raises too: a failed
                fsync is final.
        """
        self._check_open()
        if not facts:
            return ()
        if self._before is None:
            self._add_indexes()
        stamp, first = self._stamp(), self._tree.size
        erasures = [fact for fact in facts if isinstance(fact, ValuesErased)]
        erased = [committed for fact in erasures for committed in fact.commitments]
        with self._appending():
            self._committer.erase(erased)
            self._wal_has_erased |= bool(erased)
            batch = Batch(self._db, self._memory, stamp.t)
            self._record(facts, stamp, batch)
            self._memory.learn(batch)
        return range(first, first + len(facts))

    def _committed(self, first: int) -> None:
        if self._wal_has_erased:
            self._empty_wal()
        if first == 0:
            self._begun(self.origin())

    def _empty_wal(self) -> None:
        """Leave nothing erased in the write-ahead log; while somebody reads, the next append tries."""
        self._memory = ProjectionMemory()
        self._db.execute("PRAGMA busy_timeout = 0")
        try:
            self._wal_has_erased = bool(self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        except sqlite3.Error as error:
            self._wal_has_erased = True
            if is_final(error):
                self._end(explained(error, self._path))
        if self._ended is None:
            self._db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")

    def _record(self, facts: Sequence[Fact], stamp: Stamp, batch: Batch) -> None:
        rows = []
        for fact in facts:
            try:
                leaf, data = encode(
                    fact,
                    seq=self._tree.size,
                    stamp=stamp,
                    nonce=self._committer.nonce(),
                    prev=self._last.hex(),
                    commit=self._committer.commit,
                )
            except (TypeError, ValueError) as error:
                raise IllegalFactError(f"{fact.kind} cannot be written as an entry: {error}") from error
            batch.add(fact, data)
            last = leaf_hash(leaf)
            rows.append((self._tree.size, leaf, last, fact.kind, data.get("clip"), data.get("docking")))
            self._tree, self._last = self._tree.append(last), last
        self._db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", rows)
        self._committer.write()
        batch.write()

    def _add_indexes(self) -> None:
        try:
            self._indexes.add()
        except sqlite3.Error as error:
            explanation = explained(error, self._path)
            if is_final(error):
                self._end(explanation)
            raise explanation from error

    def _stamp(self) -> Stamp:
        clock = self._clock
        return Stamp(
            t=iso(clock.now()), bt=clock.boottime_ms(), boot=clock.boot_id(), ntp=clock.synchronised()
        )

    # --- the daemon's own questions ---

    def clip(self, clip: str) -> Clip | None:
        """Return a clip, or None for an unknown one."""
        remembered = self._memory.clips.get(clip)
        if remembered:
            return remembered.clip
        with self._question() as db:
            known = lookups.known_clip(db, clip)
        return known.clip if known else None

    def proofs_recorded(self, clip_id: str) -> dict[str, int]:
        """Return the number of the latest entry that records the proof of a clip's copy, by destination."""
        with self._question() as db:
            return lookups.proofs_recorded(db, clip_id)

    def open_clips(self, targets: Collection[str]) -> list[Clip]:
        """Return the clips that may still need a step, oldest first.

        Those acquired, uploaded or releasing, verified ones without a receipt of one of `targets`,
        and those that owe one of them a custody document. Takes time for these only, not for the finished.
        """
        with self._question() as db:
            return lookups.open_clips(db, targets)

    def open_dockings(self) -> list[DockingSheet]:
        """Return the dockings that have begun and not ended, oldest first, without their outcomes."""
        with self._question() as db:
            return lookups.sheets(db, lookups.OPEN_DOCKINGS)

    def docking(self, docking: str) -> DockingSheet | None:
        """Return a docking's present balance sheet, without its outcomes; None if unknown."""
        with self._question() as db:
            known = lookups.known_docking(db, docking)
            return lookups.sheet(db, known) if known else None

    def doubted_since(self, docking: str) -> list[Clip]:
        """Return the clips of a docking's camera that went to quarantine since it began and are not copied.

        They are in quarantine still, or were recalled.
        """
        with self._question() as db:
            return lookups.doubted_since(db, docking)

    def paused(self) -> bool:
        """Return whether an operator has paused the dock."""
        with self._question() as db:
            return lookups.known_dock(db).paused

    def unclean_start(self) -> UncleanStart | None:
        """Return the fact that the dock did not stop since its last start; None if it did."""
        with self._question() as db:
            known = lookups.known_dock(db)
            if not known.running:
                return None
            (last,) = db.execute("SELECT leaf FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        return UncleanStart(started_at=known.started_at or "", last_entry_at=read_leaf(last).stamp.t)

    def enrolment(self, serial: str) -> Enrolment:
        """Return what operators decided about a serial."""
        with self._question() as db:
            return lookups.enrolment(db, serial)

    def same_footage(self, sha256: str) -> list[Received]:
        """Return the acquired clips whose footage has a digest, the first of each camera.

        None while there was no room for their index: each question would read every clip.
        """
        if "clip_by_digest" in self._indexes.missing:
            return []
        with self._question() as db:
            return lookups.same_footage(db, sha256)

    def held(self, identities: Collection[str]) -> dict[str, Holder]:
        """Return by identity (core/clips/identity.py), the clips that this dock knows, and their states.

        Those of the group that is held are among them, which other connections do not see yet.
        """
        with self._question() as db:
            return lookups.held(db, identities)

    def due(self, now: str, *, most: int, after: tuple[str, str] = ("", "")) -> list[Clip]:
        """Return clips past their retention date, neither evidence nor held; the oldest date first.

        `after`: only those behind the clip with this date and id.
        """
        with self._question() as db:
            return lookups.due_clips(db, now, most=most, after=after)

    def spooled(self, *, most: int, after: str) -> list[Clip]:
        """Return clips that are proven and may have a copy in the spool, by id, those after an id."""
        with self._question() as db:
            return lookups.spooled_clips(db, most=most, after=after)

    def unnoticed(self, before: str, *, most: int) -> list[Clip]:
        """Return clips that nobody reviewed and that are due before a time, without notice of that date."""
        with self._question() as db:
            return unnoticed_clips(db, before, most=most)

    def with_losses(self, *, most: int, after: str) -> list[Clip]:
        """Return clips with a copy that was lost or changed and not proven anew, by id, those after an id."""
        with self._question() as db:
            return clips_with_losses(db, most=most, after=after)

    def undated(self, *, most: int) -> list[tuple[Clip, Stamp | None]]:
        """Return acquired clips that have no date to be kept until, and the stamps of their dockings."""
        with self._question() as db:
            return lookups.undated_clips(db, most=most)

    def thorough_dockings(self, serial: str) -> list[ThoroughDocking]:
        """Return a camera's last dockings that left nothing new on the volumes that they listed."""
        with self._question() as db:
            return lookups.thorough_dockings(db, serial)

    def last_clock_shown(self, serial: str) -> str:
        """Return what a camera's clock showed, as it came, when it was last read; "" if it never was."""
        with self._question() as db:
            return camera_clocks.last_clock_shown(db, serial)

    def last_clock_setting(self, serial: str) -> ClockSetting | None:
        """Return the last docking in which a camera's clock was to be set; None if it never was."""
        with self._question() as db:
            return camera_clocks.last_clock_setting(db, serial)

    def assignments(self, camera: str) -> list[Assignment]:
        """Return who was said to have held a camera, in the order in which it was recorded."""
        with self._question() as db:
            return people.assignments(db, camera)

    @property
    def holds(self) -> HoldQuestions:
        """What the dock asks about standing holds."""
        return HoldQuestions(self._question)

    @property
    def checkouts(self) -> CheckoutQuestions:
        """What the dock asks about cameras that were checked out."""
        return CheckoutQuestions(self._question)

    def origin(self) -> str:
        """Return the journal's id, which is its first entry's leaf hash; "" while it has no entry."""
        with self._question() as db:
            return origin(db)

    def size(self) -> int:
        """Return the number of entries."""
        return self._tree.size

    def root(self) -> str:
        """Return the tree's root, hexadecimal."""
        return self._tree.root().hex()

    @contextlib.contextmanager
    def _question(self) -> Iterator[sqlite3.Connection]:
        self._check_open()
        with translated(self._path):
            yield self._db

    # --- the end ---

    def close(self) -> None:
        """Fold the WAL into the file and close; closing twice is allowed.

        A checkpoint that fails is none either: the WAL then stays, with all that was acknowledged.
        """
        if self._ended:
            return
        self._roll_back()
        self._ended = JournalError("The journal was closed.", remedy="Restart bwvdock.")
        with contextlib.suppress(sqlite3.Error):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()
