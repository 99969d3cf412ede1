"""What can have happened while a camera was docked?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.personal import personal


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraAttached:
    """A camera was docked: this begins a docking."""

    kind: ClassVar[str] = "camera_attached"
    docking: str
    camera: str = personal()
    bay: str
    transport: str
    usb: str = ""
    model: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraAuthorised:
    """The camera may be listed and read. `rule` says which admission rule let it in."""

    kind: ClassVar[str] = "camera_authorised"
    docking: str
    rule: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraRefused:
    """The camera is not listed and not opened."""

    kind: ClassVar[str] = "camera_refused"
    docking: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlockIntended:
    """Written before the camera is sent what `profile` says, so that it shows its disk."""

    kind: ClassVar[str] = "unlock_intended"
    docking: str
    profile: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlockEnded:
    """The camera took all of it, and comes back as a disk, in another docking; or `failure` says why not."""

    kind: ClassVar[str] = "unlock_ended"
    docking: str
    profile: str
    failure: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraIdentified:
    """An opened camera said who it is. `serial` is what it says inside its own protocol."""

    kind: ClassVar[str] = "camera_identified"
    docking: str
    manufacturer: str
    model: str
    version: str
    serial: str = personal()


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraClockRead:
    """The camera's clock was read before anything could set it.

    `raw` is as it came, `offset_ms` how far it was ahead of the dock's clock (0 where `understood` is
    false), `uncertainty_ms` the time the reading took and the second that the clock does not show.
    A camera's clock has no zone: it was taken as UTC. `dock_synchronised`: whether the dock's own
    clock was.
    """

    kind: ClassVar[str] = "camera_clock_read"
    docking: str
    source: str
    raw: str
    understood: bool
    offset_ms: int
    uncertainty_ms: int
    dock_synchronised: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraListed:
    """A volume was listed whole, and the camera was proven to be there after the listing.

    seen = new + already_held + not_ready + unreadable + refused. `listing_sha256` is the digest of
    the canonical listing, so that two dockings of an unchanged camera can be compared. `unknown`
    files are no clips, as far as the profile can tell, and are not among those seen. `looks` at a folder
    came before this one and are no entries of their own: only files that were being written had changed.
    """

    kind: ClassVar[str] = "camera_listed"
    docking: str
    volume: str
    profile: str
    seen: int
    new: int
    already_held: int
    not_ready: int
    unreadable: int
    refused: int
    listing_sha256: str
    unknown: int = 0
    looks: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipSkipped:
    """A clip of this docking could not be taken now; the camera still has it."""

    kind: ClassVar[str] = "clip_skipped"
    docking: str
    clip: str
    outcome: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraSettled:
    """Nothing more is to be read from the camera: it is safe to remove."""

    kind: ClassVar[str] = "camera_settled"
    docking: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraDetached:
    """The camera left its bay: this ends a docking. `residual` clips had been seen, not settled."""

    kind: ClassVar[str] = "camera_detached"
    docking: str
    reason: str
    residual: int
    complete: bool
