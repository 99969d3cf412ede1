"""How do commands read the journal?"""

from __future__ import annotations

from bwvdock.config.settings import Config
from bwvdock.edges.journal.read.reader import JournalReader


def open_reader(config: Config) -> JournalReader:
    """Open the journal for reading, beside the daemon or without it.

    Raises:
        JournalError: there is none, or it cannot be read.
    """
    return JournalReader(config.journal)
