"""How is the journal copied while the daemon writes it? By SQLite, from a connection that reads."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from bwvdock.edges.journal.database import connect_reader, explained, wal_exists
from bwvdock.edges.journal.put_back import Head, read_head
from bwvdock.errors import JournalError, StorageError

_SOURCE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def copy_journal(journal: Path, directory: int, name: str) -> Head:
    """Copy the journal as it is at one moment into a new file; durable once that is synced.

    Nothing of the journal's own files is opened but by SQLite, and nothing is written beside them.

    Args:
        journal: the journal's file.
        directory: where the copy is made; a directory that nobody else writes.
        name: the copy's name, which must be free.

    Returns:
        What the copy has.

    Raises:
        JournalError: the journal cannot be read, or has no entry.
        StorageError: the copy cannot be written.
        OSError: its file cannot be made.
    """
    # Made here, so that no name that is there already is written through.
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    os.close(os.open(name, flags, 0o600, dir_fd=directory))
    source, immutable = connect_reader(journal)
    path = f"/proc/self/fd/{directory}/{name}"
    with closing(source), closing(_opened(path)) as target:
        try:
            source.backup(target)
            # No file is beside the copy then, neither now nor when it is read.
            target.execute("PRAGMA journal_mode = DELETE")
            head = read_head(target)
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
            if code in _SOURCE:
                raise explained(error, journal) from error
            raise StorageError(
                f"The journal cannot be copied there: {error}. Nothing of the copy is left.",
                remedy="Make room there (df -h), or name a folder on another disk; journalctl -k",
            ) from error
    if immutable and wal_exists(journal):
        raise JournalError("The daemon started while its journal was copied.", remedy="Try again.")
    if head is None:
        raise JournalError(
            f"The journal at {journal} has no entry yet: there is nothing to back up.",
            remedy="Start the dock first: systemctl start bwvdock",
        )
    return head


def _opened(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(f"file:{quote(path)}?mode=rw", uri=True, isolation_level=None)
    try:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")  # no shared memory beside it
        db.execute("PRAGMA journal_mode = OFF")  # cut off, it is no backup anyway
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA secure_delete = ON")
    except BaseException:
        db.close()
        raise
    return db
