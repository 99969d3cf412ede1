"""How do commands read the journal?

Its file is the dock's own user's alone. That user and root read it themselves, whether the daemon runs or
not; everybody else who may use the control socket asks the daemon.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bwvdock.cli.output.console import say
from bwvdock.cli.remote_reader import RemoteReader
from bwvdock.config.settings import Config
from bwvdock.core.clips.names import Named, UnknownName, sentence
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


def say_unknown(
    reader: Reader, named: Mapping[Named, str | None], config: Config | None, subject: str
) -> bool:
    """Return whether there is a name among those that somebody typed that nothing here has; each is said.

    Args:
        reader: the journal.
        named: what was typed, by what it is that of; None or "" where nothing was.
        config: its classes are known, whatever the journal has; None for a copy's.
        subject: the consultation that was recorded, where one of the names is of people.
    """
    wanted = {what.value: name for what, name in named.items() if name}
    classes = [one.name for one in config.retention.classes] if config else []
    if wanted.get(Named.CLASS) in classes:
        del wanted[Named.CLASS]
    unknown = reader.unknown_names(wanted, subject=subject) if wanted else []
    for one in unknown:
        say(sentence(_with_class(one, classes)))
    return bool(unknown)


def _with_class(one: UnknownName, classes: Sequence[str]) -> UnknownName:
    if one.what is not Named.CLASS:
        return one
    from difflib import get_close_matches  # noqa: PLC0415 - needed for a class that nobody has

    return replace(one, nearest=next(iter(get_close_matches(one.value, classes, n=1)), ""))
