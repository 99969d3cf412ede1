"""What a test needs and no machine promises: memory, a second file system, a folder for every user."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_MEMORY = Path("/dev/shm")
_ENOUGH = 1 << 30
# Folders of tests whose subjects are handed their stores by a port, or only ask a journal.
FOLDERS_OF_RULES = frozenset(
    {"bays", "cli", "core", "delivery", "feeds", "holdings", "metrics", "notify", "operators", "runtime"}
    | {"status", "support", "tampering", "upkeep", "verifier", "witness", "witnessing"}
)


def in_memory() -> Path | None:
    """Return a folder in memory, for what is about rules and not about a disk; None where there is none.

    A dock commits several times for each step of a history: on a disk it mostly waits for that.
    """
    if not os.access(_MEMORY, os.W_OK):
        return None
    room = os.statvfs(_MEMORY)
    return _MEMORY if room.f_bavail * room.f_frsize >= _ENOUGH else None


def needs_disk(test: pytest.Item) -> bool:
    """Return whether a test shows what a disk or a process of its own does, and not only a rule."""
    folder = test.path.relative_to(ROOT / "tests").parts[0]
    of_its_own = any(map(test.get_closest_marker, ("crash", "interop", "needs_root")))
    return of_its_own or folder not in FOLDERS_OF_RULES


@contextmanager
def another_filesystem(than: Path) -> Iterator[Path]:
    """Yield a new folder on another file system than that of `than`, mounted for it where there is none."""
    for place in ("/dev/shm", tempfile.gettempdir(), "/var/tmp", str(ROOT)):
        if os.access(place, os.W_OK) and os.stat(place).st_dev != than.stat().st_dev:
            with tempfile.TemporaryDirectory(prefix="bwvdock-elsewhere-", dir=place) as folder:
                yield Path(folder)
            return
    with tempfile.TemporaryDirectory(prefix="elsewhere-", dir=than) as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            pytest.skip("NOT TESTED: there is no second file system, and none may be mounted")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


@contextmanager
def open_to_all() -> Iterator[Path]:
    """Yield a new folder that every user may enter and read, wherever the checkout is."""
    with tempfile.TemporaryDirectory(prefix="bwvdock-open-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - that is what it is for
        yield Path(folder)


def code_for_all(folder: Path) -> dict[str, str]:
    """Copy the package into a folder; return the environment in which the copy is run.

    A process that takes another user's place imports some modules only then, and that user need not be able
    to read the checkout. What was compiled is copied with its source and its time: that user may write
    nothing here, and each process would compile it anew.
    """
    shutil.copytree(ROOT / "bwvdock", folder / "bwvdock")
    return {**unmeasured(), "PYTHONPATH": str(folder)}


def unmeasured() -> dict[str, str]:
    """Return the environment without coverage, which loads modules and writes files of its own."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
