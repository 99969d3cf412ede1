"""What does a directory vault hold? It is read and listed here; nothing is stored or removed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from bwvdock.core.clips.clip import Clip
from bwvdock.edges import durable
from bwvdock.edges.destinations.directory import NOTES, day_of, document_name, document_names
from bwvdock.edges.destinations.vault import GONE, Vault, VaultRules
from bwvdock.edges.destinations.withdrawn import ASIDE, path_of
from bwvdock.edges.identity_file import MARK, docks_of
from bwvdock.edges.spool import FileCopy, read_copy
from bwvdock.errors import DestinationError, words_of

_OWN = (MARK, ".bwvdock-dock-")  # what the names of a vault's own files begin with
_OF_THE_DISK = "lost+found"
MOST_OF_DOCUMENT = 64 * 2**20  # bytes; one that is larger is not read


class VaultFiles:
    """The files of one vault, as they are read. A vault that is not made is never made here."""

    def __init__(self, path: Path, *, name: str, marks: Path, proven: bool = True) -> None:
        """Describe the vault; nothing is touched yet.

        Args:
            path: its directory.
            name: as the configuration has it.
            marks: the directory that remembers, for each vault by name, the mark it must bear.
            proven: read only what bears that mark; otherwise whatever directory is there.
        """
        self.name = name
        self.path = path
        self._marks = marks
        self._proven = proven
        self._vault = Vault(path, name=name, marks=marks, rules=VaultRules())

    def unproven(self) -> VaultFiles:
        """Return the same directory, whichever mark it bears."""
        return VaultFiles(self.path, name=self.name, marks=self._marks, proven=False)

    def _open(self) -> AbstractContextManager[int]:
        return self._vault.open() if self._proven else self._vault.open_unproven()

    @property
    def title(self) -> str:
        """What the vault is called within a sentence: "vault nas"."""
        return self._vault.title

    def is_made(self) -> bool:
        """Return whether the dock knows the vault; it is not touched."""
        return self._vault.is_made()

    def part(self, clip: Clip, number: int) -> FileCopy:
        """Return what is under the name of a clip's part, read from the disk.

        Raises:
            DestinationUnavailableError: the vault is not there.
            DestinationError: the file cannot be read.
        """
        with self._open() as vault:
            path = path_of(vault, clip, number, day=day_of(clip.id))
        return self._read(path, clip.parts[number].size)

    @contextmanager
    def opened(self, clip: Clip, number: int) -> Iterator[durable.DiskFile]:
        """Open the file that has the name of a clip's part, for copying it.

        Raises:
            OSError: there is none, or it cannot be opened.
            DestinationUnavailableError: the vault is not there.
        """
        with self._open() as vault:
            file = durable.DiskFile.read(vault, path_of(vault, clip, number, day=day_of(clip.id)))
        with file:
            yield file

    def document(self, clip: Clip) -> FileCopy:
        """Return what is under the name of a clip's custody document; raises as `part` does."""
        day = day_of(clip.id)
        with self._open() as vault:
            paths = [
                f"{folder}/{name}" for folder in (day, f"{ASIDE}/{day}") for name in document_names(clip)
            ]
            there = (path for path in paths if durable.exists(vault, path))
            path = next(there, f"{day}/{document_name(clip)}")
        return self._read(path, MOST_OF_DOCUMENT)

    def _read(self, path: str, size: int) -> FileCopy:
        where = f"{path} in {self.title}"
        with self._open() as vault:
            try:
                return read_copy(vault, path, where=where, size=size)
            except OSError as error:
                if error.errno in GONE:
                    raise  # `open` says that the vault is not available
                why = f"{where} cannot be read: {words_of(error)}"
                raise DestinationError(why, remedy="Check the vault's disk (journalctl -k)") from error

    def read(self, path: str) -> bytes:
        """Return what a small file says, by its path below the vault.

        Raises:
            DestinationError: the vault is not there, the file is not one, is too large or cannot be read.
        """
        with self._open() as vault:
            try:
                content = durable.read_small(path, MOST_OF_DOCUMENT + 1, below=vault)
            except OSError as error:
                why = f"{path} in {self.title} cannot be read: {words_of(error)}"
                raise DestinationError(why, remedy="Check the vault's disk (journalctl -k)") from error
        if len(content) > MOST_OF_DOCUMENT:
            raise DestinationError(f"{path} in {self.title} is too large for what it should be.")
        return content

    def folders(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each folder that has files ("2026/04/30", "" for the vault itself) with their names, sorted.

        The vault's own marks and signed checkpoints are left out, links are not followed.

        Raises:
            DestinationError: the vault is not there, or a folder of it cannot be read.
        """
        with self._open() as vault, self._vault.translated():
            for folder, names in walk(vault):
                yield folder, [name for name in names if not _is_own(folder, name)]

    def other_docks(self, dock: str) -> tuple[str, ...]:
        """Return the names of the other docks that use the vault.

        Raises:
            DestinationUnavailableError: the vault is not there.
        """
        with self._open() as vault:
            return tuple(sorted(name for name in docks_of(vault) if name not in {"", dock}))


def _is_own(folder: str, name: str) -> bool:
    if folder == NOTES:
        return name.endswith(".txt")
    return not folder and name.startswith(_OWN)


def walk(directory: int) -> Iterator[tuple[str, list[str]]]:
    """Yield each folder below a directory, and that itself as "", with the sorted names of its files.

    Links are not followed.

    Raises:
        OSError: a folder cannot be read.
    """
    for path, folders, names, _ in os.fwalk(".", onerror=_give_up, dir_fd=directory):
        folders[:] = sorted(name for name in folders if name != _OF_THE_DISK)
        yield path.removeprefix(".").removeprefix("/"), sorted(names)


def _give_up(error: OSError) -> None:
    raise error
