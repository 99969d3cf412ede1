"""How is a camera's volume mounted so that nothing on it can change and nothing of it can act?

And is it still there? `probe` asks the medium itself.
"""

from __future__ import annotations

import errno
import os
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bwvdock.mounter import device, filesystems
from bwvdock.mounter.device import Device
from bwvdock.mounter.kernel import Kernel, Options
from bwvdock.mounter.refusal import Refusal, RefusalCode

_CODES: Mapping[int, RefusalCode] = {
    errno.ENOMEDIUM: RefusalCode.NO_MEDIUM,
    errno.ENOENT: RefusalCode.GONE,
    errno.ENODEV: RefusalCode.GONE,
    errno.ENXIO: RefusalCode.GONE,
    errno.EBUSY: RefusalCode.BUSY,
    errno.EIO: RefusalCode.IO_ERROR,
    # Which devices this process may open was looked up when it was started.
    errno.EPERM: RefusalCode.NOT_PERMITTED,
    # What file systems say of content that is another's, or broken.
    errno.EINVAL: RefusalCode.NOT_A_FILESYSTEM,
    errno.EUCLEAN: RefusalCode.NOT_A_FILESYSTEM,
    errno.EBADMSG: RefusalCode.NOT_A_FILESYSTEM,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who asks, as the kernel says (SO_PEERCRED)."""

    pid: int
    uid: int
    gid: int


@dataclass(frozen=True, kw_only=True, slots=True)
class System:
    """The machine: where to look, and whom to ask."""

    kernel: Kernel
    sysfs: Path = Path("/sys")
    udev: Path = Path("/run/udev/data")
    devices: Path = Path("/dev")
    config: Path = Path("/etc/bwvdock/mounter.toml")
    dock_config: Path = Path("/etc/bwvdock/bwvdock.toml")
    config_owner: int = 0
    locks: defaultdict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))
    """One for each disk: of two partitions, neither must find the other's moment of claiming "busy"."""


Request = Mapping[str, Any]
"""What was asked; "device" is a text."""

Answer = tuple[dict[str, object], int | None]
"""What to answer, and a descriptor to go with it."""


def mount(request: Request, peer: Caller, system: System) -> Answer:
    """Mount a camera's volume for a peer; the descriptor is that of its root directory.

    Raises:
        Refusal: for whatever reason; nothing is mounted then.
    """
    found, filesystem = mountable(request["device"], system)
    with refusing(f"{found.name} cannot be mounted as {filesystem}"), system.locks[found.disk]:
        root, diskseq = _mount(found, filesystem, peer, system)
    label = found.properties.get("ID_FS_LABEL_ENC", "")
    medium = {"device": found.name, "dev": found.dev, "diskseq": diskseq}
    return {**medium, "fs": filesystem, "label": label, "read_only": True}, root


def probe(request: Request, peer: Caller, system: System) -> Answer:  # noqa: ARG001 - an Operation
    """Have the medium itself return a block, and report which medium that is. No descriptor is returned.

    After a camera was unplugged its disk stays in sysfs for a while; nothing but an answer of the
    medium proves that whatever was read from it before was read from a camera that was there.

    Raises:
        Refusal: it gives none, for whatever reason.
    """
    found = device.find(request["device"], sysfs=system.sysfs, udev=system.udev)
    with refusing(f"{found.name} does not answer"), ExitStack() as held:
        volume = system.kernel.open_device(str(system.devices / found.name), dev=found.dev)
        held.callback(os.close, volume)
        system.kernel.read_uncached(volume)
        # Asked afterwards: of a card that was changed before it was read, this is the new one's.
        diskseq = system.kernel.diskseq(volume)
    return {"device": found.name, "dev": found.dev, "diskseq": diskseq}, None


def mountable(name: str, system: System) -> tuple[Device, str]:
    """Look up a device, and return it with its file system, which may be mounted.

    Raises:
        Refusal: it is not a camera's, or has no file system that is allowed.
    """
    found = device.find(name, sysfs=system.sysfs, udev=system.udev)
    filesystem = found.properties.get("ID_FS_TYPE", "")
    if not filesystem:
        raise Refusal(RefusalCode.NOT_A_FILESYSTEM, f"{found.name} has no recognised file system")
    if filesystem not in filesystems.allowed(system.config, owner=system.config_owner):
        words = f"{found.name} has a file system that is not allowed: {filesystem!a}"
        raise Refusal(RefusalCode.FILESYSTEM_NOT_ALLOWED, words)
    return found, filesystem


@contextmanager
def refusing(words: str) -> Iterator[None]:
    """Turn what the kernel says into a refusal."""
    try:
        yield
    except OSError as error:
        code = _CODES.get(error.errno or 0, RefusalCode.MOUNT_FAILED)
        raise Refusal(code, f"{words}: {error.strerror}") from error


@contextmanager
def claimed(found: Device, system: System) -> Iterator[tuple[int, int]]:
    """Open disk and volume, which nobody uses, and which refuse writes from here on.

    Raises:
        Refusal: somebody uses one of them, or it stays writable.
        OSError: as the kernel says.
    """
    kernel = system.kernel
    path, disk_path = (str(system.devices / name) for name in (found.name, found.disk))
    with ExitStack() as held:
        disk = kernel.open_device(disk_path, dev=found.disk_dev)
        held.callback(os.close, disk)
        volume = kernel.open_device(path, dev=found.dev)
        held.callback(os.close, volume)
        if not kernel.is_read_only(disk):
            # Somebody may write to another partition of it: that must not turn read-only under him.
            # A disk that is already read-only has another partition that we mounted.
            os.close(kernel.open_device(disk_path, dev=found.disk_dev, exclusive=True))
        os.close(kernel.open_device(path, dev=found.dev, exclusive=True))
        forbid_writes(kernel, (disk, volume), name=found.name)
        yield disk, volume


def _mount(found: Device, filesystem: str, peer: Caller, system: System) -> tuple[int, int]:
    with claimed(found, system) as (_, volume):
        diskseq = system.kernel.diskseq(volume)
        options = filesystems.options(filesystem, uid=peer.uid, gid=peer.gid)
        return attached(found, filesystem, options, diskseq, system), diskseq


def attached(
    found: Device,
    filesystem: str,
    options: Options,
    diskseq: int,
    system: System,
    *,
    writable: bool = False,
) -> int:
    """Mount, and see that what was mounted is locked down, and is the medium that was looked at."""
    root = system.kernel.mount(filesystem, str(system.devices / found.name), options, writable=writable)
    try:
        _prove(root, found, diskseq, system, writable=writable)
    except BaseException:
        os.close(root)
        raise
    return root


def _prove(root: int, found: Device, diskseq: int, system: System, *, writable: bool) -> None:
    if not system.kernel.locked_down(root, writable=writable):
        words = f"{found.name} was mounted, but not {'writable' if writable else 'read-only'} and locked down"
        raise Refusal(RefusalCode.NOT_WRITABLE if writable else RefusalCode.NOT_READ_ONLY, words)
    same_medium = device.diskseq(found.disk, sysfs=system.sysfs) == str(diskseq)
    if not same_medium or system.kernel.mounted_from(root) != found.dev:
        raise Refusal(RefusalCode.GONE, f"{found.name} was removed or changed while it was being mounted")


def forbid_writes(kernel: Kernel, devices: tuple[int, int], *, name: str) -> None:
    """Make disk and volume refuse writes: a file system that wanted to write could not."""
    for fd in devices:
        kernel.set_read_only(fd)
        if not kernel.is_read_only(fd):
            raise Refusal(RefusalCode.NOT_READ_ONLY, f"{name} cannot be set read-only")
