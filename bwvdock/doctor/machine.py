"""What may the checks ask of this machine, and what asks it?"""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bwvdock.core.ports import Clock, ClockState
from bwvdock.edges.disk_encryption import DiskEncryption, disk_encryption
from bwvdock.edges.inspection import accounts, file_systems, store_contact, udev_rules, usb_ports
from bwvdock.edges.inspection.accounts import Owner
from bwvdock.edges.inspection.file_systems import FileSystem
from bwvdock.edges.inspection.kernel_log import KernelLine, read_kernel_log
from bwvdock.edges.inspection.smart import SmartReport, read_smart
from bwvdock.edges.inspection.store_contact import Contact
from bwvdock.edges.inspection.udev_rules import PluggedCamera, RulesFile
from bwvdock.edges.inspection.units import Unit, read_units
from bwvdock.edges.inspection.usb_ports import UsbPort
from bwvdock.edges.mounting import Mounter
from bwvdock.edges.signing.socket_signer import SocketSigner
from bwvdock.edges.system import SystemClock
from bwvdock.errors import NotSeenError
from bwvdock.service.camera_access import MOUNTER_SOCKET
from bwvdock.service.signing import SOCKET as SIGNER_SOCKET

if TYPE_CHECKING:  # which loads TLS: 4 MB, for stores on the network alone
    from bwvdock.edges.destinations.access import Access

_SOCKET_SECONDS = 30.0  # systemd starts a helper when it is asked: slowly where much else is started
HELPER_SECONDS = _SOCKET_SECONDS + 5.0
"""For one look at a helper, so that its socket says that nothing answered."""


class Machine(Protocol):
    """This machine, looked at. Nothing is changed. What may not or cannot be seen raises NotSeenError."""

    def now(self) -> datetime:
        """Return the time, in UTC."""
        ...

    def clock(self) -> ClockState:
        """Return what keeps the clock, and how well."""
        ...

    def hardware_clock(self) -> int | None:
        """Return the seconds since 1970 on the hardware clock; None if there is none."""
        ...

    def units(self, names: Sequence[str]) -> Sequence[Unit]:
        """Return the state of units of systemd."""
        ...

    def user_exists(self, name: str) -> bool:
        """Return whether there is a user of a name."""
        ...

    def members_of(self, group: str) -> Sequence[str] | None:
        """Return the members of a group; None if there is no such group."""
        ...

    def owner_of(self, path: Path) -> Owner | None:
        """Return to whom a path belongs; None if nothing is there."""
        ...

    def strangers_in(self, folder: Path, *, owner: str) -> Sequence[str]:
        """Return entries of a folder that belong to somebody else."""
        ...

    def rules(self) -> Sequence[RulesFile]:
        """Return the state of our udev rules' files."""
        ...

    def cameras(self) -> Sequence[PluggedCamera] | None:
        """Return what is plugged in that our rules are for; None where udev has no database."""
        ...

    def ask_mounter(self) -> None:
        """Ask the mounter something; MounterUnavailableError where it does not answer."""
        ...

    def ask_signer(self) -> None:
        """Ask the signer for its public key; SignerUnavailableError where it does not answer."""
        ...

    def disks_under(self, path: Path) -> Sequence[str]:
        """Return the disks that a path is stored on."""
        ...

    def devices_under(self, path: Path) -> Sequence[str]:
        """Return the same with the mappings and RAIDs between: the kernel's log names these, too."""
        ...

    def smart(self, disk: str) -> SmartReport:
        """Return what a disk reports of its health."""
        ...

    def file_system(self, path: Path) -> FileSystem:
        """Return the file system of a path."""
        ...

    def encryption(self, path: Path) -> DiskEncryption:
        """Return what is seen of whether the disks below a path are encrypted."""
        ...

    def ports(self) -> Sequence[UsbPort]:
        """Return what is on USB, hubs too."""
        ...

    def kernel_log(self) -> Sequence[KernelLine]:
        """Return what the kernel wrote since it started."""
        ...

    def contact(self, url: str, access: Access, *, name: str) -> Contact:
        """Return what a store shows; DestinationUnavailableError where it cannot be reached."""
        ...

    def end_of_certificate(self, path: Path) -> datetime | None:
        """Return when a certificate of the dock's own ends; None where that cannot be read."""
        ...

    def versions(self) -> Mapping[str, str]:
        """Return the versions of what bwvdock runs on, by name."""
        ...


