"""What is the kernel asked to do, and how?

Numbers are those of linux/fs.h, linux/mount.h and asm-generic/unistd.h; Python 3.11 has no names for them.
"""

from __future__ import annotations

import array
import ctypes
import errno
import fcntl
import mmap
import os
import stat
from contextlib import ExitStack
from typing import Protocol

from bwvdock.mounter.refusal import Refusal, RefusalCode

Options = tuple[tuple[str, str | None], ...]
"""Mount options: key and value, or None for a flag."""


class Kernel(Protocol):
    """The privileged calls. Each raises OSError as the kernel does; descriptors are the caller's to close."""

    def open_device(self, path: str, *, dev: str, exclusive: bool = False) -> int:
        """Open the block device of that number ("8:1") for reading; ENODEV if another one has it.

        Exclusive: EBUSY if it, its disk or one of its partitions is mounted, swapped to or built upon (LVM,
        RAID, encryption), in whatever mount namespace.
        """
        ...

    def is_read_only(self, fd: int) -> bool:
        """Return whether the block device refuses writes (BLKROGET)."""
        ...

    def set_read_only(self, fd: int, *, on: bool = True) -> None:
        """Make the block device refuse writes, or accept them again (BLKROSET)."""
        ...

    def diskseq(self, fd: int) -> int:
        """Return the number of this medium, never given twice in one boot (BLKGETDISKSEQ)."""
        ...

    def read_uncached(self, fd: int) -> None:
        """Have the medium itself give its first block: no cache of the kernel's answers for it."""
        ...

    def forget(self, fd: int) -> None:
        """Drop what is cached of the block device: what is read next comes from the medium (BLKFLSBUF)."""
        ...

    def mount(self, filesystem: str, source: str, options: Options, *, writable: bool = False) -> int:
        """Mount detached and locked down, read-only unless asked; return a descriptor of the root directory.

        Raises:
            Refusal: this kernel lacks the file system or one of the options.
            OSError: it could not be mounted; strerror says what the file system says.
        """
        ...

    def locked_down(self, root: int, *, writable: bool = False) -> bool:
        """Return whether a mount is nosuid, nodev, noexec, noatime and nosymfollow, and read-only or not."""
        ...

    def mounted_from(self, root: int) -> str:
        """Return the number of the block device that a directory's file system is on."""
        ...

    def open_below(self, root: int, path: bytes, flags: int) -> int:
        """Open a path below `root`: ELOOP if a link is on the way, EXDEV if the path leads out."""
        ...

    def sync(self, root: int) -> None:
        """Write everything of the file system to the medium (syncfs)."""
        ...


