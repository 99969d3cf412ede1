"""How do the files that were named go from a camera's volume, and nothing else?

Never a folder, never a format, and of the files only those that are what was named: in size, time and
fingerprint. What a daemon in wrong hands could do: docs/adr/0007-erasing-through-the-helper.md.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bwvdock.mounter import filesystems, settings
from bwvdock.mounter.device import Device
from bwvdock.mounter.kernel import Kernel
from bwvdock.mounter.mount import (
    Answer,
    Caller,
    Request,
    System,
    attached,
    claimed,
    forbid_writes,
    mountable,
    refusing,
)
from bwvdock.mounter.refusal import Refusal, RefusalCode

MAX_FILES = 64  # a clip has a handful; erasing a whole card is slowed down, and noticed
FINGERPRINT_BYTES = 64 * 1024  # from each end of a file

_FOLDER = os.O_RDONLY | os.O_DIRECTORY
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY  # links are refused on the way (open_below)
_LED_ASTRAY = frozenset({errno.ELOOP, errno.EXDEV})

_LOG = logging.getLogger("bwvdock-mounter")

Outcome = dict[str, str]
_ERASED, _GONE = "erased", "already_gone"


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A file that is to go: `path` from the volume's root; the rest identifies it."""

    path: bytes
    size: int
    mtime_ns: int
    fingerprint: str


def erase(request: Request, peer: Caller, system: System) -> Answer:
    """Erase the named files; answer for each "erased", "already_gone" or "refused", in their order.

    Raises:
        Refusal: for whatever reason. If it came in the middle (a camera that was unplugged), some of the
            files may be gone; asking again says which.
    """
    medium, named = _understand(request)
    settings.let_erase(system.dock_config, owner=system.config_owner)
    found, filesystem = mountable(request["device"], system)
    with (
        refusing(f"files on {found.name} cannot be erased"),
        system.locks[found.disk],
        claimed(found, system) as devices,
    ):
        if medium != (found.dev, system.kernel.diskseq(devices[1])):
            raise Refusal(RefusalCode.GONE, f"{found.name} is not the medium that was read")
        outcomes = _Eraser(found, filesystem, devices, system).carry_out(named)
    _LOG.info("pid %d: %s, medium %d: %s", peer.pid, found.name, medium[1], _told(named, outcomes))
    about = {"device": found.name, "dev": found.dev, "diskseq": medium[1]}
    return {**about, "files": outcomes}, None


@dataclass(frozen=True, slots=True)
class _Eraser:
    found: Device
    filesystem: str
    devices: tuple[int, int]  # disk, volume
    system: System

    def carry_out(self, named: Sequence[Named]) -> list[Outcome]:
        with self._mounted(writable=True) as root:
            outcomes = [_erase_one(root, file, self.system.kernel) for file in named]
            self.system.kernel.sync(root)
        # What the card itself says now, and not what the kernel remembers of it.
        self.system.kernel.forget(self.devices[1])
        with self._mounted(writable=False) as root:
            return [
                _seen_again(outcome, still_there=_stands(root, file.path, self.system.kernel))
                for file, outcome in zip(named, outcomes, strict=True)
            ]

    @contextmanager
    def _mounted(self, *, writable: bool) -> Iterator[int]:
        options = filesystems.options(self.filesystem, uid=os.geteuid(), gid=os.getegid(), writable=writable)
        kernel = self.system.kernel
        with ExitStack() as held:
            if writable:
                held.enter_context(self._taking_writes())
            diskseq = kernel.diskseq(self.devices[1])
            root = attached(self.found, self.filesystem, options, diskseq, self.system, writable=writable)
            held.callback(os.close, root)
            yield root

    @contextmanager
    def _taking_writes(self) -> Iterator[None]:
        kernel = self.system.kernel
        try:
            for fd in self.devices:
                kernel.set_read_only(fd, on=False)
            if any(kernel.is_read_only(fd) for fd in self.devices):
                raise Refusal(RefusalCode.NOT_WRITABLE, f"{self.found.name} is write-protected")
            yield
        finally:
            forbid_writes(kernel, self.devices, name=self.found.name)


