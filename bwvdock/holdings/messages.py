"""What do the threads report that ask stores again for their copies?"""

from __future__ import annotations

from dataclasses import dataclass

from bwvdock.core.facts import ClipRetrieved, VerificationFailed, VerifiedAgain
from bwvdock.core.holdings.draw import Drawn
from bwvdock.errors import BwvdockError


@dataclass(frozen=True, kw_only=True, slots=True)
class CopiesChosen:
    """What a destination is to be asked for in a night; or `error` says why that is not known."""

    destination: str
    night: str = ""
    entries: int = 0
    root: str = ""
    everything: bool = False
    drawn: Drawn = Drawn()  # noqa: RUF009 - a frozen value
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedAgain:
    """What a destination was found to have of a clip; `error`: not now, and nothing is known."""

    clip: str
    destination: str
    found: VerifiedAgain | VerificationFailed | None = None
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Retrieved:
    """A clip was read from a destination into the spool, or not; then `error` says why."""

    clip: str
    destination: str
    fact: ClipRetrieved | None = None
    error: BwvdockError | None = None


OfHoldings = CopiesChosen | AskedAgain | Retrieved
"""What a worker reports of what stores have."""
