"""How is a journal closed so that it can be continued on another machine, and opened again where it is?"""

from __future__ import annotations

from bwvdock.config.settings import Config
from bwvdock.core.facts import BackupMade, JournalTakenUp
from bwvdock.core.ports import Clock
from bwvdock.edges.journal import open_journal
from bwvdock.edges.journal.put_back import head_of, read_mark
from bwvdock.edges.system import hold_dock
from bwvdock.errors import JournalError, UsageError
from bwvdock.service.initialise import open_own_journal
from bwvdock.service.journal_identity import require_own_journal, require_own_name


def close_for_move(config: Config, clock: Clock, *, actor: str) -> bool:
    """Record as the journal's last entry that it is closed; return whether it was open before.

    Raises:
        AlreadyRunningError: the daemon runs.
        JournalError: the journal is not the dock's own, may not be continued here, or has no entry.
    """
    require_own_name(config)
    with hold_dock(config.state_dir):
        head = head_of(config.journal)
        if head is None:
            require_own_journal(config)
            raise JournalError("The journal has no entry yet: there is nothing to move.")
        if head.closed and read_mark(config.state_dir) is None:
            return False
        with open_own_journal(config, clock) as journal:
            size, root = journal.size(), head_root(config)
            closing = BackupMade(
                entries=size, root=root, footage=0, size=0, left_out=0, moved=True, actor=actor
            )
            journal.append([closing])
    return True


def head_root(config: Config) -> str:
    """Return the root of the journal's entries, hexadecimal."""
    head = head_of(config.journal)
    return head.root if head else ""


def give_up_move(config: Config, clock: Clock) -> None:
    """Continue a journal where it was closed for a move.

    Raises:
        AlreadyRunningError: another process holds the dock.
        UsageError: it was not closed, or is a backup's.
    """
    require_own_name(config)
    with hold_dock(config.state_dir):
        require_own_journal(config)
        head = head_of(config.journal)
        if head is None or not head.closed or read_mark(config.state_dir) is not None:
            raise UsageError("The journal here was not closed for a move; nothing changed.")
        with open_journal(config.journal, clock) as journal:
            journal.append([JournalTakenUp(entries=head.entries, root=head.root, backup_at="")])
