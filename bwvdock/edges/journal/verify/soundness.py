"""Can SQLite read every page of the journal? It says nothing of what the entries prove (verify.py)."""

from __future__ import annotations

import re
import sqlite3
import time
from pathlib import Path

from bwvdock.edges.journal.database import open_any_version, translated
from bwvdock.errors import JournalDamagedError

_PAGE = re.compile(r"(?:Tree \d+ )?page (\d+)(?: cell \d+)?: (.+)", re.IGNORECASE)
_INSTRUCTIONS = 10_000  # of SQLite's virtual machine, between two looks at the clock


def check_pages(path: Path, *, seconds: float | None = None) -> bool:
    """Look at every page of the journal; return whether there was time for all of them.

    Args:
        path: the journal's file.
        seconds: after how long to give up; None for never.

    Raises:
        JournalDamagedError: a page is damaged.
        JournalError: the file cannot be read.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    if not path.stat().st_size:
        return True
    with translated(path):
        db, _ = open_any_version(path)
        try:
            if deadline is not None:
                db.set_progress_handler(lambda: time.monotonic() > deadline, _INSTRUCTIONS)
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


def damage(found: str) -> str:
    """Return in one line of words what SQLite's `quick_check` found: "page 4 is damaged (...)"."""
    lines = [line.strip() for line in found.splitlines() if not line.startswith("***")]
    return "; ".join(_PAGE.sub(r"page \1 is damaged (\2)", line) for line in lines if line) or found.strip()
