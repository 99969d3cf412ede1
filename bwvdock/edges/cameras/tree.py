"""How is an untrusted file tree listed and read safely?

Everything is reached through a held directory descriptor, one component at a time, and no
component may be a link: a name on a camera can lead nowhere but into the camera. Nothing is opened
that is not a regular file, so neither a FIFO nor a device can hang or bite.

Left out here: how a tree is walked (walk.py), whether the camera is still there (mass_storage.py,
folder.py) and which files matter (core/media/grouping.py).
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from types import TracebackType
from typing import ClassVar, Self

from bwvdock.core.clips.dates.file_times import FileTimes
from bwvdock.core.media.names import unescape
from bwvdock.core.ports import FINGERPRINT_BYTES, CameraFile, Kept
from bwvdock.edges.cameras.walk import FOLDER, Limits, TreeWalk, close_fd, words
from bwvdock.errors import BwvdockError, CameraGoneError, NotReadyError, UnreadableError

_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_AGAIN = "Dock the camera again; if it stays so, keep its card and have it examined."


class TreeVolume(ABC):
    """A CameraVolume over a directory descriptor, which it owns. See core/ports/ for the contract.

    Subclasses say what `present` means. `close` may come from another thread while a call is
    under way: the descriptor is then closed when that call ends, because a number that was closed
    and given out anew would lead the call into somebody else's folder.
    """

    times: ClassVar[FileTimes] = FileTimes.UTC
    """What the kernel makes of the times of such a tree's files."""

    def __init__(self, root_fd: int, *, name: str, label: str = "", limits: Limits | None = None) -> None:
        self._root = root_fd
        self._name = name
        self._label = label
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._users = 0
        self._closed = False

    @property
    def name(self) -> str:
        """The volume's name, the same at each docking."""
        return self._name

    @property
    def label(self) -> str:
        """The volume's own label, escaped, or ""."""
        return self._label

    @abstractmethod
    def present(self) -> bool:
        """Return whether the very medium that was opened is still there."""

    def list(self) -> Sequence[CameraFile]:
        """List the tree, then prove that it is still there."""
        with self._translated(), self._using() as root:
            files = list(self._walked(TreeWalk(root, self._limits, times=self.times).files()))
        if not self.present():
            raise gone()
        return files

    def _walked(self, files: Iterator[CameraFile]) -> Iterator[CameraFile]:
        """Return the files as the walk meets them."""
        return files

    def open(self, file: CameraFile, *, offset: int = 0) -> FileSource:
        """Open a listed file."""
        with self._translated():
            return FileSource(self._open(file), file, offset=offset, translated=self._translated)

    def fingerprint(self, file: CameraFile) -> str:
        """Return the SHA-256 of both ends of a file."""
        with self._translated():
            fd = self._open(file)
            try:
                return fingerprint_of(fd, file.size)
            finally:
                os.close(fd)

    def doubt(self, file: CameraFile, length: int, kept: Kept) -> str:  # noqa: ARG002 - the port's
        """Return "": each read was confirmed by itself."""
        return ""

    def close(self) -> None:
        """Close the tree."""
        with self._lock:
            self._closed = True
        self._close_if_unused()

    def _let_go(self) -> None:
        """Close the tree for a while; it is opened again at the next use."""
        with self._lock:
            if self._users:
                raise RuntimeError("a volume in use cannot be closed")
            fd, self._root = self._root, -1
        if fd >= 0:
            close_fd(fd)

    def _reopen(self) -> int:
        """Return the root of the very same tree again.

        Raises:
            CameraGoneError: it is not there any more.
        """
        raise gone()

    def _close_if_unused(self) -> None:
        with self._lock:
            if self._closed and not self._users and self._root >= 0:
                close_fd(self._root)
                self._root = -1

    def _answers(self) -> bool:
        """Return whether the file system still answers at all."""
        try:
            with self._using() as root:
                os.fstatvfs(root)
        except (OSError, CameraGoneError):
            return False
        return True

    @contextmanager
    def _using(self) -> Iterator[int]:
        with self._lock:
            if self._closed:
                raise gone()
            if self._root < 0:
                self._root = self._reopen()
            self._users += 1
        try:
            yield self._root
        finally:
            with self._lock:
                self._users -= 1
            self._close_if_unused()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Translate errors of the kernel; the result depends on `present`."""
        try:
            yield
        except (OSError, UnreadableError) as error:
            if not self.present():
                raise gone() from error
            raise _meaning(error) from error

    def _open(self, file: CameraFile) -> int:
        """Open a listed file and check that it is what was listed."""
        with self._using() as root:
            fd = _descend(root, unescape(file.path))
            try:
                found = os.fstat(fd)
                if not stat.S_ISREG(found.st_mode) or found.st_dev != os.fstat(root).st_dev:
                    raise UnreadableError("The path does not lead to a file of this volume.", remedy=_AGAIN)
                _unchanged(found, file)
            except (OSError, BwvdockError):
                os.close(fd)
                raise
        return fd


class FileSource:
    """One open file of a tree. See core/ports/, Source, for the contract."""

    notes: Sequence[str] = ()

    def __init__(
        self,
        fd: int,
        file: CameraFile,
        *,
        offset: int,
        translated: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._fd = fd
        self._file = file
        self._at = offset
        self._translated = translated
        _advise(fd, 0, 0, os.POSIX_FADV_SEQUENTIAL)

    def readinto(self, buffer: memoryview) -> int:
        """Read on from where the last read ended."""
        wanted = min(len(buffer), self._file.size - self._at)
        if wanted <= 0:
            return 0
        with self._translated():
            count = os.preadv(self._fd, [buffer[:wanted]], self._at)
            if not count:
                raise UnreadableError(
                    f"The file ends {self._file.size - self._at} bytes early.", remedy=_AGAIN
                )
            self._at += count
            if self._at >= self._file.size:
                _unchanged(os.fstat(self._fd), self._file)
            # The card reads on while this piece is hashed and written.
            _advise(self._fd, self._at, wanted, os.POSIX_FADV_WILLNEED)
        return count

    def close(self) -> None:
        """Close it, and forget what was cached: a second read is to come from the card."""
        if self._fd >= 0:
            with self._translated():  # it may wait for its file system as any other call
                _advise(self._fd, 0, 0, os.POSIX_FADV_DONTNEED)
                close_fd(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _descend(root: int, path: bytes) -> int:
    """Open a regular file below `root`, one component at a time."""
    with folder_of(root, path) as (folder, name):
        return open_file(folder, name)


@contextmanager
def folder_of(root: int, path: bytes) -> Iterator[tuple[int, bytes]]:
    """Return the folder that a path below `root` leads to, and the last name in it; no link is followed."""
    *folders, name = path.split(b"/")
    if any(part in {b"", b".", b".."} for part in (*folders, name)):
        raise UnreadableError("Its path leads out of the volume.", remedy=_AGAIN)
    fd = root
    try:
        for folder in folders:
            below = os.open(folder, FOLDER, dir_fd=fd)
            if fd != root:
                close_fd(fd)
            fd = below
        yield fd, name
    finally:
        if fd != root:
            close_fd(fd)


def open_file(folder: int, name: bytes) -> int:
    """Open a regular file of a folder for reading."""
    # Looked at before it is opened: opening a device can already do something.
    if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        raise UnreadableError("The path no longer leads to a file.", remedy=_AGAIN)
    return os.open(name, _FILE, dir_fd=folder)


def _unchanged(found: os.stat_result, file: CameraFile) -> None:
    if (found.st_size, found.st_mtime_ns) != (file.size, file.mtime_ns):
        raise NotReadyError(
            "The file changed after it was listed; it may still be written.",
            remedy="None needed: the file is taken when it no longer changes.",
        )


def fingerprint_of(fd: int, size: int) -> str:
    """Return the SHA-256 of both ends of an open file."""
    digest = hashlib.sha256()
    for start, length in _ends(size):
        digest.update(_exactly(fd, start, length))
    return digest.hexdigest()


def _ends(size: int) -> tuple[tuple[int, int], ...]:
    """Return start and length of what a fingerprint covers."""
    if size <= 2 * FINGERPRINT_BYTES:
        return ((0, size),)
    return ((0, FINGERPRINT_BYTES), (size - FINGERPRINT_BYTES, FINGERPRINT_BYTES))


def _exactly(fd: int, start: int, length: int) -> bytes:
    data = b""
    while len(data) < length:
        more = os.pread(fd, length - len(data), start + len(data))
        if not more:
            raise UnreadableError("The file ends before its listed size.", remedy=_AGAIN)
        data += more
    return data


def gone() -> CameraGoneError:
    """Return the error for a camera that left."""
    return CameraGoneError("The camera was unplugged.", remedy="Dock it again; the copy resumes.")


def _meaning(error: OSError | UnreadableError) -> BwvdockError:
    if isinstance(error, UnreadableError):
        return error
    if error.errno in {errno.ENOENT, errno.ESTALE}:
        return NotReadyError(
            "The file vanished after it was listed.", remedy="None needed: the camera is listed again."
        )
    return UnreadableError(f"The file cannot be read: {words(error)}.", remedy=_AGAIN)


def _advise(fd: int, start: int, length: int, advice: int) -> None:
    with suppress(OSError):  # only a hint, and not every file system takes one
        os.posix_fadvise(fd, start, length, advice)
