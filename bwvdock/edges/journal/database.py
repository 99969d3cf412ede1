"""How is the journal's file opened, by its one writer and by readers, and what do its errors mean?

The writer alone writes and checkpoints. SQLite up to 3.51.2 can lose data when two connections
write or checkpoint, and Debian 12 has 3.40.1; so there is one write connection, and everybody else
opens `mode=ro`. Nobody in the process may open() the file in another way: closing it would drop
SQLite's POSIX locks, and another process could then delete the WAL with fsynced commits in it.

SQLite itself syncs the directory when it creates the WAL, so a new journal survives a power cut
from its first commit on.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from bwvdock.core.visible_text import quoted
from bwvdock.edges.rights import as_owner_of
from bwvdock.errors import JournalDamagedError, JournalError, JournalFullError, JournalVersionError

APPLICATION_ID = 0x42575644  # "BWVD"
MIGRATIONS: tuple[str, ...] = ("schema.sql", *(f"schema-{version}.sql" for version in range(2, 12)))
"""The script that leads to version n is at n - 1. Forward only; none is ever changed."""

BUSY_MS = 5000  # that a statement waits for another process

_MODE = 0o600
_PRAGMAS = (
    "PRAGMA synchronous = FULL",  # the commit is on the disk before it returns
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA secure_delete = ON",  # an emptied personal value leaves no trace in free pages
    "PRAGMA mmap_size = 0",
    "PRAGMA journal_size_limit = 67108864",
    # Pages. A commit that a checkpoint follows holds up every camera: of 1,000 pages, which lie anywhere in a
    # large journal, for half a second; of 200 for a quarter.
    "PRAGMA wal_autocheckpoint = 200",
)

# --- opening -------------------------------------------------------------------------------------


def connect_writer(path: Path, *, busy_ms: int = BUSY_MS) -> sqlite3.Connection:
    """Open the journal for its one writer; create or upgrade it if necessary.

    Raises:
        JournalVersionError: it is of a later version.
        JournalError: it cannot be opened or written, or is not a journal.
    """
    with translated(path):
        new = not path.exists()
        _require_plain_files(path)
        db = sqlite3.connect(_uri(path, "rwc"), uri=True, isolation_level=None)
        try:
            _close_to_others(path, new=new)
            db.execute(f"PRAGMA busy_timeout = {busy_ms:d}")
            version = _version(db, path)
            db.execute("PRAGMA journal_mode = WAL")
            for pragma in _PRAGMAS:
                db.execute(pragma)
            _migrate(db, version)
            add_indexes(db)
        except BaseException:
            db.close()
            raise
        return db


def _close_to_others(path: Path, *, new: bool) -> None:
    """Remove all access of others to the journal's files, whatever umask or older version created them.

    WAL and shared memory take the file's mode; who may open those reads entries, or stops the dock by a lock.
    """
    for part in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))):
        with contextlib.suppress(
            OSError
        ):  # not there, not ours, on a read-only disk: to be opened it must be
            if new or stat.S_IMODE(part.stat().st_mode) != _MODE:
                part.chmod(_MODE)


def connect_reader(path: Path, *, copied: bool = False) -> tuple[sqlite3.Connection, bool]:
    """Open the journal for reading; say whether it was opened as a file that nobody writes.

    A stopped journal has no WAL, and a reader who may not write the directory cannot make one: only
    then the file is read as immutable. Such a reader must look whether a WAL has appeared since.

    Args:
        path: the file.
        copied: it is a copy that nobody writes; without a WAL nothing is made beside it, and one of an
            earlier version is upgraded in a temporary database of SQLite's own.

    Raises:
        JournalVersionError: it is of another version.
        JournalError: it cannot be opened or read, or is not a journal.
    """
    with translated(path):
        if not path.exists():
            raise JournalError(
                f"There is no journal at {path}: this dock has not run yet, or state_dir points elsewhere.",
                remedy="Check dock.state_dir with `bwvdock config check`, or start bwvdock.",
            )
        db, immutable = _open_reader(path, copied=copied)
        try:
            version = _version(db, path)
            if copied and 0 < version < len(MIGRATIONS):
                return _upgraded(db, version), False
            _check_current(version, path)
        except BaseException:
            db.close()
            raise
        return db, immutable


def _upgraded(old: sqlite3.Connection, version: int) -> sqlite3.Connection:
    """Return a temporary database with what a journal of an earlier version has, in this version's tables."""
    with contextlib.closing(old):
        db = sqlite3.connect("", isolation_level=None)
        try:
            old.backup(db)
            _migrate(db, version)
            add_indexes(db)
        except BaseException:
            db.close()
            raise
        return db


