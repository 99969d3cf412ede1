"""What is certain to be on the disk when a function returns? The only module that syncs, renames and links.

Everything works below a held directory descriptor, so nothing is ever written to a place that a
path has come to mean meanwhile. Each verb says what is durable when it returns.

What "on the disk" means: the device said so after a flush of its cache. A device that lies about
that cannot be found out from here. On tmpfs nothing is on a disk at all: everything here works,
reading back reads memory, and a power cut takes all.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import mmap
import os
import stat
from collections.abc import Iterator
from itertools import cycle
from types import TracebackType
from typing import Self

from bwvdock.errors import DurabilityError, words_of

BLOCK = 4096  # what O_DIRECT wants offsets, lengths and memory to be multiples of, everywhere we know
READ_BYTES = 1024 * 1024
_RENAME_NOREPLACE = 1  # linux/fs.h; Python has no name for it
_NOT_HERE = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}
NO_LINKS = _NOT_HERE | {
    errno.EXDEV,
    errno.EPERM,
    errno.EMLINK,
}  # a file system that shares no files, or not these
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_REMEDY = "Check the disk (journalctl -k, smartctl -a) and replace it if it fails"

_libc = ctypes.CDLL(None, use_errno=True)


def no_room(error: OSError) -> bool:
    """Return whether an error means that the disk, or our share of it, is full."""
    return error.errno in _NO_ROOM


def aligned_buffer(length: int) -> memoryview:
    """Return memory that begins on a page, which O_DIRECT needs; at least `length` bytes."""
    return memoryview(mmap.mmap(-1, max(_round_up(length), BLOCK)))


def _round_up(length: int) -> int:
    return -(-length // BLOCK) * BLOCK


# --- directories -------------------------------------------------------------------------------


def open_directory(path: str, *, below: int | None = None) -> int:
    """Open a directory; return its descriptor. A symbolic link in its place is an error."""
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=below)


def make_directory(name: str, *, below: int, mode: int = 0o700) -> int:
    """Open the directory `name`, made if need be; it and its entry are durable then."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, mode, dir_fd=below)
    made = open_directory(name, below=below)
    # Also where it was there: the process that made it may have ended before its entry was durable.
    sync_directory(below)
    return made


def sync_directory(directory: int) -> None:
    """Make the names in a directory durable: those that came and those that went.

    Raises:
        DurabilityError: the disk refused. Final.
    """
    try:
        os.fsync(directory)
    except OSError as error:
        # Some network file systems have no such thing for directories; they say EINVAL and
        # make names durable on the server as they are made.
        if error.errno != errno.EINVAL:
            raise DurabilityError(
                f"the disk did not keep the names in a directory: {words_of(error)}", remedy=_REMEDY
            ) from error


def sync_log(fd: int) -> None:
    """Make what was appended to an open file durable.

    Raises:
        DurabilityError: the disk refused. Final.
    """
    try:
        os.fdatasync(fd)
    except OSError as error:
        raise DurabilityError(f"the disk did not keep a log: {words_of(error)}", remedy=_REMEDY) from error


# --- one file ----------------------------------------------------------------------------------

_PLAIN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC  # a FIFO hangs nobody


def read_small(path: str, most: int, *, below: int | None = None) -> bytes:
    """Return the first `most` bytes of a plain file.

    Raises:
        FileNotFoundError: it is not there.
        OSError: it cannot be read, or something else is in its place: a link, a folder, a FIFO.
    """
    fd = os.open(path, os.O_RDONLY | _PLAIN, dir_fd=below)
    try:
        return os.read(fd, min(most, _size_of_plain(fd, path)))
    finally:
        os.close(fd)


def _size_of_plain(fd: int, path: str) -> int:
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EBADF, "it is not a plain file", path)
    return found.st_size


