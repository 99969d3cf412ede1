"""How do bytes get to and from a camera over USB?

Pyusb and libusb are hidden behind `Pipe`: one camera, its two bulk endpoints, its
interrupt endpoint and the control requests of its class. Nothing here knows a container.

Reads fill buffers that were made once (making a new one for each MiB costs a fifth of the speed) and
are always a multiple of the packet size: a shorter one would be an overflow. The kernel has one
budget of memory for all transfers; where it is used up (ENOMEM) reads are halved, down to 64 KiB.
"""

from __future__ import annotations

import array
import errno
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import usb.core
import usb.util

from bwvdock.core.media.names import escape
from bwvdock.errors import CameraGoneError, NotPermittedError, UnreadableError, VolumeRefusedError

READ_BYTES: Final = 1024 * 1024
LEAST_READ_BYTES: Final = 64 * 1024
_PACKETS: Final = 4096  # reads of so many bytes and less are for headers and responses
_RETURN_SECONDS: Final = 10
_APPEAR_TRIES: Final = 10
_APPEAR_SECONDS: Final = 0.1
_STILL_IMAGE: Final = (6, 1, 1)
_VENDOR_CLASS: Final = 0xFF
_CLASS_OUT, _CLASS_IN = 0x21, 0xA1
_AGAIN = "Dock the camera again; if it stays so, report its model and firmware."

Backend = Any  # pyusb ships no types; a usb.backend.IBackend
Device = Any  # a usb.core.Device


class Fault(StrEnum):
    """How a transfer failed. After any of them nothing that was under way may be believed."""

    SILENT = "silent"  # nothing came in time
    DEAF = "deaf"  # it did not take in time what we sent
    HALTED = "halted"  # the endpoint answers STALL
    BROKEN = "broken"  # anything else


class PipeError(UnreadableError):
    """A transfer failed, and the camera is still there."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(f"The camera did not answer as expected ({detail}).", remedy=_AGAIN)
        self.fault = fault


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Where a camera is. `ports` stay with the socket; `number` is new at each attachment."""

    bus: int
    number: int
    ports: tuple[int, ...] = ()

    @property
    def sysfs_name(self) -> str:
        """The kernel's name for the socket, for example "1-2.3"."""
        return f"{self.bus}-{'.'.join(map(str, self.ports))}"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Interface:
    number: int
    bulk_in: int
    bulk_out: int
    interrupt: int | None
    packet: int


def attached_in_sysfs(address: Address, *, sysfs: str = "/sys") -> bool:
    """Return whether the kernel still holds that very attachment.

    Asked of the kernel and not of libusb, whose list is only as fresh as its udev monitor.
    """
    try:
        with open(f"{sysfs}/bus/usb/devices/{address.sysfs_name}/devnum", encoding="ascii") as file:
            return int(file.read()) == address.number
    except (OSError, ValueError):
        return False