def open_any_version(path: Path, *, copied: bool = False) -> tuple[sqlite3.Connection, bool]:
    """Open the file as `connect_reader` does, whatever its version; the caller translates errors."""
    return _open_reader(path, copied=copied)


@contextlib.contextmanager
def snapshot(db: sqlite3.Connection) -> Iterator[None]:
    """Make several statements see one and the same journal."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("COMMIT")


def wal_exists(path: Path) -> bool:
    """Return whether a WAL is beside the journal: somebody writes it, or was cut off writing."""
    return os.path.exists(f"{path}-wal")


def _open_reader(path: Path, *, copied: bool = False) -> tuple[sqlite3.Connection, bool]:
    if copied and not wal_exists(path):
        return _open_file(path, "ro&immutable=1"), True
    try:
        return _open_file(path, "ro"), False
    except sqlite3.OperationalError as error:
        if wal_exists(path) or _primary(error) not in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}:
            raise
        return _open_file(path, "ro&immutable=1"), True


def _open_file(path: Path, mode: str) -> sqlite3.Connection:
    # SQLite makes and writes files beside the journal even for a reader: root must not, for their names are
    # those that the owner of the directory gave them.
    with as_owner_of(path.parent):
        _require_plain_files(path)
        return _opened(path, mode)


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    # A reader may be lent from thread to thread (read/pool.py), and is used by one at a time.
    db = sqlite3.connect(_uri(path, mode), uri=True, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA busy_timeout = 5000")
        db.execute("PRAGMA trusted_schema = OFF")
        one(db, "PRAGMA user_version")  # reads the file: only now it is known whether it can be
    except BaseException:
        db.close()
        raise
    return db


def _require_plain_files(path: Path) -> None:
    """Check that nothing that hangs is in the place of the journal, or of what SQLite has beside it.

    Raises:
        JournalError: a FIFO, a device or a folder is.
    """
    for suffix in ("", "-wal", "-shm", "-journal"):
        part = path.with_name(path.name + suffix)
        with contextlib.suppress(OSError):  # what is not there is made, and what may not be seen not opened
            if not stat.S_ISREG(part.stat().st_mode):
                raise JournalError(
                    f"{part} is not a plain file, and was not opened: somebody put it there.",
                    remedy=f"Find out who: ls -l {quoted(str(path.parent))}; then remove it",
                )


def _check_current(version: int, path: Path) -> None:
    if version == 0:
        raise JournalError(
            f"The journal at {path} is empty: creation was probably interrupted.",
            remedy="If this dock never ran, start the daemon. If it did, its journal is lost: keep the "
            "disk as it is.",
        )
    if version < len(MIGRATIONS):
        raise JournalVersionError(
            f"The journal at {path} is of version {version}, from an earlier bwvdock; this one reads "
            f"version {len(MIGRATIONS)}. It was not checked.",
            remedy="Start the daemon once (sudo systemctl start bwvdock): it adds the new tables and "
            "changes no entry. Then try again.",
        )


def _uri(path: Path, mode: str) -> str:
    return f"file:{quote(str(path.absolute()))}?mode={mode}"


def _version(db: sqlite3.Connection, path: Path) -> int:
    """Return the file's version, 0 for a new one; refuse anything but a journal of a known version."""
    application, version, objects = (
        one(db, query)
        for query in (
            "PRAGMA application_id",
            "PRAGMA user_version",
            "SELECT count(*) FROM sqlite_schema",
        )
    )
    if (application, version, objects) == (0, 0, 0):
        return 0
    if application != APPLICATION_ID:
        raise JournalError(
            f"{path} is a database of another program; it was not changed.",
            remedy="Move it, or set dock.state_dir to bwvdock's own directory.",
        )
    if version > len(MIGRATIONS):
        raise JournalVersionError(
            f"The journal at {path} is of version {version}; this bwvdock supports version "
            f"{len(MIGRATIONS)} at most. It was not checked.",
            remedy="Install the newer bwvdock again; a journal cannot be downgraded.",
        )
    return int(version)


def one(db: sqlite3.Connection, query: str) -> int:
    """Return the one number that a query answers."""
    return int(db.execute(query).fetchone()[0])


def write_rows(db: sqlite3.Connection, query: str, rows: Collection[Sequence[object]]) -> None:
    """Carry out a query for each row; for none, do not even have it understood."""
    if rows:
        db.executemany(query, rows)


def _script(name: str) -> str:
    # Imported here because `bwvdock status` opens a journal many times a minute and never makes one.
    from importlib import resources  # noqa: PLC0415

    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def migration(number: int) -> str:
    """Return the script that leads from version `number` to the next."""
    return _script(MIGRATIONS[number])


def index_script() -> str:
    """Return the statements that make the indexes that came without a new version."""
    return _script("indexes.sql")