class DiskFile:
    """A file that is written to, and read from, the disk itself rather than a cache.

    With O_DIRECT where the file system has it. Elsewhere writes go through the cache and
    `read_back` syncs, drops the cache and reads again; a file system that ignores posix_fadvise
    then answers from memory, which no program can detect.
    """

    def __init__(self, directory: int, name: str, flags: int, mode: int = 0o600) -> None:
        """Open `name` below `directory`."""
        flags |= _PLAIN
        self._plain = os.open(name, flags, mode, dir_fd=directory)
        self._direct: int | None = None
        self._broken = False
        self._unsynced = False
        try:
            _size_of_plain(self._plain, name)
            again = flags & ~(os.O_CREAT | os.O_EXCL)
            self._direct = os.open(name, again | os.O_DIRECT, dir_fd=directory)
        except OSError as error:
            if error.errno not in _NOT_HERE:
                self.close()
                raise

    @classmethod
    def create(cls, directory: int, name: str) -> Self:
        """Make an empty file in place of one that is there; nothing is durable yet."""
        new = os.O_RDWR | os.O_CREAT | os.O_EXCL
        with contextlib.suppress(FileExistsError):
            return cls(directory, name, new)
        # One that a cut left may be read-only, which only root would not notice; or it may be a second name
        # of a finished file, which must not be emptied.
        remove(directory, name)
        return cls(directory, name, new)

    @classmethod
    def resume(cls, directory: int, name: str) -> Self:
        """Open a file to continue writing; none of its content counts as durable."""
        file = cls(directory, name, os.O_RDWR)
        file._unsynced = True
        return file

    @classmethod
    def read(cls, directory: int, name: str) -> Self:
        """Open a file to read what the disk holds of it."""
        return cls(directory, name, os.O_RDONLY)

    def fileno(self) -> int:
        """Return the descriptor that goes through the cache."""
        return self._plain

    @property
    def size(self) -> int:
        """Its length now."""
        return os.fstat(self._plain).st_size

    @property
    def allocated(self) -> int:
        """The bytes of disk that it occupies."""
        return os.fstat(self._plain).st_blocks * 512

    def preallocate(self, size: int) -> None:
        """Set room for `size` bytes aside. What fails leaves blocks behind: remove the file then.

        Raises:
            OSError: no room (see `no_room`).
        """
        if size:
            os.posix_fallocate(self._plain, 0, size)

    def truncate(self, size: int) -> None:
        """Cut it, or let it grow, to `size` bytes; not durable yet."""
        if self.size != size:  # otherwise the file system would only work in vain
            os.ftruncate(self._plain, size)

    def write(self, data: memoryview, offset: int) -> None:
        """Write all of `data`; not durable yet.

        Raises:
            OSError: the disk refuses.
        """
        self._unsynced = True
        direct = len(data) // BLOCK * BLOCK if self._direct is not None and offset % BLOCK == 0 else 0
        if self._direct is not None and direct:
            _write_all(self._direct, data[:direct], offset)
        if direct < len(data):  # the last bytes of a file fill no block
            _write_all(self._plain, data[direct:], offset + direct)

    def sync(self) -> None:
        """Make all that was written durable: content, size and mode, though not the name.

        Raises:
            DurabilityError: the disk reported an error. Final: the kernel drops what it could not write and
                reports success the next time, so this never tries again.
        """
        if self._broken:
            raise DurabilityError("the disk has already failed to keep this file", remedy=_REMEDY)
        self._unsynced = False
        try:
            os.fsync(self._plain)
        except OSError as error:
            self._broken = True
            raise DurabilityError(
                f"the disk did not keep a file: {words_of(error)}", remedy=_REMEDY
            ) from error

    def read_back(
        self,
        offset: int,
        length: int,
        *,
        into: memoryview | None = None,
        buffers: int = 1,
        most: int = READ_BYTES,
    ) -> Iterator[memoryview]:
        """Return what the disk holds from `offset` (a multiple of BLOCK) on, in buffers used in turn.

        Each memoryview has up to `most` bytes, and is valid until so many more have been asked for as there
        are buffers. `into`, in whole pages, is the one buffer, if given.

        Raises:
            DurabilityError: the disk does not take what was written.
            OSError: the disk cannot read.
        """
        own = [aligned_buffer(min(length, most)) for _ in range(buffers)] if into is None else [into]
        unused = cycle(own)
        fd = self._plain if self._direct is None else self._direct
        if self._direct is None:
            if self._unsynced:  # a page that is still to be written cannot be dropped
                self.sync()
            # Pages beyond the range may stay; whole pages within it are dropped.
            os.posix_fadvise(fd, offset, _round_up(length), os.POSIX_FADV_DONTNEED)
        end = offset + length
        while offset < end:
            buffer = next(unused)
            got = min(
                os.preadv(fd, [buffer[: _round_up(min(len(buffer), end - offset))]], offset), end - offset
            )
            if got == 0:
                return
            yield buffer[:got]
            offset += got

    def peek(self, offset: int, length: int) -> bytes:
        """Return a few bytes from wherever they are quickest."""
        return os.pread(self._plain, length, offset)

    def set_mode(self, mode: int) -> None:
        """Set its permission bits; durable with the next `sync`."""
        os.fchmod(self._plain, mode)

    def close(self) -> None:
        """Close it; closing twice is allowed."""
        for fd in (self._plain, self._direct):
            if fd is not None and fd >= 0:
                os.close(fd)
        self._plain, self._direct = -1, None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def _write_all(fd: int, data: memoryview, offset: int) -> None:
    while data:
        written = os.pwrite(fd, data, offset)
        data, offset = data[written:], offset + written


