"""How is a file of the dock's copied, for a vault or a package: by sharing its blocks, or byte by byte?"""

from __future__ import annotations

import errno
import fcntl
from collections.abc import Callable

from bwvdock.edges.durable import NO_LINKS, DiskFile

_FICLONE = 0x40049409  # linux/fs.h: share the blocks of another file


def copy(source: DiskFile, target: DiskFile, *, passing: Callable[[memoryview], object]) -> None:
    """Fill an empty file with another's bytes as the disk holds them, shown to `passing` on the way.

    Blocks are shared (reflink) where the file system can do that. Durable after `target.sync()`.

    Raises:
        OSError: either disk refuses.
    """
    shared = share_blocks(source, target)
    if not shared:
        target.preallocate(source.size)
    offset = 0
    for data in source.read_back(0, source.size):
        passing(data)
        if not shared:
            target.write(data, offset)
        offset += len(data)


def share_blocks(source: DiskFile, target: DiskFile) -> bool:
    """Make an empty file share all blocks of another (FICLONE); return False if that is impossible."""
    try:
        fcntl.ioctl(target.fileno(), _FICLONE, source.fileno())
    except OSError as error:
        if error.errno in NO_LINKS | {errno.ENOTTY, errno.EBADF}:
            return False
        raise
    return True
