"""How does pyusb find and use virtual cameras? A backend for usb.core.find(backend=...).

Its methods are those of usb.backend.IBackend. Errors are those that libusb would give.
"""

from __future__ import annotations

import array
from collections.abc import Iterator
from dataclasses import dataclass

from tests.fakes.mtp import descriptors
from tests.fakes.mtp.contents import Card
from tests.fakes.mtp.descriptors import Look
from tests.fakes.mtp.knobs import Knobs
from tests.fakes.mtp.pipe import failed, gone, stalled
from tests.fakes.mtp.record import Control, Read, Record
from tests.fakes.mtp.responder import IN, OUT, Responder


class VirtualCamera:
    """A camera with its cable: plugged into one port, at another address each time."""

    def __init__(
        self,
        card: Card | None = None,
        knobs: Knobs | None = None,
        *,
        look: Look | None = None,
        packet: int = 512,
        bus: int = 1,
        port: int = 2,
    ) -> None:
        self.card = card or Card()
        self.look = look or Look()
        self.packet = packet
        self.bus, self.port, self.address = bus, port, port + 3
        self.claimed: set[int] = set()
        self.knobs = knobs or Knobs()
        self.responder = Responder(self.card, self.knobs, packet=packet)

    @property
    def record(self) -> Record:
        """What the host did since the camera was plugged in."""
        return self.responder.record

    def yank(self) -> None:
        """Pull it out."""
        self.responder.unplug()

    def plug(self, knobs: Knobs | None = None) -> None:
        """Plug it in again: another address, no session, an empty record."""
        self.responder.unplug()
        self.address += 1
        self.claimed.clear()
        self.knobs = knobs or self.knobs
        self.responder = Responder(self.card, self.knobs, packet=self.packet)

    @property
    def token(self) -> Token:
        return Token(self, self.responder)


@dataclass(frozen=True, slots=True)
class Token:
    """A device as found, and an opened one: true for one plugging only."""

    camera: VirtualCamera
    responder: Responder


