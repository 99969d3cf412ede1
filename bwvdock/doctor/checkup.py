"""Which checks are there for one dock, and what does each of them look at?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bwvdock.config.disks import places_to_encrypt
from bwvdock.config.settings import Config
from bwvdock.config.store_checks import ANSWER_SECONDS, answers
from bwvdock.config.stores import DirectoryStore, S3Store, Store, TusStore
from bwvdock.config.warnings import SERVICE
from bwvdock.core.visible_text import quoted
from bwvdock.doctor import (
    clock,
    configuration,
    destinations,
    disks,
    journal,
    kernel_log,
    ports,
    rights,
    rules,
    services,
    versions,
)
from bwvdock.doctor.findings import Check, Finding, unseen
from bwvdock.doctor.machine import HELPER_SECONDS, Machine
from bwvdock.doctor.probing import Probe, Turn
from bwvdock.edges.credentials import credentials_folder
from bwvdock.edges.destinations.vault import Vault
from bwvdock.edges.rights import as_owner_of, may_enter
from bwvdock.errors import ConfigError, NotSeenError
from bwvdock.service.destinations import vault_rules
from bwvdock.status.values import StatusReport

if TYPE_CHECKING:  # which loads TLS: 4 MB, for stores on the network alone
    from bwvdock.edges.destinations.access import Access

_STATE = "the dock's state"
SLOW = frozenset(
    {
        Check.DISK_HEALTH,
        Check.KERNEL_USB,
        Check.KERNEL_DISK,
        Check.DESTINATION_CERTIFICATE,
    }
)
"""The probes of these contact stores, wake disks or read long logs: left out for who is in a hurry."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    """The dock that is checked.

    `config` is what its daemon uses, or what the file says; None where neither can be read: `trouble` says
    why. `readable` is whether this user may read the file at all. `pending` are the tables of the file that
    wait for a restart. `status` returns what `bwvdock status` reports. `faults` are those known of this
    version, by the list of the day `reviewed`.
    """

    machine: Machine
    config: Config | None
    status: Callable[[], StatusReport]
    trouble: ConfigError | None = None
    readable: bool = True
    pending: Sequence[str] = ()
    faults: Sequence[str] = ()
    reviewed: str = ""


@dataclass(slots=True)
class _Seen:
    """What the first probes found, for those that come later."""

    status: StatusReport | None = None

    def require(self) -> StatusReport:
        """Return what `bwvdock status` reports.

        Raises:
            NotSeenError: that could not be found out.
        """
        if self.status is None:
            raise NotSeenError("what the daemon does could not be found out", remedy="bwvdock status")
        return self.status


def probes_of(dock: Installation) -> list[Probe]:
    """Return every check of a dock, in the order in which they are reported."""
    seen = _Seen()
    return [
        *_of_configuration(dock),
        *_of_daemon(dock, seen),
        *_of_services(dock),
        *_of_rights(dock),
        *_of_usb(dock),
        *_of_disks(dock),
        *_of_clock(dock),
        *_of_stores(dock, seen),
        *_of_versions(dock, seen),
    ]


def owner_of(dock: Installation) -> Callable[[], AbstractContextManager[None]]:
    """Return what takes the rights of the owner of the dock's folders."""
    if dock.config is None or not dock.config.state_dir.is_dir():
        return nullcontext
    return partial(as_owner_of, dock.config.state_dir)


def _without_configuration(dock: Installation, *checks: Check) -> Probe:
    remedy = (dock.trouble and dock.trouble.remedy) or "bwvdock config check"
    said = [unseen(check, "the configuration cannot be used", remedy) for check in checks]
    return Probe(checks=checks, look=lambda: said)


