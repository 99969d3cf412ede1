"""How is a BagIt bag (RFC 8493) written so that it is there whole, or not at all?

In a folder beside the place that it is for, with a name of its own; every file is durable before the folder
gets its final name, which is never one that is taken.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from bwvdock.edges import durable, file_copies
from bwvdock.errors import NotAsAcquiredError, StorageError, UsageError, words_of

_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_ALGORITHMS = ("sha256", "sha512")
_MODE = 0o640
TAGS = "tagmanifest-sha256.txt"


@dataclass(frozen=True, slots=True)
class _Digests:
    """The digests of one file, while it is written."""

    made: dict[str, hashlib._Hash] = field(default_factory=lambda: {a: hashlib.new(a) for a in _ALGORITHMS})

    def add(self, data: bytes | memoryview) -> None:
        for digest in self.made.values():
            digest.update(data)


class Bag:
    """A bag that is being written. A context manager: what was not published is removed at its end."""

    def __init__(self, target: Path) -> None:
        """Make the folder in which it is written, beside the final one.

        Raises:
            UsageError: the target exists, or the folder above does not.
            StorageError: the folder cannot be made.
        """
        self._target = target
        if os.path.lexists(target):
            raise UsageError(f"{target} exists already.", remedy="Name a folder that does not exist yet.")
        self._name = f".{target.name}.{secrets.token_hex(4)}.part"
        with translated(target):
            self._above = durable.open_directory(str(target.absolute().parent))
            self._root = durable.make_directory(self._name, below=self._above, mode=0o750)
        self._digests: dict[str, _Digests] = {}
        self.bytes = 0

    @property
    def files(self) -> int:
        """How many files it has below data/."""
        return sum(name.startswith("data/") for name in self._digests)

    def add(self, name: str, content: bytes) -> None:
        """Write a small file.

        Raises:
            StorageError: the disk is full, or refuses.
        """
        self._digests[name] = digests = _Digests()
        digests.add(content)
        self.bytes += len(content)
        with translated(self._target):
            folder = self._folder(name)
            try:
                durable.replace(folder, name.rpartition("/")[2], content, mode=_MODE)
            finally:
                os.close(folder)

    def copy(self, name: str, source: durable.DiskFile, *, size: int, sha256: str) -> None:
        """Copy a file, which must have this size and digest.

        Raises:
            NotAsAcquiredError: it has another; nothing of it is in the bag.
            StorageError: either disk refuses, or there is no room.
        """
        digests, last = _Digests(), name.rpartition("/")[2]
        with translated(self._target):
            folder = self._folder(name)
            try:
                if source.size == size:
                    with durable.DiskFile.create(folder, last) as target:
                        file_copies.copy(source, target, passing=digests.add)
                        target.set_mode(_MODE)
                        target.sync()
                if source.size != size or digests.made["sha256"].hexdigest() != sha256:
                    durable.remove(folder, last)
                    raise NotAsAcquiredError("it does not have the digest that was taken at ingest")
                durable.sync_directory(folder)
            finally:
                os.close(folder)
        self._digests[name] = digests
        self.bytes += size

    def _folder(self, name: str) -> int:
        held = os.dup(self._root)
        for step in name.split("/")[:-1]:
            below = durable.make_directory(step, below=held, mode=0o750)
            os.close(held)
            held = below
        return held

    def finish(self, info: Mapping[str, str]) -> str:
        """Write the files that BagIt asks for; return the digest of tagmanifest-sha256.txt.

        Raises:
            StorageError: the disk is full, or refuses.
        """
        payload = {name: its for name, its in self._digests.items() if name.startswith("data/")}
        told = {**info, "Payload-Oxum": f"{self.bytes}.{len(payload)}"}
        self.add("bagit.txt", _DECLARATION)
        self.add("bag-info.txt", "".join(f"{key}: {value}\n" for key, value in told.items()).encode())
        for algorithm in _ALGORITHMS:
            self.add(f"manifest-{algorithm}.txt", _manifest(payload, algorithm))
        tags = {name: its for name, its in self._digests.items() if name not in payload}
        for algorithm in _ALGORITHMS:
            self.add(f"tagmanifest-{algorithm}.txt", _manifest(tags, algorithm))
        return self._digests[TAGS].made["sha256"].hexdigest()

    def publish(self) -> None:
        """Rename the folder to its final name.

        Raises:
            UsageError: the name was taken meanwhile.
            StorageError: the disk refuses.
        """
        try:
            with translated(self._target):
                durable.sync_directory(self._root)
                durable.publish(self._above, self._name, self._target.name)
                durable.sync_directory(self._above)
        except FileExistsError:
            raise UsageError(f"{self._target} exists by now.", remedy="Name another folder.") from None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what was not published."""
        with suppress(OSError):
            shutil.rmtree(self._name, dir_fd=self._above)
        os.close(self._root)
        os.close(self._above)


def _manifest(files: Mapping[str, _Digests], algorithm: str) -> bytes:
    return "".join(
        f"{its.made[algorithm].hexdigest()}  {name}\n" for name, its in sorted(files.items())
    ).encode()


@contextmanager
def translated(target: Path) -> Iterator[None]:
    """Raise what the system says of a place that is written as an error that says what to do."""
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        if durable.no_room(error):
            raise StorageError(
                f"There is no room for {target}; nothing of it is left.",
                remedy="Make room there, or name a folder on another disk.",
            ) from error
        if error.errno == errno.EFBIG:
            raise StorageError(
                f"The file system at {target} does not take a file of this size; nothing of it is left.",
                remedy="Name a folder on a disk with ext4, XFS, exFAT or NTFS: FAT32 ends at 4 GiB a file. "
                "If it has one of these, see ulimit -f.",
            ) from error
        why = f"{target} cannot be written, or what goes into it cannot be read: {words_of(error)}."
        raise StorageError(why, remedy="Check the folder above it, and the disks (journalctl -k).") from error
