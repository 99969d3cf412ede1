"""Which users and groups are there, and to whom does a path belong?"""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bwvdock.errors import NotSeenError, words_of

_OF_THE_DISK = "lost+found"


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """To whom a path belongs, by names (numbers where there are none), and its permission bits.

    `kind` is "folder", "file" or "other".
    """

    user: str
    group: str
    mode: int
    kind: str = "folder"


def user_exists(name: str) -> bool:
    """Return whether there is a user of a name."""
    with suppress(KeyError):
        return bool(pwd.getpwnam(name))
    return False


def members_of(group: str) -> Sequence[str] | None:
    """Return who is in a group beside the users whose own group it is; None if there is no such group."""
    try:
        return sorted(grp.getgrnam(group).gr_mem)
    except KeyError:
        return None


def owner_of(path: Path) -> Owner | None:
    """Return to whom a path belongs; None if nothing is there.

    Raises:
        NotSeenError: this user may not look, or the disk gives an error.
    """
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise NotSeenError(
            f"{path} cannot be looked at: {words_of(error)}", remedy="sudo bwvdock doctor"
        ) from error
    kinds = {stat.S_IFDIR: "folder", stat.S_IFREG: "file"}
    return Owner(
        user=_user(found.st_uid),
        group=_group(found.st_gid),
        mode=stat.S_IMODE(found.st_mode),
        kind=kinds.get(stat.S_IFMT(found.st_mode), "other"),
    )


def strangers_in(folder: Path, *, owner: str, most: int = 5) -> Sequence[str]:
    """Return the names of the first entries of a folder that belong to somebody else than its owner.

    A file system of its own has a lost+found, which is root's and of no concern.

    Raises:
        NotSeenError: this user may not look.
    """
    try:
        with os.scandir(folder) as entries:
            ours = (e for e in entries if not (e.name == _OF_THE_DISK and e.is_dir(follow_symlinks=False)))
            found = [e.name for e in ours if _user(e.stat(follow_symlinks=False).st_uid) != owner]
    except OSError as error:
        raise NotSeenError(
            f"{folder} cannot be listed: {words_of(error)}", remedy="sudo bwvdock doctor"
        ) from error
    return sorted(found)[:most]


def _user(uid: int) -> str:
    with suppress(KeyError):
        return pwd.getpwuid(uid).pw_name
    return str(uid)


def _group(gid: int) -> str:
    with suppress(KeyError):
        return grp.getgrgid(gid).gr_name
    return str(gid)
