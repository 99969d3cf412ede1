"""What can have happened while a camera was docked?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.visibility.personal import personal


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
    """The camera may be listed and read. `rule` is the admission rule that applied."""

    kind: ClassVar[str] = "camera_authorised"
    docking: str
    rule: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraRefused:
    """The camera was refused: it is not listed and not opened."""

    kind: ClassVar[str] = "camera_refused"
    docking: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlockIntended:
    """Written before the unlock steps of `profile` are sent to the camera."""

    kind: ClassVar[str] = "unlock_intended"
    docking: str
    profile: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlockEnded:
    """The camera accepted the unlock steps and will come back as a disk; or `failure` says why not."""

    kind: ClassVar[str] = "unlock_ended"
    docking: str
    profile: str
    failure: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraIdentified:
    """An opened camera identified itself. `serial` is the one in its own protocol."""

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
    What bore no zone of its own (`zoned` is false) was taken as UTC. `dock_synchronised`: whether the dock's
    own clock was.
    """

    kind: ClassVar[str] = "camera_clock_read"
    docking: str
    source: str
    raw: str
    understood: bool
    offset_ms: int
    uncertainty_ms: int
    dock_synchronised: bool
    zoned: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockSetIntended:
    """Written before a camera's clock is set, as its `profile` allows; all that was on it is copied.

    `ahead_ms` is how far its clock was ahead of the dock's when it was read in this docking, as the
    `clock_times` that it is taken to keep ("utc", "local" in `zone`, or "zoned"): the dates of this docking's
    footage were corrected by that.
    """

    kind: ClassVar[str] = "clock_set_intended"
    docking: str
    profile: str
    clock_times: str
    zone: str
    ahead_ms: int
    uncertainty_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockSetEnded:
    """A camera's clock was set, or `failure` says why it was not, or that this is not known.

    `intended_in` is the docking in which it was intended: an earlier one if the dock did not see how that
    ended. `raw` is what the clock showed afterwards, as it came; `understood` is false where it was not read
    or cannot be understood. `ahead_ms` and `uncertainty_ms` are as in clock_set_intended, 0 without that.
    """

    kind: ClassVar[str] = "clock_set_ended"
    docking: str
    intended_in: str
    raw: str = ""
    understood: bool = False
    ahead_ms: int = 0
    uncertainty_ms: int = 0
    failure: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraOfficerDiffers:
    """The camera says another officer's id than that of the officer to whom it was assigned at this docking.

    Neither id is in the entry. `profile` says where the camera's is.
    """

    kind: ClassVar[str] = "camera_officer_differs"
    docking: str
    profile: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraBatteryRead:
    """The camera said how full its battery is, in percent, when it was opened or listed first in a docking.

    `source` is "camera" where it was asked, "file" where a file on it says so.
    """

    kind: ClassVar[str] = "camera_battery_read"
    docking: str
    source: str
    percent: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraListed:
    """A volume was listed in full, and the camera was proven to be present after the listing.

    seen = new + already_held + not_ready + unreadable + refused. `listing_sha256` is the digest of
    the canonical listing, so that two dockings of an unchanged camera can be compared. `unknown` files match
    no rule of the profile and are not counted as seen. Neither are `system` files: those of operating systems
    and cameras, and those that the profile ignores. `marks_ignored` are the kinds of mark that every
    clip had: no clip is marked because of them.
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
    system: int = 0
    marks_ignored: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraRelisted:
    """A volume was listed again, `looked` times, because files on it were still being written.

    The counts are differences to what is recorded of its listings before: seen = new + not_ready +
    unreadable + refused. A file that became ready makes new one more and not_ready one fewer.
    """

    kind: ClassVar[str] = "camera_relisted"
    docking: str
    volume: str
    looked: int
    seen: int
    new: int
    not_ready: int
    unreadable: int
    refused: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftFile:
    """A file that was not taken.

    Its escaped path, "not_ready", "unreadable", "refused" or "unknown", and why.
    """

    path: str = personal()
    outcome: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FilesLeft:
    """Files of a volume that stay on the camera and were not taken; `more` of them are not named."""

    kind: ClassVar[str] = "files_left"
    docking: str
    volume: str
    files: tuple[LeftFile, ...]
    more: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipSkipped:
    """A clip of this docking could not be copied now; it is still on the camera."""

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
    """The camera left its bay: this ends a docking. `residual` clips were seen and have no outcome."""

    kind: ClassVar[str] = "camera_detached"
    docking: str
    reason: str
    residual: int
    complete: bool
