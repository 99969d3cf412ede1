"""What can have been said of a clip by people: evidence or not, needed for an inquiry or not?

Reasons and case references are free text, which may name people: they are personal data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.personal import personal


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipFlagged:
    """A person marked the clip as evidence; it is kept until somebody says otherwise."""

    kind: ClassVar[str] = "clip_flagged"
    clip: str
    reason: str = personal()
    case: str = personal()
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipUnflagged:
    """A person said that the clip is no evidence (any more), whatever the camera had marked."""

    kind: ClassVar[str] = "clip_unflagged"
    clip: str
    reason: str = personal()
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipHeld:
    """An inquiry needs the clip: nothing of it is erased or disposed of anywhere."""

    kind: ClassVar[str] = "clip_held"
    clip: str
    reason: str = personal()
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipUnheld:
    """The inquiry needs it no longer."""

    kind: ClassVar[str] = "clip_unheld"
    clip: str
    reason: str = personal()
    actor: str = personal()
