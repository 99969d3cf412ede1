"""With whose rights is something done in the dock's folders, when root is asked to do it?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bwvdock.core.visible_text import quoted
from bwvdock.edges.peer import user
from bwvdock.errors import UsageError


def refuse_root(state_dir: Path) -> None:
    """See that root does not run a dock of another user: what it made there, that user could not write.

    And the owner of a directory decides what its names mean: root would write where that user wants.

    Raises:
        UsageError: it would.
    """
    try:
        owner = state_dir.stat().st_uid
    except OSError:
        return  # whoever opens it says what is wrong with it
    if os.geteuid() == 0 and owner != 0:
        raise UsageError(
            f"This dock belongs to another user ({user(owner)}), and root does not run it: {state_dir}.",
            remedy="systemctl start bwvdock; by hand: "
            f"sudo -u {quoted(user(owner).partition(':')[2], '#' + str(owner))} bwvdock run",
        )


def close_to_others(folder: Path) -> None:
    """Remove all access of others to a folder of ours, whatever umask or older version created it.

    Raises:
        OSError: it cannot be done.
    """
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        found = os.fstat(held)
        if found.st_uid == os.geteuid() and found.st_mode & 0o077:
            os.fchmod(held, 0o700)
    finally:
        os.close(held)


def may_enter(folder: Path) -> bool:
    """Return whether we may look into a folder, or may see that it is not there."""
    try:
        return os.access(folder, os.R_OK | os.X_OK, effective_ids=True) or not folder.exists()
    except PermissionError:
        return False


@contextmanager
def as_owner_of(folder: Path) -> Iterator[None]:
    """Act as the owner of a folder while inside, if we are root: with the rights of that user alone."""
    owner = folder.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        yield
        return
    groups = os.getgroups()
    os.setgroups([owner.st_gid])
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(os.getgid())
        os.setgroups(groups)
