"""Which events at the bays can be seen, whatever the transport?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Transport(StrEnum):
    """How a camera shows its footage; UNLOCK is one that shows a configuration interface first."""

    MASS_STORAGE = "mass-storage"
    MTP = "mtp"
    FOLDER = "folder"
    UNLOCK = "unlock"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """A docked camera as it appears before it is opened.

    Attributes:
        key: identifies this attachment while it lasts (a sysfs path, a folder).
        bay: the bay's name: the USB port path such as "1-2.3", which belongs to the socket.
        serial: the serial it reports, escaped; "" if none.
        transport: how it shows its footage.
        usb: vendor and product id, "vvvv:pppp" in lower case, or "".
        model: the model name it reports, escaped.
    """

    key: str
    bay: str
    serial: str
    transport: Transport
    usb: str = ""
    model: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraArrived:
    """A camera was docked, or was already docked when the daemon started."""

    sighting: Sighting


@dataclass(frozen=True, kw_only=True, slots=True)
class VolumeArrived:
    """A medium with a file system is there. `name` is the same at each docking ("lun0-part1")."""

    key: str
    device: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VolumeLeft:
    """A medium is gone, although its camera or reader may still be docked."""

    key: str
    device: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraLeft:
    """The camera is gone."""

    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SocketSwitched:
    """The dock is about to switch a camera's socket off and on: if it leaves now, nobody has taken it."""

    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderChanged:
    """A folder that is treated as a camera exists, and its content changed and is stable again."""

    sighting: Sighting


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraChanged:
    """An opened camera reported a change of its stores: a hint to look again."""

    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockSeen:
    """What a camera's clock showed between two times of the dock's clock.

    `raw` is the original text, escaped; `shown_ns` the same in nanoseconds since 1970, or None where it
    cannot be understood. Without an offset of its own (`zoned` is false) it is taken as UTC.
    """

    source: str
    raw: str
    shown_ns: int | None
    before: datetime
    after: datetime
    zoned: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Introduction:
    """How an opened camera identifies itself, escaped, and what its clock shows, if it has one."""

    manufacturer: str
    model: str
    version: str
    serial: str
    clock: ClockSeen | None = None


BayEvent = (
    CameraArrived | VolumeArrived | VolumeLeft | CameraLeft | SocketSwitched | FolderChanged | CameraChanged
)
