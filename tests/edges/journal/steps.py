"""How much does a question cost, whatever machine asks it?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from itertools import count
from pathlib import Path

from bwvdock.edges.journal.read.reader import JournalReader


def steps_of(path: Path, ask: Callable[[sqlite3.Connection], object]) -> int:
    """Return how many steps of SQLite's virtual machine a question to a journal takes."""
    steps = count()
    with JournalReader(path) as reader:

        def counted(db: sqlite3.Connection) -> list[object]:
            db.set_progress_handler(lambda: next(steps) < 0, 1)
            return [ask(db)]

        reader.report(counted)
    return next(steps)
