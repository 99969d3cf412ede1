"""Are the disks sound that hold journal and footage, is there room on them, and are they encrypted?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bwvdock.core.visible_text import quoted
from bwvdock.doctor.findings import Check, Finding, error, of_alerts, ok, unseen, warning
from bwvdock.edges.disk_encryption import DiskEncryption, Encrypted
from bwvdock.edges.inspection.file_systems import FileSystem
from bwvdock.edges.inspection.smart import SmartReport
from bwvdock.status.alerts.disks import disk_encryption_unseen, disk_not_encrypted
from bwvdock.units import format_count, format_size

_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_FEW_INODES = 10_000  # each clip takes a few: a night of forty cameras takes some thousands
_WORN = 90  # per cent
_BACK_UP = "see that every clip is in its store (bwvdock status)"
_EXCHANGE = f"Exchange the disk soon: {_BACK_UP}, then stop the dock and clone it"


def check_file_system(found: FileSystem, *, holds: str) -> Iterator[Finding]:
    """Return whether a file system keeps what is written to it.

    Args:
        found: what was seen of it.
        holds: what is on it: "the dock's state" or "vault nas".
    """
    place = quoted(str(found.path))
    about = f"{found.path} is on {found.kind or 'an unknown file system'}"
    if found.missing:
        yield error(
            Check.FILE_SYSTEM,
            f"/etc/fstab mounts a disk at {found.missing}, and none is mounted",
            f"What is written to {found.path} would go to another disk.",
            f"sudo mount {quoted(found.missing)}; then: sudo systemctl restart bwvdock",
            subject=holds,
        )
    elif found.kind in _IN_MEMORY:
        yield error(
            Check.FILE_SYSTEM,
            f"{about}, which is in memory",
            "All of it is lost when the machine is switched off.",
            f"Mount a disk there: findmnt -T {place}",
            subject=holds,
        )
    elif found.read_only:
        yield error(
            Check.FILE_SYSTEM,
            f"{about}, which is mounted read-only",
            "Nothing can be recorded or copied. The kernel does that when a disk gives errors.",
            f"journalctl -k -p err; findmnt -T {place}; check the disk before you mount it again",
            subject=holds,
        )
    elif found.errors:
        yield error(
            Check.FILE_SYSTEM,
            f"{about}, and the kernel counted {format_count(found.errors, 'error')} on it",
            "What is on it may be damaged: footage is compared with its hashes, other files are not.",
            f"journalctl -k -p err; {_BACK_UP}; then check the file system while it is not mounted (fsck)",
            subject=holds,
        )
    else:
        counted = "; the kernel counted no error on it" if found.errors == 0 else ""
        yield ok(Check.FILE_SYSTEM, f"{about}, mounted at {found.point}{counted}", subject=holds)


def check_local(found: FileSystem) -> Iterator[Finding]:
    """Return a warning if the state is on a file system that another machine, or a program, serves."""
    if not found.local and found.kind not in {"", *_IN_MEMORY}:
        yield warning(
            Check.FILE_SYSTEM,
            f"{found.path} is on {found.kind}, which this kernel does not serve itself",
            "The journal needs a local disk: whether a share keeps what it acknowledged is not known.",
            "Move the state directory to a local disk (ext4, XFS), and keep the share as a destination",
            subject="the dock's state",
        )


def check_room(found: FileSystem, *, min_free: int, holds: str) -> Iterator[Finding]:
    """Return whether there is room for footage.

    Args:
        found: what was seen of the file system.
        min_free: bytes of it that the dock keeps free; 0 for a vault.
        holds: what is on it.
    """
    left = found.free - min_free
    room = f"{format_size(max(0, left))} of {format_size(found.size)} can be used"
    kept = f" ({format_size(min_free)} stay free)" if min_free else ""
    if left <= 0:
        yield error(
            Check.DISK_ROOM,
            f"{found.path} is full: {format_size(found.free)} are free{kept}",
            "Footage stays on the cameras until there is room.",
            "bwvdock status says what waits; bwvdock dispose --proven --dry-run shows what can go",
            subject=holds,
        )
    elif found.inodes and found.inodes_free < _FEW_INODES:
        few = format_count(found.inodes_free, "more file")
        yield warning(
            Check.DISK_ROOM,
            f"{found.path} has room for {few} (inodes)",
            "No footage is taken when they are used up, whatever the bytes that are free.",
            f"df -i {quoted(str(found.path))}; make room, or make the file system anew with more inodes",
            subject=holds,
        )
    elif left < found.size // 20:
        yield warning(
            Check.DISK_ROOM,
            f"{room}{kept}: less than a twentieth",
            "One shift may fill it. Footage then stays on the cameras.",
            "bwvdock status; bwvdock dispose --proven --dry-run shows what can go; or use a larger disk",
            subject=holds,
        )
    else:
        yield ok(Check.DISK_ROOM, f"{room}{kept}", subject=holds)


def check_health(found: SmartReport) -> Iterator[Finding]:
    """Return whether a disk reports that it is failing."""
    sectors = ", ".join(f"{count:,} {name}" for name, count in found.sectors.items())
    if not found.passed or found.critical:
        what = "reports that it is failing" if not found.passed else "gives a critical warning"
        more = f" ({sectors})" if sectors else ""
        yield error(
            Check.DISK_HEALTH,
            f"{found.disk} {what} (SMART){more}",
            "It may stop at any moment, and take with it what no store has yet.",
            f"{_EXCHANGE}: sudo smartctl -x /dev/{found.disk}",
            subject=found.disk,
        )
    elif sectors:
        yield warning(
            Check.DISK_HEALTH,
            f"{found.disk} counted {sectors} (SMART)",
            "Sectors of it cannot be read, or were replaced: a disk that begins to fail does that.",
            f"{_EXCHANGE}: sudo smartctl -x /dev/{found.disk}",
            subject=found.disk,
        )
    elif found.worn is not None and found.worn >= _WORN:
        yield warning(
            Check.DISK_HEALTH,
            f"{found.disk} has used {found.worn} % of its life (SMART)",
            "The vendor does not vouch for it much longer.",
            f"{_EXCHANGE}: sudo smartctl -x /dev/{found.disk}",
            subject=found.disk,
        )
    else:
        worn = f"; {found.worn} % of its life is used" if found.worn is not None else ""
        yield ok(Check.DISK_HEALTH, f"{found.disk} reports no problem (SMART){worn}", subject=found.disk)


def check_encryption(
    expected: Mapping[str, DiskEncryption], others: Mapping[str, DiskEncryption]
) -> Iterator[Finding]:
    """Return whether journal and footage are on encrypted disks.

    Args:
        expected: what was seen of the disks that the configuration wants encrypted, by what is on them.
        others: of those that it does not.
    """
    seen = "; ".join(f"{what}: {disk.why}" for what, disk in (*expected.items(), *others.items()))
    if any(disk.state is Encrypted.NO for disk in expected.values()):
        yield from of_alerts(Check.DISK_ENCRYPTION, disk_not_encrypted(expected), well="")
    for alert in disk_encryption_unseen(expected):
        yield unseen(Check.DISK_ENCRYPTION, alert.message, alert.remedy)
    if all(disk.state is Encrypted.YES for disk in expected.values()):
        wanted = "" if expected else "not needed, says the configuration; "
        yield ok(Check.DISK_ENCRYPTION, f"{wanted}{seen}")
