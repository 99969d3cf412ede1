"""May the journal in a state directory be continued, or is it a backup's, or was it moved away?

    STATE_DIR/from-backup.json    is part of each backup's state, and comes with it wherever that is put back

While it is there nobody writes the journal: what the dock recorded after the backup is not in it, and two
histories would go by one name. A backup that was made to move the dock is continued: its journal ends with
the entry that closed it, after which nothing can have been recorded.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bwvdock.core.canonical import canonical
from bwvdock.edges import durable
from bwvdock.edges.journal.database import APPLICATION_ID, one
from bwvdock.edges.journal.origin import in_file, origin
from bwvdock.errors import JournalEndedError, StorageError, words_of

if TYPE_CHECKING:
    from bwvdock.core.facts import JournalTakenUp

NAME = "from-backup.json"
UNFINISHED = "restore-unfinished"
"""The file that is there while a backup is put back."""
_MOST_BYTES = 4096
_CLOSING = "backup_made"  # the kind; `bwvdock status` starts fast, and loads no facts


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """Which backup a state directory was put back from: whose, when it was made, what its journal had.

    `moved` says that the journal was closed for the move of the dock.
    """

    dock: str
    journal: str
    entries: int
    root: str
    made_at: str
    moved: bool

    def content(self) -> bytes:
        """Return what the file says."""
        return f"{canonical(asdict(self))}\n".encode()


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """A journal's id, its entries and their root; `closed` says that its last entry closed it for a move."""

    journal: str
    entries: int
    root: str
    closed: bool


def read_mark(state_dir: Path) -> Mark | None:
    """Return the mark in a state directory; None where there is none.

    Raises:
        StorageError: it is there, and cannot be read or says something else.
    """
    path = state_dir / NAME
    try:
        found = json.loads(durable.read_small(str(path), _MOST_BYTES))
        return _parsed(found)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StorageError(
            f"{path}, which says that this state was put back from a backup, cannot be read: "
            f"{words_of(error)}.",
            remedy=f"ls -l {path}; journalctl -k",
        ) from error
    except (ValueError, KeyError, TypeError, RecursionError):
        raise StorageError(
            f"{path}, which says from which backup this state was put back, is damaged.",
            remedy="Put the backup back once more, into an empty directory",
        ) from None


def _parsed(found: dict[str, object]) -> Mark:
    match found:
        case {
            "dock": str(dock),
            "journal": str(journal),
            "entries": int(entries),
            "root": str(root),
            "made_at": str(made_at),
            "moved": bool(moved),
        } if re.fullmatch("[0-9a-f]{64}", journal):
            return Mark(dock=dock, journal=journal, entries=entries, root=root, made_at=made_at, moved=moved)
    raise ValueError("not a mark")


def forget_mark(state_dir: Path) -> None:
    """Remove the mark, and that of a restore which was cut off, durably; none is not an error.

    Raises:
        StorageError: it cannot be removed.
    """
    try:
        directory = durable.open_directory(str(state_dir))
        try:
            there = [name for name in (UNFINISHED, NAME) if durable.exists(directory, name)]
            for name in there:
                durable.remove(directory, name)
            if there:
                durable.sync_directory(directory)
        finally:
            os.close(directory)
    except OSError as error:
        raise StorageError(
            f"{state_dir / NAME} cannot be removed: {words_of(error)}.", remedy=f"ls -ld {state_dir}"
        ) from error


def head_of(path: Path) -> Head | None:
    """Return what a journal has; None where there is no journal with an entry.

    Raises:
        JournalError: it cannot be read.
    """
    with in_file(path) as db:
        return read_head(db) if db else None


def read_head(db: sqlite3.Connection) -> Head | None:
    """Return what an open journal has; None where it has no entry."""
    if one(db, "PRAGMA application_id") != APPLICATION_ID:
        return None
    try:
        row = db.execute("SELECT size, root FROM tree").fetchone()
        last = db.execute("SELECT kind, leaf FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
    except sqlite3.OperationalError:  # no table yet: it was cut off at its birth
        return None
    journal = origin(db)
    if not row or not last or not journal:
        return None
    return Head(journal=journal, entries=int(row[0]), root=row[1].hex(), closed=_closes(*last))


def _closes(kind: object, leaf: object) -> bool:
    if kind != _CLOSING:
        return False
    try:
        return json.loads(str(leaf))["data"].get("moved") is True
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


def ended(journal: Path) -> JournalEndedError | None:
    """Return why the journal in a state directory may not be continued there; None if it may.

    Raises:
        JournalError, StorageError: it cannot be read.
    """
    mark, head = read_mark(journal.parent), head_of(journal)
    if head is None:
        return _unfinished(journal.parent)  # else whoever asks for the journal says that it is missing
    if mark is not None and mark.journal == head.journal and not _is_moved(mark, head):
        return JournalEndedError(
            f"The journal at {journal} was put back from a backup of {mark.made_at}, with {mark.entries:,} "
            "entries. What the dock recorded after that is not in it, so it is not continued, and no "
            "footage is taken.",
            remedy="Read docs/how-to/back-up-and-move-a-dock.md. To begin a new journal that names this one, "
            "which is kept: bwvdock custody succeed --reason R",
        )
    if head.closed and (mark is None or mark.journal != head.journal):
        return JournalEndedError(
            f"The journal at {journal} was closed so that the dock can move to another machine. It is not "
            "continued here, and no footage is taken.",
            remedy="Start the dock on the other machine. If it did not move: bwvdock backup give-up-move, "
            "but never after the backup was put back elsewhere (docs/how-to/back-up-and-move-a-dock.md)",
        )
    return None


def taken_up(journal: Path) -> JournalTakenUp | None:
    """Return what is to be recorded first in a journal that was moved here; None where there is nothing.

    Raises:
        JournalEndedError: it may not be continued here.
        JournalError, StorageError: it cannot be read.
    """
    error = ended(journal)
    if error is not None:
        raise error
    from bwvdock.core.facts import JournalTakenUp  # noqa: PLC0415 - `bwvdock status` starts fast

    mark, head = read_mark(journal.parent), head_of(journal)
    if mark is None or head is None or not head.closed:
        return None  # the mark of one that was taken up outlives a power cut after the entry
    return JournalTakenUp(entries=head.entries, root=head.root, backup_at=mark.made_at)


def _unfinished(state_dir: Path) -> JournalEndedError | None:
    if not (state_dir / UNFINISHED).exists():
        return None
    return JournalEndedError(
        f"A backup was being put back into {state_dir}, and its journal is not there yet. No new journal is "
        "begun.",
        remedy="Type the same bwvdock backup restore again. If that is impossible: "
        "bwvdock init --after-loss --reason R",
    )


def _is_moved(mark: Mark, head: Head) -> bool:
    """Return whether this is the journal that was closed for a move, or was taken up since."""
    return mark.moved and (head.entries > mark.entries or (head.closed and head.root == mark.root))
