"""How do commands read the journal?"""

from __future__ import annotations

from bwvdock.config.settings import Config
from bwvdock.edges.journal.read.reader import JournalReader


def open_reader(config: Config) -> JournalReader:
    """Open the journal for reading, beside the daemon or without it.

    Raises:
        JournalLostError: there was one, and it is missing, empty or another one.
        JournalError: there is none, or it cannot be read.
    """
    from bwvdock.service.own_journal import require_own_journal  # noqa: PLC0415 - loads the writer

    require_own_journal(config)
    return JournalReader(config.journal)
