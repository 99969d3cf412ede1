"""Which file systems may be mounted, and with which options?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bwvdock.mounter import settings
from bwvdock.mounter.kernel import Options
from bwvdock.mounter.refusal import Refusal, RefusalCode

# Files rw-r-----, folders r-xr-x---, for the asking user. The mount is read-only; the owner's w is only how
# the kernel shows the file's own read-only bit, with which many cameras lock a clip.
_OWNED: Options = (("uid", "{uid}"), ("gid", "{gid}"), ("fmask", "0137"), ("dmask", "0227"))

FILESYSTEMS: Mapping[str, Options] = {
    # FAT keeps local time and says no zone: UTC passes it on unchanged.
    "vfat": (*_OWNED, ("utf8", "1"), ("shortname", "mixed"), ("tz", "UTC"), ("errors", "remount-ro")),
    "exfat": (*_OWNED, ("iocharset", "utf8"), ("time_offset", "0"), ("errors", "remount-ro")),
    # A plain read-only mount of these two replays their log: it writes to the card. Their files keep their
    # owners: the daemon can read what the card lets everybody read.
    "ext4": (("noload", None),),
    "xfs": (("norecovery", None), ("nouuid", None)),
}
"""All that can ever be mounted. Another one needs a line here, and a test that its card stays as it was."""

# For the moment of erasing: nobody but this process itself is let into the mount.
_OWN: Options = (("uid", "{uid}"), ("gid", "{gid}"), ("fmask", "0177"), ("dmask", "0077"))

WRITABLE: Mapping[str, Options] = {
    "vfat": (*_OWN, *FILESYSTEMS["vfat"][len(_OWNED) :]),
    "exfat": (*_OWN, *FILESYSTEMS["exfat"][len(_OWNED) :]),
    # What is to be written to has its log replayed first. Only from folders of root's own can be erased here.
    "ext4": (("errors", "remount-ro"),),
    "xfs": (("nouuid", None),),
}
"""The same file systems for erasing; times are shown as they are for reading."""

DEFAULT = frozenset({"vfat", "exfat"})


def options(filesystem: str, *, uid: int, gid: int, writable: bool = False) -> Options:
    """Return the options for one of FILESYSTEMS, for that owner."""
    given = (WRITABLE if writable else FILESYSTEMS)[filesystem]
    return tuple((key, value and value.format(uid=uid, gid=gid)) for key, value in given)


def allowed(path: Path, *, owner: int = 0) -> frozenset[str]:
    """Read what may be mounted: `filesystems = ["vfat", "ext4"]`; without that file, DEFAULT.

    Raises:
        Refusal: the file could have been written by somebody but its owner, or says something else.
    """
    said = settings.read(path, owner=owner)
    if said is None:
        return DEFAULT
    match said:
        case {"filesystems": [*names], **others} if not others and all(_known(name) for name in names):
            return frozenset(names)
    known = ", ".join(FILESYSTEMS)
    raise Refusal(
        RefusalCode.MISCONFIGURED, f'{path} may only contain filesystems = ["..."], with some of: {known}'
    )


def _known(name: object) -> bool:
    return isinstance(name, str) and name in FILESYSTEMS
