"""What can be seen to happen at the bays, whatever the transport."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """A camera as it shows itself on being docked, before anything of it is opened.

    Attributes:
        key: what tells this attachment from every other while it lasts (a sysfs path, a folder).
        bay: the bay's name: the USB port path such as "1-2.3", which stays with the socket.
        serial: the serial it states, escaped; "" if it states none.
        transport: "mass-storage", "mtp" or "folder".
        usb: vendor and product id, "vvvv:pppp" in lower case, or "".
        model: what it calls itself, escaped.
    """

    key: str
    bay: str
    serial: str
    transport: str
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
    """A folder that stands for a camera is there, and something in it changed and came to rest."""

    sighting: Sighting


BayEvent = CameraArrived | VolumeArrived | VolumeLeft | CameraLeft | FolderChanged
