"""What do the bays' workers report? Plain values: a volume is named by the keys of its bay and its device."""

from __future__ import annotations

from dataclasses import dataclass

from bwvdock.core.facts import (
    CameraClockRead,
    CameraDigestCompared,
    CameraIdentified,
    ClipFact,
    ClipQuarantined,
    ClipReleased,
    ClipSkipped,
    VerifiedAgain,
)
from bwvdock.core.media.sightings import VolumeArrived
from bwvdock.errors import BwvdockError
from bwvdock.stages.find import Finding
from bwvdock.stages.release import Digests


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A camera that holds its volumes itself was opened and asked for them; `error` says why it was not.

    `battery` is how full it says its battery is, in percent, None where it does not say; only if that was
    `asked`.
    """

    key: str
    facts: tuple[CameraIdentified | CameraClockRead, ...] = ()
    arrivals: tuple[VolumeArrived, ...] = ()
    asked: bool = False
    battery: int | None = None
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlockReady:
    """It was checked whether a camera's secret is available; the camera was not touched."""

    key: str
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Unlocked:
    """A camera was sent its unlock steps; `error` says why that failed."""

    key: str
    docking: str
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SerialRead:
    """A volume was asked for its camera's serial; "" if it states none, and `error` says why."""

    key: str
    device: str
    serial: str = ""
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A volume was listed, or could not be; `erasable` says whether files can be erased from it."""

    key: str
    device: str
    finding: Finding | None = None
    erasable: bool = False
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Acquired:
    """The acquire stage has a fact about a clip of this camera.

    `compared` is what the camera's own digests are found to say of a clip that was acquired.
    """

    key: str
    fact: ClipFact | ClipSkipped
    compared: CameraDigestCompared | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchEnded:
    """The acquire stage has finished a batch; `error` says why it stopped early, if it did."""

    key: str
    clips: tuple[str, ...]
    error: BwvdockError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Closed:
    """A bay's worker has closed every volume."""

    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reread:
    """Some clips were read a second time; `left` were not, and `error` says why unless it was halted.

    `wrong`: of other clips, what a store's copy was found to be, so that nothing of them is erased.
    `again`: what stores proved once more.
    """

    key: str
    device: str
    found: tuple[tuple[str, Digests | None], ...]
    left: tuple[str, ...] = ()
    wrong: tuple[ClipQuarantined, ...] = ()
    again: tuple[VerifiedAgain, ...] = ()
    error: BwvdockError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """The release stage has finished some clips; those without a fact may be gone or not."""

    key: str
    device: str
    clips: tuple[str, ...]
    facts: tuple[ClipReleased | ClipQuarantined, ...] = ()
    error: BwvdockError | None = None