class ThisMachine:
    """The machine that this process runs on (a Machine)."""

    def __init__(self, clock: Clock | None = None) -> None:
        """Take the clock of a daemon, which may have to keep asking how it is kept; else make one."""
        self._clock = clock

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.now(UTC)

    def clock(self) -> ClockState:
        """Return what keeps the clock, and how well."""
        return (self._clock or SystemClock()).state()

    def hardware_clock(self) -> int | None:
        """Return the seconds since 1970 on the hardware clock; None if there is none."""
        return file_systems.hardware_clock()

    def units(self, names: Sequence[str]) -> Sequence[Unit]:
        """Return the state of units of systemd."""
        return read_units(names)

    def user_exists(self, name: str) -> bool:
        """Return whether there is a user of a name."""
        return accounts.user_exists(name)

    def members_of(self, group: str) -> Sequence[str] | None:
        """Return the members of a group; None if there is no such group."""
        return accounts.members_of(group)

    def owner_of(self, path: Path) -> Owner | None:
        """Return to whom a path belongs; None if nothing is there."""
        return accounts.owner_of(path)

    def strangers_in(self, folder: Path, *, owner: str) -> Sequence[str]:
        """Return entries of a folder that belong to somebody else."""
        return accounts.strangers_in(folder, owner=owner)

    def rules(self) -> Sequence[RulesFile]:
        """Return the state of our udev rules' files."""
        return udev_rules.read_rules()

    def cameras(self) -> Sequence[PluggedCamera] | None:
        """Return what is plugged in that our rules are for; None where udev has no database."""
        return udev_rules.plugged_cameras()

    def ask_mounter(self) -> None:
        """Ask the mounter something; MounterUnavailableError where it does not answer."""
        _require_allowed(MOUNTER_SOCKET)
        Mounter(MOUNTER_SOCKET, timeout=_SOCKET_SECONDS).require_answer()

    def ask_signer(self) -> None:
        """Ask the signer for its public key; SignerUnavailableError where it does not answer."""
        _require_allowed(SIGNER_SOCKET)
        SocketSigner(SIGNER_SOCKET, timeout=_SOCKET_SECONDS).public_key()

    def disks_under(self, path: Path) -> Sequence[str]:
        """Return the disks that a path is stored on."""
        return file_systems.disks_under(path)

    def devices_under(self, path: Path) -> Sequence[str]:
        """Return the same with the mappings and RAIDs between: the kernel's log names these, too."""
        return file_systems.devices_under(path)

    def smart(self, disk: str) -> SmartReport:
        """Return what a disk reports of its health."""
        return read_smart(disk)

    def file_system(self, path: Path) -> FileSystem:
        """Return the file system of a path."""
        return file_systems.read_file_system(path)

    def encryption(self, path: Path) -> DiskEncryption:
        """Return what is seen of whether the disks below a path are encrypted."""
        return disk_encryption(path)

    def ports(self) -> Sequence[UsbPort]:
        """Return what is on USB, hubs too."""
        return usb_ports.read_ports()

    def kernel_log(self) -> Sequence[KernelLine]:
        """Return what the kernel wrote since it started."""
        return read_kernel_log()

    def contact(self, url: str, access: Access, *, name: str) -> Contact:
        """Return what a store shows; DestinationUnavailableError where it cannot be reached."""
        return store_contact.contact(url, access, name=name)

    def end_of_certificate(self, path: Path) -> datetime | None:
        """Return when a certificate of the dock's own ends; None where that cannot be read."""
        return store_contact.end_of_certificate(path)

    def versions(self) -> Mapping[str, str]:
        """Return the versions of what bwvdock runs on, by name."""
        return {
            "Python": platform.python_version(),
            "SQLite": sqlite3.sqlite_version,
            "Linux": platform.release(),
        }


def _require_allowed(socket: Path) -> None:
    """Check that this user may ask at a socket, if there is one: otherwise nothing is learnt about it.

    Raises:
        NotSeenError: it may not.
    """
    if socket.exists() and not os.access(socket, os.R_OK | os.W_OK, effective_ids=True):
        raise NotSeenError(f"only root and the service may ask at {socket}", remedy="sudo bwvdock doctor")
