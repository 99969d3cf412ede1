"""Which file system is a path on? Found in the kernel's table of mounts, without asking that file system.

A share whose server has gone, or a FUSE program that was stopped, answers no call at all: a thread that only
looks at such a path hangs. The table says what is mounted where, and only the symbolic links before a mount
are followed, on file systems that this kernel serves itself.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TABLE = Path("/proc/self/mountinfo")  # proc_pid_mountinfo(5)
_FSTAB = Path("/etc/fstab")
_PLACES = ("/mnt", "/media", "/run/media")  # by the Filesystem Hierarchy Standard, and udisks
_MOST_LINKS = 40  # as path_resolution(7)

# Where this kernel makes every change itself. A share's server, or a FUSE program, makes others.
_LOCAL = frozenset(
    {
        "bcachefs",
        "btrfs",
        "exfat",
        "ext2",
        "ext3",
        "ext4",
        "f2fs",
        "jfs",
        "msdos",
        "ntfs3",
        "overlay",
        "ramfs",
        "reiserfs",
        "tmpfs",
        "vfat",
        "xfs",
        "zfs",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mount:
    """A line of the table: what is mounted at `point`.

    `device` is its number, as "8:1"; `source` is what was named when it was mounted, as "/dev/sda1".
    """

    point: str
    device: str
    kind: str
    source: str = ""

    @property
    def is_local(self) -> bool:
        """Return whether this kernel makes every change of it, so that inotify hears of each."""
        return self.kind in _LOCAL


NOTHING = Mount(point="/", device="", kind="")


def mount_of(path: Path | str, *, table: str | None = None) -> Mount:
    """Return what is mounted where a path is, or would be; `NOTHING` where the table does not say.

    Only links on local file systems are followed: what hangs is not touched.

    Args:
        path: need not exist.
        table: the text of /proc/self/mountinfo; read now if None.
    """
    if table is None:
        table = _read_table()
    mounts = parse(table)
    return nearest(_without_links(path, mounts), mounts)


def real_path(path: Path) -> Path:
    """Return where links lead, as Path.resolve; on file systems that are not local they are not followed."""
    return Path(_without_links(path, parse(_read_table())))


def is_for_mounts(path: Path, *, fstab: str | None = None) -> bool:
    """Return whether a path, or where its links lead, is below a place at which disks or shares are mounted.

    Args:
        path: need not exist, and nothing need be mounted there now.
        fstab: the text of /etc/fstab, fstab(5); read now if None.
    """
    points = (*_PLACES, *_points(_read_fstab() if fstab is None else fstab, binds=False))
    return any(place.is_relative_to(point) for place in (path, real_path(path)) for point in points)


def missing_mount(path: Path, *, fstab: str | None = None, table: str | None = None) -> str:
    """Return where something is to be mounted, at or above a path, and is not; "" where nothing is missing.

    Args:
        path: need not exist.
        fstab: the text of /etc/fstab, fstab(5); read now if None.
        table: the text of /proc/self/mountinfo; read now if None.
    """
    mounted = {mount.point for mount in parse(_read_table() if table is None else table)}
    points = _points(_read_fstab() if fstab is None else fstab, binds=True)
    places = (path, real_path(path))
    missing = [p for p in points if any(place.is_relative_to(p) for place in places) and p not in mounted]
    return missing[0] if missing and mounted else ""  # without the table nothing is known


def _points(fstab: str, *, binds: bool) -> Sequence[str]:
    """Return where /etc/fstab mounts something else than the root, or than a folder of another mount."""
    lines = [line.split() for line in fstab.splitlines() if not line.lstrip().startswith("#")]
    points = [
        _unescaped(fields[1])
        for fields in lines
        if len(fields) >= 4 and (binds or not {"bind", "rbind"} & set(fields[3].split(",")))
    ]
    return [os.path.normpath(point) for point in points if point.startswith("/") and point.strip("/")]


def _read_fstab() -> str:
    try:
        return _FSTAB.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _unescaped(point: str) -> str:
    point = point.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n")
    return point.replace("\\134", "\\")


def parse(table: str) -> Sequence[Mount]:
    """Return the mounts in the text of /proc/self/mountinfo; other lines are left out."""
    found = []
    for line in table.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) >= 5 and after:
            kind, source, *_ = [*after.split(" "), ""]
            point, source = _unescaped(fields[4]), _unescaped(source)
            found.append(Mount(point=point, device=fields[2], kind=kind, source=source))
    return found


def nearest(path: str, mounts: Sequence[Mount]) -> Mount:
    """Return the mount that an absolute path without links is on; `NOTHING` if there is none."""
    best = NOTHING
    for mount in mounts:
        inside = mount.point in {"/", path} or path.startswith(f"{mount.point}/")
        if inside and (best is NOTHING or len(mount.point) >= len(best.point)):
            best = mount  # of two at one place the later hides the earlier
    return best


def _read_table() -> str:
    try:
        return _TABLE.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # nothing is known then, and nothing is relied upon


def _without_links(path: Path | str, mounts: Sequence[Mount]) -> str:
    points = {mount.point for mount in mounts}
    left, at, links = _parts(os.path.join(os.getcwd(), path)), "/", 0
    while left:
        part = left.pop()
        if part == "..":
            at = os.path.dirname(at)
            continue
        name = os.path.join(at, part)
        target = "" if name in points or not nearest(at, mounts).is_local else _link(name)
        if target and links < _MOST_LINKS:
            links += 1
            at = "/" if target.startswith("/") else at
            left += _parts(target)
        else:
            at = name
    return at


def _parts(path: str) -> list[str]:
    """Return the steps of a path, the first of them last."""
    return [part for part in path.split("/") if part not in {"", "."}][::-1]


def _link(name: str) -> str:
    """Return where a link leads; "" for what is none or is not there."""
    try:
        return os.readlink(name)
    except OSError as error:
        if error.errno in {errno.EINVAL, errno.ENOENT, errno.ENOTDIR, errno.EACCES}:
            return ""
        raise
