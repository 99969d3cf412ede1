"""udev: which camera was docked, which medium is in it, and when they left.

The kernel's devices come with events at any time and in any order; at start everything that is
already there is enumerated. Both ways end in `Translator.see`, which gives each thing once.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import pyudev

from bwvdock.core.media.names import escape, escape_serial
from bwvdock.core.media.sightings import (
    BayEvent,
    CameraArrived,
    CameraLeft,
    Sighting,
    Transport,
    VolumeArrived,
    VolumeLeft,
)

TAGGED: Final = "BWVDOCK_CAMERA"  # the properties our udev rule sets
TRANSPORT: Final = "BWVDOCK_TRANSPORT"
_LOOK_AROUND_MS: Final = 30_000


@dataclass(frozen=True, kw_only=True, slots=True)
class UdevDevice:
    """The USB device that something hangs on."""

    sys_path: str
    port: str
    serial: bytes
    ids: str
    model: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Uevent:
    """One event, or one enumerated device, reduced to what matters here.

    `action` is "add" for what was enumerated. `lun` is the SCSI logical unit of a block device.
    """

    action: str
    subsystem: str
    sys_path: str
    name: str
    properties: Mapping[str, str] = field(default_factory=dict)
    usb: UdevDevice | None = None
    lun: str = "0"
    partition: str = ""


class Translator:
    """Turns udev's events into what happened at the bays, each thing once.

    It remembers what it announced: on removal udev no longer knows serials or models, so what left
    is recognised by the sysfs path it had.
    """

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._cameras: set[str] = set()
        self._volumes: dict[str, tuple[str, str]] = {}

    def see(self, event: Uevent) -> Iterator[BayEvent]:
        """Return what the event means; mostly nothing."""
        if event.action in {"remove", "offline", "unbind"}:
            yield from self._gone(event)
        elif event.properties.get(TAGGED) == "1" and event.usb is not None:
            yield from self._camera(event.usb, _transport(event))
            if event.subsystem == "block":
                yield from self._block(event, event.usb.sys_path)

    def missed(self, exists: Callable[[str], bool]) -> Iterator[BayEvent]:
        """Return what left without udev's saying so: whatever was announced and does not exist any more.

        Args:
            exists: says whether a sysfs path is still there.
        """
        for sys_path in [*self._volumes, *self._cameras]:
            if not exists(sys_path):
                yield from self._gone(Uevent(action="remove", subsystem="", sys_path=sys_path, name=""))

    def _camera(self, usb: UdevDevice, transport: Transport) -> Iterator[BayEvent]:
        if usb.sys_path in self._cameras:
            return
        self._cameras.add(usb.sys_path)
        yield CameraArrived(
            sighting=Sighting(
                key=usb.sys_path,
                bay=usb.port,
                serial=escape_serial(usb.serial),
                transport=transport,
                usb=usb.ids,
                model=escape(usb.model),
            )
        )

    def _block(self, event: Uevent, key: str) -> Iterator[BayEvent]:
        readable = event.properties.get("ID_FS_USAGE") == "filesystem"
        known = self._volumes.get(event.sys_path)
        changed_medium = known is not None and event.properties.get("DISK_MEDIA_CHANGE") == "1"
        if known is not None and (not readable or changed_medium):
            yield from self._volume_gone(event.sys_path)
            known = None
        if readable and known is None:
            self._volumes[event.sys_path] = (key, event.name)
            yield VolumeArrived(key=key, device=event.name, name=_volume_name(event))

    def _gone(self, event: Uevent) -> Iterator[BayEvent]:
        yield from self._volume_gone(event.sys_path)
        if event.action == "remove" and event.sys_path in self._cameras:
            self._cameras.discard(event.sys_path)
            # The port's own removal can overtake that of the disks behind it.
            for sys_path in [p for p, (key, _) in self._volumes.items() if key == event.sys_path]:
                del self._volumes[sys_path]
            yield CameraLeft(key=event.sys_path)

    def _volume_gone(self, sys_path: str) -> Iterator[BayEvent]:
        known = self._volumes.pop(sys_path, None)
        if known is not None:
            yield VolumeLeft(key=known[0], device=known[1])


def _transport(event: Uevent) -> Transport:
    try:
        return Transport(event.properties.get(TRANSPORT, Transport.MASS_STORAGE))
    except ValueError:  # a rule of the operator's names one that does not exist
        return Transport.MASS_STORAGE


def _volume_name(event: Uevent) -> str:
    # sdX letters are dealt out at random on each boot; unit and partition number are not.
    return f"lun{event.lun}" + (f"-part{event.partition}" if event.partition else "")


class UdevWatch:
    """The thread that listens to udev."""

    def __init__(self, post: Callable[[BayEvent], None]) -> None:
        """Events go to `post`, from the watch's own thread."""
        self._post = post
        self._context = pyudev.Context()
        self._translator = Translator()
        self._stop_read, self._stop_write = os.pipe2(os.O_CLOEXEC)
        self._thread = threading.Thread(target=self._listen, name="udev", daemon=True)

    def start(self) -> None:
        """Listen, then enumerate what is there already: in this order nothing falls between."""
        self._monitor = pyudev.Monitor.from_netlink(self._context)
        for subsystem in ("usb", "block"):
            self._monitor.filter_by(subsystem)
        self._monitor.start()
        self._look_around()
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        os.write(self._stop_write, b"x")
        self._thread.join(2)

    def _listen(self) -> None:
        poller = select.poll()
        poller.register(self._monitor.fileno(), select.POLLIN)
        poller.register(self._stop_read, select.POLLIN)
        while True:
            ready = [fd for fd, _ in poller.poll(_LOOK_AROUND_MS)]
            if self._stop_read in ready:
                return
            try:
                device = self._monitor.poll(timeout=0) if ready else None
            except OSError:  # ENOBUFS: forty cameras at once, and the kernel dropped events
                device = None
            if device is not None:
                self._see(device.action or "change", device)
            else:
                self._look_around()

    def _look_around(self) -> None:
        """Compare what was announced with what is there: events are hints, sysfs is the truth."""
        for event in self._translator.missed(os.path.exists):
            self._post(event)
        for subsystem in ("usb", "block"):
            for device in self._context.list_devices(subsystem=subsystem).match_tag("bwvdock"):
                self._see("add", device)

    def _see(self, action: str, device: pyudev.Device) -> None:
        for event in self._translator.see(_uevent(action, device)):
            self._post(event)


