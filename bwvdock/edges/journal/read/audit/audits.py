"""What does the reader of a journal answer to an audit?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from bwvdock.edges.journal.read.audit import figures, handed
from bwvdock.edges.journal.read.audit.scope import Asked
from bwvdock.edges.journal.read.reports import Period

T = TypeVar("T")


class Audits(Protocol):
    """The part of the reader that answers it; the reader has the connection."""

    def report(self, read: Callable[[sqlite3.Connection], Iterable[T]]) -> list[T]:
        """Return what a function reads, all of it from one moment of the journal."""
        ...

    def figures(self, asked: Asked) -> list[figures.Figure]:
        """Return how much was recorded, is kept, was disposed of and handed over (figures.py)."""
        return self.report(lambda db: figures.figures(db, asked))

    def disclosures(self, span: Period, *, clip: str = "") -> list[handed.Disclosure]:
        """Return what was handed to whom within a span (handed.py)."""
        return self.report(lambda db: handed.disclosures(db, span, clip))

    def exported_packages(self, package: str) -> list[tuple[str, ...]]:
        """Return the clips of each package with this digest that was exported here."""
        return self.report(lambda db: handed.exported_packages(db, package))

    def may_seed(self, size: int, root: str, until: str) -> bool:
        """Return whether a checkpoint is the first that was signed at a time or later."""
        return self.report(lambda db: [handed.may_seed(db, size, root, until)])[0]
