"""What can be recorded about who held a camera, when a clip was recorded, and how long it is kept?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.visibility.personal import personal


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraAssigned:
    """An officer held a camera from `valid_from` on, until `valid_to` ("" for no end yet), both in UTC.

    `unit` is the unit that the officer belonged to then, "" where none was named.
    """

    kind: ClassVar[str] = "camera_assigned"
    camera: str = personal()
    officer: str = personal()
    valid_from: str
    valid_to: str
    actor: str = personal()
    unit: str = personal(optional=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipDated:
    """The best known time of recording, and the retention date that follows from it.

    `raw` is the camera's time (ISO 8601, written as if it were UTC), `recorded_at` the time of recording,
    `uncertainty_ms` its accuracy either way. `basis` says how it was determined, and why the docking's time
    is used instead where it is. `retain_until` applies unless the clip is evidence. `rule` is the rule that
    was used, `times` what the file's time was taken for ("utc", "local" or "zoned"), `zone` that of a local
    time, `fits` the reading that would fit better ("" for none). All four are "" in entries of earlier
    versions, which took every time as UTC. `kept_from` is the time from which days of retention count, "" in
    entries of earlier versions and before it is known.
    """

    kind: ClassVar[str] = "clip_dated"
    clip: str
    raw: str
    recorded_at: str
    uncertainty_ms: int
    basis: str
    retain_until: str
    rule: str = ""
    times: str = ""
    zone: str = ""
    fits: str = ""
    kept_from: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipAttributed:
    """The officer assigned to the camera when the clip was recorded; "" if there is none."""

    kind: ClassVar[str] = "clip_attributed"
    clip: str
    officer: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class DisposalIntended:
    """Written before a copy is disposed of: `place` is "spool" or a destination's name.

    `early`: before its retention date, by an operator's order, because every required destination has a
    proven copy. `stay` are then the places of this dock whose copies are kept until that date.
    """

    kind: ClassVar[str] = "disposal_intended"
    clip: str
    place: str
    reason: str
    early: bool = False
    stay: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipDisposed:
    """The copy in a place was disposed of; the journal keeps its digest, and this entry."""

    kind: ClassVar[str] = "clip_disposed"
    clip: str
    place: str
    sha256: str
