"""How is a backup of a dock made, whether its daemon runs or not?

The journal first, as it is at one moment; then what is beside it. Footage that comes meanwhile may be in the
backup, and its journal not know it. Nothing of the dock is changed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from bwvdock import __version__
from bwvdock.backup import layout
from bwvdock.backup.contents import items, opened
from bwvdock.backup.folder import BackupFolder, Passing
from bwvdock.backup.footage import Footage, Left
from bwvdock.backup.identity import identity_files
from bwvdock.config.settings import Config
from bwvdock.core.moments import iso
from bwvdock.edges import durable
from bwvdock.edges.identity_file import NAME as IDENTITY_FILE
from bwvdock.edges.journal.put_back import Head
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.snapshot import copy_journal
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.edges.rights import as_owner_of, may_enter
from bwvdock.errors import JournalError, UsageError, words_of
from bwvdock.mounts import real_path
from bwvdock.service.journal_identity import require_own_journal

_CONFIGURATION = "bwvdock"  # the name of a folder that has nothing but the dock's configuration: /etc/bwvdock
_MOST_OF_ETC = 16 * 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """A backup: where it is, and what makes it complete."""

    path: Path
    whole: layout.Whole


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What is to be backed up where: `footage` copies it, even where its blocks cannot be shared."""

    config: Config
    above: Path
    footage: bool
    now: datetime


@dataclass(kw_only=True, slots=True)
class _Backup:
    """A backup that is being made: where to, and what was left out so far."""

    wanted: Wanted
    folder: BackupFolder
    left: list[Left] = field(default_factory=list)
    footage: Footage | None = None

    def fill(self) -> layout.Whole:
        """Write everything but MANIFEST and COMPLETE; return what the latter will say."""
        config, made_at = self.wanted.config, iso(self.wanted.now)
        head = self._add_journal(made_at)
        copied = self.folder.path / layout.JOURNAL
        checked = verify_journal(copied)
        with JournalReader(copied, copied=True) as reader:
            footage = Footage(reader, self.folder, self.left, copies=self.wanted.footage)
            self._add_state(footage)
        self._add_configuration()
        self.folder.add(layout.LEFT_OUT, "".join(layout.left_out_lines(self.left)).encode())
        text = layout.TEXT.format(version=__version__, made_at=made_at)
        self.folder.add(layout.README, text.encode())
        return layout.Whole(
            dock=config.dock,
            journal=head.journal,
            entries=head.entries,
            root=head.root,
            made_at=made_at,
            version=__version__,
            moved=head.closed,
            files=footage.files,
            size=footage.size,
            left_out=footage.left_out,
            problems=len(checked.problems) + len(checked.errors),
            manifest_sha256="",
        )

    def _add_journal(self, made_at: str) -> Head:
        config, found = self.wanted.config, list[Head]()
        self.folder.journal(lambda held, name: found.append(copy_journal(config.journal, held, name)))
        [head] = found
        for path, content in identity_files(config.dock, head, made_at).items():
            self.folder.add(path, content)
        return head

    def _add_state(self, footage: Footage) -> None:
        config = self.wanted.config
        vaults = [str(s.path.relative_to(config.state_dir)) for s in config.vaults if config.keeps(s)]
        for item in items(config.state_dir, vaults):
            if item.why_not:
                self.left.append(("", item.size, item.path, item.why_not))
                continue
            try:
                with opened(config.state_dir, item.path) as source:
                    if item.footage:
                        footage.add(item, source)
                    else:
                        self.folder.copy(f"{layout.STATE}/{item.path}", source)
            except FileNotFoundError:
                self.left.append(("", item.size, item.path, "it was removed meanwhile"))
            except PermissionError as error:
                self.left.append(("", item.size, item.path, f"it cannot be opened: {words_of(error)}"))

    def _add_configuration(self) -> None:
        file = self.wanted.config.file
        self.folder.add(f"{layout.ETC}/{file.name}", self.wanted.config.content)
        if file.absolute().parent.name != _CONFIGURATION:
            return  # whatever else is in that folder need not be the dock's
        for path in sorted(file.absolute().parent.rglob("*")):
            below = path.relative_to(file.absolute().parent).as_posix()
            if below == file.name or path.is_dir():
                continue
            if not layout.plain(below):
                self.left.append(("", 0, f"{layout.ETC}/{below}", "its name is not plain text"))
                continue
            try:
                content = durable.read_small(str(path), _MOST_OF_ETC)
            except OSError as error:
                self.left.append(("", 0, f"{layout.ETC}/{below}", f"it cannot be read: {error.strerror}"))
            else:
                self.folder.add(f"{layout.ETC}/{below}", content)


def make(wanted: Wanted, passing: Passing) -> Made:
    """Make a backup; return it once it is whole and durable.

    Raises:
        UsageError: the folder cannot be used.
        StorageError: there is no room, or a disk refuses; nothing is left then.
        JournalError: the journal cannot be read, or is not the dock's own.
    """
    config = wanted.config
    if not may_enter(config.state_dir):
        raise JournalError(
            f"You may not read {config.state_dir}: only root and the dock's own user may.",
            remedy="Type the same with sudo.",
        )
    require_usable(config, wanted.above)
    with as_owner_of(config.state_dir):
        require_own_journal(config)
    name = layout.name_of(config.dock, wanted.now)
    with BackupFolder(wanted.above, name, passing=passing) as folder:
        made = [_Backup(wanted=wanted, folder=folder).fill()]

        def complete(digest: str) -> bytes:
            made[0] = replace(made[0], manifest_sha256=digest)
            return made[0].content()

        folder.finish(complete)
        return Made(path=folder.path, whole=made[0])


def require_usable(config: Config, above: Path) -> None:
    """Check that a folder is none of a dock's own, and has no backups of another dock.

    Raises:
        UsageError: it is, or has.
    """
    real = above.resolve()
    own = [("the state directory", config.state_dir), *((f"vault {s.name}", s.path) for s in config.vaults)]
    for what, place in own:
        if real.is_relative_to(real_path(place)):  # a vault may be on a share that hangs
            raise UsageError(
                f"{above} is in {what}: a backup there would be lost with it. Nothing was written.",
                remedy="Name a folder on another disk.",
            )
    try:
        names = sorted(os.listdir(above))
    except OSError:
        return  # whoever opens it says what is wrong with it
    if "journal.sqlite3" in names or IDENTITY_FILE in names:
        raise UsageError(
            f"{above} is a state directory, and no folder for backups. Nothing was written.",
            remedy="Name a folder of its own.",
        )
    others = {dock for name in names if (dock := layout.dock_of(name)) and dock != config.dock}
    if others:
        raise UsageError(
            f"{above} has backups of dock {', '.join(sorted(others))}, and this is {config.dock}. Nothing "
            "was written.",
            remedy=f"Use a folder for each dock: mkdir {above / config.dock}",
        )
