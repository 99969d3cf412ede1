"""What does an order come to, and what must be known to decide it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.roster import Assignment
from bwvdock.core.custody.records import CameraRow, Enrolment, RecordedClip
from bwvdock.core.facts import Fact
from bwvdock.errors import UsageError

LONGEST_NAME = 200
LONGEST_REASON = 1000


class DecisionJournal(Protocol):
    """What must be known of the journal's writer."""

    def enrolment(self, serial: str) -> Enrolment:
        """Return what operators decided about a serial."""
        ...

    def clip(self, clip: str, /) -> Clip | None:
        """Return one clip."""
        ...


class DecisionReader(Protocol):
    """What must be known of the journal's reader."""

    def cameras(self) -> Iterable[CameraRow]:
        """Return every camera that was enrolled, revoked or docked here."""
        ...

    def resolve_clip(self, prefix: str, /) -> str:
        """Return the one clip's id that begins so; UsageError if there is none, or several."""
        ...

    def assignments(self, camera: str, /) -> Sequence[Assignment]:
        """Return who was said to have held a camera, in the order in which it was recorded."""
        ...

    def recorded_clips(self, camera: str, /, *, since: str) -> Iterable[RecordedClip]:
        """Return the acquired clips that a camera recorded at a time or later."""
        ...


class Checker(Protocol):
    """What must be known of the spool."""

    def check(self, clip: Clip) -> None:
        """Read the clip's parts back; DurabilityError if one is missing or altered."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What to record, nothing if all is as it was asked to be, and what to tell the operator.

    `sums` says in numbers, by name, what an order over many rows comes to.
    """

    facts: tuple[Fact, ...]
    message: str
    sums: Mapping[str, int] = field(default_factory=dict)

    def answer(self) -> dict[str, Any]:
        """Return what the operator is told, once the facts are recorded: each kind of fact once."""
        kinds = list(dict.fromkeys(fact.kind for fact in self.facts))
        return {"message": self.message, "recorded": kinds, **self.sums}


def printable(text: str, what: str, *, longest: int = LONGEST_NAME, remedy: str = "") -> str:
    """Return a text as it is to be recorded, without blanks around it.

    Raises:
        UsageError: it is empty, too long, or has characters that cannot be shown.
    """
    bare = text.strip()
    if not bare or len(bare) > longest or not bare.isprintable():
        raise UsageError(
            f"This {what} is empty, longer than {longest} characters, or cannot be shown.", remedy=remedy
        )
    return bare
