"""A machine on which all is well, and on which a test breaks one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bwvdock.core.ports import ClockState
from bwvdock.doctor.services import UNITS
from bwvdock.edges.destinations.access import Access
from bwvdock.edges.disk_encryption import DiskEncryption, Encrypted
from bwvdock.edges.inspection.accounts import Owner
from bwvdock.edges.inspection.file_systems import FileSystem
from bwvdock.edges.inspection.kernel_log import KernelLine
from bwvdock.edges.inspection.smart import SmartReport
from bwvdock.edges.inspection.store_contact import Contact
from bwvdock.edges.inspection.udev_rules import RULES, PluggedCamera, RulesFile
from bwvdock.edges.inspection.units import Unit
from bwvdock.edges.inspection.usb_ports import UsbPort

NOW = datetime(2026, 3, 14, 6, 30, tzinfo=UTC)
GIB = 2**30
CAMERA = PluggedCamera(bay="1-2.3", transport="mass-storage", marked=True, ignored=False)
HUB = UsbPort(bay="1-2", product="Hub", is_hub=True, speed=480, most_ma=0, self_powered=True)
SOCKET = UsbPort(bay="1-2.3", product="BWC", is_hub=False, speed=480, most_ma=500, self_powered=False)
KEPT = ClockState(source="chrony", error_ms=2, most_ms=20)
SOUND = SmartReport(disk="sda", passed=True)
ANSWERS = Contact(status=401, ahead_seconds=0, valid_until=NOW + timedelta(days=90))
ENCRYPTED = DiskEncryption(Encrypted.YES, "luks (dm-0) is encrypted by LUKS2")
ROOT_HUB = UsbPort(bay="usb1", product="xHCI", is_hub=True, speed=480, most_ma=0, self_powered=True)


def unit(name: str, **more: Any) -> Unit:  # noqa: ANN401 - the fields of a Unit
    """Return a unit that is as it should be, but for what is named."""
    well = Unit(name=name, load="loaded", active="active", enabled="enabled", result="success")
    return replace(well, **more)


def said(text: str, *, ago: timedelta = timedelta(hours=1)) -> KernelLine:
    """Return a line of the kernel's log."""
    return KernelLine(at=NOW - ago, text=text)


@dataclass(kw_only=True)
class FakeMachine:
    """Answers what a field says, or raises it where that is an exception (a Machine)."""

    time: datetime = NOW
    clock_is: ClockState = KEPT
    hardware: int | None = int(NOW.timestamp()) + 1
    units_are: Sequence[Unit] = field(default_factory=lambda: [unit(name) for name in UNITS])
    users: Sequence[str] = ("bwvdock", "bwvdock-signer")
    groups: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {"bwvdock": (), "bwvdock-operators": ("ann",)}
    )
    owners: Mapping[str, Owner | Exception | None] = field(default_factory=dict)
    strangers: Sequence[str] = ()
    rules_are: Sequence[RulesFile] = tuple(RulesFile(name=name, there=True, changed=False) for name in RULES)
    plugged: Sequence[PluggedCamera] | None = (CAMERA,)
    mounter: Exception | None = None
    signer: Exception | None = None
    disks: Sequence[str] = ("sda",)
    health: SmartReport | Exception = SOUND
    file_system_is: Mapping[str, Any] = field(default_factory=dict)
    encrypted: DiskEncryption = ENCRYPTED
    ports_are: Sequence[UsbPort] = (ROOT_HUB, HUB, SOCKET)
    log: Sequence[KernelLine] | Exception = (said("Linux version 6.1.0"),)
    own_certificate: datetime | Exception | None = NOW + timedelta(days=90)
    contact_is: Contact | Exception = ANSWERS

    def now(self) -> datetime:
        return self.time

    def clock(self) -> ClockState:
        return self.clock_is

    def hardware_clock(self) -> int | None:
        return self.hardware

    def units(self, names: Sequence[str]) -> Sequence[Unit]:
        return self.units_are

    def user_exists(self, name: str) -> bool:
        return name in self.users

    def members_of(self, group: str) -> Sequence[str] | None:
        return self.groups.get(group)

    def owner_of(self, path: Path) -> Owner | None:
        found = self.owners.get(path.name, _OWNERS.get(path.name))
        if isinstance(found, Exception):
            raise found
        return found

    def strangers_in(self, folder: Path, *, owner: str) -> Sequence[str]:
        return self.strangers

    def rules(self) -> Sequence[RulesFile]:
        return self.rules_are

    def cameras(self) -> Sequence[PluggedCamera] | None:
        return self.plugged

    def ask_mounter(self) -> None:
        if self.mounter:
            raise self.mounter

    def ask_signer(self) -> None:
        if self.signer:
            raise self.signer

    def disks_under(self, path: Path) -> Sequence[str]:
        return self.disks

    def devices_under(self, path: Path) -> Sequence[str]:
        return ["dm-0", *self.disks] if self.disks else []

    def smart(self, disk: str) -> SmartReport:
        if isinstance(self.health, Exception):
            raise self.health
        return self.health

    def file_system(self, path: Path) -> FileSystem:
        well = FileSystem(
            path=path,
            point="/",
            kind="ext4",
            local=True,
            read_only=False,
            size=400 * GIB,
            free=300 * GIB,
            inodes=10**7,
            inodes_free=10**7,
            errors=0,
        )
        return replace(well, **self.file_system_is)

    def encryption(self, path: Path) -> DiskEncryption:
        return self.encrypted

    def ports(self) -> Sequence[UsbPort]:
        return self.ports_are

    def kernel_log(self) -> Sequence[KernelLine]:
        if isinstance(self.log, Exception):
            raise self.log
        return self.log

    def contact(self, url: str, access: Access, *, name: str) -> Contact:
        if isinstance(self.contact_is, Exception):
            raise self.contact_is
        return self.contact_is

    def end_of_certificate(self, path: Path) -> datetime | None:
        if isinstance(self.own_certificate, Exception):
            raise self.own_certificate
        return self.own_certificate

    def versions(self) -> Mapping[str, str]:
        return {"Python": "3.11.2"}


_OWNERS: Mapping[str, Owner] = {
    "state": Owner(user="bwvdock", group="bwvdock", mode=0o700),
    "run": Owner(user="bwvdock", group="bwvdock-operators", mode=0o2750),
    "bwvdock.toml": Owner(user="root", group="root", mode=0o644, kind="file"),
}