class LinuxKernel:
    """The real one: 5.15 or later, for diskseq."""

    _BLKROSET, _BLKROGET, _BLKFLSBUF, _BLKGETDISKSEQ = 0x125D, 0x125E, 0x1261, 0x80081280
    _FSOPEN, _FSCONFIG, _FSMOUNT = 430, 431, 432
    _CLOEXEC = 1  # FSOPEN_CLOEXEC and FSMOUNT_CLOEXEC
    _SET_FLAG, _SET_STRING, _CREATE = 0, 1, 6
    # MOUNT_ATTR_ NOSUID, NODEV, NOEXEC, NOATIME, NOSYMFOLLOW
    _RDONLY, _LOCKED_DOWN = 0x1, 0x2 | 0x4 | 0x8 | 0x10 | 0x200000
    # The same as statvfs reports them; 0x2000 is ST_NOSYMFOLLOW.
    _ST_LOCKED_DOWN = os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC | os.ST_NOATIME | 0x2000

    def __init__(self) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._syncfs = libc.syncfs
        self._syscall = libc.syscall
        self._syscall.restype = ctypes.c_long

    def open_device(self, path: str, *, dev: str, exclusive: bool = False) -> int:
        """Open with O_EXCL, the claim on a block device that a mount or a device mapper makes too."""
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | (os.O_EXCL if exclusive else 0))
        about = os.fstat(fd)
        if stat.S_ISBLK(about.st_mode) and number_of(about.st_rdev) == dev:
            return fd
        os.close(fd)
        raise OSError(errno.ENODEV, "another device has this number", path)

    def is_read_only(self, fd: int) -> bool:
        """Return BLKROGET: true too if only the whole disk was set."""
        return bool(self._ioctl(fd, self._BLKROGET, array.array("i", [0])))

    def set_read_only(self, fd: int, *, on: bool = True) -> None:
        """Call BLKROSET, which needs CAP_SYS_ADMIN, and no right to write."""
        self._ioctl(fd, self._BLKROSET, array.array("i", [int(on)]))

    def diskseq(self, fd: int) -> int:
        """Return BLKGETDISKSEQ: for a partition, its disk's."""
        return self._ioctl(fd, self._BLKGETDISKSEQ, array.array("Q", [0]))

    def read_uncached(self, fd: int) -> None:
        """Read with O_DIRECT, into memory that is aligned to a page."""
        fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_DIRECT)
        with mmap.mmap(-1, mmap.PAGESIZE) as page:
            if not os.preadv(fd, [page], 0):
                raise OSError(errno.ENOMEDIUM, os.strerror(errno.ENOMEDIUM))

    def forget(self, fd: int) -> None:
        """Call BLKFLSBUF, which needs CAP_SYS_ADMIN."""
        fcntl.ioctl(fd, self._BLKFLSBUF, 0)

    def mount(self, filesystem: str, source: str, options: Options, *, writable: bool = False) -> int:
        """Mount with fsopen, fsconfig and fsmount."""
        with ExitStack() as held:
            try:
                context = self._call(self._FSOPEN, filesystem.encode(), self._CLOEXEC)
                held.callback(os.close, context)
                for key, value in (("rw" if writable else "ro", None), ("source", source), *options):
                    self._configure(context, key, value)
            except OSError as error:
                words = f"this kernel cannot mount {filesystem} with the required options: {error.strerror}"
                raise Refusal(RefusalCode.FILESYSTEM_UNSUPPORTED, words) from error
            self._told(context, self._FSCONFIG, context, self._CREATE, None, None, 0)
            flags = self._LOCKED_DOWN if writable else self._LOCKED_DOWN | self._RDONLY
            tree = self._told(context, self._FSMOUNT, context, self._CLOEXEC, flags)
            held.callback(os.close, tree)
            # The tree's own descriptor is a mere place (O_PATH); what is opened from it can be listed.
            return os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=tree)

    def locked_down(self, root: int, *, writable: bool = False) -> bool:
        """Ask statvfs, which speaks of this very mount."""
        expected = self._ST_LOCKED_DOWN if writable else self._ST_LOCKED_DOWN | os.ST_RDONLY
        return os.fstatvfs(root).f_flag & (self._ST_LOCKED_DOWN | os.ST_RDONLY) == expected

    def mounted_from(self, root: int) -> str:
        """Ask stat."""
        return number_of(os.fstat(root).st_dev)

    def open_below(self, root: int, path: bytes, flags: int) -> int:
        """Go down one name at a time.

        openat2 would do it in one call, but its flags are where no filter of system calls can see them: the
        unit's RestrictSUIDSGID= forbids it.
        """
        *folders, name = path.split(b"/")
        if any(part in {b"", b".."} for part in (*folders, name)):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        device = os.fstat(root).st_dev
        with ExitStack() as held:
            for folder in folders:
                root = _open_name(root, folder, os.O_RDONLY | os.O_DIRECTORY, device)
                held.callback(os.close, root)
            return _open_name(root, name, flags, device)

    def sync(self, root: int) -> None:
        """Of libc: the system call's number differs from machine to machine."""
        if self._syncfs(ctypes.c_int(root)) < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))

    def _configure(self, context: int, key: str, value: str | None) -> None:
        command = self._SET_FLAG if value is None else self._SET_STRING
        said = None if value is None else value.encode()
        self._told(context, self._FSCONFIG, context, command, key.encode(), said, 0)

    def _told(self, context: int, call: int, *arguments: int | bytes | None) -> int:
        """Make a system call; if it fails, add what the file system itself has to say ("e vfat: ...")."""
        try:
            return self._call(call, *arguments)
        except OSError as error:
            words = "; ".join((os.strerror(error.errno or 0), *_messages(context)))
            raise OSError(error.errno, words) from error

    def _call(self, call: int, *arguments: int | bytes | None) -> int:
        # As long: libc's syscall() takes whole registers, ctypes would fill half of each.
        words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
        result: int = self._syscall(ctypes.c_long(call), *words)
        if result < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        return result

    @staticmethod
    def _ioctl(fd: int, request: int, answer: array.array[int]) -> int:
        fcntl.ioctl(fd, request, answer)
        return answer[0]


def _open_name(folder: int, name: bytes, flags: int, device: int) -> int:
    """Open one name of a folder, no link, on the same device."""
    try:
        fd = os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except NotADirectoryError:
        if stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None
        raise
    if os.fstat(fd).st_dev == device:
        return fd
    os.close(fd)
    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))


def number_of(rdev: int) -> str:
    """Write a device number as sysfs does: "8:1"."""
    return f"{os.major(rdev)}:{os.minor(rdev)}"


def _messages(context: int, *, most: int = 8) -> list[str]:
    """Read what a file system has noted in its context: one message per read, ENODATA after the last."""
    said: list[str] = []
    while len(said) < most:
        try:
            said.append(os.read(context, 512).decode(errors="replace").strip()[2:])
        except OSError:
            break
    return said
