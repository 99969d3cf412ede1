"""How do commands read the journal?

Its file is the dock's own user's alone. That user and root read it themselves, whether the daemon runs or
not; everybody else who may use the control socket asks the daemon.
"""

from __future__ import annotations

import os
from pathlib import Path

from bwvdock.cli.remote_reader import RemoteReader
from bwvdock.config.settings import Config
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.rights import as_owner_of, may_enter
from bwvdock.errors import JournalError

Reader = JournalReader | RemoteReader


def open_reader(config: Config) -> Reader:
    """Open the journal for reading, beside the daemon or without it; or ask the daemon.

    Raises:
        JournalLostError: there was one, and it is missing, empty or another one.
        JournalError: there is none, or it cannot be read.
    """
    return open_journal_file(config) if _may_read(config.journal) else RemoteReader(config.control_socket)


def open_journal_file(config: Config) -> JournalReader:
    """Open the journal's file itself, for what needs the footage beside it too.

    Raises:
        JournalError: there is none, or it cannot be read.
    """
    if not _may_read(config.journal):
        raise JournalError(
            f"You may not read {config.state_dir}: only root and the dock's own user may.",
            remedy="Type the same with sudo.",
        )
    from bwvdock.service.journal_identity import require_own_journal  # noqa: PLC0415 - where it is asked

    if not config.state_dir.is_dir():
        require_own_journal(config)
        return JournalReader(config.journal)
    with as_owner_of(config.state_dir):  # root follows no name that the dock's user may have put there
        require_own_journal(config)
        return JournalReader(config.journal)


def open_copy(file: Path) -> JournalReader:
    """Open a copy of a journal, which belongs to no dock on this machine.

    Raises:
        JournalError: it cannot be read, or is not a journal of this version.
    """
    if not file.is_file():
        raise JournalError(
            f"There is no file {file}.", remedy="Name the journal's file, for example journal.sqlite3."
        )
    return JournalReader(file, copied=True)


def _may_read(journal: Path) -> bool:
    """Return whether the file may be read, or it is for this process to see that there is none."""
    if not may_enter(journal.parent):
        return False
    return not journal.exists() or os.access(journal, os.R_OK, effective_ids=True)
