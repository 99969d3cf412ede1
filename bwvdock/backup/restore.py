"""How is a backup put back into a state directory that has no dock?

Nothing is overwritten: what is there decides. The mark that this is a backup's state comes first and the
journal last, so that a dock that starts on half of it says what it lacks. What was cut off is completed by
the same order.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path

from bwvdock.backup import layout
from bwvdock.backup.check import State, check, reading
from bwvdock.backup.folder import folder_of
from bwvdock.edges import durable, file_copies, identity_file
from bwvdock.edges.bags.bag import translated
from bwvdock.edges.journal.put_back import NAME as MARK
from bwvdock.edges.journal.put_back import UNFINISHED
from bwvdock.edges.rights import as_owner_of
from bwvdock.edges.system import hold_dock
from bwvdock.errors import DurabilityError, UsageError

_HARMLESS = {"lock", "verify.lock", UNFINISHED}
_FIRST = (f"{layout.STATE}/{MARK}", f"{layout.STATE}/{identity_file.NAME}")
_MOST = 4096

Show = Callable[[str, int], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class PutBack:
    """What was put back: what made the backup complete, and how many files."""

    whole: layout.Whole
    files: int


def restore(folder: Path, state_dir: Path, show: Show) -> PutBack:
    """Put a backup's state back; its files belong to the owner of the directory then.

    Args:
        folder: the backup.
        state_dir: where to; it is there, and has no dock.
        show: called with each file's path, and with the bytes that were copied.

    Raises:
        UsageError: the backup is not whole, or there is a dock.
        AlreadyRunningError: a daemon runs there.
        StorageError: there is no room, or a disk refuses.
    """
    found = check(folder, show)
    if found.state is not State.WHOLE or found.whole is None:
        what = f": {found.faults[0]}" if found.faults else ""
        raise UsageError(
            f"{folder} is not a whole backup ({found.state}{what}). Nothing was put back.",
            remedy="bwvdock backup check DIR shows which are whole.",
        )
    listed = durable.read_small(str(folder / layout.MANIFEST), 2**28)
    if hashlib.sha256(listed).hexdigest() != found.whole.manifest_sha256:
        raise UsageError(
            f"{folder / layout.MANIFEST} was changed while it was checked. Nothing was put back.",
            remedy="See who else writes to that disk, then check the backup again.",
        )
    digests = layout.read_manifest(listed)
    with ExitStack() as held:
        with as_owner_of(state_dir):
            _require_no_dock(state_dir, found.whole)
            held.enter_context(hold_dock(state_dir))
            target = held.enter_context(closing(_Target(state_dir)))
            target.add(UNFINISHED, f"{found.whole.manifest_sha256}\n".encode())
        files = list(_in_order(digests))
        for path in files:
            show(path, 0)
            with reading(folder, path) as source, as_owner_of(state_dir):
                target.copy(path, source, digests[path], show)
        with as_owner_of(state_dir):
            target.remove(UNFINISHED)
    return PutBack(whole=found.whole, files=len(files))


def _in_order(digests: dict[str, str]) -> Iterator[str]:
    state = [path for path in sorted(digests) if path.startswith(f"{layout.STATE}/")]
    yield from (path for path in _FIRST if path in digests)
    yield from (path for path in state if path not in {*_FIRST, layout.JOURNAL})
    yield layout.JOURNAL


def _require_no_dock(state_dir: Path, whole: layout.Whole) -> None:
    """Check that nothing of a dock is in a directory, or what an interrupted restore of this backup left.

    Raises:
        UsageError: something is.
    """
    with suppress(OSError):
        left = durable.read_small(str(state_dir / UNFINISHED), _MOST).decode().strip()
        if left == whole.manifest_sha256:
            return
    own = identity_file.read_dock_identity(state_dir)
    begun = own is not None and own.begun and not (state_dir / "journal.sqlite3").exists()
    for parent, folders, names in os.walk(state_dir):
        folders[:] = [name for name in folders if not (parent == str(state_dir) and name == "run")]
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        for name in (*names, *links):
            at_top = parent == str(state_dir)
            if at_top and (name in _HARMLESS or (name == identity_file.NAME and begun)):
                continue
            raise UsageError(
                f"{state_dir} is not empty: {os.path.join(parent, name)} is there. Nothing was put back.",
                remedy=f"Name an empty directory; what is there is kept with: mv {state_dir} "
                f"{state_dir}.before",
            )


class _Target:
    """The state directory that is filled, with the rights of its owner."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._copied: dict[tuple[int, int], str] = {}
        with translated(path):
            self._root = durable.open_directory(str(path))

    def close(self) -> None:
        os.close(self._root)

    def add(self, name: str, content: bytes) -> None:
        with translated(self._path):
            durable.replace(self._root, name, content)

    def remove(self, name: str) -> None:
        with translated(self._path):
            durable.remove(self._root, name)
            durable.sync_directory(self._root)

    def copy(self, path: str, source: durable.DiskFile, sha256: str, show: Show) -> None:
        """Put a file in its place, if it has this digest; under another name until it is durable."""
        below = path.removeprefix(f"{layout.STATE}/")
        status = os.fstat(source.fileno())
        key = status.st_dev, status.st_ino
        with translated(self._path / below):
            folder, name = folder_of(below, self._root), os.path.basename(below)
            try:
                before = self._copied.get(key)
                if before is None or not self._link(before, folder, name):
                    self._fill(folder, name, source, sha256, show)
                durable.sync_directory(folder)
            except BaseException:
                with suppress(OSError):  # so that there is room for what the dock itself writes
                    durable.remove(folder, f"{name}.part")
                raise
            finally:
                os.close(folder)
        self._copied[key] = below

    def _link(self, before: str, folder: int, name: str) -> bool:
        """Add a second name to a file that is in its place; return False where that is impossible."""
        durable.remove(folder, name)
        return durable.hard_link(self._root, before, folder, name)

    def _fill(self, folder: int, name: str, source: durable.DiskFile, sha256: str, show: Show) -> None:
        digest = hashlib.sha256()

        def pass_on(data: memoryview) -> None:
            digest.update(data)
            show("", len(data))

        with durable.DiskFile.create(folder, f"{name}.part") as file:
            file_copies.copy(source, file, passing=pass_on)
            file.set_mode(stat.S_IMODE(os.fstat(source.fileno()).st_mode) & 0o640 | 0o400)
            file.sync()
        if digest.hexdigest() != sha256:
            durable.remove(folder, f"{name}.part")
            raise DurabilityError(
                f"{name} in the backup has other bytes than a moment ago.",
                remedy="Check the backup's disk (journalctl -k), then type the same again",
            )
        durable.rename(folder, f"{name}.part", name)
