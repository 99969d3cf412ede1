"""What has this witness cosigned, and what did it refuse? One SQLite database, one connection that writes.

A checkpoint is compared with the latest one and stored in one transaction, which is on the disk before the
cosignature is given out (synchronous = FULL). A crash between the two loses an answer and nothing else.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from bwvdock.core.custody.c2sp.checkpoint import Checkpoint
from bwvdock.core.custody.c2sp.signed_note import VerifierKey
from bwvdock.core.visible_text import quoted
from bwvdock.edges.journal.database import is_final
from bwvdock.errors import StorageError
from bwvdock.witness.judge import Head, Refusal, weight

DATABASE_FILE = "witness.db"
MOST_EVIDENCE = 1000
"""Kept for each log at most; those that show the most stay, and of those the first."""

_APPLICATION_ID = 0x42575757  # "BWWW"
_VERSION = 1
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # the commit is on the disk before it returns
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",
    "PRAGMA journal_size_limit = 16777216",
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A request that may show a fork. Times are seconds since 1970."""

    origin: str
    size: int
    root: bytes
    time: int
    status: int
    reason: str
    request: bytes
    latest: str


@dataclass(frozen=True, slots=True)
class LogState:
    """What is known of one log; times are seconds since 1970, None for what never happened."""

    origin: str
    size: int = 0
    root: bytes | None = None
    cosigned_at: int | None = None
    note: str = ""
    refused_at: int | None = None
    refused: str = ""
    evidence: int = 0


def make_store(folder: Path, key: VerifierKey) -> None:
    """Make the database of a new witness.

    Raises:
        StorageError: it is there already, or cannot be written.
    """
    path = folder / DATABASE_FILE
    if path.exists():
        raise StorageError(
            f"{path} is there already; nothing was changed.", remedy="A new witness needs its own directory."
        )
    with _translated(path), contextlib.closing(_connect(path, "rwc")) as db:
        path.chmod(0o600)
        for pragma in _PRAGMAS:
            db.execute(pragma)
        script = resources.files(__package__).joinpath("schema.sql").read_text(encoding="utf-8")
        numbers = f"PRAGMA application_id = {_APPLICATION_ID}; PRAGMA user_version = {_VERSION};"
        db.executescript(f"BEGIN; {script} {numbers}")
        db.execute("INSERT INTO identity VALUES (1, ?)", (str(key),))
        db.execute("COMMIT")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    db = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
    db.execute("PRAGMA busy_timeout = 5000")
    db.create_function("weight", 2, weight, deterministic=True)
    return db


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StorageError(
            f"The database of the witness, {path}, cannot be used: {error}.",
            remedy=f"Check the disk (df -h {quoted(str(path.parent))}; journalctl -k). Do not restore an "
            "older copy: a witness that forgets what it signed can be led to confirm a fork.",
        ) from error


