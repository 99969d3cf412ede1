"""How is a backup written so that what was cut off is never taken for one?

In a folder with a name of its own, every file durable and read back before the next. What is cut off has no
COMPLETE, and a name that says so.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from bwvdock.backup import layout
from bwvdock.edges import durable, file_copies
from bwvdock.edges.bags.bag import translated
from bwvdock.errors import DurabilityError, StorageError, UsageError

_MODE = 0o600
Passing = Callable[[str, int], object]
"""Called with the file's path before it is written, and with each number of bytes that were."""


def _silent(_path: str, _size: int) -> None:
    """Show nothing."""


class BackupFolder:
    """A backup that is being written. A context manager: after an error nothing of it is left.

    `digests` has the SHA-256 of each file by its path.
    """

    def __init__(self, above: Path, name: str, *, passing: Passing = _silent) -> None:
        """Make the folder.

        Raises:
            UsageError: `above` is a link, or is not there, or one of the names is taken.
            StorageError: the folder cannot be made, or keeps no permissions.
        """
        self._passing = passing
        self._above_path = above
        self.name = name
        self.unfinished = f"{name}{layout.UNFINISHED}"
        self.digests: dict[str, str] = {}
        self._copied: dict[tuple[int, int], str] = {}
        self._complete = False
        self._above = _open_above(above)
        try:
            self._root = self._make()
        except BaseException:
            os.close(self._above)
            raise

    @property
    def path(self) -> Path:
        """Where it is now."""
        return self._above_path / (self.name if self._complete else self.unfinished)

    def _make(self) -> int:
        for name in (self.name, self.unfinished):
            if durable.exists(self._above, name) is not None:
                raise UsageError(
                    f"{self._above_path / name} exists already; nothing was written.",
                    remedy="Wait a second and try again. What ends with .unfinished was cut off: it is not a "
                    "backup, and can be removed.",
                )
        with translated(self._above_path):
            # Not `make_directory`, which opens what is there: it may have come in between.
            os.mkdir(self.unfinished, 0o700, dir_fd=self._above)
            root = durable.make_directory(self.unfinished, below=self._above)
        try:
            self._require_modes(root)
        except BaseException:
            os.close(root)
            self._remove()
            raise
        return root

    def _require_modes(self, root: int) -> None:
        if stat.S_IMODE(os.fstat(root).st_mode) & 0o077:
            raise StorageError(
                f"The file system at {self._above_path} keeps no permissions (FAT, exFAT, or mounted so): "
                "everybody who can read it could read names and secrets, and what is put back with cp -a "
                "would be open to all. Nothing is left there.",
                remedy="Use a disk with ext4, XFS or btrfs: mkfs.ext4, on a disk that you may erase",
            )

    def add(self, path: str, content: bytes) -> None:
        """Write a small file, durably.

        Raises:
            StorageError: the disk is full, or refuses.
        """
        self._passing(path, 0)
        with translated(self.path):
            folder = folder_of(path, self._root)
            try:
                durable.replace(folder, os.path.basename(path), content, mode=_MODE)
            finally:
                os.close(folder)
        self.digests[path] = hashlib.sha256(content).hexdigest()

    def copy(self, path: str, source: durable.DiskFile, *, shared_only: bool = False) -> str:
        """Copy a file, durably, read it back and return its SHA-256; share its blocks where that is possible.

        Args:
            path: its path in the backup.
            source: the file.
            shared_only: copy nothing where its blocks cannot be shared; "" is returned then.

        Raises:
            StorageError: either disk refuses, or there is no room.
            DurabilityError: what was read back is not what was read.
        """
        self._passing(path, 0)
        status = os.fstat(source.fileno())
        key = status.st_dev, status.st_ino
        with translated(self.path):
            folder, last = folder_of(path, self._root), os.path.basename(path)
            try:
                if (before := self._copied.get(key)) and durable.hard_link(self._root, before, folder, last):
                    digest = self.digests[before]  # the second name of a file, as it has one here
                else:
                    digest = self._fill(folder, last, source, shared_only=shared_only)
                durable.sync_directory(folder)
            except BaseException:
                with suppress(OSError):
                    durable.remove(folder, last)
                raise
            finally:
                os.close(folder)
        if digest:
            self.digests[path] = digest
            self._copied[key] = path
        return digest

    def _fill(self, folder: int, name: str, source: durable.DiskFile, *, shared_only: bool) -> str:
        digest = hashlib.sha256()

        def pass_on(data: memoryview) -> None:
            digest.update(data)
            self._passing("", len(data))

        with durable.DiskFile.create(folder, name) as target:
            if shared_only and not file_copies.share_blocks(source, target):
                durable.remove(folder, name)
                return ""
            if not shared_only:
                file_copies.copy(source, target, passing=pass_on)
            # Whatever it was, its owner can read it, and others only with its group.
            target.set_mode(stat.S_IMODE(os.fstat(source.fileno()).st_mode) & 0o660 | 0o400)
            target.sync()
            found = _digest(target)
        if not shared_only and found != digest.hexdigest():
            raise DurabilityError(
                f"{name} reads back from the backup's disk with other bytes than were written.",
                remedy="Use another disk (journalctl -k, smartctl -a)",
            )
        return found

    def discard(self, path: str) -> None:
        """Remove a file that was copied: its content is not what it should be."""
        self._copied = {key: name for key, name in self._copied.items() if name != path}
        del self.digests[path]
        with translated(self.path):
            folder = folder_of(path, self._root)
            try:
                durable.remove(folder, os.path.basename(path))
            finally:
                os.close(folder)

    def journal(self, write: Callable[[int, str], object]) -> None:
        """Have the journal's copy written by `write`, into a folder by its descriptor; then make it durable.

        Raises:
            StorageError: the disk is full, or refuses.
        """
        path, last = layout.JOURNAL, os.path.basename(layout.JOURNAL)
        self._passing(path, 0)
        with translated(self.path):
            folder = folder_of(path, self._root)
            try:
                write(folder, last)
                with durable.DiskFile.resume(folder, last) as file:
                    file.sync()
                    self.digests[path] = _digest(file)
                durable.sync_directory(folder)
            finally:
                os.close(folder)

    def finish(self, complete: Callable[[str], bytes]) -> None:
        """Write MANIFEST, then COMPLETE, whose content is made of the digest of that; then the final name.

        Raises:
            UsageError: the final name was taken meanwhile.
            StorageError: the disk is full, or refuses.
        """
        content = layout.manifest(self.digests)
        self.add(layout.MANIFEST, content)
        with translated(self.path):
            durable.sync_directory(self._root)
        self.add(layout.COMPLETE, complete(hashlib.sha256(content).hexdigest()))
        try:
            with translated(self.path):
                self._passing(self.name, 0)
                durable.publish(self._above, self.unfinished, self.name)
                durable.sync_directory(self._above)
        except FileExistsError:
            raise UsageError(f"{self._above_path / self.name} exists by now.", remedy="Try again.") from None
        self._complete = True

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what was not finished."""
        os.close(self._root)
        if not self._complete:
            self._remove()
        os.close(self._above)

    def _remove(self) -> None:
        with suppress(OSError):
            shutil.rmtree(self.unfinished, dir_fd=self._above)


def _open_above(above: Path) -> int:
    if above.is_symlink():
        raise UsageError(
            f"{above} is a symbolic link; nothing was written.",
            remedy=f"Name where it leads: {above.resolve()}",
        )
    if not above.is_dir():
        what = "is not a directory" if os.path.lexists(above) else "does not exist"
        raise UsageError(
            f"{above} {what}; nothing was written.",
            remedy=f"Mount the disk (findmnt -T {above.parent}), or make the directory: mkdir {above}",
        )
    with translated(above):
        return durable.open_directory(str(above))


def _digest(file: durable.DiskFile) -> str:
    digest = hashlib.sha256()
    for data in file.read_back(0, file.size):
        digest.update(data)
    return digest.hexdigest()


def folder_of(path: str, root: int) -> int:
    """Return the folder of a file below `root`, both descriptors; folders that are not there yet are made.

    Raises:
        OSError: one cannot be made, or is not a folder.
    """
    held = os.dup(root)
    for step in path.split("/")[:-1]:
        try:
            below = durable.make_directory(step, below=held)
        finally:
            os.close(held)
        held = below
    return held
