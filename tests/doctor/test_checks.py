"""Is each check green where all is well, and red once where one thing is broken?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.ports import ClockState
from bwvdock.doctor.findings import Check, Result
from bwvdock.edges.disk_encryption import DiskEncryption, Encrypted
from bwvdock.edges.inspection.accounts import Owner
from bwvdock.edges.inspection.smart import SmartReport
from bwvdock.edges.inspection.store_contact import Contact
from bwvdock.edges.inspection.udev_rules import RULES, PluggedCamera, RulesFile
from bwvdock.errors import (
    AccessDeniedError,
    ConfigError,
    DestinationUnavailableError,
    MounterUnavailableError,
    NotSeenError,
    SignerUnavailableError,
)
from bwvdock.status.alerts import Alert, AlertCode
from tests.doctor.docks import LIVE, OWN, SUMMARY, found_by, installation, of
from tests.fakes.machine import CAMERA, HUB, NOW, ROOT_HUB, SOCKET, FakeMachine, said, unit

OK, WARNING, ERROR, UNSEEN = Result.OK, Result.WARNING, Result.ERROR, Result.NOT_LOOKED_AT
_VAULT, _COUNTY = LIVE.destinations


@dataclass(frozen=True, kw_only=True)
class Broken:
    """One thing that is broken, which check says so, and with which result; `says` is in what it says."""

    name: str
    check: Check
    result: Result
    says: str
    machine: Mapping[str, Any] = field(default_factory=dict)
    dock: Mapping[str, Any] = field(default_factory=dict)


def _owner(name: str, mode: int) -> Owner:
    return Owner(user=name, group=name, mode=mode)


def _seen(check: Check, result: Result, says: str, **machine: Any) -> Broken:  # noqa: ANN401
    return Broken(name=f"{check}: {says}", check=check, result=result, says=says, machine=machine)


def _told(check: Check, result: Result, says: str, **dock: Any) -> Broken:  # noqa: ANN401
    return Broken(name=f"{check}: {says}", check=check, result=result, says=says, dock=dock)


def _county(**changes: Any) -> Mapping[str, Any]:  # noqa: ANN401
    return {"live": replace(LIVE, destinations=(_VAULT, replace(_COUNTY, **changes)))}


_DENIED = Alert.error(
    AlertCode.DESTINATION_DENIED, "Destination county rejected the dock's credentials.", "x"
)
_FREE_RUNNING = ClockState(source="", error_ms=-1, most_ms=-1)
_QUARANTINE = replace(SUMMARY, recalled={"CAM-17": 2})
BREAKS = (
    _told(Check.CONFIGURATION, ERROR, "no such key", trouble=ConfigError("no such key", remedy="fix it")),
    _told(Check.CONFIGURATION, UNSEEN, "may not", trouble=ConfigError("You may not."), readable=False),
    _told(Check.CONFIGURATION, WARNING, "upload changed", pending=("upload",)),
    _seen(Check.CONFIGURATION, WARNING, "mode 0666", owners={
        "bwvdock.toml": Owner(user="root", group="root", mode=0o666, kind="file")}),
    _told(Check.DAEMON, ERROR, "not running", live=None),
    _told(Check.DAEMON, WARNING, "paused", live=replace(LIVE, paused=True)),
    _seen(Check.UNITS, ERROR, "masked", units_are=[unit("bwvdock.service", load="masked")]),
    _seen(Check.UNITS, ERROR, "cannot load", units_are=[unit("bwvdock.service", load="not-found")]),
    _seen(Check.UNITS, ERROR, "failed", units_are=[unit("bwvdock-mounter.socket", active="failed")]),
    _seen(Check.UNITS, WARNING, "disabled", units_are=[unit("bwvdock-verify.timer", enabled="disabled")]),
    _seen(Check.UNITS, WARNING, "changed after", units_are=[unit("bwvdock.service", stale=True)]),
    _seen(Check.MOUNTER, ERROR, "refused", mounter=MounterUnavailableError("refused", remedy="start it")),
    _seen(Check.MOUNTER, UNSEEN, "only root", mounter=NotSeenError("only root", remedy="sudo")),
    _seen(Check.SIGNER, ERROR, "no key", signer=SignerUnavailableError("no key", remedy="start it")),
    _seen(Check.SERVICE_USER, ERROR, "bwvdock-signer", users=("bwvdock",)),
    _seen(Check.SERVICE_USER, ERROR, "no group", groups={"bwvdock-operators": ("ann",)}),
    _seen(Check.SERVICE_USER, ERROR, "eve", groups={"bwvdock": ("eve",), "bwvdock-operators": ("ann",)}),
    _seen(Check.STATE_DIRECTORY, ERROR, "does not exist", owners={"state": None}),
    _seen(Check.STATE_DIRECTORY, ERROR, "root", owners={"state": _owner("root", 0o700)}),
    _seen(Check.STATE_DIRECTORY, ERROR, "0755", owners={"state": _owner("bwvdock", 0o755)}),
    _seen(Check.STATE_DIRECTORY, ERROR, "link", owners={
        "state": Owner(user="bwvdock", group="bwvdock", mode=0o777, kind="other")}),
    _seen(Check.STATE_DIRECTORY, ERROR, "journal.sqlite3", strangers=("journal.sqlite3",)),
    _seen(Check.OPERATORS, WARNING, "no members", groups={"bwvdock": (), "bwvdock-operators": ()}),
    _seen(Check.OPERATORS, ERROR, "no group", groups={"bwvdock": ()}),
    _seen(Check.OPERATORS, ERROR, "2755", owners={
        "run": Owner(user="bwvdock", group="bwvdock-operators", mode=0o2755)}),
    _seen(Check.OPERATORS, ERROR, "bwvdock:bwvdock", owners={
        "run": Owner(user="bwvdock", group="bwvdock", mode=0o2750)}),
    _seen(Check.UDEV_RULES, ERROR, "not in /usr/lib", rules_are=[RulesFile(name=RULES[0], there=False)]),
    _seen(Check.UDEV_RULES, ERROR, "in place of", rules_are=[
        RulesFile(name=RULES[0], there=True, replaced_by=f"/etc/udev/rules.d/{RULES[0]}")]),
    _seen(Check.UDEV_RULES, WARNING, "was changed", rules_are=[
        RulesFile(name=RULES[0], there=True, changed=True)]),
    _seen(Check.UDEV_APPLIED, ERROR, "no database", plugged=None),
    _seen(Check.UDEV_APPLIED, UNSEEN, "plugged in", plugged=()),
    _seen(Check.UDEV_APPLIED, ERROR, "not marked", plugged=[replace(CAMERA, marked=False)]),
    _seen(Check.UDEV_APPLIED, ERROR, "group plugdev", plugged=[
        PluggedCamera(bay="1-4", transport="mtp", marked=True, ignored=False, node_group="plugdev")]),
    _seen(Check.USB_PORTS, ERROR, "no USB controller", ports_are=()),
    _seen(Check.USB_PORTS, WARNING, "12 Mbit/s", ports_are=[ROOT_HUB, HUB, replace(SOCKET, speed=12)]),
    _seen(Check.USB_PORTS, WARNING, "1-2-port3", ports_are=[
        ROOT_HUB, replace(HUB, over_current=(("1-2-port3", 4),)), SOCKET]),
    _seen(Check.USB_PORTS, WARNING, "no power supply", ports_are=[
        ROOT_HUB, replace(HUB, self_powered=False), SOCKET]),
    _seen(Check.KERNEL_USB, WARNING, "1-2.3", log=[said("usb 1-2.3: device descriptor read/64, error -71")]),
    _seen(Check.KERNEL_USB, ERROR, "HC died", log=[said("xhci_hcd 0000:00:04.0: HC died; cleaning up")]),
    _seen(Check.KERNEL_USB, UNSEEN, "may not", log=NotSeenError("may not", remedy="sudo")),
    _seen(Check.KERNEL_DISK, ERROR, "sda", log=[said("blk_update_request: I/O error, dev sda, sector 4711")]),
    _seen(Check.KERNEL_DISK, ERROR, "dm-0", log=[said("EXT4-fs error (device dm-0): ext4_find_entry:1463")]),
    _seen(Check.KERNEL_DISK, UNSEEN, "no disk", disks=()),
    _seen(Check.FILE_SYSTEM, ERROR, "/var/lib/bwvdock", file_system_is={"missing": "/var/lib/bwvdock"}),
    _seen(Check.FILE_SYSTEM, ERROR, "in memory", file_system_is={"kind": "tmpfs", "local": True}),
    _seen(Check.FILE_SYSTEM, ERROR, "read-only", file_system_is={"read_only": True}),
    _seen(Check.FILE_SYSTEM, ERROR, "3 errors", file_system_is={"errors": 3}),
    _seen(Check.FILE_SYSTEM, WARNING, "nfs4", file_system_is={"kind": "nfs4", "local": False}),
    _seen(Check.DISK_ROOM, ERROR, "full", file_system_is={"free": 0}),
    _seen(Check.DISK_ROOM, WARNING, "less than a twentieth", file_system_is={"free": 10 * 2**30}),
    _seen(Check.DISK_ROOM, WARNING, "inodes", file_system_is={"inodes_free": 12}),
    _seen(Check.DISK_HEALTH, ERROR, "failing", health=SmartReport(disk="sda", passed=False)),
    _seen(Check.DISK_HEALTH, ERROR, "critical", health=SmartReport(disk="sda", passed=True, critical=True)),
    _seen(Check.DISK_HEALTH, WARNING, "8 pending", health=SmartReport(
        disk="sda", passed=True, sectors={"pending sectors": 8})),
    _seen(Check.DISK_HEALTH, WARNING, "97 %", health=SmartReport(disk="sda", passed=True, worn=97)),
    _seen(Check.DISK_HEALTH, UNSEEN, "smartctl is not", health=NotSeenError("smartctl is not installed")),
    _seen(Check.DISK_HEALTH, UNSEEN, "no disk", disks=()),
    _seen(Check.DISK_ENCRYPTION, WARNING, "nothing encrypts sda", encrypted=DiskEncryption(
        Encrypted.NO, "nothing encrypts sda")),
    _seen(Check.DISK_ENCRYPTION, UNSEEN, "a share", encrypted=DiskEncryption(Encrypted.UNSEEN, "a share")),
    _seen(Check.CLOCK, WARNING, "none that is known", clock_is=_FREE_RUNNING),
    _seen(Check.CLOCK, WARNING, "4.0 s", clock_is=ClockState(source="chrony", error_ms=4000, most_ms=9000)),
    _seen(Check.CLOCK_HARDWARE, WARNING, "3,600 s behind", hardware=int(NOW.timestamp()) - 3600),
    _seen(Check.CLOCK_HARDWARE, UNSEEN, "no hardware clock", hardware=None),
    _seen(Check.CLOCK_HARDWARE, UNSEEN, "not synchronised", clock_is=_FREE_RUNNING),
    _seen(Check.DESTINATION_REACH, ERROR, "refused", contact_is=DestinationUnavailableError("refused")),
    _seen(Check.DESTINATION_REACH, ERROR, "no key", contact_is=AccessDeniedError("no key", remedy="renew")),
    _seen(Check.DESTINATION_REACH, WARNING, "status 502", contact_is=Contact(status=502)),
    _told(Check.DESTINATION_REACH, ERROR, "it is full", live=replace(LIVE, destinations=(
        replace(_VAULT, reachable=False, error="it is full"), _COUNTY))),
    _told(Check.DESTINATION_REACH, UNSEEN, "since its start", live=replace(LIVE, destinations=(
        replace(_VAULT, reachable=None), _COUNTY))),
    _told(Check.DESTINATION_REACH, ERROR, "not been made a vault", live=None),
    _seen(Check.DESTINATION_CERTIFICATE, ERROR, "ended", contact_is=Contact(
        status=401, valid_until=NOW - timedelta(days=1))),
    _seen(Check.DESTINATION_CERTIFICATE, WARNING, "in 9 days", contact_is=Contact(
        status=401, valid_until=NOW + timedelta(days=9, hours=1))),
    _seen(Check.DESTINATION_CERTIFICATE, UNSEEN, "until when", contact_is=Contact(status=401)),
    _seen(Check.DESTINATION_CLOCK, ERROR, "3,600 s ahead", contact_is=Contact(
        status=401, ahead_seconds=3600)),
    _seen(Check.DESTINATION_CLOCK, WARNING, "120 s behind", contact_is=Contact(
        status=401, ahead_seconds=-120)),
    _seen(Check.DESTINATION_CLOCK, UNSEEN, "Date", contact_is=Contact(status=401)),
    _told(Check.DESTINATION_CREDENTIALS, ERROR, "rejected", live=replace(LIVE, alerts=(_DENIED,))),
    _told(Check.DESTINATION_CREDENTIALS, UNSEEN, "not running", live=None),
    _told(Check.DESTINATION_CREDENTIALS, UNSEEN, "since its start", **_county(reachable=None)),
    _told(Check.DESTINATION_CREDENTIALS, UNSEEN, "no route", **_county(reachable=False, error="no route")),
    _told(Check.DESTINATION_TRIAL, ERROR, "cannot prove", **_county(method="", words="it accepts anything")),
    _told(Check.DESTINATION_TRIAL, UNSEEN, "not assessed", **_county(method=None)),
    _told(Check.DESTINATION_TRIAL, UNSEEN, "not running", live=None),
    _told(Check.JOURNAL, WARNING, "no entry", summary=None),
    _told(Check.JOURNAL, ERROR, "damaged", live=replace(LIVE, alerts=(
        Alert.error(AlertCode.JOURNAL_DAMAGED, "The journal is damaged.", "x"),))),
    _told(Check.VERIFICATION, ERROR, "have not been verified", summary=replace(
        SUMMARY, verified_at="2026-03-01T02:00:00.000Z")),
    _told(Check.VERIFICATION, WARNING, "no verification", summary=replace(SUMMARY, verified_at=None)),
    _told(Check.ALERTS, WARNING, "clips-recalled", summary=_QUARANTINE),
    _told(Check.ALERTS, ERROR, "gives errors", live=replace(LIVE, alerts=(
        Alert.error(AlertCode.DISK_FAILED, "The disk gives errors.", "x"),))),
    _told(Check.ALERTS, UNSEEN, "not running", live=None),
    _told(Check.VERSIONS, WARNING, "0.0.1", live=replace(LIVE, version="0.0.1")),
    _told(Check.KNOWN_FAULTS, WARNING, "loses", faults=("It loses the last clip.",)),
)  # fmt: skip


@pytest.mark.slow
def test_where_all_is_well_every_check_says_so(tmp_path: Path) -> None:
    found = found_by(installation(tmp_path, FakeMachine()))
    assert [finding for finding in found if finding.result is not OK] == []
    assert {finding.check for finding in found} == set(Check)


def test_every_check_is_red_at_least_once() -> None:
    assert {broken.check for broken in BREAKS if broken.result in {WARNING, ERROR}} == set(Check)


@pytest.mark.slow
@pytest.mark.few(12)
@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.name)
def test_what_is_broken_is_found_by_its_check(tmp_path: Path, broken: Broken) -> None:
    found = found_by(installation(tmp_path, FakeMachine(**broken.machine), **broken.dock))
    [hit, *_] = [f for f in of(found, broken.check) if f.result is broken.result and broken.says in f.seen]
    assert hit.remedy
    assert hit.means


def test_one_broken_thing_makes_few_checks_red(tmp_path: Path) -> None:
    machine = FakeMachine(mounter=MounterUnavailableError("refused", remedy="start it"))
    found = found_by(installation(tmp_path, machine))
    assert [finding.check for finding in found if finding.result is not OK] == [Check.MOUNTER]


def test_errors_of_other_disks_are_nobodys_here(tmp_path: Path) -> None:
    lines = [said("I/O error, dev sdb, sector 1"), said("I/O error, dev sdaa, sector 1")]
    [found] = of(found_by(installation(tmp_path, FakeMachine(log=lines))), Check.KERNEL_DISK)
    assert found.result is OK


def test_errors_of_yesterday_are_not_counted(tmp_path: Path) -> None:
    old = said("usb 1-2: device descriptor read/64, error -71", ago=timedelta(days=2))
    [found] = of(found_by(installation(tmp_path, FakeMachine(log=[old]))), Check.KERNEL_USB)
    assert found.result is OK


@pytest.mark.slow
@pytest.mark.parametrize(
    "text,bay",
    [
        ("usb 1-2.3: device not accepting address 7, error -71", "1-2.3"),
        ("usb 1-2-port3: unable to enumerate USB device", "1-2.3"),
        ("usb usb1-port4: over-current change #2", "1-4"),
        ("usb usb2-port1: Cannot enable. Maybe the USB cable is bad?", "2-1"),
        ("hub 1-2:1.0: hub_ext_port_status failed (err = -71); error -71", "1-2"),
        ("usb 3-1: reset high-speed USB device number 5 using xhci_hcd", "3-1"),
    ],
)
def test_the_socket_is_named_that_an_error_is_about(tmp_path: Path, text: str, bay: str) -> None:
    [found] = of(found_by(installation(tmp_path, FakeMachine(log=[said(text)]))), Check.KERNEL_USB)
    assert found.subject == bay


def test_a_camera_on_a_hub_without_supply_that_needs_little_is_fine(tmp_path: Path) -> None:
    frugal = [ROOT_HUB, replace(HUB, self_powered=False), replace(SOCKET, most_ma=100)]
    [found] = of(found_by(installation(tmp_path, FakeMachine(ports_are=frugal))), Check.USB_PORTS)
    assert found.result is OK


@pytest.mark.slow
@pytest.mark.parametrize(
    "until,result,says",
    [
        (NOW + timedelta(days=90), OK, "is valid until"),
        (NOW + timedelta(days=3, hours=1), WARNING, "in 3 days"),
        (NOW - timedelta(days=1), ERROR, "ended"),
        (None, UNSEEN, "until when"),
        (NotSeenError("may not be read"), UNSEEN, "may not be read"),
    ],
)
def test_the_certificate_that_the_dock_shows_has_an_end_too(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    until: datetime | Exception | None,
    result: Result,
    says: str,
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    dock = installation(tmp_path, FakeMachine(own_certificate=until), more=OWN)
    store_s, own = of(found_by(dock), Check.DESTINATION_CERTIFICATE)
    assert store_s.result is OK
    assert (own.result, "the dock's own certificate" in own.seen, says in own.seen) == (result, True, True)


def test_a_certificate_that_debian_13_will_refuse_is_a_warning_beside_its_end(tmp_path: Path) -> None:
    shown = Contact(status=401, valid_until=NOW + timedelta(days=90), refused_later="CA cert: key usage")
    dock = installation(tmp_path, FakeMachine(contact_is=shown))
    until, later = of(found_by(dock), Check.DESTINATION_CERTIFICATE)
    assert (until.result, later.result) == (OK, WARNING)
    assert "CA cert: key usage" in later.seen
    assert "keyCertSign" in later.remedy


def test_a_certificate_that_only_the_service_sees_was_not_looked_at(tmp_path: Path) -> None:
    _, own = of(found_by(installation(tmp_path, FakeMachine(), more=OWN)), Check.DESTINATION_CERTIFICATE)
    assert (own.result, "only the service" in own.seen) == (UNSEEN, True)


def test_without_a_configuration_the_machine_is_looked_at_all_the_same(tmp_path: Path) -> None:
    dock = installation(tmp_path, FakeMachine(), config=None, trouble=ConfigError("gone"))
    found = found_by(dock)
    assert {finding.check for finding in found} == set(Check)
    [wrong] = of(found, Check.CONFIGURATION)
    assert wrong.result is ERROR
    assert of(found, Check.UDEV_RULES)[0].result is OK
    assert of(found, Check.JOURNAL)[0].result is UNSEEN