def _of_configuration(dock: Installation) -> Iterator[Probe]:
    config, trouble = dock.config, dock.trouble

    def look() -> Iterable[Finding]:
        if trouble is not None and not dock.readable:
            why, remedy = trouble.message.rstrip("."), trouble.remedy or "sudo bwvdock doctor"
            yield unseen(Check.CONFIGURATION, why, remedy)
        elif trouble is not None:
            yield configuration.unreadable(trouble)
        elif config is not None:
            yield from configuration.check_configuration(config, dock.pending)
            yield from rights.check_file(dock.machine.owner_of(config.file), config.file)

    yield Probe(checks=(Check.CONFIGURATION,), look=look, turn=Turn.ALONE, seconds=30.0)


def _of_daemon(dock: Installation, seen: _Seen) -> Iterator[Probe]:
    checks = (Check.DAEMON, Check.JOURNAL, Check.VERIFICATION, Check.ALERTS)
    config = dock.config
    if config is None:
        yield _without_configuration(dock, *checks)
        return

    def look() -> Iterable[Finding]:
        seen.status = status = dock.status()
        may_look = may_enter(config.state_dir)
        yield from services.check_daemon(status)
        yield from journal.check_journal(status, may_look=may_look)
        yield from journal.check_verification(status, dock.machine.now(), may_look=may_look)
        yield from journal.check_alerts(status)

    yield Probe(checks=checks, look=look, turn=Turn.ALONE, seconds=30.0)


def _of_services(dock: Installation) -> Iterator[Probe]:
    machine, helper = dock.machine, partial(Probe, seconds=HELPER_SECONDS)
    yield Probe(checks=(Check.UNITS,), look=lambda: services.check_units(machine.units(services.UNITS)))
    yield helper(checks=(Check.MOUNTER,), look=lambda: services.check_mounter(machine.ask_mounter))
    if dock.config is not None and dock.config.custody.signing_key_file:
        own = unseen(
            Check.SIGNER,
            "the configuration names a key (signing_key_file), so the daemon signs by itself",
            "bwvdock status",
        )
        yield Probe(checks=(Check.SIGNER,), look=lambda: [own])
    else:
        yield helper(checks=(Check.SIGNER,), look=lambda: services.check_signer(machine.ask_signer))


def _of_rights(dock: Installation) -> Iterator[Probe]:
    machine, config = dock.machine, dock.config

    def users() -> Iterable[Finding]:
        there = {name: machine.user_exists(name) for name in (SERVICE, rights.SIGNER)}
        return rights.check_service_user(there, machine.members_of(SERVICE))

    yield Probe(checks=(Check.SERVICE_USER,), look=users)
    if config is None:  # which folders are the dock's is not known
        yield _without_configuration(dock, Check.OPERATORS, Check.STATE_DIRECTORY)
        return
    state, run_dir, members = config.state_dir, config.run_dir, machine.members_of

    def contents() -> Iterable[Finding]:
        owner = machine.owner_of(state)
        yield from rights.check_state_directory(owner, state)
        if owner is None or owner.kind != "folder":
            return
        if may_enter(state):
            yield from rights.check_contents(machine.strangers_in(state, owner=owner.user), state)
        else:
            yield rights.not_listed(state)

    yield Probe(
        checks=(Check.OPERATORS,),
        look=lambda: rights.check_operators(members(rights.OPERATORS), machine.owner_of(run_dir), run_dir),
    )
    yield Probe(checks=(Check.STATE_DIRECTORY,), look=contents, turn=Turn.AS_OWNER)


def _of_usb(dock: Installation) -> Iterator[Probe]:
    machine, config = dock.machine, dock.config

    def log() -> Iterable[Finding]:
        lines = machine.kernel_log()
        yield from kernel_log.check_usb(lines, machine.now())
        own = {device for _, path in _places(config) for device in machine.devices_under(path)}
        yield from kernel_log.check_disks(lines, own)
        if not own:
            yield _no_disk(Check.KERNEL_DISK)

    yield Probe(checks=(Check.UDEV_RULES,), look=lambda: rules.check_rules(machine.rules()))
    yield Probe(checks=(Check.UDEV_APPLIED,), look=lambda: rules.check_applied(machine.cameras()))
    yield Probe(
        checks=(Check.USB_PORTS,), look=lambda: ports.check_ports(machine.ports(), machine.cameras() or ())
    )
    yield Probe(checks=(Check.KERNEL_USB, Check.KERNEL_DISK), look=log, seconds=30.0)


