"""Can SQLite read every page of the journal? It says nothing of what the entries prove (verify.py)."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from bwvdock.edges.journal.database import open_any_version, translated
from bwvdock.errors import JournalDamagedError

_PAGE = re.compile(r"(?:Tree \d+ )?page (\d+)(?: cell \d+)?: (.+)", re.IGNORECASE)
_LOOK_SECONDS = 0.01  # between two looks at whether to interrupt


def check_pages(path: Path, *, seconds: float | None = None, halted: Event | None = None) -> bool:
    """Look at every page of the journal; return whether there was time for all of them.

    Args:
        path: the journal's file.
        seconds: after how long to give up; None for never.
        halted: gives up as soon as it is set.

    Raises:
        JournalDamagedError: a page is damaged.
        JournalError: the file cannot be read.
    """
    if not path.stat().st_size:
        return True
    began = time.monotonic()

    def over() -> bool:
        late = seconds is not None and time.monotonic() - began >= seconds
        return late or (halted is not None and halted.is_set())

    if over():
        return False
    with translated(path):
        db, _ = open_any_version(path)
        try:
            with interrupted_when(over, db):
                found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                return False
            raise
        finally:
            db.close()
    if found != "ok":
        raise JournalDamagedError(
            f"The journal at {path} is damaged: {damage(found)}. Nothing more is recorded in it.",
            remedy=f"Stop bwvdock, keep a copy of {path.parent}, run `bwvdock custody verify`, check the "
            "disk (`journalctl -k -p err`), and restore the journal from a backup.",
        )
    return True


@contextmanager
def interrupted_when(over: Callable[[], bool], db: sqlite3.Connection) -> Iterator[None]:
    """Interrupt what a connection does once `over` returns true; it is asked in a thread of its own.

    A progress handler would not do: one instruction looks at the pages of all tables, for minutes in a large
    journal, and asks none.
    """
    ended = Event()

    def watch() -> None:
        while not ended.wait(_LOOK_SECONDS):
            if over():
                db.interrupt()  # again and again: what has not begun yet is not interrupted

    watching = Thread(target=watch, name="pages", daemon=True)
    watching.start()
    try:
        yield
    finally:
        ended.set()
        watching.join()


def damage(found: str) -> str:
    """Return in one line of words what SQLite's `quick_check` found: "page 4 is damaged (...)"."""
    lines = [line.strip() for line in found.splitlines() if not line.startswith("***")]
    return "; ".join(_PAGE.sub(r"page \1 is damaged (\2)", line) for line in lines if line) or found.strip()
