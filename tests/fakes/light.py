"""Lights that only remember what they show, and hubs with port indicators behind pyusb's IBackend."""

from __future__ import annotations

import array
import errno
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from usb.core import USBError

from bwvdock.core.ports.light import Signal
from bwvdock.errors import LightError
from tests.fakes.mtp.descriptors import DeviceDescriptor

AUTOMATIC, AMBER, GREEN, OFF = range(4)


@dataclass
class FakeLight:
    """A light (the Light port). `fails` has it raise, `odd` what no port may; `without` have no light."""

    blinks: bool = False
    fails: bool = False
    odd: bool = False
    without: set[str] = field(default_factory=set)
    shown: dict[str, Signal] = field(default_factory=dict)
    calls: list[tuple[str, Signal]] = field(default_factory=list)
    resets: int = 0

    def show(self, bay: str, signal: Signal) -> bool:
        """Remember it (Light)."""
        self.calls.append((bay, signal))
        if self.odd:
            raise RuntimeError("odd")
        if self.fails:
            self.shown.pop(bay, None)
            raise LightError("It is dark.", remedy="Look.")
        if bay in self.without:
            return False
        self.shown[bay] = signal
        return True

    def reset(self) -> None:
        """Forget it (Light)."""
        self.resets += 1
        if self.fails:
            raise LightError("It is dark.", remedy="Look.")
        self.shown.clear()


@dataclass(eq=False)
class FakeHub:
    """A hub at `ports` of its bus, with so many ports; `lights` has their indicators by number.

    The lies and faults: `indicators` says whether its descriptor has bit 7, `answer` is given in place of the
    descriptor, `error` is the errno of each request, `strict` rejects what USB 2.0 does not define.
    """

    bus: int = 1
    ports: tuple[int, ...] = (2,)
    number: int = 7
    count: int = 4
    indicators: bool = True
    answer: bytes | None = None
    error: int = 0
    lights: dict[int, int] = field(default_factory=dict)
    requests: int = 0
    opened: int = 0

    def control(self, kind: int, request: int, value: int, index: int, buffer: array.array[int]) -> int:
        """Answer a control request as USB 2.0, section 11.24, has it."""
        self.requests += 1
        if self.error:
            raise USBError("no", -1, self.error)
        if (kind, request, value, index) == (0xA0, 6, 0x2900, 0):
            flags = 0xA9 if self.indicators else 0x29
            told = self.answer
            if told is None:
                told = bytes([9, 0x29, self.count, flags, 0, 50, 100, 0, 0xFF])
            told = told[: len(buffer)]
            buffer[: len(told)] = array.array("B", told)
            return len(told)
        port, indicator = index & 0xFF, index >> 8
        known = (kind, request, value) == (0x23, 3, 22) and 1 <= port <= self.count and indicator <= OFF
        if not known or not self.indicators:
            raise USBError("Pipe error", -9, errno.EPIPE)
        self.lights[port] = indicator
        return 0


class HubBus:
    """The backend: a bus with hubs, and with what else is plugged in."""

    def __init__(self, *hubs: FakeHub) -> None:
        self.hubs = list(hubs)

    def enumerate_devices(self) -> Iterator[FakeHub]:
        return iter(self.hubs)

    def get_parent(self, dev: FakeHub) -> None:
        return None

    def get_device_descriptor(self, dev: FakeHub) -> DeviceDescriptor:
        return DeviceDescriptor(
            idVendor=0x0424,
            idProduct=0x2514,
            iSerialNumber=0,
            bus=dev.bus,
            address=dev.number,
            port_number=dev.ports[-1] if dev.ports else 0,
            port_numbers=dev.ports,
            speed=3,
            bDeviceClass=9,
        )

    def open_device(self, dev: FakeHub) -> FakeHub:
        dev.opened += 1
        if dev.error in {errno.EACCES, errno.EPERM}:
            raise USBError("Access denied", -3, dev.error)
        return dev

    def close_device(self, dev_handle: FakeHub) -> None:
        dev_handle.opened -= 1

    def ctrl_transfer(self, dev_handle: FakeHub, *request: Any) -> int:  # noqa: ANN401 - pyusb passes them so
        kind, number, value, index, buffer, timeout = request
        assert 0 < timeout <= 2000
        return dev_handle.control(kind, number, value, index, buffer)
