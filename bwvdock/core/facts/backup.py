"""What can have happened between the journal and its backups?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.visibility.personal import personal


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupMade:
    """A backup of the dock's state was made: the journal in it has so many `entries` with this `root`.

    It holds `footage` files of footage with `size` bytes; `left_out` others are not in it. `moved`:
    the backup is for another machine, and this entry, which is the last one of the journal there too, was
    recorded before its journal was copied; nothing more is recorded here.
    """

    kind: ClassVar[str] = "backup_made"
    entries: int
    root: str
    footage: int
    size: int
    left_out: int
    moved: bool = False
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalTakenUp:
    """The journal is continued after it was closed for a move.

    `backup_at` is when the backup was made from which it was put back, "" where the move was given up and the
    journal never left its place. It had so many `entries` with this `root`.
    """

    kind: ClassVar[str] = "journal_taken_up"
    entries: int
    root: str
    backup_at: str