def add_indexes(db: sqlite3.Connection) -> None:
    """Make the indexes that came without a new version; without room for them, some questions take longer."""
    try:
        db.executescript(index_script())
    except sqlite3.OperationalError as error:
        if _meaning_of(error) != sqlite3.SQLITE_FULL:
            raise


def _migrate(db: sqlite3.Connection, version: int) -> None:
    from bwvdock.core.custody.merkle import EMPTY_ROOT  # noqa: PLC0415

    first_rows = f"INSERT INTO tree VALUES (1, 0, x'', x'{EMPTY_ROOT.hex()}');"  # noqa: S608 - a constant
    for number in range(version + 1, len(MIGRATIONS) + 1):
        first = first_rows if number == 1 else ""
        try:
            db.executescript(
                f"BEGIN IMMEDIATE; {migration(number - 1)}\n{first}"
                f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number}; COMMIT;"
            )
        except sqlite3.Error:
            with contextlib.suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise


# --- errors --------------------------------------------------------------------------------------


def _primary(error: sqlite3.Error) -> int:
    code = getattr(error, "sqlite_errorcode", None)  # absent where the module raised it, not SQLite
    return code & 0xFF if isinstance(code, int) else sqlite3.SQLITE_ERROR


def is_final(error: sqlite3.Error) -> bool:
    """Return whether nothing more may be written after this error: the disk failed, or the file is broken."""
    return _meaning_of(error) in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _meaning_of(error: sqlite3.Error) -> int:
    # No room for the WAL's index, which is made anew from the WAL: nothing that was written has failed.
    code = getattr(error, "sqlite_errorcode", None)
    return sqlite3.SQLITE_FULL if code == sqlite3.SQLITE_IOERR_SHMSIZE else _primary(error)


_MEANINGS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: (
        (
            "The disk with the journal at {path} is full. Nothing was recorded, and nothing already"
            " recorded is lost; footage stays on its cameras."
        ),
        "Free space on that disk (`df -h {parent}`); a running dock then resumes by itself.",
    ),
    sqlite3.SQLITE_READONLY: (
        "The journal at {path} may not be written: the directory, the file or its disk is read-only.",
        "Check `ls -ld {parent}` (user bwvdock must own it) and `findmnt -T {parent}` (it must show rw).",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "The journal at {path} cannot be opened: the directory is missing, or may not be entered or written.",
        "Check `ls -ld {parent}`: it must exist and be owned by user bwvdock; others ask the daemon.",
    ),
    sqlite3.SQLITE_BUSY: (
        "The journal at {path} is locked by another program, which has been writing to it for seconds.",
        "Find it with `fuser -v {path}`; only the bwvdock daemon may open the journal for writing.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "The journal at {path} is damaged. It was left unchanged, and nothing more is written to it.",
        (
            "Stop bwvdock, keep a copy of {parent}, run `bwvdock custody verify`, check the disk"
            " (`journalctl -k -p err`), and restore the journal from a backup."
        ),
    ),
    sqlite3.SQLITE_IOERR: (
        (
            "The disk did not accept what was written to the journal at {path}; none of it counts as "
            "recorded. After a failed write the journal stays closed until bwvdock is restarted."
        ),
        "Check for disk errors with `journalctl -k -p err`, replace a failing disk, then restart bwvdock.",
    ),
}
_MEANINGS[sqlite3.SQLITE_LOCKED] = _MEANINGS[sqlite3.SQLITE_BUSY]
_MEANINGS[sqlite3.SQLITE_NOTADB] = _MEANINGS[sqlite3.SQLITE_CORRUPT]
_MEANINGS[sqlite3.SQLITE_PERM] = _MEANINGS[sqlite3.SQLITE_AUTH] = _MEANINGS[sqlite3.SQLITE_READONLY]


_KINDS: dict[int, type[JournalError]] = {
    sqlite3.SQLITE_FULL: JournalFullError,
    sqlite3.SQLITE_CORRUPT: JournalDamagedError,
    sqlite3.SQLITE_NOTADB: JournalDamagedError,
}


def explained(error: sqlite3.Error | OSError, path: Path) -> JournalError:
    """Return what an error of SQLite means for this journal, and what to do."""
    code = _meaning_of(error) if isinstance(error, sqlite3.Error) else sqlite3.SQLITE_CANTOPEN
    meaning = _MEANINGS.get(code)
    if meaning is None:
        return JournalError(
            f"The journal at {path} reported an error: {error}.",
            remedy="See the log before this line; if it happens again, restart bwvdock.",
        )
    message, remedy = (
        text.format(path=quoted(str(path)), parent=quoted(str(path.parent))) for text in meaning
    )
    return _KINDS.get(code, JournalError)(f"{message} ({error})", remedy=remedy)


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn the errors of SQLite and of the file system into JournalError."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise explained(error, path) from error
