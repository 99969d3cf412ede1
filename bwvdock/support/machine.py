"""What may be said of the machine? Versions, disks, units, USB: no name, no serial, no address."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from bwvdock import __version__
from bwvdock.config.settings import Config
from bwvdock.edges.usbtree import UsbDevice, usb_devices
from bwvdock.mounts import mount_of
from bwvdock.support.allowed import Pseudonyms, bay, digits, one_of, usb_ids, version
from bwvdock.support.log_lines import UNITS

_RULES = ("/usr/lib/udev/rules.d/60-bwvdock.rules", "/etc/udev/rules.d/60-bwvdock.rules")
_FILE_SYSTEMS = (
    "bcachefs",
    "btrfs",
    "cifs",
    "exfat",
    "ext2",
    "ext3",
    "ext4",
    "f2fs",
    "fuse",
    "fuseblk",
    "nfs",
    "nfs4",
    "ntfs3",
    "overlay",
    "ramfs",
    "tmpfs",
    "vfat",
    "xfs",
    "zfs",
)
_STATES = (
    "active",
    "inactive",
    "failed",
    "activating",
    "deactivating",
    "reloading",
    "running",
    "dead",
    "exited",
    "listening",
    "start-pre",
    "start",
    "auto-restart",
    "success",
    "exit-code",
    "signal",
    "watchdog",
    "timeout",
    "core-dump",
    "resources",
    "start-limit-hit",
    "loaded",
    "not-found",
    "masked",
    "enabled",
    "disabled",
    "static",
)
_SHOWN = ("ActiveState", "SubState", "Result", "LoadState", "UnitFileState")
_COUNTED = ("NRestarts", "ExecMainStatus", "MemoryCurrent", "TasksCurrent")
_PATIENCE = 20  # seconds
_KERNEL = re.compile(r"\d{1,2}\.\d{1,3}(\.\d{1,3})?")


def versions() -> dict[str, Any]:
    """Return the versions of what a dock consists of."""
    kernel = _KERNEL.match(platform.release())
    return {
        "bwvdock": version(__version__),
        "python": version(platform.python_version()),
        "sqlite": version(sqlite3.sqlite_version),
        "kernel": kernel[0] if kernel else None,
        "machine": one_of(["x86_64", "aarch64"])(platform.machine()),
        "processors": os.cpu_count(),
        **_system(),
    }


def _system() -> dict[str, Any]:
    with suppress(OSError):
        found = platform.freedesktop_os_release()
        names = one_of(["debian", "ubuntu"])
        return {"system": names(found.get("ID")), "system_version": version(found.get("VERSION_ID"))}
    return {}


def disks(config: Config, names: Pseudonyms) -> list[dict[str, Any]]:
    """Return how full the disks of state and vaults are; a share that hangs is not asked."""
    places = [("state", config.state_dir), *((names.of("store")(s.name), s.path) for s in config.vaults)]
    return [{"place": place, **_disk(path)} for place, path in places]


def _disk(path: Path) -> dict[str, Any]:
    mount = mount_of(path)
    told: dict[str, Any] = {"file_system": one_of(_FILE_SYSTEMS)(mount.kind), "local": mount.is_local}
    if mount.is_local:
        with suppress(OSError):
            found = os.statvfs(path)
            told |= {
                "bytes": found.f_blocks * found.f_frsize,
                "free": found.f_bavail * found.f_frsize,
                "files": found.f_files,
                "files_free": found.f_favail,
            }
    return told


def spool(path: Path) -> dict[str, Any]:
    """Return how many files of each kind the spool has, and their bytes."""
    count, size = Counter[str](), Counter[str]()
    kinds = one_of(["part", "pieces", "mp4", "mov", "avi", "jpg", "wav", "gps", "bin"])
    with os.scandir(path) as entries:
        for entry in entries:
            kind = kinds(entry.name.rpartition(".")[2]) or "other"
            count[kind] += 1
            with suppress(OSError):
                size[kind] += entry.stat(follow_symlinks=False).st_size
    return {kind: {"files": count[kind], "bytes": size[kind]} for kind in sorted(count)}


def units() -> dict[str, Any]:
    """Return the states of the dock's units, as systemd has them.

    Raises:
        OSError, subprocess.SubprocessError: systemd cannot be asked.
    """
    properties = ",".join((*_SHOWN, *_COUNTED))
    return {
        unit: _unit(_run("/usr/bin/systemctl", "show", unit, f"--property={properties}")) for unit in UNITS
    }


def _unit(shown: str) -> dict[str, Any]:
    state, told = one_of(_STATES), dict[str, Any]()
    for line in shown.splitlines():
        key, _, value = line.partition("=")
        if key in _SHOWN:
            told[key] = state(value)
        elif key in _COUNTED:
            told[key] = digits(value)
    return told


def _run(*words: str) -> str:
    return subprocess.run(
        words,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_PATIENCE,
        check=True,
        text=True,
        errors="replace",
    ).stdout


def udev_rules(paths: Iterable[str] = _RULES) -> dict[str, Any]:
    """Return which of the dock's udev rules there are, and the digest of each file."""
    found = {}
    for path in paths:
        with suppress(OSError):
            found[path] = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return found


def usb(names: Pseudonyms, devices: Iterable[UsbDevice] | None = None) -> Iterator[dict[str, Any]]:
    """Yield what is on USB: sockets, ids, speeds and classes; no serial, and no name that a device has."""
    for device in usb_devices() if devices is None else devices:
        yield {
            "bay": bay(device.bay),
            "usb": usb_ids(device.usb),
            "speed": digits(device.speed),
            "serial": names.of("camera")(device.serial),
            "interfaces": [
                code for item in device.interfaces if re.fullmatch("[0-9a-f]{6}", code := item.code)
            ],
            "transport": str(device.transport) if device.transport else None,
            "disks": len(device.disks),
        }