class Pipe:
    """One claimed camera.

    For one thread at a time, except `event` and `attached`. Every call may raise CameraGoneError
    or PipeError.

    Args:
        backend: pyusb's backend.
        bus: the number of the USB bus.
        number: the device's number on it.
        attached: says whether an attachment is still there.
        sleep: waits for so many seconds.

    Raises:
        CameraGoneError: there is no such device (any more).
        VolumeRefusedError: it may not be opened, somebody else holds it, or it does not speak MTP.
    """

    def __init__(
        self,
        backend: Backend,
        bus: int,
        number: int,
        *,
        attached: Callable[[Address], bool] = attached_in_sysfs,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._backend = backend
        self._attached = attached
        self._sleep = sleep
        self._limit = READ_BYTES
        self._buffers: dict[int, array.array[int]] = {}
        # An event may be waited for while another thread resets or closes, which must not happen under
        # its feet. Whoever resets holds the turnstile, so that the waiting ends with the next timeout.
        self._turnstile = threading.Lock()
        self._waiting = threading.Lock()
        self._adopt(self._appear(lambda d: (d.bus, d.address) == (bus, number)))

    @property
    def packet(self) -> int:
        """The size of a full bulk-IN packet, in bytes."""
        return self._interface.packet

    @property
    def identity(self) -> tuple[int, int, str]:
        """Vendor id, product id and serial number of the device descriptor ("" if it has none), escaped."""
        return self._identity

    def attached(self) -> bool:
        """Return whether the very attachment is still there. No transfer; from any thread."""
        return self._attached(self._address)

    def send(self, data: bytes, *, timeout_ms: int) -> None:
        """Write a container, and the empty packet that must end it if its last packet is full."""
        try:
            with self._translated():
                sent = self._device.write(self._interface.bulk_out, data, timeout_ms)
                if sent == len(data) and len(data) % self.packet == 0:
                    self._device.write(self._interface.bulk_out, b"", timeout_ms)
        except PipeError as error:
            if error.fault is Fault.SILENT:
                raise PipeError(Fault.DEAF, "it accepts no command") from error
            raise
        if sent != len(data):
            raise PipeError(Fault.DEAF, f"it accepted {sent} of {len(data)} bytes")

    def receive(self, wanted: int, *, timeout_ms: int) -> memoryview:
        """Do one bulk read of `wanted` bytes or less; what it gives is valid until the next.

        It gives b"" for an empty packet. It may give less than wanted with no short packet having
        come: when the kernel is short of memory, or when the time is up and some bytes have come.
        """
        size = min(-(-wanted // self.packet), self._limit // self.packet) * self.packet
        while True:
            buffer = self._buffer(size)
            try:
                with self._translated():
                    count = self._device.read(self._interface.bulk_in, buffer, timeout_ms)
            except _NoMemoryError:
                if size <= LEAST_READ_BYTES:
                    raise
                size = self._limit = max(size // 2 // self.packet * self.packet, LEAST_READ_BYTES)
                continue
            return memoryview(buffer)[:count].cast("B")

    def tell(self, request: int, data: bytes = b"", *, timeout_ms: int) -> None:
        """Make a class request that sends data."""
        with self._translated():
            self._device.ctrl_transfer(_CLASS_OUT, request, 0, self._interface.number, data, timeout_ms)

    def ask(self, request: int, length: int, *, timeout_ms: int) -> bytes:
        """Make a class request that returns data."""
        with self._translated():
            got = self._device.ctrl_transfer(
                _CLASS_IN, request, 0, self._interface.number, length, timeout_ms
            )
            return bytes(got)

    def event(self, *, timeout_ms: int) -> bytes:
        """Wait for an event; b"" if none came, or if the camera has no interrupt endpoint."""
        if self._interface.interrupt is None:
            return b""
        with self._turnstile:
            pass
        with self._waiting:
            try:
                with self._translated():
                    return bytes(self._device.read(self._interface.interrupt, 64, timeout_ms))
            except PipeError as error:
                if error.fault is Fault.SILENT:
                    return b""
                raise

    @property
    def has_events(self) -> bool:
        """Return whether there is an interrupt endpoint at all."""
        return self._interface.interrupt is not None

    def clear_halts(self) -> None:
        """Reset both bulk endpoints after a STALL."""
        with self._translated():
            self._device.clear_halt(self._interface.bulk_in)
            self._device.clear_halt(self._interface.bulk_out)

    def reset(self) -> None:
        """Reset the device, and find it again: it may come back with another number."""
        with self._turnstile, self._waiting:
            with suppress(usb.core.USBError):  # it says "not found" if the device came back anew
                self._device.reset()
            self._find_again(_RETURN_SECONDS)

    def find_again(self, *, seconds: int) -> None:
        """Open what comes back in the same socket after the power was gone; waits for it for a while.

        Raises:
            CameraGoneError: nothing came back, or another camera.
        """
        with self._turnstile, self._waiting:
            self._find_again(seconds)

    def _find_again(self, seconds: int) -> None:
        before, place = self._identity, (self._address.bus, self._address.ports)
        usb.util.dispose_resources(self._device)
        for _ in range(seconds):
            self._sleep(1)  # a camera that has just been reset does not like to be asked at once
            with suppress(CameraGoneError):
                self._adopt(self._find(lambda d: (d.bus, tuple(d.port_numbers or ())) == place))
                if self._identity != before:
                    break
                return
        raise _gone()

    def close(self) -> None:
        """Close it; closing after unplugging is allowed."""
        with self._turnstile, self._waiting, suppress(usb.core.USBError):
            usb.util.dispose_resources(self._device)

    def _appear(self, match: Callable[[Device], bool]) -> Device:
        """Find a device that udev has just announced: libusb may hear of it a moment later."""
        for _ in range(_APPEAR_TRIES):
            with suppress(CameraGoneError):
                return self._find(match)
            self._sleep(_APPEAR_SECONDS)
        return self._find(match)

    def _find(self, match: Callable[[Device], bool]) -> Device:
        try:
            device = usb.core.find(backend=self._backend, custom_match=match)
        except usb.core.USBError as error:  # something left while the list was being read
            raise _gone() from error
        if device is None:
            raise _gone()
        return device

    def _adopt(self, device: Device) -> None:
        """Claim a device's MTP interface. Its configuration stays as it is: others may use it."""
        self._device = device
        self._address = Address(bus=device.bus, number=device.address, ports=tuple(device.port_numbers or ()))
        for attempt in range(5):
            try:
                with self._translated():
                    self._interface = _interface(device)
                    usb.util.claim_interface(device, self._interface.number)
                    self._identity = (device.idVendor, device.idProduct, _serial(device))
            except _InUseError:
                if attempt == 4:
                    raise
                self._sleep(1)
            else:
                return

    def _buffer(self, size: int) -> array.array[int]:
        """Return a buffer: those of packets and of whole reads are kept, that of a clip's end is not."""
        buffer = self._buffers.get(size)
        if buffer is None:
            buffer = array.array("B", b"\0") * size
            if size == self._limit // self.packet * self.packet:
                self._buffers = {n: b for n, b in self._buffers.items() if n <= _PACKETS}
                self._buffers[size] = buffer
            elif size <= _PACKETS:
                self._buffers[size] = buffer
        return buffer

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except usb.core.USBError as error:
            raise self._meaning(error) from error

    def _meaning(self, error: OSError) -> Exception:
        """Translate an error: an unplugged camera first fails in any way."""
        if error.errno == errno.ENODEV or not self.attached():
            return _gone()
        if error.errno == errno.ENOMEM:
            return _NoMemoryError(Fault.BROKEN, "no memory for a transfer")
        if error.errno == errno.EBUSY:
            return _InUseError(
                "Another program is using the camera.",
                remedy="Stop the programs that open cameras on this machine: gvfs, kiod, mtp-probe.",
            )
        if error.errno == errno.EACCES:
            return _not_permitted(self._address)
        fault = {errno.ETIMEDOUT: Fault.SILENT, errno.EPIPE: Fault.HALTED}.get(error.errno or 0, Fault.BROKEN)
        return PipeError(fault, os.strerror(error.errno) if error.errno else "unknown error")


def _not_permitted(address: Address) -> NotPermittedError:
    node = f"/dev/bus/usb/{address.bus:03d}/{address.number:03d}"
    return NotPermittedError(
        f"The camera may not be opened: udev has not given its device node {node} to the dock.",
        remedy="It is tried again by itself. If it stays so, the udev rules were not in force when it came:\n"
        "touch /usr/lib/udev/rules.d/60-bwvdock.rules; udevadm control --reload; "
        "udevadm trigger --subsystem-match=usb; then see: ls -l "
        f"{node}",
    )


class _NoMemoryError(PipeError):
    """The kernel has no memory for so large a transfer."""


class _InUseError(VolumeRefusedError):
    """Somebody else holds the interface."""


def _interface(device: Device) -> _Interface:
    """Find the interface that speaks MTP or PTP in the active configuration."""
    named: list[Any] = []
    for interface in device.get_active_configuration():
        kind = (
            interface.bInterfaceClass,
            interface.bInterfaceSubClass,
            interface.bInterfaceProtocol,
        )
        if kind == _STILL_IMAGE:
            named.insert(0, interface)
        elif kind[0] == _VENDOR_CLASS and "MTP" in _string(device, interface.iInterface):
            named.append(interface)
    for interface in named:
        found = _endpoints(interface)
        if found is not None:
            return found
    raise VolumeRefusedError(
        "The camera has no MTP or PTP interface.", remedy="Set the camera's USB mode to MTP or to disk."
    )


def _endpoints(interface: Any) -> _Interface | None:  # noqa: ANN401 - pyusb ships no types
    """Return the endpoints of an interface; more than the three that are needed do no harm."""
    found: dict[tuple[int, int], Any] = {}
    for endpoint in interface:
        kind = usb.util.endpoint_type(endpoint.bmAttributes)
        found.setdefault((kind, usb.util.endpoint_direction(endpoint.bEndpointAddress)), endpoint)
    bulk_in = found.get((usb.util.ENDPOINT_TYPE_BULK, usb.util.ENDPOINT_IN))
    bulk_out = found.get((usb.util.ENDPOINT_TYPE_BULK, usb.util.ENDPOINT_OUT))
    interrupt = found.get((usb.util.ENDPOINT_TYPE_INTR, usb.util.ENDPOINT_IN))
    if bulk_in is None or bulk_out is None or not bulk_in.wMaxPacketSize & 0x7FF:
        return None
    return _Interface(
        number=interface.bInterfaceNumber,
        bulk_in=bulk_in.bEndpointAddress,
        bulk_out=bulk_out.bEndpointAddress,
        interrupt=None if interrupt is None else interrupt.bEndpointAddress,
        packet=bulk_in.wMaxPacketSize & 0x7FF,
    )


def _serial(device: Device) -> str:
    return escape(_string(device, device.iSerialNumber).encode("utf-8", "surrogatepass"))


def _string(device: Device, index: int) -> str:
    """Return a string descriptor, or "": some devices have none, some stall, some send nonsense."""
    try:
        return str(usb.util.get_string(device, index) or "")
    except (usb.core.USBError, ValueError, IndexError):
        return ""


def _gone() -> CameraGoneError:
    return CameraGoneError("The camera was unplugged.", remedy="Dock it again; the copy resumes.")
