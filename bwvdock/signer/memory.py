"""What was signed last, for each log, whatever happens to the process or to the machine's power?

One row for each log in a small SQLite file, and the key with which they were signed. A missing file means
that nothing was signed yet; one that cannot be read ends all signing until somebody has looked at it.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from bwvdock.errors import SignerRefusedError, SignerUnavailableError
from bwvdock.signer.notary import EMPTY, Head, Judge, require_known_name

_LOG = logging.getLogger("bwvdock-signer")
_LOGS = (
    "CREATE TABLE IF NOT EXISTS signed (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, "
    "root BLOB NOT NULL CHECK (length(root) = 32)) STRICT, WITHOUT ROWID"
)
_SIGNER = (
    "CREATE TABLE IF NOT EXISTS signer (one INTEGER PRIMARY KEY CHECK (one = 1), "
    "key BLOB NOT NULL CHECK (length(key) = 32)) STRICT"
)
_KEEP = (
    "INSERT INTO signed VALUES (?, ?, ?)"
    " ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root"
)


class FileMemory:
    """What was signed last, in a file (a Memory). May be used from any thread: each step opens it."""

    def __init__(self, path: Path) -> None:
        """Name the file; its folder must exist once something is signed."""
        self._path = path

    def advance(self, origin: str, key: bytes, judge: Judge) -> None:
        """Replace what was signed last for a log by what `judge` makes of it, as one step, durably."""
        with self._changed() as db:
            _require_same_key(db, key, self._path)
            last = _last(db, origin)
            head = judge(last)
            if head != last:
                db.execute(_KEEP, (origin, head.size, head.root))

    def logs(self) -> dict[str, int]:
        """Return the logs that something was signed for, each with its size.

        Raises:
            SignerUnavailableError: the file cannot be read.
        """
        with self._changed() as db:
            return dict(db.execute("SELECT origin, size FROM signed ORDER BY origin"))

    def forget(self, origin: str) -> bool:
        """Forget a log: its next checkpoint is compared with nothing. Return whether it was known.

        Raises:
            SignerUnavailableError: the file cannot be changed.
        """
        with self._changed() as db:
            return db.execute("DELETE FROM signed WHERE origin = ?", (origin,)).rowcount > 0

    def call_anew(self, before: str, after: str) -> int:
        """Call the logs of one name by another one; return how many there are. What was signed stays known.

        Args:
            before: what the configuration called the dock's log until now.
            after: what it calls it now.

        Raises:
            SignerUnavailableError: the file cannot be changed.
        """
        with self._changed() as db:
            logs = [name for (name,) in db.execute("SELECT origin FROM signed")]
            moved = [name for name in logs if name.rpartition("/")[0] == before]
            for name in moved:
                new = f"{after}/{name.rpartition('/')[2]}"
                db.execute("UPDATE signed SET origin = ? WHERE origin = ?", (new, name))
            return len(moved)

    @contextmanager
    def _changed(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(self._open()) as db:
                db.execute("BEGIN IMMEDIATE")
                db.execute(_LOGS)
                db.execute(_SIGNER)
                yield db
                db.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise SignerUnavailableError(
                f"The signer cannot read or keep what it signed last ({self._path}: {error}), so it signs "
                "nothing.",
                remedy=f"Check the disk: df -h {self._path.parent}; journalctl -k -p err. If the file is "
                "damaged, see docs/explanation/signed-checkpoints.md before you move it away.",
            ) from error

    def _open(self) -> sqlite3.Connection:
        # Made before SQLite would, which makes files for others to read; its journal is as the file is.
        with suppress(FileExistsError):
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        db = sqlite3.connect(self._path, isolation_level=None)
        db.execute("PRAGMA busy_timeout = 2000")
        # In this mode the commit is on the disk, the removal of the rollback journal included.
        db.execute("PRAGMA synchronous = EXTRA")
        db.execute("PRAGMA trusted_schema = OFF")
        return db


def _require_same_key(db: sqlite3.Connection, key: bytes, path: Path) -> None:
    """Refuse to sign with another key than before: a key that is missing is not replaced in silence.

    Raises:
        SignerRefusedError: another key signed before.
    """
    row = db.execute("SELECT key FROM signer").fetchone()
    if row is None:
        db.execute("INSERT INTO signer VALUES (1, ?)", (key,))
    elif row[0] != key:
        raise SignerRefusedError(
            "The signer found another key than the one that it signed with before. It signs nothing with it.",
            remedy=f"ls -l {path.parent} /etc/credstore.encrypted. Put the key back from a backup; if it is "
            "lost, see docs/explanation/signed-checkpoints.md.",
        )


def _last(db: sqlite3.Connection, origin: str) -> Head:
    row = db.execute("SELECT size, root FROM signed WHERE origin = ?", (origin,)).fetchone()
    if row:
        return Head(*row)
    require_known_name(origin, [name for (name,) in db.execute("SELECT origin FROM signed ORDER BY origin")])
    _LOG.warning("nothing was signed for %s yet: its first checkpoint is compared with nothing", origin)
    return EMPTY
