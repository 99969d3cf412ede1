"""Are our udev rules where udev reads them, and has it applied them to what is plugged in?"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bwvdock.edges.usbtree import UsbDevice, usb_devices

RULES = ("60-bwvdock.rules", "72-bwvdock-seats.rules")
_INSTALLED = "usr/lib/udev/rules.d"
_BEFORE = ("etc/udev/rules.d", "run/udev/rules.d", "usr/local/lib/udev/rules.d")  # udev(7): these count first
_SUMS = "var/lib/dpkg/info/bwvdock.md5sums"


@dataclass(frozen=True, kw_only=True, slots=True)
class RulesFile:
    """A file of rules. `there`: it is installed. `replaced_by`: a file of its name that counts instead.

    `changed`: whether it differs from what the package installed; None where that is not known.
    """

    name: str
    there: bool
    replaced_by: str = ""
    changed: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PluggedCamera:
    """A device that our rules are for. `node_group` is the group of its device node, "" where unknown.

    `marked` is whether udev's database has their mark, `ignored` whether a rule of theirs excludes it.
    """

    bay: str
    transport: str
    marked: bool
    ignored: bool
    node_group: str = ""


def read_rules(root: Path = Path("/")) -> Sequence[RulesFile]:
    """Return the state of each of our files of rules, below a root."""
    sums = _sums(root / _SUMS)
    return [_rules_file(root, name, sums.get(f"{_INSTALLED}/{name}", "")) for name in RULES]


def _rules_file(root: Path, name: str, expected: str) -> RulesFile:
    other = next((f"/{folder}/{name}" for folder in _BEFORE if os.path.lexists(root / folder / name)), "")
    changed = None
    with suppress(OSError):
        content = (root / _INSTALLED / name).read_bytes()
        if expected:
            changed = hashlib.md5(content, usedforsecurity=False).hexdigest() != expected
    return RulesFile(
        name=name, there=(root / _INSTALLED / name).is_file(), replaced_by=other, changed=changed
    )


def _sums(path: Path) -> Mapping[str, str]:
    with suppress(OSError):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    return {}


def plugged_cameras(
    sysfs: str = "/sys", udev: Path = Path("/run/udev/data")
) -> Sequence[PluggedCamera] | None:
    """Return what is plugged in that our rules are for; None where udev has no database here."""
    if not udev.is_dir():
        return None
    return [_plugged(device, sysfs, udev) for device in usb_devices(sysfs) if device.transport]


def _plugged(device: UsbDevice, sysfs: str, udev: Path) -> PluggedCamera:
    said = _database(udev / f"c{_number(f'{sysfs}/bus/usb/devices/{device.bay}/dev')}")
    node = Path(f"/dev/bus/usb/{device.bus:03}/{device.number:03}")
    group = ""
    with suppress(OSError, KeyError):
        group = node.group()
    return PluggedCamera(
        bay=device.bay,
        transport=str(device.transport),
        marked=said.get("BWVDOCK_CAMERA") == "1",
        ignored=said.get("BWVDOCK_IGNORE") == "1",
        node_group=group,
    )


def _number(path: str) -> str:
    with suppress(OSError):
        return Path(path).read_text(encoding="ascii", errors="replace").strip()
    return ""


def _database(entry: Path) -> Mapping[str, str]:
    """Return the properties in an entry of udev's database: its lines "E:KEY=VALUE"."""
    with suppress(OSError):
        lines = entry.read_text(encoding="utf-8", errors="replace").splitlines()
        pairs = (line[2:].partition("=") for line in lines if line.startswith("E:"))
        return {key: value for key, _, value in pairs}
    return {}
