"""What is the dock itself asked to do, and what is found out of its journal?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Event

from bwvdock.edges.journal.verify.soundness import check_pages
from bwvdock.errors import BwvdockError
from bwvdock.runtime.jobs import Post


@dataclass(frozen=True, slots=True)
class Stop:
    """Shut down cleanly."""


@dataclass(frozen=True, slots=True)
class Reload:
    """Read the configuration again."""


@dataclass(frozen=True, slots=True)
class PagesChecked:
    """Every page of the journal was looked at, or could not be; `error` says why."""

    error: BwvdockError | None = None


@dataclass(frozen=True, slots=True)
class CheckPages:
    """Look at every page of the journal, until `halted` is set."""

    journal: Path
    halted: Event

    def work(self, _: Post) -> PagesChecked:
        """Look at them all."""
        check_pages(self.journal, halted=self.halted)
        return PagesChecked()

    def failed(self, error: BwvdockError) -> PagesChecked:
        """Report what was found, or why nothing was."""
        return PagesChecked(error)