def _uevent(action: str, device: pyudev.Device) -> Uevent:
    properties = dict(device.properties)
    if action == "remove":
        return Uevent(
            action=action, subsystem=device.subsystem, sys_path=device.sys_path, name=device.sys_name
        )
    scsi = device.find_parent("scsi", "scsi_device")
    return Uevent(
        action=action,
        subsystem=device.subsystem,
        sys_path=device.sys_path,
        name=device.sys_name,
        properties=properties,
        usb=_usb_device(device),
        lun=scsi.sys_name.rpartition(":")[2] if scsi is not None else "0",
        partition=properties.get("PARTN", ""),
    )


def _usb_device(device: pyudev.Device) -> UdevDevice | None:
    usb = device if device.device_type == "usb_device" else device.find_parent("usb", "usb_device")
    if usb is None:
        return None
    return UdevDevice(
        sys_path=usb.sys_path,
        port=usb.sys_name,
        serial=_attribute(usb, "serial"),
        ids=f"{_attribute(usb, 'idVendor').decode()}:{_attribute(usb, 'idProduct').decode()}".lower(),
        model=_attribute(usb, "product"),
    )


def _attribute(device: pyudev.Device, name: str) -> bytes:
    value: object = device.attributes.get(name)
    return value.rstrip(b"\n") if isinstance(value, bytes) else b""
