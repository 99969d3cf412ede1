"""How do commands read the journal?"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from bwvdock.config.settings import Config
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.rights import as_owner_of


def open_reader(config: Config) -> JournalReader:
    """Open the journal for reading, beside the daemon or without it.

    Raises:
        JournalError: there is none, or it cannot be read.
    """
    with _as_owner(config.state_dir):
        return JournalReader(config.journal)


def _as_owner(folder: Path) -> AbstractContextManager[None]:
    # Root follows no name that the dock's user may have put in the journal's place.
    return as_owner_of(folder) if folder.is_dir() else nullcontext()
