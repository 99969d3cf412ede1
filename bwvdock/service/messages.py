"""What is the dock itself asked to do, what is found out of its journal, and which messages go together?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Event

from bwvdock.delivery.messages import Assessed, Begun, Probed
from bwvdock.edges.journal.verify.soundness import check_pages
from bwvdock.errors import BwvdockError
from bwvdock.holdings.messages import CopiesChosen
from bwvdock.operators.messages import Asked, Checked
from bwvdock.runtime.jobs import Post
from bwvdock.upkeep.messages import (
    AbsencesRead,
    CheckpointSigned,
    CheckpointStamped,
    FitnessChecked,
    NoteStored,
    SpoolCounted,
)
from bwvdock.witnessing.messages import Fed


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


BY_THEMSELVES = (
    Asked,
    Checked,
    CheckpointSigned,
    CheckpointStamped,
    NoteStored,
    Fed,
    Reload,
)
"""What is recorded, answered or kept on account of these is so at once, in no group with others."""

_OF_NO_FOOTAGE = (
    *BY_THEMSELVES,
    Begun,
    Assessed,
    Probed,
    PagesChecked,
    AbsencesRead,
    SpoolCounted,
    FitnessChecked,
    CopiesChosen,
    Stop,
)


def may_concern_footage(message: object) -> bool:
    """Return whether a report may change what is known of a camera and its footage."""
    return not isinstance(message, _OF_NO_FOOTAGE)
