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
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bwvdock.core.visible_text import quoted
from bwvdock.edges import durable
from bwvdock.edges.identity_file import (
    MARK,
    DockIdentity,
    docks_of,
    name_in_vault,
    read_dock_identity,
    write_dock_identity,
)
from bwvdock.errors import DestinationError, DestinationUnavailableError, words_of

GONE = {
    errno.ENOENT,
    errno.ENOTDIR,
    errno.ENOTCONN,
    errno.ESTALE,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ETIMEDOUT,
    errno.ENXIO,
}
_MOST_BYTES = 128  # of a mark
_CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}
_GIVE = "Mount it read-write and make the user bwvdock its owner"


@dataclass(frozen=True, kw_only=True, slots=True)
class VaultRules:
    """Who may make a vault, and where.

    `made_at_first_use`: without an operator's order. That is for vaults in the state directory alone: one
    elsewhere may be a share that is not mounted. `mount_to_make`: it is made only where something is
    mounted. `mount_always`: it is used only there.
    """

    made_at_first_use: bool = False
    mount_to_make: bool = False
    mount_always: bool = False


class Vault:
    """One vault. May be opened from several threads."""

    def __init__(self, path: Path, *, name: str, marks: Path, rules: VaultRules) -> None:
        """Describe it; nothing is touched yet.

        Args:
            path: its directory.
            name: as the configuration has it.
            marks: the directory that remembers, for each vault by name, the mark it must bear.
            rules: who may make it, and where.
        """
        self.name = name
        self._path = path
        self._marks = marks
        self._rules = rules
        self._entrance = threading.Lock()  # those who come together set a new vault up once
        self._identified: set[tuple[int, int]] = set()

    @property
    def title(self) -> str:
        """What the vault is called within a sentence; a vault that is named "vault" is "the vault"."""
        return titled(self.name)

    @contextlib.contextmanager
    def open(self, *, for_storing: bool = False) -> Iterator[int]:
        """Open the vault, proven by its mark; everything is done below this one descriptor.

        Where something is to be stored, the vault says first which journal the dock has (identity_file.py).
        """
        with self.translated(), self._entrance:
            vault = self._enter()
            try:
                if for_storing:
                    self._certify(vault)
            except BaseException:
                os.close(vault)
                raise
        try:
            yield vault
        finally:
            os.close(vault)

    @contextlib.contextmanager
    def open_unproven(self) -> Iterator[int]:
        """Open the directory, whichever mark it bears: for reading what is there, never for more."""
        with self.translated():
            vault = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
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

    # --- making it ---

    def make(self, *, after_loss: bool = False) -> bool:
        """Make the vault, or join one that others have made; return whether anything was to be done.

        Args:
            after_loss: an operator said that this is the dock's vault, whatever its marks say.

        Raises:
            DestinationUnavailableError: it cannot be, or does not seem to be this dock's.
        """
        with self.translated(), self._entrance:
            expected = self._remembered()
            vault = self._open_directory(make=not expected or after_loss)
            try:
                self._require_mount(vault, making=not expected)
                mark = _read_small(vault, MARK)
                if expected and mark == expected:
                    return self._certify(vault, replace=after_loss)
                if (expected or mark) and not after_loss:
                    self._require_ours(vault, expected, mark)
                # First: if the power fails before the mark is remembered, it shows whose vault it is.
                self._certify(vault, replace=after_loss)
                self._adopt(vault, mark)
            finally:
                os.close(vault)
        return True

    def is_made(self) -> bool:
        """Return whether the dock knows the vault's mark; the vault itself is not touched.

        Raises:
            DestinationUnavailableError: that cannot be read.
        """
        return bool(self._remembered())

    def _require_ours(self, vault: int, expected: str, mark: str) -> None:
        """Refuse a vault that may be this dock's from before a loss, or is not the one that it knows."""
        own, docks = self._identity(), docks_of(vault)
        ours = docks.get(own.dock) if own else None
        if own is not None and ours is not None and ours.journal == own.journal:
            return  # only what the state directory remembers of it was lost
        if expected:
            raise self._not_the_vault(mark)
        if ours is None and docks:
            return  # another dock's, which this one joins
        raise self.unavailable(
            f"{self._path} is a vault already, and nothing shows that this dock may use it: it may be this "
            "dock's own, from before its journal was lost",
            remedy="If it is, or if other docks share it: bwvdock init --after-loss --reason R",
        )

    def _adopt(self, vault: int, mark: str) -> None:
        if not mark:
            mark = secrets.token_hex(16)
            _write_small(vault, MARK, mark)
        self._remember(mark)

    def _certify(self, vault: int, *, replace: bool = False) -> bool:
        """Record in the vault which journal the dock has; return whether that was to be done."""
        own, place = self._identity(), os.fstat(vault)
        if own is None or own.begun or (place.st_dev, place.st_ino) in self._identified:
            return False
        name = name_in_vault(own.dock)
        there = read_dock_identity(vault, name)
        if there is not None and there != own and not replace:
            raise self.unavailable(
                f"{self._path} holds the footage of another journal of this dock ({there.journal[:12]}…; "
                f"this one is {own.journal[:12]}…)",
                remedy="Put the state directory of that journal back; or, if it is lost: "
                "bwvdock init --after-loss --reason R",
            )
        if there != own:
            write_dock_identity(vault, own, name)
        self._identified.add((place.st_dev, place.st_ino))
        return there != own

    def _identity(self) -> DockIdentity | None:
        return read_dock_identity(self._marks.parent)

    # --- entering it ---

    def _enter(self) -> int:
        expected = self._remembered()
        if not expected and not self._rules.made_at_first_use:
            raise self.unavailable(
                f"{self._path} has not been made a vault of this dock",
                remedy=f"See that its disk or share is mounted (findmnt -T {self._path}); then: bwvdock init",
            )
        vault = self._open_directory(make=not expected)
        try:
            self._require_mount(vault, making=not expected)
            self._recognise(vault, expected)
        except BaseException:
            os.close(vault)
            raise
        return vault

    def _recognise(self, vault: int, expected: str) -> None:
        try:
            mark = _read_small(vault, MARK)
        except OSError as error:
            if error.errno in GONE:
                raise
            raise self.unavailable(
                f"the mark in {self._path} cannot be read: {words_of(error)}",
                remedy=f"Check the file: ls -l {self._path / MARK}",
            ) from error
        if expected and mark != expected:
            raise self._not_the_vault(mark)
        if not expected:
            self._adopt(vault, mark)

    def _open_directory(self, *, make: bool) -> int:
        if not make:
            return os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        above = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            if durable.exists(above, self._path.name) is None:
                self._require_mount(above, making=True)
                return durable.make_directory(self._path.name, below=above)
            return os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        finally:
            os.close(above)

    def _require_mount(self, directory: int, *, making: bool) -> None:
        needed = self._rules.mount_always or (making and self._rules.mount_to_make)
        if needed and os.fstat(directory).st_dev == os.stat("/").st_dev:
            raise self.unavailable(
                f"nothing is mounted at {self._path}: it is on the disk of the operating system",
                remedy=f"Mount the vault's disk or share, and check with: findmnt -T {self._path}\n"
                "If it is meant to be on this disk: must_be_mount = false under its [[destination]]",
            )

    def _not_the_vault(self, mark: str) -> DestinationUnavailableError:
        what = "its mark is missing" if mark == "" else "it has the mark of another vault"
        return self.unavailable(
            f"{self._path} is not the vault: {what}",
            remedy=f"Mount the vault at {self._path}. If the vault is lost, and this is to be a new one: "
            "bwvdock init --after-loss --reason R",
        )

    @property
    def _note(self) -> Path:
        return self._marks / quote(self.name, safe="")

    def _remembered(self) -> str:
        """Return the mark that the vault must bear; "" where the dock knows of none.

        Raises:
            DestinationUnavailableError: something else is in its place, or it cannot be read.
        """
        try:
            return durable.read_small(str(self._note), _MOST_BYTES).decode("ascii", "replace").strip()
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise self.unavailable(
                f"the mark by which this dock knows it cannot be read: {words_of(error)}",
                remedy=f"Find out who changed {self._note.parent}: ls -l {quoted(str(self._note.parent))}; "
                "then move it away, and type: bwvdock init",
            ) from error

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
        if error.errno in GONE:
            return self.unavailable(
                words_of(error), remedy=f"Mount the vault at {self._path}, or correct `path`"
            )
        if error.errno in _CLOSED:
            return self.unavailable(
                words_of(error), remedy="Mount it read-write and make user bwvdock its owner"
            )
        return DestinationError(
            f"{self.title}: {words_of(error)}", remedy="Check the vault's disk (journalctl -k)"
        )

    def unavailable(self, why: str, *, remedy: str) -> DestinationUnavailableError:
        """Return the error that the vault cannot be used now."""
        return DestinationUnavailableError(f"{self.title} is not available: {why}", remedy=remedy)


def titled(name: str) -> str:
    """Return what a vault is called within a sentence: "vault nas", or "the vault" if that is its name."""
    return "the vault" if name == "vault" else f"vault {name}"


def _read_small(directory: int, name: str) -> str:
    with contextlib.suppress(FileNotFoundError):
        return durable.read_small(name, _MOST_BYTES, below=directory).decode("ascii", "replace").strip()
    return ""


def _write_small(directory: int, name: str, text: str) -> None:
    durable.replace(directory, name, f"{text}\n".encode())
