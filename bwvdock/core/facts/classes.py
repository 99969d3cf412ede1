"""What can be recorded about what footage means: its class, and that notice was given before it goes?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.visibility.personal import personal

BY_PERSON, BY_EVENT, BY_UNIT = "person", "event", "unit"
"""Who or what put a clip into a class. The first two say that somebody knows what it shows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipClassified:
    """A clip was given a class, besides those that it has; or `instead` of them.

    `name` is the class as the configuration calls it, "" for footage that needs none. `days`, `restricted`,
    `priority` and `destinations` are what the configuration said of it then, and hold for this clip whatever
    it says later: days from `ClipDated.kept_from`, the only destinations that may have it (none: all).
    `basis` is BY_PERSON, BY_EVENT or BY_UNIT.
    """

    kind: ClassVar[str] = "clip_classified"
    clip: str
    name: str
    days: int
    basis: str
    restricted: bool = False
    priority: int = 0
    destinations: tuple[str, ...] = ()
    instead: bool = False
    reason: str = personal(optional=True)
    actor: str = personal(optional=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class DisposalNoticed:
    """Notice was given that a clip which nobody has reviewed falls due at `due`, its retention date then.

    `at` is when, by a clock that was synchronised; it is not disposed of for `days` days from then.
    """

    kind: ClassVar[str] = "disposal_noticed"
    clip: str
    at: str
    due: str
    days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyWithdrawn:
    """A vault's copy whose retention is over was moved aside there; it is removed after `until`, not before.

    `disposal_intended` was recorded before it was moved.
    """

    kind: ClassVar[str] = "copy_withdrawn"
    clip: str
    place: str
    until: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RestoreIntended:
    """Written before a copy that was moved aside is restored: somebody ordered it."""

    kind: ClassVar[str] = "restore_intended"
    clip: str
    place: str
    reason: str = personal()
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipRestored:
    """A copy is back where it was, and was read: `sha256` is what its footage has."""

    kind: ClassVar[str] = "clip_restored"
    clip: str
    place: str
    sha256: str
