"""Which values may have to be erased, and what needs them still, as a reader of the journal answers it?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from bwvdock.core.custody.records import Part
from bwvdock.edges.journal import erasable

T = TypeVar("T")


class Erasures(Protocol):
    """The part of the reader that answers it; the reader has the connection."""

    def report(self, read: Callable[[sqlite3.Connection], Iterable[T]]) -> list[T]:
        """Return what a function reads, all of it from one moment of the journal."""
        ...

    def values_of_clip(self, clip: str) -> list[tuple[str, str]]:
        """Return (field, commitment) of the values that only a clip's entries have (erasable.py)."""
        return self.report(lambda db: erasable.values_of_clip(db, clip))

    def values_saying(self, field: str, value: str, after: str) -> Part[tuple[str, str]]:
        """Return (field, commitment) of a value that links entries, and of texts with it (erasable.py)."""
        return self.report(lambda db: [erasable.values_saying(db, field, value, after)])[0]

    def finished_clips(self, before: str, most: int, after: str) -> Part[str]:
        """Return clips acquired before a time whose values may be erased and are not yet (erasable.py)."""
        return self.report(lambda db: [erasable.finished_clips(db, before, most, after)])[0]

    def cameras_of(self, officer: str) -> list[str]:
        """Return the serials of the cameras that were ever assigned to an officer."""
        return self.report(lambda db: erasable.cameras_of(db, officer))

    def unfinished_clip(self, field: str, value: str) -> str:
        """Return one clip for which a value is still needed (erasable.py); "" for none."""
        return next(iter(self.report(lambda db: erasable.unfinished_clip(db, field, value))), "")
