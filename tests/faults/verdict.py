"""What has become of a file, said of its bytes on the server's own disk and of nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """What is so in the end, from good to bad."""

    INTACT = "intact"  # claimed, and there, byte for byte
    REFUSED = "refused"  # not claimed, the reason said, and the sender's own copy is kept
    STUCK = "stuck"  # nothing more came of it, though what was in the way was gone; or not a word was said
    LOST = "lost"  # claimed, and not there; or not there, and the sender's own copy gone
    CORRUPTED = "corrupted"  # claimed, and other bytes are there


WORST_FIRST = tuple(reversed(Verdict))


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What a client says of one file.

    Attributes:
        sha256: of the file as it was when the client was given it.
        stored: gives the digest of what stands on the server's disk; FileNotFoundError if nothing does. None
            where success is not claimed.
        kept: whether the sender still has the file, or has said that it is spoiled.
        said: why it is not there; "" if nobody was told.
        overdue: it is still being tried, though what was in the way has long been gone.
    """

    sha256: str
    stored: Callable[[], str] | None
    kept: bool
    said: str
    overdue: bool = False


def judge(claim: Claim) -> Verdict:
    """Hold a claim against the server's disk."""
    if claim.stored is not None:
        try:
            found = claim.stored()
        except FileNotFoundError:
            return Verdict.LOST
        return Verdict.INTACT if found == claim.sha256 else Verdict.CORRUPTED
    if not claim.kept:
        return Verdict.LOST
    return Verdict.STUCK if claim.overdue or not claim.said else Verdict.REFUSED


def worst(verdicts: list[Verdict]) -> Verdict:
    """Return the worst of some."""
    return next(verdict for verdict in WORST_FIRST if verdict in verdicts)


def sha256_of(content: bytes) -> str:
    """Return the digest in hex."""
    return hashlib.sha256(content).hexdigest()