def _places(config: Config | None) -> list[tuple[str, Path]]:
    """Return what holds journal and footage on disks of this machine, by name."""
    if config is None:
        return []
    return [(_STATE, config.state_dir), *((f"vault {vault.name}", vault.path) for vault in config.vaults)]


def _of_disks(dock: Installation) -> Iterator[Probe]:
    machine, config = dock.machine, dock.config
    if config is None:
        yield _without_configuration(
            dock, Check.FILE_SYSTEM, Check.DISK_ROOM, Check.DISK_ENCRYPTION, Check.DISK_HEALTH
        )
        return
    for holds, path in _places(config):
        least = config.min_free if holds == _STATE else 0
        look = partial(_look_at_file_system, machine, path, holds, least)
        yield Probe(checks=(Check.FILE_SYSTEM, Check.DISK_ROOM), look=look, subject=holds, turn=Turn.AS_OWNER)
    paths = [path for _, path in _places(config)]
    yield Probe(
        checks=(Check.DISK_ENCRYPTION,), look=lambda: _look_at_encryption(machine, config), turn=Turn.AS_OWNER
    )
    yield Probe(checks=(Check.DISK_HEALTH,), look=partial(_look_at_health, machine, paths), seconds=60.0)


def _look_at_file_system(machine: Machine, path: Path, holds: str, least: int) -> Iterator[Finding]:
    if not answers(path):
        raise NotSeenError(
            f"{path} does not answer within {ANSWER_SECONDS} s",
            remedy=f"See that its server answers: findmnt -T {quoted(str(path))}",
        )
    found = machine.file_system(path)
    yield from disks.check_file_system(found, holds=holds)
    if holds == _STATE:
        yield from disks.check_local(found)
    yield from disks.check_room(found, min_free=least, holds=holds)


def _look_at_encryption(machine: Machine, config: Config) -> Iterator[Finding]:
    wanted = places_to_encrypt(config)
    expected = {what: machine.encryption(path) for what, path in wanted.items()}
    left = [(what, path) for what, path in _places(config) if path not in wanted.values()]
    return disks.check_encryption(expected, {what: machine.encryption(path) for what, path in left})


def _look_at_health(machine: Machine, paths: Sequence[Path]) -> Iterator[Finding]:
    names = sorted({disk for path in paths for disk in machine.disks_under(path)})
    for disk in names:
        try:
            yield from disks.check_health(machine.smart(disk))
        except NotSeenError as why:
            yield unseen(Check.DISK_HEALTH, why.message.rstrip("."), why.remedy, subject=disk)
    if not names:
        yield _no_disk(Check.DISK_HEALTH)


def _no_disk(check: Check) -> Finding:
    return unseen(
        check,
        "no disk of this machine is seen below the state directory or a vault",
        "lsblk; findmnt -T /var/lib/bwvdock",
    )


def _of_clock(dock: Installation) -> Iterator[Probe]:
    machine = dock.machine

    def look() -> Iterable[Finding]:
        state = machine.clock()
        yield from clock.check_clock(state)
        shows, now = machine.hardware_clock(), machine.now()
        yield from clock.check_hardware_clock(shows, now, synchronised=state.synchronised)

    yield Probe(checks=(Check.CLOCK, Check.CLOCK_HARDWARE), look=look)


def _of_stores(dock: Installation, seen: _Seen) -> Iterator[Probe]:
    if dock.config is None:
        yield _without_configuration(dock, *(check for check in Check if check.startswith("destination-")))
        return
    for store in dock.config.destinations:
        if isinstance(store, DirectoryStore):
            yield _of_vault(dock.config, store, seen)
        else:
            yield from _of_network(dock.machine, store, seen)
        yield Probe(
            checks=(Check.DESTINATION_TRIAL,),
            look=partial(_look_at_trial, store, seen),
            subject=store.name,
        )