def _erase_one(root: int, file: Named, kernel: Kernel) -> Outcome:
    folder, _, name = file.path.rpartition(b"/")
    with ExitStack() as held:
        try:
            parent = kernel.open_below(root, folder or b".", _FOLDER)
            held.callback(os.close, parent)
            fd = kernel.open_below(root, file.path, _FILE)
            held.callback(os.close, fd)
        except OSError as error:
            return _not_opened(error)
        if differs := _difference(os.fstat(fd), os.fstat(root), file) or _other_bytes(fd, file):
            return _refused(differs)
        entry = os.stat(name, dir_fd=parent, follow_symlinks=False)
        if not os.path.samestat(entry, os.fstat(fd)):
            return _refused("another file has its name by now")
        try:
            os.unlink(name, dir_fd=parent)
        except OSError as error:
            if error.errno in {errno.EIO, errno.ENODEV}:
                raise
            return _refused(f"the file system reported: {error.strerror}")
        # First the name, then, when `fd` is closed, the blocks: a camera that is unplugged in between
        # has blocks that belong to nobody, and never a name whose blocks are somebody else's.
        os.fsync(parent)
    return {"outcome": _ERASED, "reason": ""}


def _not_opened(error: OSError) -> Outcome:
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return {"outcome": _GONE, "reason": ""}
    if error.errno in _LED_ASTRAY:
        return _refused("its path leads out of the volume, or through a link")
    if error.errno in {errno.EACCES, errno.EPERM, errno.ENXIO}:
        return _refused("the file must not be opened")
    raise error


def _difference(found: os.stat_result, root: os.stat_result, file: Named) -> str:
    if not stat.S_ISREG(found.st_mode) or found.st_dev != root.st_dev:
        return "the path does not lead to a file of this volume"
    if found.st_size != file.size:
        return f"its size is {found.st_size} bytes instead of {file.size}"
    if found.st_mtime_ns != file.mtime_ns:
        return "its modification time differs"
    return ""


def _other_bytes(fd: int, file: Named) -> str:
    digest = hashlib.sha256()
    ends = [(0, file.size)]
    if file.size > 2 * FINGERPRINT_BYTES:
        ends = [(0, FINGERPRINT_BYTES), (file.size - FINGERPRINT_BYTES, FINGERPRINT_BYTES)]
    for start, length in ends:
        at, end = start, start + length
        while at < end and (piece := os.pread(fd, end - at, at)):
            digest.update(piece)
            at += len(piece)
    return "" if digest.hexdigest() == file.fingerprint else "its content differs"


def _stands(root: int, path: bytes, kernel: Kernel) -> bool:
    try:
        os.close(kernel.open_below(root, path, os.O_PATH | os.O_NOFOLLOW))
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR}:
            return False
        if error.errno not in _LED_ASTRAY:
            raise
    return True


def _seen_again(outcome: Outcome, *, still_there: bool) -> Outcome:
    if outcome["outcome"] == _ERASED and still_there:
        return _refused("the card accepted the order to erase it, but still has it")
    return outcome


def _refused(reason: str) -> Outcome:
    return {"outcome": "refused", "reason": reason}


def _told(named: Sequence[Named], outcomes: Sequence[Outcome]) -> str:
    """Return what the log keeps, which nobody but root can alter: no names, they are personal data."""
    return "; ".join(
        f"{outcome['outcome']} {file.fingerprint[:16]} ({file.size} bytes) {outcome['reason']}".rstrip()
        for file, outcome in zip(named, outcomes, strict=True)
    )


def _understand(request: Request) -> tuple[tuple[str, int], list[Named]]:
    match request:
        case {"dev": str(dev), "diskseq": int(diskseq), "files": [*files], **others} if (
            set(others) == {"op", "device"} and 0 < len(files) <= MAX_FILES
        ):
            return (dev, diskseq), [_named(file) for file in files]
    raise Refusal(
        RefusalCode.BAD_REQUEST,
        f"an erase request has dev, diskseq and 1 to {MAX_FILES} files, and nothing else",
    )


def _named(said: object) -> Named:
    match said:
        case {
            "path": str(path),
            "size": int(size),
            "mtime_ns": int(mtime_ns),
            "fingerprint": str(fingerprint),
            **others,
        } if not others and _leads_below(path):
            return Named(
                path=path.encode("utf-8", "surrogateescape"),
                size=size,
                mtime_ns=mtime_ns,
                fingerprint=fingerprint,
            )
    raise Refusal(RefusalCode.BAD_REQUEST, "a file needs path, size, mtime_ns and fingerprint")


def _leads_below(path: str) -> bool:
    try:
        path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return "\0" not in path and not any(part in {"", ".", ".."} for part in path.split("/"))
