"""What may commands of root and of the dock's own user have recorded of what they did?"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from bwvdock.errors import UsageError

if TYPE_CHECKING:
    from bwvdock.core.facts import BackupMade, JournalVerified
    from bwvdock.operators.decisions import Decision

Texts = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """Record what a verification of the journal found."""

    name: ClassVar[str] = "verified"
    entries: int
    since: int
    root: str
    copies: int
    documents: int
    problems: int
    codes: Texts
    errors: int
    seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BackedUp:
    """Record that a backup was made, with how many entries and files of footage; no path is named."""

    name: ClassVar[str] = "backed_up"
    entries: int
    root: str
    footage: int
    size: int
    left_out: int


Observed = Verified | BackedUp


def observed(order: Observed, actor: str) -> Decision:
    """Return what follows: an entry.

    Raises:
        UsageError: somebody else says so.
    """
    if int(actor.partition(":")[0]) not in {0, os.geteuid()}:
        raise UsageError(
            "Only root, and the dock's own user, may record what a verification or a backup found."
        )
    from bwvdock.operators.decisions import Decision  # noqa: PLC0415 - `bwvdock status` starts fast

    return Decision(facts=(_fact(order, actor),), message="Recorded.")


def _fact(order: Observed, actor: str) -> JournalVerified | BackupMade:
    from bwvdock.core.facts import BackupMade, JournalVerified  # noqa: PLC0415 - `bwvdock status` starts fast

    if isinstance(order, BackedUp):
        return BackupMade(
            entries=order.entries,
            root=order.root,
            footage=order.footage,
            size=order.size,
            left_out=order.left_out,
            actor=actor,
        )
    return JournalVerified(
        entries=order.entries,
        since=order.since,
        root=order.root,
        copies=order.copies,
        documents=order.documents,
        problems=order.problems,
        codes=order.codes,
        errors=order.errors,
        seconds=order.seconds,
    )
