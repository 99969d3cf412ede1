"""How does a new journal take the place of one that a witness contradicts?

While the daemon is stopped. The old journal is kept under another name; the first entry of the new one
names it, the last checkpoint that witnesses had confirmed of it, who decided and why. Both can be verified.
Nothing of the old one is entered into the new one but which cameras are enrolled, and which standing holds
are in force and requests open, which only a person ends: the new journal says what it saw.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, fields

from bwvdock import __version__
from bwvdock.config.settings import Config
from bwvdock.core.clips.states import ClipState
from bwvdock.core.facts import CameraEnrolled, Fact, HoldOpened, JournalSucceeded, RequestOpened
from bwvdock.core.ports import Clock
from bwvdock.edges import durable
from bwvdock.edges.identity_file import DockIdentity, read_dock_identity, write_state_identity
from bwvdock.edges.journal import open_journal, second_names
from bwvdock.edges.journal.origin import origin_of, predecessor_of
from bwvdock.edges.journal.put_back import forget_mark, read_mark
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.system import hold_dock
from bwvdock.errors import JournalError, StorageError, UsageError, words_of
from bwvdock.service.initialise import Initialised, made, with_files
from bwvdock.service.journal_identity import require_own_journal, require_own_name
from bwvdock.units import format_count

_NEW = ".successor"
_OF_HOLD = frozenset(one.name for one in fields(HoldOpened)) - {"hold", "actor"}
_UNPROVEN = (ClipState.ACQUIRED, ClipState.UPLOADED, ClipState.RELEASING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Succeeded:
    """A succession: the ids of both journals, where the old one is kept, and what was made and left."""

    journal: str
    predecessor: str
    kept: str
    done: Initialised


def succeed(config: Config, clock: Clock, *, actor: str, reason: str) -> Succeeded:
    """Begin a new journal in the place of the dock's, which is kept.

    After a power cut in the middle, the same order completes it.

    Args:
        config: what the file says.
        clock: the dock's clocks.
        actor: who decided.
        reason: why.

    Raises:
        AlreadyRunningError: the daemon runs.
        UsageError: footage is in the spool alone, and the journal was not put back from a backup.
        BwvdockError: the old journal cannot be read, or the new one not be made.
    """
    require_own_name(config)
    with hold_dock(config.state_dir):
        own = read_dock_identity(config.state_dir)
        old = predecessor_of(config.journal)
        if own is None or old is None or old.journal != own.journal:
            require_own_journal(config)
            _begin(config, clock, actor=actor, reason=reason)
            old = predecessor_of(config.journal)
        journal = origin_of(config.journal)
        if old is None or not journal:
            raise JournalError("The new journal is not in its place.", remedy="Keep the directory as it is.")
        write_state_identity(config.state_dir, DockIdentity(dock=config.dock, journal=journal))
        forget_mark(config.state_dir)
        done = made(config, journal, recorded=True, after_loss=True)
        kept = _kept_as(config, old.journal)
        return Succeeded(
            journal=journal,
            predecessor=old.journal,
            kept=kept,
            done=with_files(config, clock, done, kept=kept),
        )


def _begin(config: Config, clock: Clock, *, actor: str, reason: str) -> None:
    facts = list(_first_facts(config, actor=actor, reason=reason))
    with open_journal(config.journal, clock):
        """Fold what is beside the old journal into its file."""
    try:
        directory = durable.open_directory(str(config.state_dir))
        try:
            name = config.journal.name
            for end in ("", "-wal", "-shm"):
                durable.remove(directory, f"{name}{_NEW}{end}")
            with open_journal(config.journal.with_name(name + _NEW), clock) as journal:
                journal.append(facts)
            _exchange(directory, name)
        finally:
            os.close(directory)
    except OSError as error:
        raise StorageError(f"The new journal could not be made: {words_of(error)}.") from error


def _first_facts(config: Config, *, actor: str, reason: str) -> Iterator[Fact]:
    mark = read_mark(config.state_dir)
    with JournalReader(config.journal) as reader:
        summary, confirmed = reader.summary(), reader.last_cosigned()
        unproven = sum(summary.clips[state] for state in _UNPROVEN)
        if unproven and mark is None:  # what a backup says of its clips is old: no dock can finish with them
            raise UsageError(
                f"{format_count(unproven, 'clip is', 'clips are')} not proven in every required store, or "
                "being erased. A new journal would not know of them, and nothing was changed.",
                remedy="Start bwvdock and wait until `bwvdock status` shows an empty queue; a store that is "
                "gone can be taken out of the configuration",
            )
        yield JournalSucceeded(
            dock=config.dock,
            version=__version__,
            predecessor=origin_of(config.journal),
            entries=summary.entries,
            root=summary.root,
            confirmed=confirmed,
            reason=reason,
            actor=actor,
            backup_at=mark.made_at if mark else "",
            unproven=unproven if mark else 0,
        )
        for camera in reader.cameras():
            if camera.enrolled_at is not None and camera.revoked is None:
                yield CameraEnrolled(camera=camera.serial, model=camera.model, actor=actor)
        yield from _still_in_force(reader, actor)


def _still_in_force(reader: JournalReader, actor: str) -> Iterator[HoldOpened | RequestOpened]:
    """Yield open requests and the standing holds in force, which only a person ends; with their ids."""
    for request in sorted(reader.requests(), key=lambda row: row.id):
        if request.open:
            yield RequestOpened(
                request=request.id,
                about=request.about,
                received=request.received,
                due=request.due,
                rule=request.rule,
                by=request.by or "",
                reason=request.reason or "",
                actor=actor,
            )
    for hold in sorted(reader.holds(), key=lambda row: row.id):
        if hold.open:
            said = {name: getattr(hold, name) or "" for name in _OF_HOLD}
            yield HoldOpened(hold=hold.id, actor=actor, **said)


def _exchange(directory: int, name: str) -> None:
    """Keep the old journal under another name, then put the new one into its place."""
    for end in ("-wal", "-shm"):
        if durable.exists(directory, f"{name}{end}") or durable.exists(directory, f"{name}{_NEW}{end}"):
            raise StorageError("A journal is still open.", remedy="Stop whatever reads it: fuser -v")
    if not second_names.keep(directory, name):
        raise StorageError("This file system cannot keep the old journal under a second name.")
    durable.rename(directory, f"{name}{_NEW}", name)
    durable.sync_directory(directory)


def _kept_as(config: Config, predecessor: str) -> str:
    """Return the file in which a journal with this id is kept, "" if there is none."""
    for path in sorted(config.state_dir.glob(f"{config.journal.name}{second_names.KEPT}*")):
        if not path.name.endswith(("-wal", "-shm")) and origin_of(path) == predecessor:
            return str(path)
    return ""