class VirtualBackend:
    """A host controller with virtual cameras on it."""

    def __init__(self, *cameras: VirtualCamera) -> None:
        self.cameras = list(cameras)

    # --- looking ---

    def enumerate_devices(self) -> Iterator[Token]:
        return iter([camera.token for camera in self.cameras if not camera.responder.gone])

    def get_parent(self, dev: Token) -> None:
        return None

    def get_device_descriptor(self, dev: Token) -> descriptors.DeviceDescriptor:
        camera = dev.camera
        return descriptors.DeviceDescriptor(
            idVendor=camera.look.vendor,
            idProduct=camera.look.product,
            iSerialNumber=0 if camera.look.serial is None else 3,
            bus=camera.bus,
            address=camera.address,
            port_number=camera.port,
            port_numbers=(camera.port,),
            speed=descriptors.SPEEDS[camera.packet],
        )

    def get_configuration_descriptor(self, dev: Token, config: int) -> descriptors.ConfigurationDescriptor:
        _only(config, 1)
        return descriptors.ConfigurationDescriptor(bNumInterfaces=len(_interfaces(dev)))

    def get_interface_descriptor(
        self, dev: Token, intf: int, alt: int, config: int
    ) -> descriptors.InterfaceDescriptor:
        _only(config, 1)
        _only(alt, 1)
        return _interfaces(dev)[intf][0]

    def get_endpoint_descriptor(
        self, dev: Token, ep: int, intf: int, alt: int, config: int
    ) -> descriptors.EndpointDescriptor:
        return _interfaces(dev)[intf][1][ep]

    # --- opening ---

    def open_device(self, dev: Token) -> Token:
        _alive(dev)
        dev.responder.record.opened += 1
        return dev

    def close_device(self, dev_handle: Token) -> None:
        dev_handle.responder.record.closed += 1

    def set_configuration(self, dev_handle: Token, config_value: int) -> None:
        dev_handle.responder.record.violations.append("set_configuration")

    def get_configuration(self, dev_handle: Token) -> int:
        _alive(dev_handle)
        return 1

    def set_interface_altsetting(self, dev_handle: Token, intf: int, altsetting: int) -> None:
        dev_handle.responder.record.violations.append("set_interface_altsetting")

    def claim_interface(self, dev_handle: Token, intf: int) -> None:
        _alive(dev_handle)
        if dev_handle.camera.look.held_by is not None or dev_handle.camera.look.kernel_driver:
            raise failed(-6, 16, "Resource busy")
        dev_handle.responder.record.claims.append(intf)

    def release_interface(self, dev_handle: Token, intf: int) -> None:
        dev_handle.responder.record.releases.append(intf)
        _alive(dev_handle)

    def is_kernel_driver_active(self, dev_handle: Token, intf: int) -> bool:
        _alive(dev_handle)
        return dev_handle.camera.look.kernel_driver

    def detach_kernel_driver(self, dev_handle: Token, intf: int) -> None:
        dev_handle.responder.record.violations.append("detach_kernel_driver")

    def attach_kernel_driver(self, dev_handle: Token, intf: int) -> None:
        dev_handle.responder.record.violations.append("attach_kernel_driver")

    # --- transfers ---

    def bulk_write(self, dev_handle: Token, ep: int, intf: int, data: array.array[int], timeout: int) -> int:
        responder = dev_handle.responder
        with responder.lock:
            if ep != OUT:
                raise failed(-5, 2, "Entity not found")
            return responder.write(data.tobytes(), timeout)

    def bulk_read(self, dev_handle: Token, ep: int, intf: int, buff: array.array[int], timeout: int) -> int:
        responder = dev_handle.responder
        view = memoryview(buff).cast("B")
        limit = responder.knobs.enomem_above
        with responder.lock:
            try:
                if ep != IN:
                    raise failed(-5, 2, "Entity not found")
                if limit is not None and len(view) > limit and not responder.gone:
                    raise failed(-11, 12, "Insufficient memory")
                count = responder.read(view, timeout)
            except OSError as error:
                responder.record.reads.append(Read(asked=len(view), errno=error.errno or 0))
                raise
            responder.record.reads.append(Read(asked=len(view), got=count))
            return count

    def intr_read(self, dev_handle: Token, ep: int, intf: int, buff: array.array[int], timeout: int) -> int:
        raw = dev_handle.responder.next_event(timeout)
        view = memoryview(buff).cast("B")
        if len(raw) > len(view):
            raise failed(-8, 75, "Overflow")
        view[: len(raw)] = raw
        return len(raw)

    def no_such_transfer(self, dev_handle: Token, *_: object) -> int:
        dev_handle.responder.record.violations.append("a transfer that MTP does not have")
        raise failed(-5, 2, "Entity not found")

    intr_write = iso_read = iso_write = no_such_transfer  # pyusb looks them up before it chooses

    def clear_halt(self, dev_handle: Token, ep: int) -> None:
        with dev_handle.responder.lock:
            dev_handle.responder.clear_halt(ep)

    def reset_device(self, dev_handle: Token) -> None:
        _alive_for_reset(dev_handle)
        with dev_handle.responder.lock:
            dev_handle.responder.usb_reset()
        if dev_handle.responder.knobs.reset_reenumerates:
            dev_handle.camera.plug()
            raise failed(-5, 2, "Entity not found")

    def ctrl_transfer(
        self,
        dev_handle: Token,
        bmRequestType: int,  # noqa: N803
        bRequest: int,  # noqa: N803
        wValue: int,  # noqa: N803
        wIndex: int,  # noqa: N803
        data: array.array[int],
        timeout: int,
    ) -> int:
        responder = dev_handle.responder
        with responder.lock:
            _alive(dev_handle)
            sent = b"" if bmRequestType & 0x80 else data.tobytes()
            given = _control(dev_handle, (bmRequestType, bRequest, wValue), sent)
            responder.record.controls.append(
                Control(
                    request_type=bmRequestType,
                    request=bRequest,
                    value=wValue,
                    index=wIndex,
                    data=sent or given or b"",
                )
            )
            if given is None:
                raise stalled()
            if not bmRequestType & 0x80:
                return len(sent)
            count = min(len(given), len(data))
            memoryview(data).cast("B")[:count] = given[:count]
            return count


def _control(device: Token, setup: tuple[int, int, int], sent: bytes) -> bytes | None:
    """Answer a control request; None is a STALL."""
    kind, request, value = setup
    responder = device.responder
    match kind, request:
        case 0x80, 6 if value >> 8 == 3:
            return descriptors.string_descriptor(device.camera.look, value & 0xFF)
        case 0x82, 0:
            responder.record.violations.append("GET_STATUS of an endpoint")
            return b"\0\0"
        case 0x21, 0x64:
            if len(sent) != 6 or sent[:2] != b"\x01\x40":
                responder.record.violations.append(f"a cancel request of {sent.hex()}")
            responder.cancel(int.from_bytes(sent[2:6], "little"))
            return b""
        case 0x21, 0x66:
            responder.class_reset()
            return b""
        case 0xA1, 0x67:
            return responder.status()
        case _:
            return None


def _interfaces(device: Token) -> descriptors.Interfaces:
    return descriptors.interfaces(device.camera.look, device.camera.packet)


def _only(index: int, count: int) -> None:
    if index >= count:
        raise IndexError(index)


def _alive(device: Token) -> None:
    if device.responder.gone:
        raise gone()


def _alive_for_reset(device: Token) -> None:
    """A reset of what is gone gives ENOENT, not ENODEV."""
    if device.responder.gone:
        raise failed(-5, 2, "Entity not found")
