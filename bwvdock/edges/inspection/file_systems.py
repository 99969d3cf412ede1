"""What can be seen of the file system that a path is on, and of the disks below it?"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bwvdock.errors import NotSeenError, words_of
from bwvdock.mounts import missing_mount, mount_of

_MOST_LAYERS = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class FileSystem:
    """The file system of a path: where it is mounted, its kind, and its sizes in bytes.

    `local`: whether this kernel itself makes every change on it. `errors` is how many the kernel counted on
    it; None where it counts none. `missing` is where a disk of /etc/fstab should be mounted at or above the
    path and is not, "" where nothing is missing.
    """

    path: Path
    point: str
    kind: str
    local: bool
    read_only: bool
    size: int
    free: int
    inodes: int
    inodes_free: int
    errors: int | None = None
    missing: str = ""


def read_file_system(path: Path, *, sysfs: Path = Path("/sys"), table: str | None = None) -> FileSystem:
    """Return what is seen of the file system on which a path is, or would be.

    Args:
        path: need not exist.
        sysfs: where sysfs is.
        table: the text of /proc/self/mountinfo; read now if None.

    Raises:
        NotSeenError: it cannot be asked.
    """
    above = next(place for place in (path, *path.parents) if _is_there(place))
    mount = mount_of(path, table=table)
    if mount_of(above, table=table) != mount:
        raise NotSeenError(
            f"{path} is on a file system that this user may not reach", remedy="sudo bwvdock doctor"
        )
    try:
        found = os.statvfs(above)
    except OSError as error:
        raise NotSeenError(
            f"the file system of {path} does not say what is on it: {words_of(error)}",
            remedy=f"findmnt -T {path}; journalctl -k",
        ) from error
    return FileSystem(
        path=path,
        point=mount.point,
        kind=mount.kind,
        local=mount.is_local,
        read_only=bool(found.f_flag & os.ST_RDONLY),
        size=found.f_blocks * found.f_frsize,
        free=found.f_bavail * found.f_frsize,
        inodes=found.f_files,
        inodes_free=found.f_favail,
        errors=_errors(sysfs, mount.kind, mount.device),
        missing=missing_mount(path),
    )


def _is_there(place: Path) -> bool:
    with suppress(OSError):
        return place.exists()
    return False  # below a folder that this user may not enter


def _errors(sysfs: Path, kind: str, device: str) -> int | None:
    """Return how many errors ext4 has counted on a device since the file system was last checked."""
    if kind != "ext4":
        return None
    with suppress(OSError, ValueError):
        name = (sysfs / "dev/block" / device).resolve().name
        return int((sysfs / "fs/ext4" / name / "errors_count").read_text(encoding="ascii"))
    return None


def disks_under(path: Path, *, sysfs: Path = Path("/sys")) -> Sequence[str]:
    """Return the kernel's names of the disks that a path is stored on ("sda"); none where none is seen."""
    found = {name for name, is_disk in _devices_under(path, sysfs) if is_disk}
    return sorted(found)


def devices_under(path: Path, *, sysfs: Path = Path("/sys")) -> Sequence[str]:
    """Return the kernel's names of all block devices below a path: mappings and RAIDs ("dm-0") too."""
    return sorted({name for name, _ in _devices_under(path, sysfs)})


def _devices_under(path: Path, sysfs: Path) -> Iterator[tuple[str, bool]]:
    number = mount_of(path).device
    device = sysfs / "dev/block" / number
    if number and device.exists():
        yield from _below(device.resolve(), 0)


def _below(device: Path, layers: int) -> Iterator[tuple[str, bool]]:
    """Return each device through partitions, mappings and RAIDs, and whether it is a disk."""
    if (device / "partition").exists():
        device = device.parent
    slaves = device / "slaves"
    below = sorted(slaves.iterdir()) if slaves.is_dir() else []
    for slave in below if layers < _MOST_LAYERS else ():
        yield from _below(slave.resolve(), layers + 1)
    if below or (device / "device").exists():
        yield device.name, not below


def hardware_clock(sysfs: Path = Path("/sys")) -> int | None:
    """Return the seconds since 1970 that the machine's hardware clock shows; None where there is none."""
    with suppress(OSError, ValueError):
        return int((sysfs / "class/rtc/rtc0/since_epoch").read_text(encoding="ascii"))
    return None