class Store:
    """The database of a witness; threads use it one at a time. A context manager that closes itself."""

    def __init__(self, folder: Path, key: VerifierKey | None, *, write: bool = False) -> None:
        """Open it: with a key, only if it is that witness's.

        Raises:
            StorageError: it is missing, cannot be read, or belongs to another key.
        """
        self._path = folder / DATABASE_FILE
        self._lock = threading.Lock()
        self.broken = False  # nothing more may be written: the disk failed, or the file is damaged
        if not self._path.exists():
            raise StorageError(
                f"The database of the witness, {self._path}, is missing. Without it the witness does not "
                "know what it has signed.",
                remedy="Put the file back. If it is lost, make a new witness in another directory, with "
                "another name, and give its key to those who trusted the old one.",
            )
        with _translated(self._path):
            self._db = _connect(self._path, "rw" if write else "ro")
            try:
                if write:
                    for pragma in _PRAGMAS:
                        self._db.execute(pragma)
                self._check(key)
            except BaseException:
                self._db.close()
                raise

    def _check(self, key: VerifierKey | None) -> None:
        found = [
            self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        ]
        if found != [_APPLICATION_ID, _VERSION]:
            raise StorageError(f"{self._path} is not the database of a witness of this version.")
        row = self._db.execute("SELECT vkey FROM identity").fetchone()
        if key is not None and (row is None or row[0] != str(key)):
            raise StorageError(
                f"{self._path} belongs to another key: {row[0] if row else 'none'}.",
                remedy="Restore the key that belongs to this database, or the database of this key.",
            )

    @contextlib.contextmanager
    def changing(self) -> Iterator[Change]:
        """Compare and store in one transaction, alone; it is on the disk when this returns.

        Raises:
            StorageError: it could not be stored, and nothing of it counts.
        """
        with self._lock, _translated(self._path):
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield Change(self._db)
                self._db.execute("COMMIT")
            except BaseException as error:
                self.broken = self.broken or (isinstance(error, sqlite3.Error) and is_final(error))
                if self._db.in_transaction:
                    with contextlib.suppress(sqlite3.Error):
                        self._db.execute("ROLLBACK")
                raise

    def note(self, origin: str) -> str:
        """Return the latest cosigned note of a log, "" if there is none."""
        with self._lock, _translated(self._path):
            row = self._db.execute("SELECT note FROM head WHERE origin = ?", (origin,)).fetchone()
        return str(row[0]) if row else ""

    def log_states(self) -> dict[str, LogState]:
        """Return what is known of each log that was cosigned or refused, by its origin."""
        query = """
            SELECT origin, size, root, head.time, note, refusal.time, refusal.reason,
                   (SELECT count(*) FROM evidence WHERE evidence.origin = origins.origin)
            FROM (SELECT origin FROM head UNION SELECT origin FROM refusal) AS origins
            LEFT JOIN head USING (origin) LEFT JOIN refusal USING (origin) ORDER BY origin"""
        with self._lock, _translated(self._path):
            rows = self._db.execute(query).fetchall()
        return {
            row[0]: LogState(row[0], row[1] or 0, row[2], row[3], row[4] or "", row[5], row[6] or "", row[7])
            for row in rows
        }

    def evidence(self, origin: str | None = None) -> list[Evidence]:
        """Return what was kept of one log, or of all, in the order in which it came."""
        query = "SELECT origin, size, root, time, status, reason, request, latest FROM evidence"
        with self._lock, _translated(self._path):
            rows = self._db.execute(
                f"{query} WHERE ? IS NULL OR origin = ? ORDER BY id", (origin, origin)
            ).fetchall()
        return [Evidence(*row) for row in rows]

    def close(self) -> None:
        """Close it; closing twice is allowed."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


@dataclass(frozen=True, slots=True)
class Change:
    """One transaction."""

    db: sqlite3.Connection

    def latest(self, origin: str) -> tuple[Head, int, str]:
        """Return the latest checkpoint of a log, when it was cosigned (seconds since 1970), and its note."""
        row = self.db.execute(
            "SELECT size, root, time, note FROM head WHERE origin = ?", (origin,)
        ).fetchone()
        return (Head(row[0], row[1]), row[2], row[3]) if row else (Head(), 0, "")

    def cosigned(self, head: Checkpoint, note: str, time: int) -> None:
        """Store a checkpoint as the latest one of its log."""
        self.db.execute(
            "INSERT INTO head VALUES (?, ?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE "
            "SET size = excluded.size, root = excluded.root, note = excluded.note, time = excluded.time",
            (head.origin, head.size, head.root, note, time),
        )

    def refused(self, head: Checkpoint, refusal: Refusal, request: bytes, latest: str, time: int) -> None:
        """Store that a checkpoint was refused; where it may show a fork, with the request."""
        self.db.execute(
            "INSERT OR REPLACE INTO refusal VALUES (?, ?, ?, ?)",
            (head.origin, int(refusal.status), refusal.reason, time),
        )
        if refusal.keep:
            self._keep(head, refusal, request, latest, time)

    def _keep(self, head: Checkpoint, refusal: Refusal, request: bytes, latest: str, time: int) -> None:
        self.db.execute(
            "INSERT INTO evidence VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (origin, size, root) "
            "DO UPDATE SET time = excluded.time, status = excluded.status, reason = excluded.reason, "
            "request = excluded.request, latest = excluded.latest "
            "WHERE weight(excluded.status, excluded.reason) > weight(status, reason)",
            (head.origin, head.size, head.root, time, int(refusal.status), refusal.reason, request, latest),
        )
        kept = self.db.execute("SELECT count(*) FROM evidence WHERE origin = ?", (head.origin,)).fetchone()[0]
        if kept > MOST_EVIDENCE:
            self.db.execute(
                "DELETE FROM evidence WHERE id = (SELECT id FROM evidence WHERE origin = ? "
                "ORDER BY weight(status, reason), id DESC LIMIT 1)",
                (head.origin,),
            )
