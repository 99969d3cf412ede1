"""How does a clip get into a vault that is a directory, and what does the vault hold of it?

    VAULT/.bwvdock-vault              says which vault this is
    VAULT/2026/04/30/CLIP.N.mp4       part N of a clip, under the day its id was made (UTC)

Where vault and spool share a file system a part gets a second name (hard link) or shares its blocks
(reflink); elsewhere it is copied. It is never overwritten. The vault's mark is also remembered in
the state directory: when the mark is not there, this is not the vault but the empty place where a
share should be mounted, and nothing is written to it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from bwvdock.core.clip import Clip
from bwvdock.core.policy import Assessment, ProofMethod, Receipt
from bwvdock.core.ports import Passage
from bwvdock.edges import durable
from bwvdock.edges.spool import FileSpool, part_name, sha256_of
from bwvdock.errors import (
    DestinationError,
    DestinationUnavailableError,
    DurabilityError,
    ObjectConflictError,
)

MARK = ".bwvdock-vault"
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # of an id's time: see core/identity.py
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

_GIVE = "Mount it read-write and give it to the user bwvdock"
_DISK = "Look at the vault's disk (journalctl -k, smartctl -a)"


def day_of(clip_id: str) -> str:
    """Give the day, in UTC, on which a clip's id was made: "2026/04/30"."""
    unix_ms = 0
    for digit in clip_id[:10]:
        unix_ms = unix_ms * 32 + _DIGITS.index(digit)
    return datetime.fromtimestamp(unix_ms / 1000, UTC).strftime("%Y/%m/%d")


