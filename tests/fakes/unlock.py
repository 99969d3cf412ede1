"""A camera that shows a configuration interface, behind pyusb's IBackend: what unlocking needs of it."""

from __future__ import annotations

import array
import errno
from collections.abc import Iterator
from dataclasses import dataclass, field

from usb.core import USBError

from tests.fakes.mtp.descriptors import (
    BULK,
    VENDOR,
    ConfigurationDescriptor,
    DeviceDescriptor,
    EndpointDescriptor,
    InterfaceDescriptor,
)

OUT, IN = 0x01, 0x81
SECRET = b"s3cr3t-Wort"
UNLOCK_BY_BULK = """
[unlock]
usb = ["1209:0c0f"]
credential = "our-secret"
[[unlock.step]]
do = "bulk-out"
endpoint = 0x01
text = "@PIN;{secret};#"
[[unlock.step]]
do = "bulk-in"
endpoint = 0x81
expect = "OK"
at = 5
[[unlock.step]]
do = "bulk-out"
endpoint = 0x01
hex = "40 44 49 53 4b"
"""
"""The table of a profile whose cameras such a one is."""


@dataclass(kw_only=True, eq=False)
class LockedCamera:
    """One camera. It takes `@PIN;<secret>;#`, and `@DISK` after it; a secret with a control request likewise.

    The lies: `reply` is given instead of the right one, `echoes` repeats what came in, `stalls` gives STALL,
    `gone_at` leaves at the n-th transfer (from 1), `takes` is how much of a message it takes, `held` is the
    kernel driver's or another program's.
    """

    secret: bytes = SECRET
    reply: bytes | None = None
    echoes: bool = False
    stalls: bool = False
    gone_at: int = 0
    takes: int | None = None
    held: bool = False
    plugged: bool = True
    open_for: bool = False
    disk: bool = False
    received: list[bytes] = field(default_factory=list)
    transfers: int = 0

    def message(self, data: bytes) -> int:
        """Take a message."""
        self._transfer()
        self.received.append(data)
        self.open_for = self.open_for or data in {b"@PIN;" + self.secret + b";#", self.secret}
        if data == b"@DISK" and self.open_for:
            self.disk, self.plugged = True, False
        return len(data) if self.takes is None else self.takes

    def answer(self) -> bytes:
        """Return a reply."""
        self._transfer()
        if self.echoes:
            return b"NO;" + self.received[-1]
        if self.reply is not None:
            return self.reply
        return b"@PIN;OK" if self.open_for else b"@PIN;NO"

    def _transfer(self) -> None:
        self.transfers += 1
        if self.transfers == self.gone_at:
            self.plugged = False
        if not self.plugged:
            raise USBError("No such device", -4, errno.ENODEV)
        if self.stalls:
            raise USBError("Pipe error", -9, errno.EPIPE)


@dataclass(frozen=True, slots=True)
class _Token:
    camera: LockedCamera
    number: int


class ConfigurationBus:
    """The backend: a bus with such cameras on it."""

    def __init__(self) -> None:
        self._tokens: list[_Token] = []

    def plug(self, camera: LockedCamera) -> int:
        """Return a camera the next number."""
        camera.plugged, camera.open_for = True, False
        self._tokens.append(_Token(camera, len(self._tokens) + 1))
        return len(self._tokens)

    def has(self, number: int) -> bool:
        """Return whether the camera of that number is there."""
        return any(t.number == number and t.camera.plugged for t in self._tokens)

    def enumerate_devices(self) -> Iterator[_Token]:
        return iter([t for t in self._tokens if t.camera.plugged])

    def get_parent(self, dev: _Token) -> None:
        return None

    def get_device_descriptor(self, dev: _Token) -> DeviceDescriptor:
        return DeviceDescriptor(
            idVendor=0x1209,
            idProduct=0x0C0F,
            iSerialNumber=3,
            bus=1,
            address=dev.number,
            port_number=2,
            port_numbers=(2,),
            speed=3,
        )

    def get_configuration_descriptor(self, dev: _Token, config: int) -> ConfigurationDescriptor:
        if config:
            raise IndexError
        return ConfigurationDescriptor(bNumInterfaces=1)

    def get_interface_descriptor(self, dev: _Token, intf: int, alt: int, config: int) -> InterfaceDescriptor:
        if intf or alt or config:
            raise IndexError
        return InterfaceDescriptor(
            bInterfaceNumber=0,
            bNumEndpoints=2,
            bInterfaceClass=VENDOR[0],
            bInterfaceSubClass=0,
            bInterfaceProtocol=0,
            iInterface=0,
        )

    def get_endpoint_descriptor(
        self, dev: _Token, ep: int, intf: int, alt: int, config: int
    ) -> EndpointDescriptor:
        return EndpointDescriptor(bEndpointAddress=(OUT, IN)[ep], bmAttributes=BULK, wMaxPacketSize=64)

    def open_device(self, dev: _Token) -> _Token:
        return dev

    def close_device(self, dev_handle: _Token) -> None:
        return

    def get_configuration(self, dev_handle: _Token) -> int:
        return 1

    def claim_interface(self, dev_handle: _Token, intf: int) -> None:
        if dev_handle.camera.held:
            raise USBError("Resource busy", -6, errno.EBUSY)

    def release_interface(self, dev_handle: _Token, intf: int) -> None:
        return

    def bulk_write(self, dev_handle: _Token, ep: int, intf: int, data: array.array[int], timeout: int) -> int:
        return dev_handle.camera.message(bytes(data))

    def bulk_read(self, dev_handle: _Token, ep: int, intf: int, buff: array.array[int], timeout: int) -> int:
        return _fill(buff, dev_handle.camera.answer())

    # pyusb looks these up before it picks the one for bulk endpoints.
    intr_write = iso_write = bulk_write
    intr_read = iso_read = bulk_read

    def ctrl_transfer(
        self,
        dev_handle: _Token,
        bm_request_type: int,
        b_request: int,
        w_value: int,
        w_index: int,
        data: array.array[int],
        timeout: int,
    ) -> int:
        if bm_request_type & 0x80:
            return _fill(data, dev_handle.camera.answer())
        return dev_handle.camera.message(bytes(data))


def _fill(buffer: array.array[int], reply: bytes) -> int:
    count = min(len(buffer), len(reply))
    buffer[:count] = array.array("B", reply[:count])
    return count
