"""A sysfs that holds what a test plugs into it, as the kernel lays it out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class FakeUsb:
    """The part of sysfs that is about USB, below `root`."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "bus/usb/devices"
        self.folder.mkdir(parents=True)

    def plug(
        self,
        bay: str,
        *,
        interfaces: Sequence[tuple[str, str, str, str]],
        serial: str = "BWC-0001",
        product: str = "BWC-100",
        device_class: str = "00",
        number: int = 7,
        disk: str = "",
    ) -> Path:
        """Put a device into a socket; an interface is class, subclass, protocol and name."""
        device = self.folder / bay
        self._write(
            device,
            bDeviceClass=device_class,
            busnum="1",
            devnum=str(number),
            idVendor="1209",
            idProduct="b0de",
            serial=serial,
            product=product,
            manufacturer="Example",
            speed="480",
        )
        for place, (kind, sub, protocol, name) in enumerate(interfaces):
            interface = device / f"{bay}:1.{place}"
            self._write(
                interface,
                bInterfaceNumber=f"{place:02x}",
                bInterfaceClass=kind,
                bInterfaceSubClass=sub,
                bInterfaceProtocol=protocol,
                interface=name,
            )
            self._write(interface / "ep_81", type="Bulk", direction="in", wMaxPacketSize="0200")
            if disk:
                (interface / "driver").symlink_to("../../usb-storage")
                (interface / "host0/target0/0:0:0:0/block" / disk).mkdir(parents=True)
        return device

    def _write(self, folder: Path, **values: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, value in values.items():
            (folder / name).write_text(f"{value}\n", encoding="utf-8")
