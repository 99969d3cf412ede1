"""What do a destination's threads report?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.plan import Step
from bwvdock.core.clips.proof import Assessment
from bwvdock.core.facts import ClipFact
from bwvdock.errors import BwvdockError


@dataclass(frozen=True, kw_only=True, slots=True)
class Probed:
    """A destination was probed; `error` says why it cannot be reached."""

    destination: str
    error: BwvdockError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessed:
    """A destination was assessed; `error` says why that failed."""

    destination: str
    assessment: Assessment | None
    error: BwvdockError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """A job of a clip has begun: it no longer waits for a thread."""

    clip: str
    destination: str
    step: Step


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """A step of a clip at a destination has ended. `clip` is the clip before the step."""

    clip: Clip
    destination: str
    step: Step
    fact: ClipFact | None
    error: BwvdockError | None


def in_bursts(messages: Iterable[object]) -> Iterator[object]:
    """Return messages so that jobs that ended in a row follow each other, to be recorded in one commit.

    What has begun between them comes first: each job begins before it ends, and a clip's next one after that.
    """
    for _, run in groupby(messages, key=lambda message: isinstance(message, Begun | Delivered)):
        yield from sorted(run, key=lambda message: isinstance(message, Delivered))
