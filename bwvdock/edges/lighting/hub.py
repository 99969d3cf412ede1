"""How are the port indicators of a USB hub set? By one control request to the hub.

USB 2.0, sections 11.24.2.7.1.10 and 11.24.2.13: SetPortFeature with PORT_INDICATOR (table 11-17: 22), where
the low byte of wIndex is the port, the high byte the indicator (table 11-25: 0 automatic, 1 amber, 2 green,
3 off). Only hubs whose wHubCharacteristics (table 11-13) has bit 7 have them; hubs of USB 3 have none.
Nothing else is asked of a hub, and no driver is displaced: these requests go to its control endpoint, which
the kernel leaves to everybody who may open the device.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import usb.core
import usb.util

from bwvdock.core.ports.light import Signal
from bwvdock.errors import LightError, VolumeRefusedError

_SOCKET: Final = re.compile(r"([0-9]{1,3})-([0-9]{1,3}(?:\.[0-9]{1,3}){0,6})")
_HUB: Final = 9
_GET_HUB_DESCRIPTOR: Final = (0xA0, 6, 0x2900, 0)
_DESCRIPTOR_BYTES: Final = 71  # the longest of 255 ports
_SET_PORT_FEATURE: Final = (0x23, 3)
_PORT_INDICATOR: Final = 22
_HAS_INDICATORS: Final = 1 << 7
_TIMEOUT_MS: Final = 1000
_AUTOMATIC, _AMBER, _GREEN, _OFF = range(4)
_NOT_OURS: Final = frozenset({errno.EACCES, errno.EPERM})
_NO_LIGHT: Final = frozenset({errno.EPIPE, errno.ENODEV})
_SHOWN: Final = {
    Signal.SAFE: _GREEN,
    Signal.TAKE: _GREEN,
    Signal.EMPTY: _OFF,
}

Backend = Any  # pyusb ships no types; a usb.backend.IBackend
Device = Any  # a usb.core.Device


@dataclass(frozen=True, slots=True)
class _Socket:
    """A port of a hub, and the place of that hub: its bus, and the ports that lead to it."""

    bus: int
    hub: tuple[int, ...]
    port: int


class HubLight:
    """The indicators of USB hubs' ports (the Light port): green may be taken, amber may not.

    The one to take blinks green: it is green and off, in turn, each time that it is shown.
    """

    blinks = True

    def __init__(self, backend: Callable[[], Backend]) -> None:
        """Take what returns pyusb's backend; nothing is opened yet."""
        self._backend = backend
        self._ports: dict[tuple[int, int], int] = {}  # by bus and number; 0: it has no indicators
        self._blinked: set[str] = set()

    def show(self, bay: str, signal: Signal) -> bool:
        """Set the indicator of a bay's port (Light)."""
        socket = _socket(bay)
        hub = self._find(socket) if socket else None
        if socket is None or hub is None:
            return False
        with _translated(hub):
            if not 1 <= socket.port <= self._ports_of(hub):
                return False
            self._set(hub, socket.port, self._colour(bay, signal))
        return True

    def reset(self) -> None:
        """Have each hub show its own indicators again; hubs that may not be opened show nothing of ours.

        The error of the first that cannot be set is raised once all were tried. A hub that rejects a port has
        no light there, and one that has left shows none.
        """
        self._blinked.clear()
        failed: list[LightError] = []
        for hub in self._hubs():
            ports = 0
            with suppress(LightError), _translated(hub):
                ports = self._ports_of(hub)
            for port in range(1, ports + 1):
                try:
                    with _translated(hub):
                        self._set(hub, port, _AUTOMATIC)
                except LightError as error:
                    if getattr(error.__cause__, "errno", None) not in _NO_LIGHT:
                        failed.append(error)
        if failed:
            raise failed[0]

    def _colour(self, bay: str, signal: Signal) -> int:
        if signal is Signal.TAKE and bay not in self._blinked:
            self._blinked.add(bay)
            return _GREEN
        self._blinked.discard(bay)
        return _OFF if signal is Signal.TAKE else _SHOWN.get(signal, _AMBER)

    def _set(self, hub: Device, port: int, colour: int) -> None:
        hub.ctrl_transfer(*_SET_PORT_FEATURE, _PORT_INDICATOR, colour << 8 | port, None, _TIMEOUT_MS)

    def _ports_of(self, hub: Device) -> int:
        """Return how many ports with an indicator a hub has: none, or all that it has."""
        key = (hub.bus, hub.address)
        if key not in self._ports:
            told = bytes(hub.ctrl_transfer(*_GET_HUB_DESCRIPTOR, _DESCRIPTOR_BYTES, _TIMEOUT_MS))
            known = len(told) >= 5 and told[1] == 0x29
            self._ports[key] = told[2] if known and told[3] & _HAS_INDICATORS else 0
        return self._ports[key]

    def _find(self, socket: _Socket) -> Device | None:
        where = (socket.bus, socket.hub)
        return next((hub for hub in self._hubs() if (hub.bus, _place(hub)) == where), None)

    def _hubs(self) -> Iterator[Device]:
        try:
            backend = self._backend()
        except VolumeRefusedError as error:
            raise LightError(
                "The lights of USB hubs cannot be set: libusb is missing.", remedy=error.remedy
            ) from error
        hubs = list(usb.core.find(find_all=True, backend=backend, bDeviceClass=_HUB) or ())
        there = {(hub.bus, hub.address) for hub in hubs}
        self._ports = {key: ports for key, ports in self._ports.items() if key in there}
        return iter(hubs)


def _socket(bay: str) -> _Socket | None:
    """Return the socket that a bay is; None for one that is not on USB."""
    found = _SOCKET.fullmatch(bay)
    if found is None:
        return None
    *hub, port = map(int, found[2].split("."))
    return _Socket(int(found[1]), tuple(hub), port)


def _place(hub: Device) -> tuple[int, ...]:
    return tuple(hub.port_numbers or ())


@contextmanager
def _translated(hub: Device) -> Iterator[None]:
    """Turn pyusb's errors into LightError, and close the hub."""
    name = f"{hub.bus}-{'.'.join(map(str, _place(hub))) or '0'}"
    try:
        yield
    except usb.core.USBError as error:
        why = os.strerror(error.errno) if error.errno else "unknown error"
        remedy = "Have the hub checked, or write hub = false in [light]"
        if error.errno in _NOT_OURS:
            remedy = (
                "Give the hub's device node to the group bwvdock by a udev rule (docs/how-to/"
                "lights-at-the-bays.md), or write hub = false in [light]"
            )
        raise LightError(f"The lights of USB hub {name} cannot be set: {why}.", remedy=remedy) from error
    finally:
        with suppress(usb.core.USBError):
            usb.util.dispose_resources(hub)
