"""What of a dock is checked, and in which order? Its journal, then the files and documents that it speaks of.

Nothing that is found ends the checks, and nothing that cannot be read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from bwvdock.cli.coverage import Coverage
from bwvdock.cli.document_checks import compare_documents
from bwvdock.cli.file_checks import file_checks, not_read
from bwvdock.cli.journal import open_journal_file
from bwvdock.config.settings import Config
from bwvdock.config.stores import DirectoryStore
from bwvdock.core.custody.merkle import EMPTY_ROOT
from bwvdock.core.custody.verification import Problem, Verification
from bwvdock.edges.destinations.vault import titled
from bwvdock.edges.destinations.vault_files import VaultFiles
from bwvdock.edges.journal.verify.checked import CheckedJournal
from bwvdock.edges.journal.verify.contain import unreadable
from bwvdock.edges.journal.verify.last import read_last
from bwvdock.edges.journal.verify.roots import Roots
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.edges.rights import as_owner_of, may_enter
from bwvdock.errors import BwvdockError, DestinationError, JournalLostError
from bwvdock.runtime.turn_priority import look_for_garbage_rarely
from bwvdock.service.journal_identity import require_own_journal
from bwvdock.service.unaccounted import unaccounted

Show = Callable[[Coverage], object]


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found in a dock's journal, and in its files if they were looked at.

    `compared` counts the checkpoints from outside that were compared with it.
    """

    journal: Verification
    files: Coverage = field(default_factory=Coverage)
    compared: int = 0

    @property
    def problems(self) -> list[Problem]:
        """All problems, those of the journal first."""
        return [*self.journal.problems, *self.files.problems]

    @property
    def errors(self) -> list[BwvdockError]:
        """What could not be read, once for each reason."""
        found = (*self.journal.errors, *self.files.errors)
        return list({error.message: error for error in found}.values())

    @property
    def lost(self) -> bool:
        """Whether there is no journal of this dock's own to say what was found with."""
        return not self.journal.entries and any(p.code == "journal_lost" for p in self.problems)


def verify_dock(
    config: Config, *, journal_only: bool, show: Show, since_checkpoint: bool = False
) -> Verified:
    """Check a dock; return what was found.

    Args:
        config: which dock.
        journal_only: whether its files are left out.
        since_checkpoint: whether only what came after the last full verification is read of the journal.
        show: called with the coverage so far, again and again.

    Raises:
        JournalError: there is no journal, and nothing says that there was one; or it may not be read.
    """
    if not (may_enter(config.state_dir) and config.state_dir.is_dir()):
        open_journal_file(config).close()  # raises the error that says what is the matter
    files = Coverage()
    with as_owner_of(config.state_dir):  # root follows no name that the dock's user may have put there
        lost = _lost(config)
        if not _is_there(config):
            if not isinstance(lost, Problem):
                open_journal_file(config).close()
            return Verified(_with(Verification(entries=0, root=EMPTY_ROOT.hex()), lost))
        if not isinstance(lost, Problem):
            _require_readable(config)
        show(files)
        since = read_last(config.state_dir).in_order if since_checkpoint else None
        look_for_garbage_rarely()
        journal = _with(verify_journal(config.journal, since=since), lost)
        if not journal_only:
            _check_files(config, journal, files, show)
    return Verified(journal, files)


def _is_there(config: Config) -> bool:
    """Return whether something is in the journal's place, other than an empty file."""
    with suppress(OSError):
        found = os.stat(config.journal, follow_symlinks=False)
        return bool(found.st_size) or not stat.S_ISREG(found.st_mode)
    return False


def _lost(config: Config) -> Problem | BwvdockError | None:
    """Return that the dock had a journal which is missing, empty or another one; or why that is not known."""
    try:
        require_own_journal(config)
    except JournalLostError as error:
        return Problem(code="journal_lost", message=error.message)
    except BwvdockError as error:
        return error
    except Exception as error:  # noqa: BLE001 - whatever is beside the journal, the journal is checked
        found = unreadable(error, "What says which journal this dock has")
        return found if isinstance(found, Problem | BwvdockError) else None
    return None


def _with(journal: Verification, lost: Problem | BwvdockError | None) -> Verification:
    if isinstance(lost, Problem):
        return replace(journal, problems=(lost, *journal.problems))
    if lost is None or any(problem.code == "journal_unreadable" for problem in journal.problems):
        return journal  # what SQLite says of the file is among the problems
    return replace(journal, errors=(*journal.errors, lost))


def _require_readable(config: Config) -> None:
    # A journal that may not be read has not failed verification: exit 4 is for what was read and found wrong.
    regular = stat.S_ISREG(os.stat(config.journal, follow_symlinks=False).st_mode)
    if regular and not os.access(config.journal, os.R_OK, effective_ids=True):
        open_journal_file(config).close()


# --- the files -----------------------------------------------------------------------------------


def _check_files(config: Config, journal: Verification, files: Coverage, show: Show) -> None:
    try:
        with CheckedJournal(config.journal) as clips:
            _read_files(config, clips, files, show)
        files.looked = True
    except BwvdockError as error:
        if journal.ok:  # otherwise this is the damage that `journal` reports already
            files.errors.append(error)


def _read_files(config: Config, clips: CheckedJournal, files: Coverage, show: Show) -> None:
    left_out, files.disposed = not_read(config, clips)
    files.not_checked.update(left_out)
    for check in file_checks(config, clips):
        files.add(check)
        show(files)
    files.add_documents(compare_documents(config, Roots(clips)))
    for found in unaccounted(config, clips):
        files.add_unaccounted(found)
    files.stores = _stores(config)


def _stores(config: Config) -> dict[str, str]:
    """Return each place that copies may be in, with the reason why it was not read; "" if it was."""
    found = {"the spool": "" if config.spool.is_dir() else "it is not there"}
    for store in config.destinations:
        if not isinstance(store, DirectoryStore):
            found[store.name] = "a remote store"
            continue
        vault = VaultFiles(store.path, name=store.name, marks=config.vault_marks)
        try:
            vault.other_docks(config.dock)  # proves its mark
            found[titled(store.name)] = ""
        except (DestinationError, OSError):
            found[titled(store.name)] = "it is not available"
    return found
