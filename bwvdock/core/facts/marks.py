"""How can people mark a clip: as evidence or not, on hold or not, to go before others, not theirs?

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


@dataclass(frozen=True, kw_only=True, slots=True)
class AttributionDisputed:
    """A person disputed to whom the clip was attributed; it is attributed to nobody until somebody decides.

    Nothing else of it changes: it is kept, and goes where it goes, as before.
    """

    kind: ClassVar[str] = "attribution_disputed"
    clip: str
    officer: str = personal()
    reason: str = personal(optional=True)
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class AttributionUpheld:
    """A person decided that a disputed clip is attributed as the roster says; "" if that names nobody."""

    kind: ClassVar[str] = "attribution_upheld"
    clip: str
    officer: str = personal()
    reason: str = personal()
    actor: str = personal()
