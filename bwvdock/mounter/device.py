"""Which device does a name refer to, and is it a camera's?"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bwvdock.mounter.refusal import Refusal, RefusalCode

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """A block device as sysfs and udev describe it. `disk` is the whole disk: itself, if no partition."""

    name: str
    dev: str
    disk: str
    disk_dev: str
    properties: Mapping[str, str]


def find(name: str, *, sysfs: Path, udev: Path) -> Device:
    """Look a block device up by the name that the kernel gave it.

    Raises:
        Refusal: no such name, not there, not on USB, not marked as a camera by our udev rule, or empty.
    """
    if not _NAME.fullmatch(name):
        raise Refusal(RefusalCode.BAD_DEVICE, f"{name[:64]!a} is not the name of a block device")
    place = Path(os.path.realpath(sysfs / "class/block" / name))
    dev = read(place / "dev")
    if not dev:
        raise Refusal(RefusalCode.GONE, f"block device {name} does not exist")
    if not any(_is_usb_device(parent) for parent in place.parents):
        raise Refusal(RefusalCode.NOT_USB, f"{name} is not connected through USB")
    properties = _properties(udev / f"b{dev}")
    if properties.get("BWVDOCK_CAMERA") != "1":
        raise Refusal(RefusalCode.NOT_TAGGED, f"the udev rules do not mark {name} as a camera")
    if read(place / "size") == "0":
        raise Refusal(RefusalCode.NO_MEDIUM, f"{name} has no card, or its camera is locked")
    disk = place.parent if (place / "partition").exists() else place
    return Device(name=name, dev=dev, disk=disk.name, disk_dev=read(disk / "dev"), properties=properties)


def diskseq(disk: str, *, sysfs: Path) -> str:
    """Return the number of the medium that a disk's name refers to now, or ""."""
    return read(sysfs / "class/block" / disk / "diskseq")


def read(path: Path) -> str:
    """Read a small text; "" if it is not there (any more)."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _is_usb_device(place: Path) -> bool:
    """Return whether a folder of sysfs is a USB device: only the bus driver creates these."""
    try:
        subsystem = (place / "subsystem").readlink()
    except OSError:
        return False
    return subsystem.name == "usb" and "DEVTYPE=usb_device" in read(place / "uevent").splitlines()


def _properties(entry: Path) -> dict[str, str]:
    """Read udev's database: lines "E:KEY=VALUE" among others. Written by udevd alone, as root."""
    lines = (line[2:].partition("=") for line in read(entry).splitlines() if line.startswith("E:"))
    return {key: value for key, _, value in lines}
