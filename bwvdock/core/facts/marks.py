"""How can people mark a clip: as evidence or not, on hold or not, to go before others?

Reasons and case references are free text, which may name people: they are personal data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.visibility.personal import personal


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipFlagged:
    """A person marked the clip as evidence; it is kept until the mark is removed."""

    kind: ClassVar[str] = "clip_flagged"
    clip: str
    reason: str = personal()
    case: str = personal()
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipUnflagged:
    """A person removed the evidence mark from the clip, including one made on the camera."""

    kind: ClassVar[str] = "clip_unflagged"
    clip: str
    reason: str = personal()
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipHeld:
    """A person placed the clip on hold: no copy may be erased or disposed of."""

    kind: ClassVar[str] = "clip_held"
    clip: str
    reason: str = personal()
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipUnheld:
    """A person ended the hold."""

    kind: ClassVar[str] = "clip_unheld"
    clip: str
    reason: str = personal()
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipHurried:
    """A person had the clip put before all others that wait: to be copied, uploaded and proven.

    `reason` is "" where none was given.
    """

    kind: ClassVar[str] = "clip_hurried"
    clip: str
    reason: str = personal(optional=True)
    actor: str = personal()
