"""What can be ordered about the attribution of single clips? That of all others follows from the roster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

Texts = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispute:
    """Record that clips are not the officer's to whom they are attributed. The reason may be left out."""

    name: ClassVar[str] = "dispute"
    clips: Texts
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Uphold:
    """Decide that disputed clips are attributed as the roster says."""

    name: ClassVar[str] = "uphold"
    clips: Texts
    reason: str


AttributionOrder = Dispute | Uphold
