"""What hangs on USB, as the kernel describes it?

Read from sysfs alone: nothing is opened, no device is asked anything, and no privilege is needed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bwvdock.core.media.names import escape, escape_serial
from bwvdock.core.media.sightings import Transport

STILL_IMAGE: Final = "060101"  # PTP and MTP
_MASS_STORAGE: Final = "08"
_VENDOR: Final = "ff"
_HUB: Final = "09"


@dataclass(frozen=True, kw_only=True, slots=True)
class UsbEndpoint:
    """`address` as in "81", `kind` "Bulk", `direction` "in", `packet` in bytes."""

    address: str
    kind: str
    direction: str
    packet: int


@dataclass(frozen=True, kw_only=True, slots=True)
class UsbInterface:
    """`code` is class, subclass and protocol, for example "060101". Strings are escaped."""

    number: int
    code: str
    name: str
    driver: str
    endpoints: tuple[UsbEndpoint, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class UsbDevice:
    """A device that is not a hub. `bay` is its socket, such as "1-2.3"; strings are escaped, "" if none.

    `speed` is in Mbit/s as the kernel writes it; `disks` are the kernel's names of its disks.
    """

    bay: str
    bus: int
    number: int
    usb: str
    serial: str
    manufacturer: str
    product: str
    speed: str
    interfaces: tuple[UsbInterface, ...]
    disks: tuple[str, ...]

    @property
    def transport(self) -> Transport | None:
        """How bwvdock's udev rules have it read; None for not at all."""
        codes = [interface.code for interface in self.interfaces]
        if any(code.startswith(_MASS_STORAGE) for code in codes):
            return Transport.MASS_STORAGE
        if STILL_IMAGE in codes:
            return Transport.MTP
        vendor = any(code.startswith(_VENDOR) for code in codes)
        speaks_mtp = vendor and any("MTP" in interface.name for interface in self.interfaces)
        return Transport.MTP if speaks_mtp else None


def usb_devices(sysfs: str = "/sys") -> Iterator[UsbDevice]:
    """Return every device on USB that is not a hub, in the order of their sockets."""
    folder = f"{sysfs}/bus/usb/devices"
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        path = f"{folder}/{name}"
        if ":" in name or name.startswith("usb") or _text(path, "bDeviceClass") == _HUB:
            continue
        number = _text(path, "devnum")
        if number.isdecimal():
            yield _device(path, name, int(number))


def _device(path: str, name: str, number: int) -> UsbDevice:
    return UsbDevice(
        bay=name,
        bus=int(_text(path, "busnum") or 0),
        number=number,
        usb=f"{_text(path, 'idVendor')}:{_text(path, 'idProduct')}".lower(),
        serial=_serial(path),
        manufacturer=_text(path, "manufacturer"),
        product=_text(path, "product"),
        speed=_text(path, "speed"),
        interfaces=tuple(_interfaces(path, name)),
        disks=tuple(_disks(path)),
    )


def _interfaces(path: str, name: str) -> Iterator[UsbInterface]:
    for entry in _entries(path):
        if not entry.startswith(f"{name}:"):
            continue
        below = f"{path}/{entry}"
        code = "".join(_text(below, f"bInterface{what}") for what in ("Class", "SubClass", "Protocol"))
        driver = os.path.basename(os.readlink(f"{below}/driver")) if os.path.islink(f"{below}/driver") else ""
        yield UsbInterface(
            number=int(_text(below, "bInterfaceNumber") or "0", 16),
            code=code,
            name=_text(below, "interface"),
            driver=escape(os.fsencode(driver)),
            endpoints=tuple(_endpoints(below)),
        )


def _endpoints(path: str) -> Iterator[UsbEndpoint]:
    for entry in _entries(path):
        if entry.startswith("ep_"):
            below = f"{path}/{entry}"
            yield UsbEndpoint(
                address=entry[3:],
                kind=_text(below, "type"),
                direction=_text(below, "direction"),
                packet=int(_text(below, "wMaxPacketSize") or "0", 16),
            )


def _disks(path: str) -> Iterator[str]:
    for above, folders, _ in os.walk(path):
        if os.path.basename(above) == "block":
            yield from sorted(folders)
            folders.clear()


def _entries(path: str) -> list[str]:
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []


def _text(path: str, name: str) -> str:
    return escape(_bytes(path, name))


def _serial(path: str) -> str:
    return escape_serial(_bytes(path, "serial"))


def _bytes(path: str, name: str) -> bytes:
    try:
        with open(f"{path}/{name}", "rb") as file:
            return file.read(4096).rstrip(b"\n")
    except OSError:
        return b""