def _of_vault(config: Config, store: DirectoryStore, seen: _Seen) -> Probe:
    def probe() -> None:
        if not may_enter(config.state_dir):
            raise NotSeenError(
                "the daemon is not running, and only root and the service know this dock's vaults",
                remedy="sudo bwvdock doctor",
            )
        made = vault_rules(config, store, stored=True)
        Vault(store.path, name=store.name, marks=config.vault_marks, rules=made).probe()

    return Probe(
        checks=(Check.DESTINATION_REACH,),
        look=lambda: destinations.check_vault(store, destinations.live_of(store, seen.require()), probe),
        subject=store.name,
        turn=Turn.AS_OWNER,
    )


def _of_network(machine: Machine, store: TusStore | S3Store, seen: _Seen) -> Iterator[Probe]:
    def reach() -> Iterable[Finding]:
        url, access = destinations.url_of(store), _access(store)
        yield from destinations.check_network_store(
            store, machine.now(), lambda: machine.contact(url, access, name=store.name)
        )
        yield from _look_at_own_certificate(machine, store)

    def credentials() -> Iterable[Finding]:
        status = seen.require()
        return destinations.check_credentials(store, destinations.live_of(store, status), status)

    yield Probe(checks=destinations.NETWORK, look=reach, subject=store.name, seconds=25.0, turn=Turn.AS_OWNER)
    yield Probe(checks=(Check.DESTINATION_CREDENTIALS,), look=credentials, subject=store.name)


def _look_at_own_certificate(machine: Machine, store: TusStore | S3Store) -> Iterator[Finding]:
    place, folder = store.tls.client_cert, credentials_folder()
    if not place:
        return
    try:
        until = machine.end_of_certificate(_file_of(place, folder))
    except NotSeenError as why:
        said = f"the dock's own certificate: {why.message}"
        yield unseen(Check.DESTINATION_CERTIFICATE, said, why.remedy, subject=store.name)
    else:
        yield destinations.check_own_certificate(store, until, machine.now())


def _file_of(place: str, folder: Path | None) -> Path:
    if "/" not in place and folder is None:
        raise NotSeenError(f"only the service sees the systemd credential {place}", remedy="bwvdock status")
    return Path(place) if folder is None else folder / place  # a whole path stays as it is


def _access(store: TusStore | S3Store) -> Access:
    """Return whom we trust, who we are and the way there, without the store's secrets.

    Only the service sees systemd's credentials.
    """
    from bwvdock.edges.destinations.access import Access  # noqa: PLC0415 - as above

    folder, tls = credentials_folder(), store.tls

    def usable(place: str) -> str:
        return place if "/" in place or folder is not None else ""

    own = usable(tls.client_cert) and usable(tls.client_key)
    return Access(
        ca_file=usable(tls.ca_file),
        client_cert=tls.client_cert if own else "",
        client_key=tls.client_key if own else "",
        proxy=store.proxy.url,
        proxy_credentials_file=usable(store.proxy.credentials_file),
        credentials=folder,
    )


def _look_at_trial(store: Store, seen: _Seen) -> Iterable[Finding]:
    return destinations.check_trial(store, destinations.live_of(store, seen.require()))


def _of_versions(dock: Installation, seen: _Seen) -> Iterator[Probe]:
    def look() -> Iterable[Finding]:
        running = seen.status.dock.running_version if seen.status else ""
        return versions.check_versions(dock.machine.versions(), daemon=running)

    yield Probe(checks=(Check.VERSIONS,), look=look)
    yield Probe(
        checks=(Check.KNOWN_FAULTS,), look=lambda: versions.check_known_faults(dock.faults, dock.reviewed)
    )