# --- names -------------------------------------------------------------------------------------


def exists(directory: int, name: str) -> os.stat_result | None:
    """Return what is known of a name, or None where it is not."""
    try:
        return os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None


def rename(directory: int, old: str, new: str) -> None:
    """Rename a file, replacing any file of that name; durable after `sync_directory`."""
    os.rename(old, new, src_dir_fd=directory, dst_dir_fd=directory)


def replace(directory: int, name: str, content: bytes, *, mode: int = 0o600, lasting: bool = True) -> None:
    """Write a small file that is there whole, as it was before or as it is now; durable when this returns.

    With these permission bits, whatever the umask. One that is not `lasting` outlives the process, and after
    a power cut it may be the earlier one, or torn: for hints alone.

    Raises:
        OSError: the disk refuses (see `no_room`); what was there before is still there.
        DurabilityError: the disk did not keep it. Final.
    """
    temporary = f"{name}.part"
    aligned = aligned_buffer(len(content))  # what goes past the cache must begin on a page
    aligned[: len(content)] = content
    with DiskFile.create(directory, temporary) as file:
        file.write(aligned[: len(content)], 0)
        file.set_mode(mode)
        if lasting:
            file.sync()
    rename(directory, temporary, name)
    if lasting:
        sync_directory(directory)


def publish(directory: int, temporary: str, name: str) -> None:
    """Rename a finished file to its final name; durable after `sync_directory`. Never replaces anything.

    Raises:
        FileExistsError: the name is taken; the temporary file is still there.
    """
    old, new = os.fsencode(temporary), os.fsencode(name)
    if _libc.renameat2(directory, old, directory, new, _RENAME_NOREPLACE) == 0:
        return
    code = ctypes.get_errno()
    if code not in _NOT_HERE:
        raise OSError(code, os.strerror(code), name)
    # NFS has no such rename, but has links, which never replace either.
    os.link(temporary, name, src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=False)
    os.unlink(temporary, dir_fd=directory)


def remove(directory: int, name: str) -> None:
    """Remove a name, if it exists; durable after `sync_directory`."""
    try:
        os.unlink(name, dir_fd=directory)
    except FileNotFoundError:
        return


def hard_link(source: int, name: str, target: int, new_name: str) -> bool:
    """Add a second name to a durable file; that is durable after `sync_directory(target)`.

    Returns:
        False where these two places cannot share a file.

    Raises:
        FileExistsError: the new name is taken.
    """
    try:
        os.link(name, new_name, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
    except OSError as error:
        if error.errno in NO_LINKS:
            return False
        raise
    return True
