"""Under which second name is a journal kept whose place another takes, and is that a file of its own yet?

The old journal gets a second name, then the new one takes the first. A power cut in between leaves one file
with two names: what is written into the kept one then is written into the journal that is in use.
"""

from __future__ import annotations

import os
from pathlib import Path

from bwvdock.edges import durable

KEPT = ".succeeded-"
_MOST = 10_000


def keep(directory: int, name: str) -> bool:
    """Add a second name for a journal, durably, unless it has one; return False where no file can have two.

    Raises:
        OSError: it cannot be done.
    """
    if _second_name(directory, name):
        return True
    taken = set(os.listdir(directory))
    free = next(f"{name}{KEPT}{n}" for n in range(1, _MOST) if f"{name}{KEPT}{n}" not in taken)
    if not durable.hard_link(directory, name, directory, free):
        return False
    durable.sync_directory(directory)
    return True


def forget(journal: Path) -> None:
    """Remove the second name of a journal that is in use after all; none is not an error.

    Raises:
        OSError: it cannot be removed.
    """
    directory = durable.open_directory(str(journal.parent))
    try:
        if second := _second_name(directory, journal.name):
            durable.remove(directory, second)
            durable.sync_directory(directory)
    finally:
        os.close(directory)


def _second_name(directory: int, name: str) -> str:
    """Return the second name of this very file, "" if it has none."""
    file = durable.exists(directory, name)
    if file is None or file.st_nlink == 1:
        return ""
    for other in sorted(os.listdir(directory)):
        if other.startswith(f"{name}{KEPT}"):
            its = durable.exists(directory, other)
            if its is not None and (its.st_dev, its.st_ino) == (file.st_dev, file.st_ino):
                return other
    return ""
