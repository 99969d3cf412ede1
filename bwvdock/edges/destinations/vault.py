"""Is this directory the vault, and which one? Its mark says so; what the disk refuses is put into words.

The mark is also remembered in the state directory: when it is not there, this is not the vault but the
empty place where a share should be mounted, and nothing is written to it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from bwvdock.edges import durable
from bwvdock.errors import DestinationError, DestinationUnavailableError

MARK = ".bwvdock-vault"
_GONE = {
    errno.ENOENT,
    errno.ENOTDIR,
    errno.ENOTCONN,
    errno.ESTALE,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ETIMEDOUT,
    errno.ENXIO,
}
_CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}
_GIVE = "Mount it read-write and make the user bwvdock its owner"


class Vault:
    """One vault's door. May be opened from several threads."""

    def __init__(self, path: Path, *, name: str, marks: Path) -> None:
        """Describe it; nothing is touched yet.

        Args:
            path: its directory; at the first use it is made, but never the one above it.
            name: as the configuration has it.
            marks: the directory that remembers, for each vault by name, the mark it must bear.
        """
        self.name = name
        self._path = path
        self._marks = marks
        self._entrance = threading.Lock()  # those who come together set a new vault up once

    @contextlib.contextmanager
    def open(self) -> Iterator[int]:
        """Open the vault, proven by its mark; everything is done below this one descriptor."""
        with self.translated(), self._entrance:
            vault = self._enter()
        try:
            yield vault
        finally:
            os.close(vault)

    def probe(self) -> None:
        """Find out whether it is there and can be written to.

        Raises:
            DestinationUnavailableError: it is not, or cannot.
        """
        with self.open() as vault:
            read_only = bool(os.fstatvfs(vault).f_flag & os.ST_RDONLY)
            if read_only or not os.access(".", os.W_OK | os.X_OK, dir_fd=vault):
                raise self.unavailable("it cannot be written to", remedy=_GIVE)

    def _enter(self) -> int:
        expected = self._remembered()
        vault = self._open_directory(make=not expected)
        try:
            self._recognise(vault, expected)
        except BaseException:
            os.close(vault)
            raise
        return vault

    def _open_directory(self, *, make: bool) -> int:
        if not make:
            return os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        above = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            if durable.exists(above, self._path.name) is None:
                return durable.make_directory(self._path.name, below=above)
            return os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        finally:
            os.close(above)

    def _recognise(self, vault: int, expected: str) -> None:
        mark = _read_small(vault, MARK)
        if expected and mark != expected:
            what = "its mark is missing" if mark == "" else "it has the mark of another vault"
            raise self.unavailable(
                f"{self._path} is not the vault: {what}",
                remedy=f"Mount the vault at {self._path}. If this is to be a new one, remove {self._note}",
            )
        if not expected:
            mark = mark or secrets.token_hex(16)
            _write_small(vault, MARK, mark)
            self._remember(mark)

    @property
    def _note(self) -> Path:
        return self._marks / quote(self.name, safe="")

    def _remembered(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return self._note.read_text(encoding="ascii").strip()
        return ""

    def _remember(self, mark: str) -> None:
        above = durable.open_directory(str(self._marks.parent))
        try:
            marks = durable.make_directory(self._marks.name, below=above)
        finally:
            os.close(above)
        try:
            _write_small(marks, self._note.name, mark)
        finally:
            os.close(marks)

    @contextlib.contextmanager
    def translated(self) -> Iterator[None]:
        """Put what the disk refuses into words."""
        try:
            yield
        except OSError as error:
            raise self._translate(error) from error

    def _translate(self, error: OSError) -> DestinationError:
        if durable.no_room(error):
            return self.unavailable("it is full", remedy="Free space in the vault; nothing in it was changed")
        if error.errno in _GONE:
            return self.unavailable(f"{error}", remedy=f"Mount the vault at {self._path}, or correct `path`")
        if error.errno in _CLOSED:
            return self.unavailable(f"{error}", remedy="Mount it read-write and make user bwvdock its owner")
        return DestinationError(
            f"vault {self.name}: {error}", remedy="Check the vault's disk (journalctl -k)"
        )

    def unavailable(self, why: str, *, remedy: str) -> DestinationUnavailableError:
        """Return the error that the vault cannot be used now."""
        return DestinationUnavailableError(f"vault {self.name} is not available: {why}", remedy=remedy)


def _read_small(directory: int, name: str) -> str:
    try:
        fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=directory)
    except FileNotFoundError:
        return ""
    with open(fd, encoding="ascii", errors="replace") as file:
        return file.read(128).strip()


def _write_small(directory: int, name: str, text: str) -> None:
    durable.replace(directory, name, f"{text}\n".encode())
