"""What does a state directory hold that belongs into a backup, and what of it is footage?"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bwvdock.backup.layout import plain
from bwvdock.edges import durable
from bwvdock.edges.destinations.vault_files import walk
from bwvdock.edges.journal import put_back
from bwvdock.edges.rights import as_owner_of
from bwvdock.signer.key import KEY, SIGNED

_JOURNAL = ("journal.sqlite3", "journal.sqlite3-wal", "journal.sqlite3-shm", "journal.sqlite3-journal")
_NEVER = {*_JOURNAL, "dock.json", "lock", "verify.lock", put_back.NAME, put_back.UNFINISHED}
_SUCCESSOR = "journal.sqlite3.successor"  # what a succession that was cut off left
_SIGNING = {f"keys/{KEY}", f"keys/{SIGNED}", f"keys/{SIGNED}-journal"}
_WHY_SIGNING = "what signs, and what was signed last, is never put back"
_WHY_PART = "a copy that was still being made"
_WHY_KIND = "not a plain file"
_WHY_NAME = "its name is not plain text"


@dataclass(frozen=True, slots=True)
class Item:
    """A file: its path below the state directory, whether it is footage, its bytes and mode.

    `why_not` says why it is left out, "" if it is not.
    """

    path: str
    footage: bool
    size: int
    mode: int
    why_not: str = ""


def items(state_dir: Path, vaults: Collection[str]) -> Iterator[Item]:
    """Yield what is in a state directory, beside the journal in use and what belongs to running processes.

    Args:
        state_dir: the directory.
        vaults: the folders in it that are vaults: what is in them, and in the spool, is footage.

    Raises:
        OSError: a folder cannot be read.
    """
    with as_owner_of(state_dir):
        found = list(_files(state_dir))
    for path, status in found:
        if not _is_kept(path):
            continue
        footage = path.startswith("spool/") or any(path.startswith(f"{vault}/") for vault in vaults)
        yield Item(path, footage, status.st_size, stat.S_IMODE(status.st_mode), _why_not(path, status))


def belongs(path: str) -> bool:
    """Return whether a path below the state directory is one that `items` has copied."""
    return _is_kept(path) and path not in _SIGNING and not path.endswith(".part")


def _is_kept(path: str) -> bool:
    return path not in _NEVER and not path.startswith((_SUCCESSOR, "run/"))


def _files(state_dir: Path) -> Iterator[tuple[str, os.stat_result]]:
    directory = durable.open_directory(str(state_dir))
    try:
        for folder, names in walk(directory):
            for name in names:
                path = os.path.join(folder, name)
                status = durable.exists(directory, path)
                if status is not None:  # the dock may have finished with it meanwhile
                    yield path, status
    finally:
        os.close(directory)


def _why_not(path: str, status: os.stat_result) -> str:
    if not stat.S_ISREG(status.st_mode):
        return _WHY_KIND
    if path in _SIGNING:
        return _WHY_SIGNING
    if not plain(path):
        return _WHY_NAME
    if path.endswith(".part"):
        return _WHY_PART
    return ""


@contextmanager
def opened(state_dir: Path, path: str) -> Iterator[durable.DiskFile]:
    """Open a file of the state directory for reading, with its owner's rights.

    Raises:
        OSError: it is not there any more, or cannot be opened.
    """
    with as_owner_of(state_dir):
        directory = durable.open_directory(str(state_dir))
        try:
            file = durable.DiskFile.read(directory, path)
        finally:
            os.close(directory)
    with file:
        yield file
