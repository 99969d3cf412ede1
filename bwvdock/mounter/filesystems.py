"""Which file systems may be mounted, and with which options?"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path

from bwvdock.mounter.kernel import Options
from bwvdock.mounter.refusal import Code, Refusal

# Files rw-r-----, folders r-xr-x---, for whoever asked. The mount is read-only; the owner's w is only how
# the kernel shows the file's own read-only bit, with which many cameras lock a clip.
_OWNED: Options = (("uid", "{uid}"), ("gid", "{gid}"), ("fmask", "0137"), ("dmask", "0227"))

FILESYSTEMS: Mapping[str, Options] = {
    # FAT keeps local time and says no zone: UTC hands it on as it stands there.
    "vfat": (*_OWNED, ("utf8", "1"), ("shortname", "mixed"), ("tz", "UTC"), ("errors", "remount-ro")),
    "exfat": (*_OWNED, ("iocharset", "utf8"), ("time_offset", "0"), ("errors", "remount-ro")),
    # A plain read-only mount of these two replays their log: it writes to the card. Their files keep their
    # owners: the daemon can read what the card lets everybody read.
    "ext4": (("noload", None),),
    "xfs": (("norecovery", None), ("nouuid", None)),
}
"""All that can ever be mounted. Another one needs a line here, and a test that its card stays as it was."""

DEFAULT = frozenset({"vfat", "exfat"})


def options(filesystem: str, *, uid: int, gid: int) -> Options:
    """Give the options for one of FILESYSTEMS, for that owner."""
    return tuple((key, value and value.format(uid=uid, gid=gid)) for key, value in FILESYSTEMS[filesystem])


def allowed(path: Path, *, owner: int = 0) -> frozenset[str]:
    """Read what may be mounted: `filesystems = ["vfat", "ext4"]`; without that file, DEFAULT.

    Raises:
        Refusal: the file could have been written by somebody but its owner, or says something else.
    """
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            said = tomllib.load(file)
    except FileNotFoundError:
        return DEFAULT
    except (OSError, ValueError) as error:
        raise Refusal(Code.MISCONFIGURED, f"{path} cannot be read: {error}") from error
    if about.st_uid != owner or about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise Refusal(Code.MISCONFIGURED, f"{path} must belong to root, and nobody else may write to it")
    match said:
        case {"filesystems": [*names], **others} if not others and all(_known(name) for name in names):
            return frozenset(names)
    known = ", ".join(FILESYSTEMS)
    raise Refusal(Code.MISCONFIGURED, f'{path} may say filesystems = ["..."] and nothing else; of: {known}')


def _known(name: object) -> bool:
    return isinstance(name, str) and name in FILESYSTEMS
