"""What do the threads that dispose of copies report?"""

from __future__ import annotations

from dataclasses import dataclass

from bwvdock.errors import BwvdockError


@dataclass(frozen=True, kw_only=True, slots=True)
class Disposed:
    """A copy past its retention date was disposed of, or not; then `error` says why."""

    clip: str
    place: str
    error: BwvdockError | None
