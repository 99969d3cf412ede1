"""Which journals of this dock has an evidence system still to be sent, the oldest first?

A journal that another took the place of is kept beside it (`custody succeed`). What of it was not
acknowledged is sent before the new one, under its own id.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bwvdock.edges.journal import second_names
from bwvdock.edges.journal.origin import origin_of, predecessor_of

_MOST = 1000  # successions of one dock


@dataclass(frozen=True, slots=True)
class Line:
    """Files of journals, each the successor of the one before it; the last is the dock's present one.

    `complete`: the first is the journal that was asked for, if one was.
    """

    files: tuple[Path, ...]
    complete: bool


def line_from(current: Path, journal: str) -> Line:
    """Return the journals from the one with this id on; all that are kept where it is not among them.

    Args:
        current: the file of the dock's present journal.
        journal: the id; "" for all that are kept.

    Raises:
        JournalError: one of them cannot be read.
    """
    files = [current]
    kept: dict[str, Path] | None = None
    while len(files) < _MOST:
        if journal and origin_of(files[0]) == journal:
            return Line(tuple(files), complete=True)
        before = predecessor_of(files[0])
        if before is None:
            break
        kept = _kept(current) if kept is None else kept
        file = kept.pop(before.journal, None)
        if file is None:
            break
        files.insert(0, file)
    return Line(tuple(files), complete=not journal)


def _kept(current: Path) -> dict[str, Path]:
    """Return the files of earlier journals by their ids."""
    found: dict[str, Path] = {}
    for path in sorted(current.parent.glob(f"{current.name}{second_names.KEPT}*")):
        if not path.name.endswith(("-wal", "-shm")):
            found.setdefault(origin_of(path), path)
    return found
