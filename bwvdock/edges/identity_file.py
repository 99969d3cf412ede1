"""Which journal belongs to this state directory, or to this vault? A small file outside the database says so.

    STATE_DIR/dock.json                      the dock's own
    VAULT/.bwvdock-dock-LEW-03.json          a vault's copy, one for each dock that stores there

Both hold {"dock", "journal"}. A journal is known by its first entry's leaf hash: everybody who has the
journal can compute it, and it never changes. It is "" while the first entry is still to be written, so that
a start that a power cut ended can be distinguished from a journal that was lost.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bwvdock.core.canonical import canonical
from bwvdock.edges import durable
from bwvdock.errors import StorageError
from bwvdock.units import format_count

NAME = "dock.json"
MARK = ".bwvdock-vault"
"""The file that says which vault a directory is."""
_IN_VAULT = ".bwvdock-dock-{}.json"
_MOST_BYTES = 4096
_JOURNAL = "journal.sqlite3"
_FOLDERS = {
    "spool": ("file of footage", "files of footage"),
    "marks": ("mark of a vault", "marks of vaults"),
    "uploads": ("note of an upload", "notes of uploads"),
    "keys": ("key", "keys"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class DockIdentity:
    """What such a file says: the dock's name, and the id of its journal."""

    dock: str
    journal: str

    @property
    def begun(self) -> bool:
        """Whether the journal's first entry was still to be written."""
        return not self.journal


def name_in_vault(dock: str) -> str:
    """Return the name of a vault's copy."""
    return _IN_VAULT.format(quote(dock, safe=""))


def read_dock_identity(directory: int | str | Path, name: str = NAME) -> DockIdentity | None:
    """Return what the file in a directory says; None where there is none.

    Raises:
        StorageError: it is there, and cannot be read or says something else.
    """
    path = name if isinstance(directory, int) else os.path.join(directory, name)
    below = directory if isinstance(directory, int) else None
    try:
        found = json.loads(durable.read_small(path, _MOST_BYTES, below=below))
        identity = _parsed(found["dock"], found["journal"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StorageError(
            f"{path}, which says which journal this dock has, cannot be read: {error.strerror}.",
            remedy=f"Check the file and its disk: ls -l {path}; journalctl -k",
        ) from error
    except (ValueError, KeyError, TypeError, RecursionError):
        raise StorageError(
            f"{path} is damaged: it does not say which journal this dock has.",
            remedy="Restore the file from a backup, or, after looking into the cause: "
            "bwvdock init --after-loss --reason R",
        ) from None
    return identity


def _parsed(dock: object, journal: object) -> DockIdentity:
    if not (isinstance(dock, str) and isinstance(journal, str) and re.fullmatch("([0-9a-f]{64})?", journal)):
        raise ValueError("not the values of an identity file")
    return DockIdentity(dock=dock, journal=journal)


def write_dock_identity(directory: int, identity: DockIdentity, name: str = NAME) -> None:
    """Write the file, durably and whole.

    Raises:
        OSError: the disk refuses.
        DurabilityError: the disk did not keep it.
    """
    content = canonical({"dock": identity.dock, "journal": identity.journal})
    durable.replace(directory, name, f"{content}\n".encode(), mode=0o600)
    _give_to_owner(directory, name)


def _give_to_owner(directory: int, name: str) -> None:
    # A command that root types must not leave a file that the daemon cannot read.
    if os.geteuid() == 0:
        owner = os.fstat(directory)
        os.chown(name, owner.st_uid, owner.st_gid, dir_fd=directory, follow_symlinks=False)


def traces(state_dir: Path) -> list[str]:
    """Return what says that there was a dock in a state directory, its journal aside; a line each.

    Raises:
        OSError: the directory cannot be read.
    """
    found = []
    for name, what in _FOLDERS.items():
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            count = sum(entry != "lost+found" for entry in os.listdir(state_dir / name))
            if count:
                found.append(f"{state_dir / name} holds {format_count(count, *what)}")
    with contextlib.suppress(FileNotFoundError):
        names = sorted(os.listdir(state_dir))
        found += [f"{state_dir / name} is there" for name in names if name.startswith(f"{_JOURNAL}.lost-")]
        # SQLite has a file beside a journal that is open, whose own is never empty then.
        begun = _JOURNAL in names and (state_dir / _JOURNAL).stat().st_size
        if f"{_JOURNAL}-wal" in names and not begun:
            found.append(f"{state_dir / _JOURNAL}-wal is there")
        if "lock" in names and NAME not in names:
            found.append(f"{state_dir / 'lock'} shows that a dock ran here")
    return found


def announce(state_dir: Path) -> None:
    """Note in a state directory in which no dock ever was that one begins there; else do nothing.

    Raises:
        OSError: the directory is not there, or refuses.
    """
    directory = durable.open_directory(str(state_dir))
    try:
        there = any(durable.exists(directory, name) for name in (NAME, _JOURNAL))
        if not there and not traces(state_dir):
            write_dock_identity(directory, DockIdentity(dock="", journal=""))
    finally:
        os.close(directory)


def write_state_identity(state_dir: Path, identity: DockIdentity) -> None:
    """Record in a state directory which journal it has.

    Raises:
        StorageError: it cannot be written there.
    """
    try:
        directory = durable.open_directory(str(state_dir))
        try:
            write_dock_identity(directory, identity)
        finally:
            os.close(directory)
    except OSError as error:
        raise StorageError(
            f"{state_dir / NAME} cannot be written: {error.strerror}.",
            remedy=f"Check the disk and the permissions: df -h {state_dir}; ls -ld {state_dir}",
        ) from error


def docks_of(vault: int) -> dict[str, DockIdentity]:
    """Return the identities in a vault, by the names of their docks; what cannot be read is left out."""
    found: dict[str, DockIdentity] = {}
    with os.scandir(vault) as entries:
        names = [e.name for e in entries if re.fullmatch(r"\.bwvdock-dock-.*\.json", e.name)]
    for name in sorted(names):
        with contextlib.suppress(StorageError):
            identity = read_dock_identity(vault, name)
            if identity is not None:
                found[identity.dock] = identity
    return found
