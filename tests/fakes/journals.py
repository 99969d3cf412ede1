"""Empty journals, made once: to make the schema takes longer than most tests that need a journal."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from bwvdock.edges.journal.database import connect_writer
from tests.places import in_memory


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        path = Path(folder, "journal.sqlite3")
        connect_writer(path).close()
        return path.read_bytes()


def lay_empty_journal(path: Path) -> None:
    """Lay an empty journal of the current version to `path`, where there is none and may be one."""
    if os.access(path.parent, os.W_OK | os.X_OK) and not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(_empty())
