"""What does a virtual camera look like before anyone speaks MTP to it? USB descriptors and strings."""

# ruff: noqa: N815 (the fields bear the names of the USB specification, as pyusb wants them)
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.fakes.mtp.responder import IN, INTERRUPT, OUT

STILL_IMAGE = (0x06, 0x01, 0x01)
MASS_STORAGE = (0x08, 0x06, 0x50)
VENDOR = (0xFF, 0x00, 0x00)
SPEEDS = {64: 2, 512: 3, 1024: 4}  # full, high, super: as libusb numbers them


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What can be told from a camera's descriptors."""

    vendor: int = 0x1209
    product: int = 0xB0DE
    serial: str | None = "BWC-0001"
    manufacturer: str = "Example"
    name: str = "BWC-100"
    triple: tuple[int, int, int] = STILL_IMAGE
    interface_name: str = "MTP"
    extra_endpoints: int = 0
    storage_beside: bool = False  # a mass-storage interface first, ours second
    kernel_driver: bool = False  # a driver holds the interface
    held_by: str | None = None  # another program holds it: claiming gives EBUSY


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceDescriptor:
    idVendor: int
    idProduct: int
    iSerialNumber: int
    bus: int
    address: int
    port_number: int
    port_numbers: tuple[int, ...]
    speed: int
    bLength: int = 18
    bDescriptorType: int = 1
    bcdUSB: int = 0x0200
    bDeviceClass: int = 0
    bDeviceSubClass: int = 0
    bDeviceProtocol: int = 0
    bMaxPacketSize0: int = 64
    bcdDevice: int = 0x0100
    iManufacturer: int = 1
    iProduct: int = 2
    bNumConfigurations: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfigurationDescriptor:
    bNumInterfaces: int
    bLength: int = 9
    bDescriptorType: int = 2
    wTotalLength: int = 39
    bConfigurationValue: int = 1
    iConfiguration: int = 0
    bmAttributes: int = 0xC0
    bMaxPower: int = 50
    extra_descriptors: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class InterfaceDescriptor:
    bInterfaceNumber: int
    bNumEndpoints: int
    bInterfaceClass: int
    bInterfaceSubClass: int
    bInterfaceProtocol: int
    iInterface: int
    bLength: int = 9
    bDescriptorType: int = 4
    bAlternateSetting: int = 0
    extra_descriptors: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointDescriptor:
    bEndpointAddress: int
    bmAttributes: int
    wMaxPacketSize: int
    bLength: int = 7
    bDescriptorType: int = 5
    bInterval: int = 6
    bRefresh: int = 0
    bSynchAddress: int = 0
    extra_descriptors: tuple[int, ...] = ()


BULK, INTR = 2, 3


def endpoints(look: Look, packet: int) -> Sequence[EndpointDescriptor]:
    """Return the endpoints of the camera's own interface."""
    own = [
        EndpointDescriptor(bEndpointAddress=IN, bmAttributes=BULK, wMaxPacketSize=packet),
        EndpointDescriptor(bEndpointAddress=OUT, bmAttributes=BULK, wMaxPacketSize=packet),
        EndpointDescriptor(bEndpointAddress=INTERRUPT, bmAttributes=INTR, wMaxPacketSize=64),
    ]
    return own + [
        EndpointDescriptor(bEndpointAddress=0x86 + number, bmAttributes=INTR, wMaxPacketSize=8)
        for number in range(look.extra_endpoints)
    ]


Interfaces = Sequence[tuple[InterfaceDescriptor, Sequence[EndpointDescriptor]]]


def interfaces(look: Look, packet: int) -> Interfaces:
    """Return all interfaces with their endpoints."""
    made = []
    triples = [MASS_STORAGE, look.triple] if look.storage_beside else [look.triple]
    for number, triple in enumerate(triples):
        if triple is MASS_STORAGE:
            held: Sequence[EndpointDescriptor] = [
                EndpointDescriptor(bEndpointAddress=0x84, bmAttributes=BULK, wMaxPacketSize=packet),
                EndpointDescriptor(bEndpointAddress=0x05, bmAttributes=BULK, wMaxPacketSize=packet),
            ]
        else:
            held = endpoints(look, packet)
        descriptor = InterfaceDescriptor(
            bInterfaceNumber=number,
            bNumEndpoints=len(held),
            bInterfaceClass=triple[0],
            bInterfaceSubClass=triple[1],
            bInterfaceProtocol=triple[2],
            iInterface=0 if triple is MASS_STORAGE or not look.interface_name else 4,
        )
        made.append((descriptor, held))
    return made


def string_descriptor(look: Look, index: int) -> bytes | None:
    """Return a string descriptor as it goes over the wire; None where the device stalls."""
    if index == 0:
        return b"\x04\x03\x09\x04"
    text = {1: look.manufacturer, 2: look.name, 3: look.serial, 4: look.interface_name}.get(index)
    if text is None:
        return None
    raw = text.encode("utf-16-le")
    return bytes([len(raw) + 2, 3]) + raw
