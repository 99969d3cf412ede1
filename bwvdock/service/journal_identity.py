"""Is the journal in the state directory the one that this dock has always had?

Asked by every reader; nothing is made here. Who may begin a new one: initialise.py.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from bwvdock.config.settings import Config, MistakesError
from bwvdock.config.stores import DirectoryStore
from bwvdock.config.toml_table import Mistake
from bwvdock.edges import identity_file
from bwvdock.edges.identity_file import MARK, DockIdentity, read_dock_identity
from bwvdock.edges.journal.origin import origin_of
from bwvdock.errors import JournalLostError, StorageError
from bwvdock.mounts import missing_mount

_INIT = "bwvdock init --after-loss --reason R"
_SHOWN = 12  # characters of a journal's id


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What is there of a dock.

    `journal` is the id of the journal in the file, "" where there is none, or none with an entry. `elsewhere`
    are journals of this dock that its vaults name. `missing_mount` is where the disk of the state directory
    is to be mounted and is not, "" if nothing is missing.
    """

    journal: str
    identity: DockIdentity | None
    elsewhere: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()
    missing_mount: str = ""

    @property
    def named(self) -> str:
        """The id of the journal that this dock is known to have, "" if none is known."""
        own = self.identity.journal if self.identity else ""
        return own or next(iter(self.elsewhere), "")

    @property
    def lost(self) -> bool:
        """Whether there was a journal, or may be on a disk that is away, and it is not in the file."""
        if self.journal:
            return bool(self.named) and self.named != self.journal
        return bool(self.named or self.traces or self.missing_mount)


def examine(config: Config) -> Found:
    """Look at what is there of a dock; at vaults only where the state directory does not say enough.

    Raises:
        JournalError: the journal cannot be read.
        StorageError: the identity file cannot be read, or is damaged.
    """
    journal, own = origin_of(config.journal), read_dock_identity(config.state_dir)
    if journal and own and own.journal:
        return Found(journal=journal, identity=own)
    elsewhere, marks = [], []
    for store in config.vaults:
        ours, mark = _look_at(store, config.dock)
        elsewhere += [ours] if ours else []
        marks += [mark] if mark else []
    try:
        traces = () if journal else (*identity_file.traces(config.state_dir), *marks)
    except OSError as error:
        raise StorageError(
            f"{config.state_dir} cannot be read: {error.strerror}.", remedy=f"ls -ld {config.state_dir}"
        ) from error
    return Found(
        journal=journal,
        identity=own,
        elsewhere=tuple(elsewhere),
        traces=traces,
        missing_mount="" if journal else missing_mount(config.state_dir),
    )


def _look_at(store: DirectoryStore, dock: str) -> tuple[str, str]:
    """Return the journal of this dock that a vault names, and why it may be this dock's."""
    try:
        vault = os.open(store.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return "", ""
    try:
        docks, names = identity_file.docks_of(vault), os.listdir(vault)
    except OSError:
        return "", ""
    finally:
        os.close(vault)
    if dock in docks:
        journal = docks[dock].journal
        return journal, f"{store.path} names journal {journal[:_SHOWN]}… of this dock"
    used = MARK in names or any(re.fullmatch(r"\d{4}", name) for name in names)
    return "", f"{store.path} is a vault that was in use" if used and not docks else ""


def require_own_journal(config: Config) -> Found:
    """Return what is there of a dock, if its journal is the one it has always had or nothing is there at all.

    Raises:
        JournalLostError: there was a journal, and it is missing, empty or another one.
        JournalError: it cannot be read.
        StorageError: the identity file cannot be read.
    """
    found = examine(config)
    if not found.lost:
        return found
    if found.journal:
        raise JournalLostError(
            f"The journal at {config.journal} is not this dock's: it is {found.journal[:_SHOWN]}…, "
            f"and this dock has {found.named[:_SHOWN]}….",
            remedy=f"Put this dock's own journal back. If it is lost for good: {_INIT}",
            found=(f"the journal {found.journal}", *found.traces),
        )
    what = "is empty" if config.journal.exists() else "is missing"
    if found.missing_mount and not found.named and not found.traces:
        raise JournalLostError(
            f"The journal {config.journal} {what}, and the disk that it belongs on is not mounted: "
            f"/etc/fstab mounts one at {found.missing_mount}. No new journal is begun, because the dock's "
            "own may be on it.",
            remedy=f"mount {shlex.quote(found.missing_mount)}\n"
            "If no disk belongs there, take its line out of /etc/fstab.",
            found=(f"nothing is mounted at {found.missing_mount}",),
        )
    lines = list(found.traces)
    if found.identity and found.identity.journal:
        lines.insert(0, f"{config.state_dir / identity_file.NAME} names journal {found.named[:_SHOWN]}…")
    raise JournalLostError(
        f"The journal {config.journal} {what}, and this dock had one: {'; '.join(lines)}. No new journal is "
        "begun, because holds, enrolments and the history of all footage are in the old one.",
        remedy=f"See that the disk is mounted (findmnt -T {config.state_dir}), or restore the journal from a "
        f"backup.\nIf it is lost for good: {_INIT}",
        found=tuple(lines),
    )


def renamed(config: Config) -> Iterator[Mistake]:
    """Return a mistake if the journal in the state directory belongs to a dock of another name.

    Raises:
        StorageError: what says whose journal it is cannot be read.
    """
    own = read_dock_identity(config.state_dir)
    if own and own.journal and own.dock != config.dock:
        yield Mistake(
            key="dock.id",
            value=f'"{config.dock}"',
            message=f"the journal in {config.state_dir} is that of dock {own.dock}, whose name is in every "
            "entry and every upload and cannot be changed",
            remedy=f'write id = "{own.dock}" again; a new dock begins in another state directory: write its '
            "state_dir, then type bwvdock init",
        )


def require_own_name(config: Config) -> None:
    """Check that the configuration names the dock whose journal it is.

    Raises:
        MistakesError: it names another one.
        StorageError: as `renamed` does.
    """
    if wrong := list(renamed(config)):
        raise MistakesError(config.file, wrong, config)
