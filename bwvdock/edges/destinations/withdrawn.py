"""Where in a vault is a copy that was moved aside, and how does it get there and back?

    VAULT/withdrawn/2026/04/30/CLIP.N.mp4    what was VAULT/2026/04/30/CLIP.N.mp4

It can be restored until it is removed. Anyone who reads a clip's copy looks in both folders.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress

from bwvdock.core.clips.clip import Clip
from bwvdock.edges import durable
from bwvdock.edges.spool import found_name

ASIDE = "withdrawn"


def path_of(vault: int, clip: Clip, number: int, *, day: str) -> str:
    """Return the path of a clip's part: in the folder of its day, or else where it was moved aside."""
    usual = f"{day}/{found_name(vault, clip, number, folder=day)}"
    aside = f"{ASIDE}/{day}/{found_name(vault, clip, number, folder=f'{ASIDE}/{day}')}"
    return aside if durable.exists(vault, usual) is None and durable.exists(vault, aside) else usual


def open_folder(vault: int, path: str) -> int:
    """Open a folder of a vault, made durable with all that lead to it."""
    directory = os.dup(vault)
    for name in path.split("/"):
        above = directory
        try:
            directory = durable.make_directory(name, below=above)
        finally:
            os.close(above)
    return directory


def withdraw(vault: int, names: Iterable[str], day: str) -> None:
    """Move those of the names that are in the folder of a day aside, durably; sidecars first."""
    _move(vault, names, day, f"{ASIDE}/{day}", durable.rename)


def bring_back(vault: int, names: Iterable[str], day: str) -> None:
    """Move those of the names that are aside to the folder of their day, durably; sidecars first.

    What is there already came later, such as the document that says that the clip is held: nothing is put in
    its place, and what is aside stays there until `forget`.
    """
    _move(vault, names, f"{ASIDE}/{day}", day, _unless_there)


def forget(vault: int, names: Iterable[str], day: str) -> None:
    """Remove what is left aside of a clip that is back, durably."""
    aside = open_folder(vault, f"{ASIDE}/{day}")
    try:
        for name in names:
            durable.remove(aside, name)
        durable.sync_directory(aside)
    finally:
        os.close(aside)


def _unless_there(vault: int, old: str, new: str) -> None:
    with suppress(FileExistsError):
        durable.publish(vault, old, new)


def _move(
    vault: int, names: Iterable[str], source: str, target: str, rename: Callable[[int, str, str], None]
) -> None:
    folders = [open_folder(vault, path) for path in (source, target)]
    try:
        for name in names:
            if durable.exists(folders[0], name) is not None:
                rename(vault, f"{source}/{name}", f"{target}/{name}")
        for folder in reversed(folders):  # what is lost in one must be kept by the other
            durable.sync_directory(folder)
    finally:
        for folder in folders:
            os.close(folder)
