"""Who may begin a dock's journal and make its vaults, and when?

A dock begins once. `run` makes its journal where nothing at all says that there was a dock before; everywhere
else a journal that is missing, empty or another one is an error, and only `bwvdock init --after-loss` begins
anew.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bwvdock import __version__
from bwvdock.config.settings import Config
from bwvdock.config.stores import DirectoryStore
from bwvdock.core.facts import DockInitialised
from bwvdock.core.media.names import escape
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.edges import durable
from bwvdock.edges.destinations.vault import Vault
from bwvdock.edges.identity_file import DockIdentity, write_state_identity
from bwvdock.edges.journal import Journal, open_journal, second_names
from bwvdock.edges.journal.origin import origin_of
from bwvdock.edges.journal.put_back import ended, forget_mark, taken_up
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.verify.last import remember_unaccounted
from bwvdock.edges.system import hold_dock
from bwvdock.errors import (
    AlreadyRunningError,
    BwvdockError,
    DurabilityError,
    JournalError,
    JournalLostError,
    StorageError,
    UsageError,
    words_of,
)
from bwvdock.service.destinations import vault_rules
from bwvdock.service.journal_identity import Found, examine, require_own_journal, require_own_name
from bwvdock.service.unaccounted import places, unaccounted
from bwvdock.units import format_count


@contextmanager
def open_own_journal(config: Config, clock: Clock) -> Iterator[Journal]:
    """Open the dock's journal for writing; where nothing says that there was one, begin it.

    The caller holds the lock on the state directory.

    Raises:
        MistakesError: it is the journal of a dock of another name.
        JournalLostError: there was a journal, and it is missing, empty or another one.
        JournalEndedError: it is a backup's, or was moved to another machine.
        JournalError, StorageError: it cannot be opened.
    """
    require_own_name(config)
    found = require_own_journal(config)
    first = taken_up(config.journal)
    _forget_second_name(config)
    with _open(config, clock, found.identity) as journal:
        if first is not None:
            journal.append([first])
        forget_mark(config.state_dir)
        yield journal


def _forget_second_name(config: Config) -> None:
    """Remove the name under which `custody succeed` was to keep the journal, and was cut off before."""
    try:
        second_names.forget(config.journal)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError(
            f"A second name of the journal cannot be removed: {words_of(error)}.",
            remedy=f"ls -li {config.state_dir}",
        ) from error


@contextmanager
def _open(config: Config, clock: Clock, own: DockIdentity | None) -> Iterator[Journal]:
    """Open the journal, and say beside it which one it is, as soon as it has an entry."""

    def certify(journal: str) -> None:
        identity = DockIdentity(dock=config.dock, journal=journal)
        if own != identity:
            write_state_identity(config.state_dir, identity)

    with open_journal(config.journal, clock, begun=certify) as journal:
        if journal.size():
            certify(journal.origin())
        yield journal


# --- init ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Initialised:
    """What `bwvdock init` did. `vaults` are those that were made or joined, `advice` a line each.

    `without_entry` says after a loss how many files belong to no entry of the new journal, by the place.
    """

    journal: str
    recorded: bool
    vaults: tuple[str, ...]
    advice: tuple[str, ...]
    without_entry: tuple[tuple[str, int], ...] = ()


def initialise(config: Config, clock: Clock, *, actor: str, reason: str = "") -> Initialised:
    """Make the dock's journal and vaults, where they are missing.

    Args:
        config: what the file says; the state directory is there.
        clock: the dock's clocks.
        actor: who asked for it.
        reason: why a new journal or vault takes the place of one that is lost; "" if none may.

    Raises:
        MistakesError: the state directory has the journal of a dock of another name.
        JournalLostError: there was a journal, and no reason was given.
        DestinationUnavailableError: a vault cannot be made, or may be one that was lost.
        UsageError: a reason was given and nothing is lost.
        BwvdockError: something of it cannot be made.
    """
    if not reason or _names_its_journal(config):
        require_own_name(config)
    try:
        with hold_dock(config.state_dir):
            done = _initialise(config, clock, actor=actor, reason=reason)
            return with_files(config, clock, done) if reason else done
    except AlreadyRunningError:
        found = require_own_journal(config)
        if reason or not found.journal:
            raise
        return made(config, found.journal, recorded=False, after_loss=False)


def _names_its_journal(config: Config) -> bool:
    """Return whether the journal that is there is the one that the state directory names."""
    found, _ = _examine_after_loss(config)
    return bool(found.journal) and found.named == found.journal


def with_files(config: Config, clock: Clock, done: Initialised, *, kept: str = "") -> Initialised:
    """Return this with the files that belong to no entry of the new journal, noted for `status` as well.

    `kept` is where the journal is whose place it took, "" if that is lost.
    """
    with JournalReader(config.journal) as reader:
        found = list(unaccounted(config, reader))
    failed = [f"{one.title} was not searched for footage: {one.error.message}" for one in found if one.error]
    left = places(found)
    try:
        remember_unaccounted(config.state_dir, left, at=iso(clock.now()))
    except (OSError, DurabilityError) as error:
        failed.append(f"This could not be noted for `bwvdock status`: {error}.")
    return replace(done, without_entry=left, advice=(*done.advice, *_advice(left, kept), *failed))


def _advice(left: tuple[tuple[str, int], ...], kept: str) -> Iterator[str]:
    if not left:
        return
    where = ", ".join(f"{count:,} in {place}" for place, count in left)
    total = format_count(sum(count for _, count in left), "file belongs", "files belong")
    if kept:
        yield (
            f"{total} to no entry of the new journal: {where}. The journal {kept} accounts for them. "
            "The new one uploads none of them and never removes them: a person must decide about them. "
            "`bwvdock status` has the alert files-unaccounted until a verification finds none."
        )
        return
    yield (
        f"{total} to no entry of the new journal: {where}. The lost journal may account for them; "
        "this one proves nothing about them, uploads none of them and never removes them. Names: "
        "bwvdock custody verify."
    )
    yield (
        "If the lost journal can be restored, stop here and restore it with its state directory. If not, "
        "move these files, with what is left of it (journal.sqlite3.lost-1, if anything is), to where the "
        "investigating officer says; `bwvdock status` has the alert files-unaccounted until a verification "
        "finds none."
    )


def _initialise(config: Config, clock: Clock, *, actor: str, reason: str) -> Initialised:
    found, why = _examine_after_loss(config) if reason else (require_own_journal(config), ())
    error = ended(config.journal)
    if error is not None and (found.journal or not reason):
        raise error
    if reason and not found.journal:
        _set_aside(config)
        forget_mark(config.state_dir)
    wanted = tuple(store.name for store in config.vaults if not _vault(config, store).is_made())
    with _open(config, clock, found.identity) as journal:
        recorded = bool(reason or wanted or not found.journal)
        if reason and found.journal and not why and not _vaults_lost(config):
            raise UsageError("Nothing is lost: journal and vaults are there.", remedy="bwvdock status")
        if recorded:
            lost = found.named if found.named != found.journal else ""
            journal.append(
                [
                    DockInitialised(
                        dock=config.dock,
                        version=__version__,
                        vaults=wanted,
                        reason=reason,
                        found=tuple(escape(os.fsencode(line)) for line in why),
                        lost_journal=lost,
                        actor=actor,
                    )
                ]
            )
            # Where another journal was named, this one takes its place.
            write_state_identity(config.state_dir, DockIdentity(dock=config.dock, journal=journal.origin()))
        return made(config, journal.origin(), recorded=recorded, after_loss=bool(reason))


def _examine_after_loss(config: Config) -> tuple[Found, tuple[str, ...]]:
    """Return what is there, whatever its state, and what is wrong with it; a line each."""
    try:
        journal = origin_of(config.journal)
    except JournalError as error:
        return Found(journal="", identity=None), (error.message,)
    try:
        require_own_journal(config)
        return examine(config), ()
    except JournalLostError as error:
        return examine(config), error.found
    except StorageError as error:
        return Found(journal=journal, identity=None), (error.message,)


def _set_aside(config: Config) -> None:
    """Rename what is left of a lost journal: it is evidence of what happened."""
    directory = durable.open_directory(str(config.state_dir))
    try:
        names = [config.journal.name + end for end in ("", "-wal", "-shm")]
        left = [name for name in names if durable.exists(directory, name)]
        taken = {name.rpartition(".")[2] for name in os.listdir(directory) if ".lost-" in name}
        number = next(n for n in range(1, 1000) if f"lost-{n}" not in taken)
        for name in left:
            durable.rename(directory, name, f"{name}.lost-{number}")
        durable.sync_directory(directory)
    finally:
        os.close(directory)


def _vault(config: Config, store: DirectoryStore) -> Vault:
    rules = vault_rules(config, store, stored=True)
    return Vault(store.path, name=store.name, marks=config.vault_marks, rules=rules)


def _vaults_lost(config: Config) -> bool:
    for store in config.vaults:
        try:
            with _vault(config, store).open(for_storing=True):
                pass
        except BwvdockError:
            return True
    return False


def made(config: Config, journal: str, *, recorded: bool, after_loss: bool) -> Initialised:
    """Make or join the vaults of a journal, and return what was done.

    Args:
        config: what the file says.
        journal: the journal's id.
        recorded: whether an entry was made.
        after_loss: whether the journal takes the place of an earlier one that vaults may name.
    """
    vaults, advice = [], []
    for store in config.vaults:
        if _vault(config, store).make(after_loss=after_loss):
            vaults.append(store.name)
        if not config.keeps(store) and store.must_be_mount is None and _elsewhere(config, store):
            advice.append(
                f"Vault {store.name} is on another disk than the state directory. So that nothing is stored "
                "in the empty folder when that disk is not mounted, write must_be_mount = true in its "
                "[[destination]]."
            )
    return Initialised(journal=journal, recorded=recorded, vaults=tuple(vaults), advice=tuple(advice))


def _elsewhere(config: Config, store: DirectoryStore) -> bool:
    with contextlib.suppress(OSError):
        return store.path.stat().st_dev != config.state_dir.stat().st_dev
    return False
