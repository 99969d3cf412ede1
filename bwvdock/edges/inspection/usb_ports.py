"""What do USB's hubs and ports say of power and speed? Read from sysfs; no device is asked anything."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bwvdock.core.media.names import escape

_HUB = "09"
_MOST = 1e9  # of any number here
_SELF_POWERED = 0x40  # of bmAttributes, USB 2.0, 9.6.3


@dataclass(frozen=True, kw_only=True, slots=True)
class UsbPort:
    """One device on USB and the socket it is in, such as "1-2.3"; "usb1" is a controller's own hub.

    `speed` is in Mbit/s, `most_ma` what it may draw from its socket. `self_powered` says that it has a power
    supply. `over_current` names the sockets of a hub that drew too much, and how often. Strings are escaped.
    """

    bay: str
    product: str
    is_hub: bool
    speed: float
    most_ma: int
    self_powered: bool
    over_current: Sequence[tuple[str, int]] = field(default_factory=tuple)

    @property
    def above(self) -> str:
        """The hub that it is plugged into: "1-2" of "1-2.3", "usb1" of "1-2"; "" of "usb1"."""
        before, dot, _ = self.bay.rpartition(".")
        return before if dot else f"usb{self.bay.partition('-')[0]}" if "-" in self.bay else ""


def read_ports(sysfs: Path = Path("/sys")) -> Sequence[UsbPort]:
    """Return every device on USB, hubs and controllers too; none where the kernel shows no USB."""
    folder = sysfs / "bus/usb/devices"
    return [_port(folder / name, name) for name in _entries(folder) if ":" not in name]


def _port(path: Path, name: str) -> UsbPort:
    attributes = _text(path, "bmAttributes")
    return UsbPort(
        bay=name,
        product=_text(path, "product"),
        is_hub=_text(path, "bDeviceClass") == _HUB,
        speed=_float(_text(path, "speed")),
        most_ma=int(_float(_text(path, "bMaxPower").removesuffix("mA"))),
        self_powered=bool(_hexadecimal(attributes) & _SELF_POWERED),
        over_current=tuple(_over_current(path)),
    )


def _over_current(path: Path) -> Iterator[tuple[str, int]]:
    """Return the sockets below a hub's interface whose protection has tripped (since Linux 4.20)."""
    for interface in (name for name in _entries(path) if ":" in name):
        for port in (name for name in _entries(path / interface) if "-port" in name):
            count = int(_float(_text(path / interface / port, "over_current_count")))
            if count:
                yield port, count


def _entries(path: Path) -> Sequence[str]:
    with suppress(OSError):
        return sorted(os.listdir(path))
    return []


def _text(path: Path, name: str) -> str:
    with suppress(OSError), open(path / name, "rb") as file:
        return escape(file.read(4096).strip())
    return ""


def _float(text: str) -> float:
    with suppress(ValueError):
        return min(max(0.0, float(text)), _MOST)
    return 0.0


def _hexadecimal(text: str) -> int:
    with suppress(ValueError):
        return int(text, 16)
    return 0
