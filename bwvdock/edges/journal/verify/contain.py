"""What becomes of a check that cannot be finished? A finding; the other checks are carried out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from bwvdock.core.custody.verification import Problem, Remark
from bwvdock.errors import BwvdockError, JournalError, words_of

Finding = Problem | Remark | BwvdockError
"""What a check yields: a problem, a remark, or what could not be read."""

# The machine's fault, not the file's: nothing is known of what was to be read.
_NOT_THE_FILE = frozenset(
    {
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,  # of a temporary file: a check writes nothing else
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)
_LONGEST = 200  # characters of what a library said


def contained(check: Iterable[Finding], what: str) -> Iterator[Finding]:
    """Yield what a check finds; whatever it raises becomes one more finding.

    Args:
        check: yields findings.
        what: what it reads, to begin a sentence: "Clip 01hq…".
    """
    try:
        yield from check
    except Exception as error:  # noqa: BLE001 - the boundary: one check fails, the others are carried out
        yield unreadable(error, what)


def unreadable(error: Exception, what: str) -> Finding:
    """Return that something could not be read: an error of the machine's, a problem of the journal's."""
    if isinstance(error, BwvdockError):
        return error
    if isinstance(error, sqlite3.Error) and not _is_of_the_machine(error):
        message = f"SQLite cannot read all of the file: {error}"
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            message = f"{what} could not be read: that took far longer than a journal of this size may take"
        return Problem(code="journal_unreadable", message=message)
    said = words_of(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
    message = f"{what} could not be read: {said[:_LONGEST]}"
    if isinstance(error, sqlite3.Error | OSError | MemoryError):
        return JournalError(f"{message}.", remedy="Look for what the system says of it: journalctl -k")
    return Problem(code="journal_unreadable", message=message)


def _is_of_the_machine(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in _NOT_THE_FILE
