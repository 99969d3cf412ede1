"""Which entries does an untrusted file tree have?

A tree may be damaged: a folder may contain itself, and there may be no end of entries. The walk has
limits, continues past what it cannot read, and says in the listing what that was.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from bwvdock.core.clips.dates.file_times import FileTimes
from bwvdock.core.media.names import escape
from bwvdock.core.ports import CameraFile, FileStatus

MAX_DEPTH = 64
MAX_ENTRIES = 100_000  # 36 MB of listing; a camera's card holds some thousands
MAX_NAME_BYTES = 32 * 1024 * 1024  # of all paths together; a camera's card has some hundred thousand
MAX_SIZE = 2**53 - 1  # what a journal entry can state (core/canonical.py)

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """The limits beyond which a tree is considered damaged."""

    depth: int = MAX_DEPTH
    entries: int = MAX_ENTRIES
    name_bytes: int = MAX_NAME_BYTES


class TreeWalk:
    """One walk over a tree. It continues past what cannot be read, and says so in the listing."""

    def __init__(self, root: int, limits: Limits, *, times: FileTimes = FileTimes.UTC) -> None:
        self._root = root
        self._times = times
        self._limits = limits
        self._left = limits.entries
        self._name_bytes = limits.name_bytes
        room = os.fstatvfs(root)
        self._capacity = room.f_blocks * room.f_frsize or MAX_SIZE
        self._device = os.fstat(root).st_dev

    def files(self) -> Iterator[CameraFile]:
        """Return every entry.

        Raises:
            OSError: the root itself cannot be read.
        """
        # A description of our own: the one we were given has a reading position that others share.
        fd = os.open(b".", FOLDER, dir_fd=self._root)
        try:
            start = os.fstat(fd)
            yield from self._folder(fd, b"", ((start.st_dev, start.st_ino),))
        finally:
            close_fd(fd)

    def _folder(self, fd: int, path: bytes, above: tuple[tuple[int, int], ...]) -> Iterator[CameraFile]:
        names, trouble = self._names(fd)
        for name in names:
            if self._name_bytes < 0:
                return
            self._name_bytes -= len(escape(path + name))
            if self._name_bytes < 0:  # said once, for the whole volume
                yield _nothing(b".", FileStatus.UNREADABLE, "the volume's names are longer than a camera's")
                return
            yield from self._entry(fd, path + name, name, above)
        if trouble:
            yield _nothing(path[:-1] or b".", FileStatus.UNREADABLE, trouble)

    def _names(self, fd: int) -> tuple[Sequence[bytes], str]:
        """Return a folder's names, and what kept us from reading all of them, or ""."""
        names: list[bytes] = []
        trouble = ""
        with os.scandir(fd) as entries:
            try:
                names.extend(os.fsencode(entry.name) for entry in islice(entries, self._left + 1))
            except OSError as error:
                trouble = words(error)
        if len(names) > self._left:
            trouble = f"the volume has more than {self._limits.entries} entries"
            names.pop()
        self._left -= len(names)
        return names, trouble

    def _entry(
        self, parent: int, path: bytes, name: bytes, above: tuple[tuple[int, int], ...]
    ) -> Iterator[CameraFile]:
        try:
            found = os.stat(name, dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError:
            yield _nothing(path, FileStatus.NOT_READY, "vanished during the listing")
        except OSError as error:
            yield _nothing(path, FileStatus.UNREADABLE, words(error))
        else:
            if stat.S_ISDIR(found.st_mode):
                yield from self._below(parent, path, name, (found.st_dev, found.st_ino), above)
            else:
                yield self._file(path, found)

    def _below(
        self,
        parent: int,
        path: bytes,
        name: bytes,
        own: tuple[int, int],
        above: tuple[tuple[int, int], ...],
    ) -> Iterator[CameraFile]:
        if own[0] != self._device:
            yield _nothing(path, FileStatus.REFUSED, "another file system is mounted there")
        elif own in above:
            yield _nothing(path, FileStatus.UNREADABLE, "the folder contains itself")
        elif len(above) >= self._limits.depth:
            yield _nothing(
                path, FileStatus.UNREADABLE, f"folders are nested deeper than {self._limits.depth}"
            )
        else:
            yield from self._inside(parent, path, name, (*above, own))

    def _inside(
        self, parent: int, path: bytes, name: bytes, above: tuple[tuple[int, int], ...]
    ) -> Iterator[CameraFile]:
        try:
            fd = os.open(name, FOLDER, dir_fd=parent)
            try:
                yield from self._folder(fd, path + b"/", above)
            finally:
                close_fd(fd)
        except OSError as error:
            yield _nothing(path, FileStatus.UNREADABLE, words(error))

    def _file(self, path: bytes, found: os.stat_result) -> CameraFile:
        status, reason = FileStatus.READY, ""
        if not stat.S_ISREG(found.st_mode):
            status, reason = FileStatus.REFUSED, _KINDS.get(stat.S_IFMT(found.st_mode), "not a file")
        elif found.st_size > min(self._capacity, MAX_SIZE):
            status, reason = (
                FileStatus.REFUSED,
                f"its size of {found.st_size} bytes is larger than the volume",
            )
        return CameraFile(
            path=escape(path),
            size=found.st_size,
            mtime_ns=found.st_mtime_ns,
            read_only=not found.st_mode & 0o222,
            status=status,
            reason=reason,
            times=self._times,
        )


def _nothing(path: bytes, status: FileStatus, reason: str) -> CameraFile:
    return CameraFile(path=escape(path), size=0, mtime_ns=0, status=status, reason=reason)


def words(error: OSError) -> str:
    """Return what the kernel said."""
    return os.strerror(error.errno) if error.errno else "unknown error"


def close_fd(fd: int) -> None:
    """Close a descriptor, come what may."""
    with suppress(OSError):  # after unplugging even this may fail; Linux frees the number anyway
        os.close(fd)
