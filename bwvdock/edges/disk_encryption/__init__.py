"""Is what is stored at a path encrypted on its disk? Found in sysfs, without asking a disk or a program.

Seen are the devices from the file system down to the disks: a mapping that cryptsetup made (LUKS, dm-crypt)
on each way down means *encrypted*; a disk that is reached without one means *not encrypted*. Everything else
is neither: it cannot be seen, and `why` says what is in the way.

Not seen by this, and so never claimed: with which cipher a mapping encrypts and who can open it, a drive that
encrypts by itself, and file systems that do (ZFS, fscrypt).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bwvdock.mounts import Mount, mount_of

_SYS = Path("/sys")
_MOST_LAYERS = 16  # partition, RAID, LVM, LUKS and RAID again are five

# What a mapping's UUID begins with (libdevmapper's and cryptsetup's own prefixes).
_ENCRYPTING = ("LUKS1", "LUKS2", "PLAIN", "LOOPAES", "TCRYPT", "BITLK", "FVAULT2")
_ONLY_MAPS = re.compile(r"LVM-|mpath-|part\d+-|DMRAID-|CRYPT-VERITY-|CRYPT-INTEGRITY-")
_UNDER_WAY = ("-hotzone-", "-overlay")  # in the names of a mapping's parts while it is encrypted in place

_MEMORY = frozenset({"tmpfs", "ramfs"})


class Encrypted(StrEnum):
    """Whether a disk is encrypted, by what was seen."""

    YES = "encrypted"
    NO = "not encrypted"
    UNSEEN = "cannot be seen"


@dataclass(frozen=True, slots=True)
class DiskEncryption:
    """What was seen of the disks below a path, and why: the rest of a sentence, without a full stop."""

    state: Encrypted
    why: str


def disk_encryption(path: Path | str, *, table: str | None = None, sys: Path = _SYS) -> DiskEncryption:
    """Return what is seen of the disks on which a path is, or would be.

    Reads a few small files of sysfs: it takes about a millisecond, waits for no disk and no server, and needs
    no privilege. It never raises: what cannot be read cannot be seen.

    Args:
        path: need not exist.
        table: the text of /proc/self/mountinfo; read now if None.
        sys: where sysfs is.
    """
    try:
        mount = mount_of(path, table=table)
        if not mount.device:
            return _unseen("its file system is not in the kernel's table of mounts")
        disks = _devices_of(mount, sys)
        return _all(_below(disk, sys, 0) for disk in disks) if disks else _without_disk(mount)
    except OSError as error:
        return _unseen(f"the kernel's list of devices cannot be read ({error.strerror})")


def _devices_of(mount: Mount, sys: Path) -> Sequence[Path]:
    """Return the folders in sysfs of a file system's block devices; none if it shows none."""
    device = sys / "dev/block" / mount.device
    if device.exists():
        return [device.resolve()]
    return _of_btrfs(mount.source, sys) if mount.kind == "btrfs" else []


def _of_btrfs(source: str, sys: Path) -> Sequence[Path]:
    # The table names one of its devices, perhaps by a link that only udev knows; sysfs lists them all.
    names = {source.removeprefix("/dev/").replace("/", "!")}
    if source.startswith("/dev/mapper/"):
        maps = (sys / "class/block").glob("dm-*")
        names = {dm.name for dm in maps if _text(dm / "dm/name") == source.removeprefix("/dev/mapper/")}
    for devices in (sys / "fs/btrfs").glob("*/devices"):
        found = {device.name for device in devices.iterdir()}
        if names & found:
            return [(sys / "class/block" / name).resolve() for name in sorted(found)]
    return []


def _below(device: Path, sys: Path, layers: int) -> DiskEncryption:
    """Return what is seen of a block device, by what it is made of.

    Args:
        device: its folder in sysfs.
        sys: where sysfs is.
        layers: how many are above it.
    """
    if layers > _MOST_LAYERS:
        return _unseen(f"{device.name} is below too many others")
    uuid = _text(device / "dm/uuid")
    slaves = [slave.resolve() for slave in sorted(_entries(device / "slaves"))]
    if kind := next((kind for kind in _ENCRYPTING if uuid.startswith(f"CRYPT-{kind}-")), ""):
        return _mapped(device, kind, slaves)
    if (device / "partition").exists():
        return _below(device.parent, sys, layers + 1)
    if slaves:
        found = _all(_below(slave, sys, layers + 1) for slave in slaves)
        if found.state is Encrypted.NO and (device / "dm").exists() and not _ONLY_MAPS.match(uuid):
            return _unseen(f"whether the mapping {_named(device)} encrypts cannot be seen")
        return found
    if (device / "device").exists():
        return DiskEncryption(Encrypted.NO, f"nothing on this machine encrypts {device.name}")
    return _unseen(f"{device.name} is not a disk, and what it is stored on cannot be seen")


def _mapped(device: Path, kind: str, slaves: Sequence[Path]) -> DiskEncryption:
    parts = [_text(slave / "dm/name") for slave in slaves]
    if any(mark in part for part in parts for mark in _UNDER_WAY):
        return _unseen(f"{_named(device)} is being encrypted or decrypted")
    return DiskEncryption(Encrypted.YES, f"{_named(device)} is encrypted by {kind}")


def _named(mapping: Path) -> str:
    return f"{_text(mapping / 'dm/name')} ({mapping.name})"


def _all(found: Iterable[DiskEncryption]) -> DiskEncryption:
    """Return what holds of several devices together: one that is not encrypted decides, then one unseen."""
    each = list(found)
    for state in (Encrypted.NO, Encrypted.UNSEEN):
        if reasons := [one.why for one in each if one.state is state]:
            return DiskEncryption(state, "; ".join(dict.fromkeys(reasons)))
    return DiskEncryption(Encrypted.YES, "; ".join(dict.fromkeys(one.why for one in each)))


def _without_disk(mount: Mount) -> DiskEncryption:
    if mount.kind in _MEMORY:
        return _unseen(f"it is in memory ({mount.kind}), which may be swapped to a disk")
    return _unseen(f"its file system ({mount.kind}) shows no disk of this machine")


def _unseen(why: str) -> DiskEncryption:
    return DiskEncryption(Encrypted.UNSEEN, why)


def _entries(folder: Path) -> Sequence[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _text(file: Path) -> str:
    """Return the one line of a file in sysfs; "" where there is none."""
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return ""
