"""Does a folder's file system report every change to inotify?

Only where this kernel makes every change itself. A share's server, or the program behind a FUSE mount, makes
changes that the kernel does not see.
"""

from __future__ import annotations

import os
from pathlib import Path

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


def tells_inotify(path: str, *, mounts: Path = Path("/proc/self/mountinfo")) -> bool:
    """Return whether inotify hears of every change below a path; False where that is not known.

    Raises:
        OSError: the path is not there.
    """
    mountinfo = mounts.read_text(encoding="utf-8", errors="replace")
    return file_system_of(os.path.realpath(path), mountinfo) in _LOCAL


def file_system_of(path: str, mountinfo: str) -> str:
    """Return the type of the file system that a path is on, by the nearest mount above it; "" if none."""
    best, kind = "", ""
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        point = fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        inside = point in {"/", path} or path.startswith(f"{point}/")
        if inside and len(point) >= len(best):  # of two at one place the later hides the earlier
            best, kind = point, after.split(" ")[0]
    return kind
