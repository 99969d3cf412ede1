"""What the workers tell the one thread that owns the journal."""

from __future__ import annotations

from dataclasses import dataclass

from bwvdock.core.clip import Clip
from bwvdock.core.facts import CameraClockRead, CameraIdentified, ClipFact, ClipSkipped
from bwvdock.core.plan import Room
from bwvdock.core.policy import Assessment
from bwvdock.core.ports import CameraVolume
from bwvdock.core.sightings import VolumeArrived
from bwvdock.errors import BwvdockError
from bwvdock.stages.find import Finding


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A camera whose volumes no udev announces was opened and asked for them; or it could not be."""

    key: str
    facts: tuple[CameraIdentified | CameraClockRead, ...]
    volumes: tuple[tuple[VolumeArrived, CameraVolume], ...]
    error: BwvdockError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlockReady:
    """It was seen whether a camera's secret is there; the camera has not been touched."""

    key: str
    error: BwvdockError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Unlocked:
    """A camera was told to show its disk; `error` says why that failed."""

    key: str
    docking: str
    error: BwvdockError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SerialRead:
    """A volume's settings file was asked for the camera's serial ("" if it tells none)."""

    key: str
    device: str
    volume: CameraVolume | None
    serial: str
    error: BwvdockError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A volume was opened and listed, or could not be."""

    key: str
    device: str
    volume: CameraVolume | None
    finding: Finding | None
    error: BwvdockError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Acquired:
    """The acquire room has something to record about a clip of this camera."""

    key: str
    fact: ClipFact | ClipSkipped


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchEnded:
    """The acquire room is done with a batch; `error` says why it stopped early, if it did."""

    key: str
    clips: tuple[str, ...]
    error: BwvdockError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Closed:
    """A bay's worker has let go of every volume."""

    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Probed:
    """A destination was asked whether it can be reached; `error` says why not."""

    destination: str
    error: BwvdockError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessed:
    """It was tried out what a destination's acknowledgement is worth; `error` says why that failed."""

    destination: str
    assessment: Assessment | None
    error: BwvdockError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """A clip is really on its way to a room: it waits for no thread any more."""

    clip: str
    destination: str
    room: Room


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """A room is done with a clip at a destination, one way or the other. `clip` is as it went in."""

    clip: Clip
    destination: str
    room: Room
    fact: ClipFact | None
    error: BwvdockError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Disposed:
    """A copy whose time was over was taken away; `error` says why not."""

    clip: str
    place: str
    error: BwvdockError | None
