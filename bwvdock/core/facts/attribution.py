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
class CameraCheckedOut:
    """The dock saw the camera leave its bay that it had offered to an officer, in time.

    `by` says how the officer was named: "badge" (a reader) or "desk" (an order). `bay` is the one that it was
    taken from, `taken_at` when by the dock's clock, `waited_ms` how long after the offer. `assigned`: the
    officer is assigned to the camera from then on, by the entry of that beside this one; otherwise the camera
    was theirs before. `badge` is the officer, a salt and the salted digest of the badge's number (docs/
    reference/journal.md), "" where no badge was read. The number itself is nowhere.
    """

    kind: ClassVar[str] = "camera_checked_out"
    by: str
    bay: str
    taken_at: str
    waited_ms: int
    assigned: bool
    camera: str = personal()
    officer: str = personal()
    badge: str = personal(optional=True)
    actor: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraReturned:
    """A camera that was checked out, or taken otherwise, came back, or no longer counts as checked out.

    `how` says what was seen: "docked" (in `bay`), "desk" (a person entered it), "exchanged" (the officer took
    another camera) or "doubtful" (a second camera was taken with it). `taken_at` is that of the entry of its
    being taken, `returned_at` when by the dock's clock. `ended`: the assignment that began with the check-out
    ends, by the entry of that beside this one. `officer` is the one to whom it was checked out, "" for
    nobody; `actor` who entered it, "" for the dock itself.
    """

    kind: ClassVar[str] = "camera_returned"
    how: str
    bay: str
    taken_at: str
    returned_at: str
    ended: bool
    camera: str = personal()
    officer: str = personal(optional=True)
    actor: str = personal(optional=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraTakenOtherwise:
    """A pool camera left its bay and was offered to nobody, or not sure enough: nobody is assigned to it.

    `how`: "without-badge", "another" (while the camera in `offered_bay` was offered to `officer`), "two"
    (before or after that one was taken) or "not-assigned" (the assignment could not be recorded). `bay` is
    the one that it was taken from, `taken_at` when, by the dock's clock. `officer` and `badge` are those of
    the offer, "" for none: that the officer took it was not seen.
    """

    kind: ClassVar[str] = "camera_taken_otherwise"
    how: str
    bay: str
    taken_at: str
    offered_bay: str
    camera: str = personal()
    officer: str = personal(optional=True)
    badge: str = personal(optional=True)


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
