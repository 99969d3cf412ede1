"""What can be seen to happen at the bays, whatever the transport."""

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
    """A camera as it shows itself on being docked, before anything of it is opened.

    Attributes:
        key: what tells this attachment from every other while it lasts (a sysfs path, a folder).
        bay: the bay's name: the USB port path such as "1-2.3", which stays with the socket.
        serial: the serial it states, escaped; "" if it states none.
        transport: how it shows its footage.
        usb: vendor and product id, "vvvv:pppp" in lower case, or "".
        model: what it calls itself, escaped.
    """

    key: str
    bay: str
    serial: str
    transport: Transport
    usb: str = ""
    model: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraArrived:
    """A camera was docked, or was already there when the daemon came up."""

    sighting: Sighting


@dataclass(frozen=True, kw_only=True, slots=True)
class VolumeArrived:
    """A medium with a file system is there. `name` is the same at each docking ("lun0-part1")."""

    key: str
    device: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VolumeLeft:
    """A medium is gone, though its camera or reader may still be docked."""

    key: str
    device: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraLeft:
    """The camera is gone."""

    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderChanged:
    """A folder that stands for a camera is there, and what is in it has changed.

    `looks`: how often it was looked at since it was last told of, and nothing but files that were
    being written had changed.
    """

    sighting: Sighting
    looks: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraChanged:
    """An opened camera says that something about its stores has changed: a hint to look again."""

    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockSeen:
    """What a camera's clock showed between two moments of the dock's.

    `raw` is as it came, escaped; `shown_ns` the same in nanoseconds since 1970, taken as UTC, or None
    where it cannot be understood.
    """

    source: str
    raw: str
    shown_ns: int | None
    before: datetime
    after: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Introduction:
    """Who an opened camera says it is, escaped, and what its clock shows, if it shows one."""

    manufacturer: str
    model: str
    version: str
    serial: str
    clock: ClockSeen | None = None


BayEvent = CameraArrived | VolumeArrived | VolumeLeft | CameraLeft | FolderChanged | CameraChanged
