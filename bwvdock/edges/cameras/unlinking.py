"""How is exactly one file erased from a folder that is treated as a camera?

With the daemon's own rights: where it may not write, nothing is erased.
"""

from __future__ import annotations

import errno
import os

from bwvdock.core.facts import SourceFile
from bwvdock.core.media.names import unescape
from bwvdock.core.ports.erasing import EraseOutcome, Erasure
from bwvdock.edges.cameras.tree import fingerprint_of, folder_of, open_file
from bwvdock.edges.cameras.walk import close_fd, words
from bwvdock.edges.durable import sync_directory
from bwvdock.errors import EraseRefusedError, UnreadableError

_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR})


def erase_below(root: int, file: SourceFile) -> Erasure:
    """Erase one file below a folder, if it is what was taken.

    Raises:
        EraseRefusedError: nothing may be erased there.
        OSError: as the kernel says.
    """
    try:
        with folder_of(root, unescape(file.path)) as (folder, name):
            return _erase(folder, name, file)
    except UnreadableError as error:
        return _kept(error.message)
    except OSError as error:
        if error.errno in _NOT_THERE:
            return Erasure(outcome=EraseOutcome.ALREADY_GONE)
        if error.errno == errno.ELOOP:
            return _kept("its path leads over a link")
        raise


def _erase(folder: int, name: bytes, file: SourceFile) -> Erasure:
    fd = open_file(folder, name)
    try:
        found = os.fstat(fd)
        if (found.st_size, found.st_mtime_ns) != (file.size, file.mtime_ns):
            return _kept("it changed after it was copied")
        if fingerprint_of(fd, file.size) != file.fingerprint:
            return _kept("its content differs")
        if not os.path.samestat(found, os.stat(name, dir_fd=folder, follow_symlinks=False)):
            return _kept("another file has its name by now")
    finally:
        close_fd(fd)
    _unlink(folder, name)
    sync_directory(folder)
    if _stands(folder, name):
        return _kept("it was erased, but is still there")
    return Erasure(outcome=EraseOutcome.ERASED)


def _unlink(folder: int, name: bytes) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except OSError as error:
        if error.errno not in _FORBIDDEN:
            raise
        raise EraseRefusedError(
            f"Nothing may be erased from this folder: {words(error)}.",
            remedy="Allow the user bwvdock to write there (the service: ReadWritePaths=), or erase by hand.",
        ) from error


def _stands(folder: int, name: bytes) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _kept(reason: str) -> Erasure:
    return Erasure(outcome=EraseOutcome.REFUSED, reason=reason)
