"""Do USB's ports and hubs give cameras their speed and their power?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bwvdock.doctor.findings import Check, Finding, error, ok, warning
from bwvdock.edges.inspection.udev_rules import PluggedCamera
from bwvdock.edges.inspection.usb_ports import UsbPort
from bwvdock.units import format_count

_FULL_SPEED = 12  # Mbit/s: USB 1
_A_UNIT_MA = 100  # what a hub without a supply of its own may give each of its sockets, USB 2.0, 7.2.1


def check_ports(ports: Sequence[UsbPort], cameras: Sequence[PluggedCamera]) -> Iterator[Finding]:
    """Return what is wrong with ports, by socket.

    Args:
        ports: all that is on USB.
        cameras: which of them are cameras.
    """
    if not ports:
        yield error(
            Check.USB_PORTS,
            "the kernel shows no USB controller",
            "No camera can be docked.",
            "lspci; lsusb; journalctl -k -g usb; check the firmware's settings",
        )
        return
    bays = {camera.bay for camera in cameras if not camera.ignored}
    wrong = [*_over_current(ports), *_slow(ports, bays), *_hungry(ports, bays)]
    yield from wrong
    if not wrong:
        hubs = sum(port.is_hub and not port.bay.startswith("usb") for port in ports)
        speeds = ", ".join(sorted({f"{p.speed:g} Mbit/s" for p in ports if p.bay in bays}))
        docked = format_count(len(bays), "camera") + (f" at {speeds}" if speeds else "")
        yield ok(Check.USB_PORTS, f"{docked}, {format_count(hubs, 'hub')}; no socket drew too much")


def _over_current(ports: Sequence[UsbPort]) -> Iterator[Finding]:
    for hub in ports:
        for socket, count in hub.over_current:
            yield warning(
                Check.USB_PORTS,
                f"{socket} switched off {format_count(count, 'time')}, because too much current was drawn",
                "Cameras there drop out, or do not charge.",
                "Exchange the cable, or the cradle; then unplug the hub for a moment, and it counts anew",
                subject=socket,
            )


def _slow(ports: Sequence[UsbPort], bays: set[str]) -> Iterator[Finding]:
    for port in ports:
        if port.bay in bays and 0 < port.speed <= _FULL_SPEED:
            yield warning(
                Check.USB_PORTS,
                f"{port.bay} ({port.product or 'a camera'}) runs at {port.speed:g} Mbit/s",
                "At that speed an hour of video takes an hour: it should be 480 or more.",
                "Dock it again; then try another cable, another cradle and another port",
                subject=port.bay,
            )


def _hungry(ports: Sequence[UsbPort], bays: set[str]) -> Iterator[Finding]:
    for hub in ports:
        if not hub.is_hub or hub.self_powered or hub.bay.startswith("usb"):
            continue
        hungry = [p for p in ports if p.above == hub.bay and p.bay in bays and p.most_ma > _A_UNIT_MA]
        if hungry:
            most = max(port.most_ma for port in hungry)
            yield warning(
                Check.USB_PORTS,
                f"the hub {hub.bay} has no power supply, and {format_count(len(hungry), 'camera')} on it may "
                f"draw up to {most} mA each",
                "It can give 100 mA to each: cameras may drop out in the middle of a copy.",
                "Connect the hub's power supply, or use a hub that has one",
                subject=hub.bay,
            )
