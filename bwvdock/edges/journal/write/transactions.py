"""When is what was written to the journal on the disk? At the end of each call, or of several together.

While a group is held open, several calls are one transaction: `settle` commits it. A reader sees none of it
before that, the writer's own questions see all of it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from bwvdock.core.custody.merkle import Tree
from bwvdock.edges.journal import tiles
from bwvdock.edges.journal.database import explained, is_final
from bwvdock.edges.journal.personal_values import Committer
from bwvdock.edges.journal.tree import read_tree, write_tree
from bwvdock.edges.journal.write.projection import ProjectionMemory
from bwvdock.errors import JournalError

_Before = tuple[Tree, bytes]


class Transactions:
    """The part of the one writer that begins and commits transactions."""

    def __init__(
        self, path: Path, db: sqlite3.Connection, committer: Committer, tree: Tree, last: bytes
    ) -> None:
        self._path = path
        self._db = db
        self._committer = committer
        self._tree = tree
        self._last = last
        self._memory = ProjectionMemory()
        self._ended: JournalError | None = None
        self._held = False
        self._before: _Before | None = None  # tree and last leaf before the group that is open

    # --- groups ---

    def hold(self) -> None:
        """Begin a group: what is appended waits for `settle`, and is one transaction."""
        self._held = True

    def settle(self) -> None:
        """Commit what waits; it is on the disk when this returns. Nothing is held any more.

        Raises:
            JournalError: nothing of the group counts, as if none of it had been appended.
        """
        self._held = False
        before = self._before
        if before is None:
            return
        self._check_open()
        try:
            self._write_tree()
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._failed(error) from error
        except BaseException:
            self._roll_back()
            raise
        self._before = None
        self._committed(before[0].size)

    def _committed(self, first: int) -> None:
        """Do what follows from a commit; `first` is the number of its first entry."""

    def _write_tree(self) -> None:
        tiles.grow(self._db, self._tree.size)
        write_tree(self._db, self._tree)

    @contextlib.contextmanager
    def _appending(self) -> Iterator[None]:
        """Make what is appended meanwhile a transaction, or a part of the group that is held.

        A part that the law does not allow leaves the rest of the group as it is; an error of SQLite ends all
        of the group.
        """
        self._check_open()
        before = self._tree, self._last
        begins = self._before is None
        try:
            if begins:
                self._begin()
                self._before = before
            self._db.execute("SAVEPOINT part")
            yield
            self._db.execute("RELEASE part")
        except sqlite3.Error as error:
            raise self._failed(error) from error
        except BaseException:
            self._tree, self._last = before
            self._committer.forget()
            if begins:
                self._roll_back()
            else:
                self._db.execute("ROLLBACK TO part")
                self._db.execute("RELEASE part")
            raise
        if not self._held:
            self.settle()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Make a transaction of what is written meanwhile and is not an entry."""
        self._check_open()
        if self._before is not None:
            raise RuntimeError("something that is not an entry was to be written into a group of entries")
        try:
            self._begin()
            yield
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._failed(error) from error
        except BaseException:
            self._roll_back()
            raise

    def _begin(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        if read_tree(self._db).size != self._tree.size:
            self._roll_back()
            raise JournalError(
                f"Another program has written to the journal at {self._path} while the daemon was running.",
                remedy="Stop it, run `bwvdock custody verify`, then restart bwvdock.",
            )

    def _failed(self, error: sqlite3.Error) -> JournalError:
        """Undo the transaction; return what its error means. Where nothing may follow, close the journal."""
        self._roll_back()
        explanation = explained(error, self._path)
        if is_final(error):
            self._end(explanation)
        return explanation

    def _roll_back(self) -> None:
        self._committer.forget()
        if self._before is not None:
            self._tree, self._last = self._before
            self._before = None
            self._memory = ProjectionMemory()
        if self._db.in_transaction:
            with contextlib.suppress(sqlite3.Error):  # the error that led here says more
                self._db.execute("ROLLBACK")

    # --- the end ---

    def _end(self, reason: JournalError) -> None:
        self._ended = reason
        with contextlib.suppress(sqlite3.Error):
            self._db.close()

    def _check_open(self) -> None:
        if self._ended:
            raise JournalError(self._ended.message, remedy=self._ended.remedy)
