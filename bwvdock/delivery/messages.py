"""What do a destination's threads report?"""

from __future__ import annotations

from dataclasses import dataclass

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.permit import Assessment
from bwvdock.core.clips.plan import Step
from bwvdock.core.facts import ClipFact
from bwvdock.errors import BwvdockError


@dataclass(frozen=True, kw_only=True, slots=True)
class Probed:
    """A destination was asked whether it can be reached; `error` says why not."""

    destination: str
    error: BwvdockError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessed:
    """It was tried out what a destination's acknowledgement is worth; `error` says why that failed."""

    destination: str
    assessment: Assessment | None
    error: BwvdockError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """A clip is really on its way to a room: it waits for no thread any more."""

    clip: str
    destination: str
    step: Step


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """A room is done with a clip at a destination, one way or the other. `clip` is as it went in."""

    clip: Clip
    destination: str
    step: Step
    fact: ClipFact | None
    error: BwvdockError | None
