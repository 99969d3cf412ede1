"""What was signed last, for each log, whatever happens to the process or to the machine's power?

One row for each log in a small SQLite file. A missing file means that nothing was signed yet; one that cannot
be read ends all signing until somebody has looked at it.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bwvdock.errors import SignerUnavailableError
from bwvdock.signer.notary import EMPTY, Head, Judge

MOST_LOGS = 64
"""How many logs are remembered: a dock has one, and one more with each new journal."""

_LOG = logging.getLogger("bwvdock-signer")
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS signed (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, "
    "root BLOB NOT NULL CHECK (length(root) = 32)) STRICT, WITHOUT ROWID"
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

    def advance(self, origin: str, judge: Judge) -> None:
        """Replace what was signed last for a log by what `judge` makes of it, as one step, durably."""
        try:
            with closing(self._open()) as db:
                db.execute("BEGIN IMMEDIATE")
                db.execute(_SCHEMA)
                last = _last(db, origin)
                head = judge(last)
                if head != last:
                    db.execute(_KEEP, (origin, head.size, head.root))
                db.execute("COMMIT")
        except sqlite3.Error as error:
            raise SignerUnavailableError(
                f"The signer cannot read or keep what it signed last ({self._path}: {error}), so it signs "
                "nothing.",
                remedy=f"Check the disk: df -h {self._path.parent}; journalctl -k -p err. If the file is "
                "damaged, see docs/explanation/signed-checkpoints.md before you move it away.",
            ) from error

    def _open(self) -> sqlite3.Connection:
        # In this mode the commit is on the disk, the removal of the rollback journal included.
        before = os.umask(0o077)
        try:
            db = sqlite3.connect(self._path, isolation_level=None)
        finally:
            os.umask(before)
        db.execute("PRAGMA busy_timeout = 2000")
        db.execute("PRAGMA synchronous = EXTRA")
        db.execute("PRAGMA trusted_schema = OFF")
        return db


def _last(db: sqlite3.Connection, origin: str) -> Head:
    row = db.execute("SELECT size, root FROM signed WHERE origin = ?", (origin,)).fetchone()
    if row:
        return Head(*row)
    logs = db.execute("SELECT count(*) FROM signed").fetchone()[0]
    if logs >= MOST_LOGS:
        raise sqlite3.OperationalError(f"{logs} logs are in it, and no more are taken")
    _LOG.warning("nothing was signed for %s yet: its first checkpoint is compared with nothing", origin)
    return EMPTY
