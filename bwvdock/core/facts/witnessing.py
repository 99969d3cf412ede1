"""What can have happened between the journal and those who confirm it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalNotAsWitnessed:
    """A witness stated that the journal does not continue what it had confirmed of it.

    `witness` is its verifier key, `entries` the size of the checkpoint that it was sent, `named` the larger
    size that it named (-1: it named none). `proven`: a checkpoint signed with the journal's own key shows it;
    otherwise nothing but the witness's statement is known.
    """

    kind: ClassVar[str] = "journal_not_as_witnessed"
    witness: str
    entries: int
    named: int
    proven: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalAsWitnessed:
    """A witness that had contradicted confirmed the journal: its checkpoint of this size."""

    kind: ClassVar[str] = "journal_as_witnessed"
    witness: str
    entries: int