class DirectoryDestination:
    """The destination port on a directory. May be used from several threads."""

    kind = "directory"

    def __init__(self, path: Path, *, name: str, spool: FileSpool, marks: Path) -> None:
        """Describe it; nothing is touched yet.

        Args:
            path: the vault's directory; at the first use it is made, but never the one above it.
            name: as the configuration has it.
            spool: where clips come from.
            marks: the directory that remembers, for each vault by name, the mark it must bear.
        """
        self.name = name
        self._path = path
        self._spool = spool
        self._marks = marks
        self._entrance = threading.Lock()  # uploaders that come together set a new vault up once
        self._durable_days: set[tuple[int, str]] = set()

    # --- the port ------------------------------------------------------------------------------

    def store(self, clip: Clip, passage: Passage) -> str:  # noqa: ARG002 - a disk needs no pace
        """Give every part of a clip its place in the vault, durably; give the footage's."""
        with self._vault() as vault, self._translated():
            day = self._open_day(vault, day_of(clip.id))
            try:
                # The footage comes last: where it stands, its sidecars do.
                for number in reversed(range(len(clip.parts))):
                    self._store_part(clip, number, day)
                durable.sync_directory(day)
            finally:
                os.close(day)
        return _object(clip)

    def prove(self, clip: Clip, passage: Passage) -> Receipt:  # noqa: ARG002 - a disk needs no pace
        """Read back from the disk what the vault holds of every part."""
        return self._prove(clip)

    def describe(self, clip: Clip, document: bytes, passage: Passage) -> str:  # noqa: ARG002 - likewise
        """Lay the custody document beside the footage, in place of an earlier one."""
        name = f"{part_name(clip, 0)}.custody.json"
        with self._vault() as vault, self._translated():
            day = self._open_day(vault, day_of(clip.id))
            try:
                _replace(day, name, document)
            finally:
                os.close(day)
        return f"{day_of(clip.id)}/{name}"

    def assess(self, passage: Passage) -> Assessment:  # noqa: ARG002 - likewise
        """Say that every part is read back from the disk: there is nothing to try out."""
        return Assessment(
            method=ProofMethod.READ_BACK, words="a directory: every file is read back from its disk"
        )

    def _prove(self, clip: Clip) -> Receipt:
        with self._vault() as vault, self._translated():
            found = [_read_part(vault, clip, number) for number in range(len(clip.parts))]
        for number, part in enumerate(clip.parts[1:], start=1):
            if found[number] != part.sha256:
                raise ObjectConflictError(
                    f"vault {self.name}: sidecar {part_name(clip, number)} has sha256 {found[number]}; "
                    f"{part.sha256} was taken at ingest",
                    remedy=_look_at(clip),
                )
        return Receipt(
            destination=self.name,
            object=_object(clip),
            version="",
            sha256=found[0],
            method=ProofMethod.READ_BACK,
        )

    def check(self, clip: Clip) -> None:
        """Read every part back and compare it with what was taken at ingest.

        Raises:
            DestinationUnavailableError: the vault is not there.
            DestinationError: a part is missing, unreadable or different.
        """
        found = self._prove(clip).sha256
        if found != clip.sha256:
            raise ObjectConflictError(
                f"vault {self.name}: {_object(clip)} has sha256 {found}; {clip.sha256} was taken at ingest",
                remedy=_look_at(clip),
            )

    def probe(self) -> None:
        """Find out whether the vault is there and can be written to."""
        with self._vault() as vault:
            read_only = bool(os.fstatvfs(vault).f_flag & os.ST_RDONLY)
            if read_only or not os.access(".", os.W_OK | os.X_OK, dir_fd=vault):
                raise self._unavailable("it cannot be written to", remedy=_GIVE)

    def _open_day(self, vault: int, day: str) -> int:
        """Open the directory of a day; it is durable with all that lead to it."""
        known = (os.fstat(vault).st_dev, day)
        if known not in self._durable_days:
            made = _make_day(vault, day)
            self._durable_days.add(known)
            return made
        with contextlib.suppress(FileNotFoundError):
            return durable.open_directory(day, below=vault)
        return _make_day(vault, day)  # somebody tidied up

    # --- parts ---------------------------------------------------------------------------------

    def _store_part(self, clip: Clip, number: int, day: int) -> None:
        name = part_name(clip, number)
        spooled = durable.exists(self._spool.directory, name)
        if spooled is None or spooled.st_size != clip.parts[number].size:
            raise _not_as_acquired(clip, name)
        try:
            if not durable.hard_link(self._spool.directory, name, day, name):
                self._copy_part(clip, number, day)
        except FileExistsError:
            self._require_same(clip, number, day)

    def _copy_part(self, clip: Clip, number: int, day: int) -> None:
        name = part_name(clip, number)
        temporary = f".{name}.part"
        try:
            self._copy(clip, number, day, temporary)
            durable.publish(day, temporary, name)
        except BaseException:
            durable.remove(day, temporary)
            raise

    def _copy(self, clip: Clip, number: int, day: int, temporary: str) -> None:
        name, digest = part_name(clip, number), hashlib.sha256()
        with (
            durable.DiskFile.read(self._spool.directory, name) as source,
            durable.DiskFile.create(day, temporary) as target,
        ):
            durable.copy(source, target, passing=digest.update)
            if digest.hexdigest() != clip.parts[number].sha256:
                raise _not_as_acquired(clip, name)
            target.set_mode(0o440)
            target.sync()

    def _require_same(self, clip: Clip, number: int, day: int) -> None:
        name = part_name(clip, number)
        with durable.DiskFile.read(day, name) as there:
            there.sync()  # a run that was cut may have left it in the cache
            found = sha256_of(there)
        if found != clip.parts[number].sha256:
            raise ObjectConflictError(
                f"vault {self.name}: other content (sha256 {found}) stands under {day_of(clip.id)}/{name}; "
                "it was left as it is",
                remedy=_look_at(clip),
            )

    # --- the vault itself ------------------------------------------------------------------------

    @contextlib.contextmanager
    def _vault(self) -> Iterator[int]:
        """Open the vault, proven by its mark; everything is done below this one descriptor."""
        with self._translated(), self._entrance:
            vault = self._enter()
        try:
            yield vault
        finally:
            os.close(vault)

    def _enter(self) -> int:
        expected = self._remembered()
        vault = self._open(make=not expected)
        try:
            self._recognise(vault, expected)
        except BaseException:
            os.close(vault)
            raise
        return vault

    def _open(self, *, make: bool) -> int:
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
            what = "its mark is not there" if mark == "" else "it bears the mark of another vault"
            raise self._unavailable(
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
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._translate(error) from error

    def _translate(self, error: OSError) -> DestinationError:
        if durable.no_room(error):
            return self._unavailable("it is full", remedy="Make room in the vault; nothing in it was changed")
        if error.errno in _GONE:
            return self._unavailable(f"{error}", remedy=f"Mount the vault at {self._path}, or mend `path`")
        if error.errno in _CLOSED:
            return self._unavailable(f"{error}", remedy="Mount it read-write and give it to user bwvdock")
        return DestinationError(
            f"vault {self.name}: {error}", remedy="Look at the vault's disk (journalctl -k)"
        )

    def _unavailable(self, why: str, *, remedy: str) -> DestinationUnavailableError:
        return DestinationUnavailableError(f"vault {self.name} is not available: {why}", remedy=remedy)


def _object(clip: Clip) -> str:
    return f"{day_of(clip.id)}/{part_name(clip, 0)}"


def _look_at(clip: Clip) -> str:
    return (
        f"Look at its history with `bwvdock clips show {clip.id}`; bring it again with `bwvdock clips retry`"
    )


def _not_as_acquired(clip: Clip, name: str) -> DurabilityError:
    return DurabilityError(f"the spool's {name} is missing or not what was acquired", remedy=_look_at(clip))


def _make_day(vault: int, day: str) -> int:
    """Open the directory of a day, made durable with all that lead to it."""
    directory = os.dup(vault)
    for name in day.split("/"):
        above = directory
        try:
            directory = durable.make_directory(name, below=above)
        finally:
            os.close(above)
    return directory


def _read_part(vault: int, clip: Clip, number: int) -> str:
    path = f"{day_of(clip.id)}/{part_name(clip, number)}"
    try:
        with durable.DiskFile.read(vault, path) as file:
            return sha256_of(file)
    except FileNotFoundError:
        raise DestinationError(f"{path} is not in the vault", remedy=_look_at(clip)) from None


def _read_small(directory: int, name: str) -> str:
    try:
        fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=directory)
    except FileNotFoundError:
        return ""
    with open(fd, encoding="ascii", errors="replace") as file:
        return file.read(128).strip()


def _write_small(directory: int, name: str, text: str) -> None:
    """Write a short text that is there whole, or not at all; durable when this returns."""
    _replace(directory, name, f"{text}\n".encode())


def _replace(directory: int, name: str, content: bytes) -> None:
    """Write a small file that is there whole, as it was before or as it is now; durable when this returns."""
    temporary = f"{name}.part"
    with durable.DiskFile.create(directory, temporary) as file:
        file.write(memoryview(content), 0)
        file.sync()
    durable.rename(directory, temporary, name)
    durable.sync_directory(directory)
