"""What can be ordered about what footage is, and about copies that were moved aside?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

Texts = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """Record that somebody reviewed clips, and give them a class ("": they need none).

    `instead`: the classes that they have do not count any more. The reason may be left out otherwise.
    """

    name: ClassVar[str] = "review"
    clips: Texts
    of_class: str = ""
    reason: str = ""
    instead: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Restore:
    """Bring back the vaults' copies of clips that were disposed of and can still be restored; hold them."""

    name: ClassVar[str] = "restore"
    clips: Texts
    reason: str
