"""A file system of its own for a test, on a loop device, whose power can be cut.

The shutdown ioctl makes a mounted ext4 or xfs forget whatever it has not put on its device: no further write
reaches it, and with NOLOGFLUSH its log is not written either. Mounted again it is as after a power cut.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SHUTDOWN = 0x8004587D  # fs/ext4/ext4.h, fs/xfs/libxfs/xfs_fs.h
_NO_LOG_FLUSH = 2
_MAKE = {
    "ext4": ("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=0"),
    "xfs": ("mkfs.xfs", "-q", "-f"),
}
_libc = ctypes.CDLL(None, use_errno=True)
_SIZE = 320 * 1024 * 1024  # xfs takes no less than 300 MiB; the image is sparse


class LoopFilesystem:
    """A mounted file system; `path` is its root.

    Its loop device is its own from the first to the last: `mount -o loop` would look for one at each power
    cut, and find, now and then, the one that it had before just as it becomes another process's.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        """Make and mount it; its image and mount point stand in `folder`."""
        self._image = folder / f"{kind}.image"
        self.path = folder / kind
        self.path.mkdir()
        with self._image.open("wb") as image:
            image.truncate(_SIZE)
        _command(*_MAKE[kind], str(self._image))
        self._device = _command("losetup", "--find", "--show", str(self._image)).strip()
        self.mount()

    def mount(self) -> None:
        """Mount it; its log is replayed."""
        _command("mount", self._device, str(self.path))

    def unmount(self) -> None:
        """Let go of it."""
        _command("umount", str(self.path))

    def close(self) -> None:
        """Let go of it and of its device."""
        try:
            self.unmount()
        finally:
            _command("losetup", "--detach", self._device)

    def sync(self) -> None:
        """Put on its device what was written to it, and nothing of other file systems."""
        fd = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            if _libc.syncfs(fd):
                raise OSError(ctypes.get_errno(), f"syncfs {self.path}")
        finally:
            os.close(fd)

    def cut_power(self) -> None:
        """From now on nothing reaches the device any more."""
        fd = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(fd, _SHUTDOWN, struct.pack("I", _NO_LOG_FLUSH))
        finally:
            os.close(fd)

    def restore_power(self) -> None:
        """Mount it again, as what reached the device makes it."""
        self.unmount()
        self.mount()


@contextmanager
def loop_filesystem(folder: Path, kind: str) -> Iterator[LoopFilesystem]:
    """Return a fresh file system of a kind, "ext4" or "xfs"; it is gone afterwards."""
    made = LoopFilesystem(folder, kind)
    try:
        yield made
    finally:
        made.close()


def _command(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout
