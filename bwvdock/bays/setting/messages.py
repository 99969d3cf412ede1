"""What do the bays' workers report of a clock that is to be set? Plain values."""

from __future__ import annotations

from dataclasses import dataclass

from bwvdock.core.media.sightings import ClockSeen
from bwvdock.errors import BwvdockError


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockAsked:
    """A camera was asked whether its clock may be set; `error` is why it gave no answer."""

    key: str
    docking: str
    allowed: bool = False
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockWritten:
    """A camera's clock was set and read again; `failure` says why it was not, or that this is not known."""

    key: str
    docking: str
    seen: ClockSeen | None = None
    failure: str = ""


ClockMessage = ClockAsked | ClockWritten
