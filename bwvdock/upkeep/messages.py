"""What do the threads that dispose of copies report?"""

from __future__ import annotations

from dataclasses import dataclass

from bwvdock.core.facts import ClipQuarantined
from bwvdock.errors import BwvdockError


@dataclass(frozen=True, kw_only=True, slots=True)
class Disposed:
    """A copy was disposed of, or not; then `error` says why, or `wrong` what was found of another copy."""

    clip: str
    place: str
    error: BwvdockError | None
    wrong: ClipQuarantined | None = None
