"""What can be known of who held a camera, when a clip was recorded, and how long it is kept?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.personal import personal


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraAssigned:
    """An officer held a camera from `valid_from` on, until `valid_to` ("" for no end yet), both in UTC."""

    kind: ClassVar[str] = "camera_assigned"
    camera: str = personal()
    officer: str = personal()
    valid_from: str
    valid_to: str
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipDated:
    """When the clip was recorded, as far as that can be known, and until when it is kept for that.

    `raw` is the time as the camera gave it (ISO 8601, taken as UTC), `recorded_at` that time put right,
    `uncertainty_ms` how far it may be off either way. `basis` says how it was known, and why the docking's
    time stands in where it does. `retain_until` counts unless the clip is evidence.
    """

    kind: ClassVar[str] = "clip_dated"
    clip: str
    raw: str
    recorded_at: str
    uncertainty_ms: int
    basis: str
    retain_until: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipAttributed:
    """Who held the camera when the clip was recorded; "" for nobody that the dock was told of."""

    kind: ClassVar[str] = "clip_attributed"
    clip: str
    officer: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class DisposalIntended:
    """Written before a copy is disposed of: `place` is "spool" or a destination's name."""

    kind: ClassVar[str] = "disposal_intended"
    clip: str
    place: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipDisposed:
    """A destination's copy is gone; the journal keeps its digest, and this tombstone."""

    kind: ClassVar[str] = "clip_disposed"
    clip: str
    place: str
    sha256: str
