"""What does the reader of a journal answer to an audit?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol, TypeVar

from bwvdock.edges.journal.read.audit import coverage as covering
from bwvdock.edges.journal.read.audit import figures as counting
from bwvdock.edges.journal.read.audit import handed
from bwvdock.edges.journal.read.audit import observations as observing
from bwvdock.edges.journal.read.audit import sample as drawing
from bwvdock.edges.journal.read.audit import timeliness as timing
from bwvdock.edges.journal.read.audit.scope import Asked
from bwvdock.edges.journal.read.reports import Period

T = TypeVar("T")


class Audits(Protocol):
    """The part of the reader that answers it; the reader has the connection."""

    def report(self, read: Callable[[sqlite3.Connection], Iterable[T]]) -> list[T]:
        """Return what a function reads, all of it from one moment of the journal."""
        ...

    def figures(self, asked: Asked) -> list[counting.Figure]:
        """Return how much was recorded, is kept, was disposed of and handed over (figures.py)."""
        return self.report(lambda db: counting.figures(db, asked))

    def timeliness(self, asked: Asked) -> list[timing.Timeliness]:
        """Return how long it takes until footage is docked, safe and proven (timeliness.py)."""
        return self.report(lambda db: timing.timeliness(db, asked))

    def coverage(self, asked: Asked) -> list[covering.Coverage]:
        """Return for how much footage officer, case, event and a review are known (coverage.py)."""
        return self.report(lambda db: covering.coverage(db, asked))

    def seed(self, until: str) -> drawing.Seed:
        """Return the first checkpoint that was signed at a time or later."""
        return self.report(lambda db: [drawing.seed(db, until)])[0]

    def sample(
        self, asked: Asked, seed: drawing.Seed, *, per: drawing.Per, wanted: int, whole: bool = False
    ) -> list[drawing.Candidate]:
        """Return the clips that are drawn for a review (sample.py)."""
        return self.report(lambda db: drawing.draw(db, asked, seed, per=per, wanted=wanted, whole=whole))

    def came_later(self, asked: Asked, seed: drawing.Seed) -> int:
        """Return how many clips of a period came too late to be drawn."""
        return self.report(lambda db: [drawing.came_later(db, asked, seed)])[0]

    def earlier_draws(self, since: str, until: str) -> list[int]:
        """Return the entries of draws from periods that overlap this one."""
        return self.report(lambda db: drawing.earlier_draws(db, since, until))

    def observations(self, asked: Asked, *, now: datetime) -> observing.Observations:
        """Return what a self-assessment can be answered from (observations.py)."""
        return self.report(lambda db: [observing.observe(db, asked, now)])[0]

    def disclosures(self, span: Period, *, clip: str = "") -> list[handed.Disclosure]:
        """Return what was handed to whom within a span (handed.py)."""
        return self.report(lambda db: handed.disclosures(db, span, clip))

    def exported_packages(self, package: str) -> list[tuple[str, ...]]:
        """Return the clips of each package with this digest that was exported here."""
        return self.report(lambda db: handed.exported_packages(db, package))

    def may_seed(self, size: int, root: str, until: str) -> bool:
        """Return whether a checkpoint is the first that was signed at a time or later."""
        return self.report(lambda db: [handed.may_seed(db, size, root, until)])[0]
