"""Is a backup whole, and how old is it beside the journal in use?"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bwvdock.backup import layout
from bwvdock.backup.contents import belongs
from bwvdock.backup.identity import identity_files
from bwvdock.core.custody.inclusion_proofs import range_root
from bwvdock.core.visible_text import quoted
from bwvdock.edges import durable
from bwvdock.edges.journal.database import connect_reader, snapshot, translated
from bwvdock.edges.journal.put_back import Head, read_head
from bwvdock.edges.journal.tiles import Tiles
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import BwvdockError, StorageError, UsageError
from bwvdock.units import format_count

_MOST_SMALL = 2**28  # bytes of MANIFEST
_MOST_FAULTS = 20

Show = Callable[[str, int], object]


class State(StrEnum):
    """Whether a folder is a whole backup, one that was cut off, or one that has changed since."""

    WHOLE = "whole"
    UNFINISHED = "unfinished"
    DAMAGED = "damaged"


class Age(StrEnum):
    """How a backup's journal is related to the one in use."""

    SAME = "same"
    OLDER = "older"
    NEWER = "newer"
    DIFFERENT = "different"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What a check found: `faults` are what is wrong with the files, `problems` those of the journal in it.

    `whole` is what COMPLETE says, None where there is none that can be read.
    """

    path: Path
    state: State
    whole: layout.Whole | None = None
    faults: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def backups_in(folder: Path) -> list[Path]:
    """Return the backups in a folder, the oldest first; the folder itself, if it is one.

    Raises:
        UsageError: it is not there, or has none.
    """
    if any((folder / name).exists() for name in (layout.COMPLETE, layout.MANIFEST)) or layout.dock_of(
        folder.name
    ):
        return [folder]
    try:
        names = sorted(name for name in os.listdir(folder) if layout.dock_of(name))
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be read: {error.strerror}.", remedy="Name a backup, or the folder with them."
        ) from error
    if not names:
        raise UsageError(
            f"{folder} has no backup.", remedy=f"Make one: sudo bwvdock backup {quoted(str(folder))}"
        )
    return [folder / name for name in names]


def require_one(folder: Path, state_dir: Path) -> None:
    """Refuse a folder that has backups in place of being one.

    Raises:
        UsageError: it does; it names them, and says what to type.
    """
    try:
        found = backups_in(folder)
    except UsageError:
        return  # whoever reads it says what it lacks
    if found == [folder]:
        return
    finished = [one for one in found if (one / layout.COMPLETE).exists()]
    named = "\n".join(f"  {one.name}{'' if one in finished else ' (not finished)'}" for one in found)
    many = format_count(len(found), "backup")
    docks = {layout.dock_of(one.name) for one in finished}
    one = quoted(str(finished[-1])) if len(docks) == 1 else f"{quoted(str(folder))}/NAME"
    raise UsageError(
        f"{folder} is not a backup; it has {many}. Nothing was put back.\n{named}",
        remedy=f"bwvdock backup restore {one} --to {quoted(str(state_dir))}",
    )


def check(folder: Path, show: Show) -> Checked:
    """Read every file of a backup, and recompute the journal in it; nothing is changed.

    Raises:
        StorageError: it cannot be read.
    """
    content = _small(folder, layout.COMPLETE)
    if content is None or folder.name.endswith(layout.UNFINISHED):
        return Checked(path=folder, state=State.UNFINISHED)
    try:
        whole = layout.read_whole(content)
    except ValueError as error:
        return _damaged(folder, None, f"{layout.COMPLETE}: {error}")
    listed = _small(folder, layout.MANIFEST)
    if listed is None or hashlib.sha256(listed).hexdigest() != whole.manifest_sha256:
        return _damaged(folder, whole, f"{layout.MANIFEST} is not the one that {layout.COMPLETE} names")
    try:
        digests = layout.read_manifest(listed)
    except ValueError as error:
        return _damaged(folder, whole, f"{layout.MANIFEST}: {error}")
    faults = [*_foreign(digests, whole), *_faults(folder, digests, show)]
    if faults:
        return _damaged(folder, whole, *faults)
    return _with_journal(folder, whole)


def _damaged(folder: Path, whole: layout.Whole | None, *faults: str) -> Checked:
    shown = faults[:_MOST_FAULTS]
    if len(faults) > len(shown):
        shown = (*shown, f"and {len(faults) - len(shown):,} more")
    return Checked(path=folder, state=State.DAMAGED, whole=whole, faults=shown)


def _with_journal(folder: Path, whole: layout.Whole) -> Checked:
    journal = folder / layout.JOURNAL
    found = verify_journal(journal)
    problems = [f"{problem.code}: {problem.message}" for problem in found.problems]
    problems += [error.message for error in found.errors]
    head = _head(journal)
    if head is not None and head != _said(whole):
        return _damaged(folder, whole, f"the journal is not the one that {layout.COMPLETE} names")
    return Checked(path=folder, state=State.WHOLE, whole=whole, problems=tuple(problems))


def _head(journal: Path) -> Head | None:
    with suppress(BwvdockError):  # what is wrong with it is among the problems
        db, _ = connect_reader(journal, copied=True)
        with closing(db), translated(journal):
            return read_head(db)
    return None


def _said(whole: layout.Whole) -> Head:
    return Head(journal=whole.journal, entries=whole.entries, root=whole.root, closed=whole.moved)


def _foreign(digests: dict[str, str], whole: layout.Whole) -> Iterator[str]:
    """Yield what no backup has that was made here: digests alone do not say who wrote them.

    Without its mark a journal that was put back would be continued, and what SQLite has beside a journal
    would change it.
    """
    identity = identity_files(whole.dock, _said(whole), whole.made_at)
    for path, content in identity.items():
        if path in digests and digests[path] != hashlib.sha256(content).hexdigest():
            yield f"{path} does not say what {layout.COMPLETE} does"
    for needed in (layout.JOURNAL, *identity):
        if needed not in digests:
            yield f"{needed} is not in {layout.MANIFEST}"
    for path in digests:
        top, _, below = path.partition("/")
        if top == layout.STATE and path not in {layout.JOURNAL, *identity} and not belongs(below):
            yield f"{path} is in {layout.MANIFEST}, and no backup has it"


def _faults(folder: Path, digests: dict[str, str], show: Show) -> Iterator[str]:
    for path, digest in digests.items():
        try:
            with reading(folder, path) as file:
                found = digest_of(file, path, show)
        except FileNotFoundError:
            yield f"{path} is missing"
        except OSError as error:
            yield f"{path} cannot be read: {error.strerror}"
        else:
            if found != digest:
                yield f"{path} has other bytes than when the backup was made"


def reading(folder: Path, path: str) -> durable.DiskFile:
    """Open a file of a backup; no link in its path is followed.

    Raises:
        OSError: it is not there, or is not a plain file.
    """
    held = durable.open_directory(str(folder))
    try:
        for step in path.split("/")[:-1]:
            below = durable.open_directory(step, below=held)
            os.close(held)
            held = below
        return durable.DiskFile.read(held, os.path.basename(path))
    finally:
        os.close(held)


def digest_of(file: durable.DiskFile, path: str, show: Show) -> str:
    """Return the SHA-256 of what the disk holds of a file."""
    digest = hashlib.sha256()
    show(path, 0)
    for data in file.read_back(0, file.size):
        digest.update(data)
        show("", len(data))
    return digest.hexdigest()


def _small(folder: Path, name: str) -> bytes | None:
    """Return a small file of a backup; None where there is none."""
    try:
        status = os.stat(folder / name, follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):
            return None
        return durable.read_small(str(folder / name), _MOST_SMALL)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(
            f"{folder / name} cannot be read: {error.strerror}.", remedy="Type the same with sudo."
        ) from error


# --- beside the journal in use -----------------------------------------------------------------------


def age_of(whole: layout.Whole, folder: Path, live: Path) -> tuple[Age, int]:
    """Return how old a backup's journal is beside the one in use, and by how many entries they differ.

    Raises:
        JournalError: the journal in use cannot be read.
    """
    db, _ = connect_reader(live)
    with closing(db), translated(live), snapshot(db):
        head = read_head(db)
        if head is None or head.journal != whole.journal:
            return Age.OTHER, 0
        if whole.entries <= head.entries:
            if _root(db, whole.entries) != whole.root:
                return Age.DIFFERENT, 0
            return (Age.SAME if whole.entries == head.entries else Age.OLDER), head.entries - whole.entries
    copied, _ = connect_reader(folder / layout.JOURNAL, copied=True)
    with closing(copied), translated(folder / layout.JOURNAL):
        same = _root(copied, head.entries) == head.root
    return (Age.NEWER if same else Age.DIFFERENT), whole.entries - head.entries


def _root(db: sqlite3.Connection, size: int) -> str:
    return range_root(0, size, Tiles(db).fetch).hex()
