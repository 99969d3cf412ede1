"""Which alerts are about the dock's own disks and the spool?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from bwvdock.core.visible_text import quoted
from bwvdock.edges.disk_encryption import DiskEncryption, Encrypted
from bwvdock.errors import BwvdockError, DurabilityError, SpoolFullError, StorageError
from bwvdock.status.alerts import Alert, AlertCode
from bwvdock.status.alerts.destinations import cause_of
from bwvdock.status.values import LiveDestination, StatusReport
from bwvdock.units import format_count, format_size

_FREE = "bwvdock dispose --proven --dry-run shows which proven copies can go; then: bwvdock dispose --proven"
_LARGER = "make its disk larger, or lower min_free under [spool]"
_NOT_NEEDED = (
    'write disk_encryption = "not-needed" under [dock], or under the [[destination]]; then: '
    "systemctl restart bwvdock"
)


def spool_full(free_bytes: int | None) -> Iterator[Alert]:
    """Return an alert if the spool has no room at all."""
    if free_bytes is not None and free_bytes <= 0:
        yield Alert.error(
            AlertCode.SPOOL_FULL,
            "The spool is full; footage stays on the cameras until there is room.",
            "bwvdock status says what the spool waits for and what makes room",
        )


def spool_full_for_a_clip(trouble: BwvdockError, free_bytes: int | BwvdockError) -> Iterator[Alert]:
    """Return an alert if a copy failed because the spool has some room, but not enough for its clip."""
    full = isinstance(free_bytes, int) and free_bytes <= 0
    if isinstance(trouble, SpoolFullError) and not full:
        yield Alert.error(AlertCode.SPOOL_FULL, trouble.message, trouble.remedy)


def spool_not_measured(free_bytes: int | BwvdockError) -> Iterator[Alert]:
    """Return an alert if the spool's disk does not say how much is on it, which is how a dying one begins."""
    if isinstance(free_bytes, BwvdockError):
        yield Alert.error(
            AlertCode.DISK_FAILED,
            f"How full the spool is cannot be found out: {free_bytes.message}",
            free_bytes.remedy,
        )


def disk_failed(trouble: BwvdockError) -> Iterator[Alert]:
    """Return an alert if a copy failed because of the dock's own disk."""
    if isinstance(trouble, DurabilityError) or (isinstance(trouble, StorageError) and not trouble.retryable):
        yield Alert.error(AlertCode.DISK_FAILED, trouble.message, trouble.remedy)


def erase_one_disk(*, erase: bool, one_disk: bool) -> Iterator[Alert]:
    """Return an alert if cameras are to be erased and a clip would then have one physical copy."""
    if erase and one_disk:
        yield Alert.error(
            AlertCode.ERASE_ONE_DISK,
            "No camera is erased: the spool and every required destination are on one disk, so a clip "
            "would have one physical copy.",
            "Add a required destination on another disk or machine; or, to accept the risk, write "
            'single_disk = "accepted" under [release]; then: systemctl restart bwvdock',
        )


def one_keeper(sole_keeper: str, *, erase: bool, one_disk: bool) -> Iterator[Alert]:
    """Return an alert if one disk or one store has all footage, unless erase-one-disk says so.

    `sole_keeper` says which, and is empty if there are more.
    """
    if sole_keeper and not (erase and one_disk):
        yield Alert.warning(
            AlertCode.ONE_KEEPER,
            f"One failure could lose footage: {sole_keeper}.",
            "Add a required destination on another disk or machine; then: systemctl restart bwvdock",
        )


def disk_not_encrypted(seen: Mapping[str, DiskEncryption]) -> Iterator[Alert]:
    """Return an alert if something is on a disk that nothing encrypts.

    `seen` has what is to be encrypted, in words, and what was seen of its disks.
    """
    if plain := _with_state(seen, Encrypted.NO):
        yield Alert.warning(
            AlertCode.DISK_NOT_ENCRYPTED,
            f"Anyone who takes a disk of this dock may be able to read it: {plain}.",
            f"Encrypt it (docs/how-to/encrypt-the-disk.md); or, if it is protected otherwise, {_NOT_NEEDED}",
        )


def disk_encryption_unseen(seen: Mapping[str, DiskEncryption]) -> Iterator[Alert]:
    """Return an alert if it cannot be seen whether something is on an encrypted disk; `seen` as above."""
    if unseen := _with_state(seen, Encrypted.UNSEEN):
        yield Alert.warning(
            AlertCode.DISK_ENCRYPTION_UNSEEN,
            f"Whether a disk of this dock is encrypted cannot be seen: {unseen}.",
            f"Find out whether it is; if it is, or is protected otherwise, {_NOT_NEEDED}",
        )


def _with_state(seen: Mapping[str, DiskEncryption], state: Encrypted) -> str:
    """Return in words why the disks are in a state, and what is on them; "" if none is."""
    stored: dict[str, list[str]] = {}
    for what, disk in seen.items():
        if disk.state is state:
            stored.setdefault(disk.why, []).append(what)
    return "; ".join(f"{why} ({', '.join(places)})" for why, places in stored.items())


# --- why the spool is full ------------------------------------------------------------------------


def explain_full_spool(
    status: StatusReport, *, required: Collection[str], beside: Callable[[], Collection[str]], place: str
) -> StatusReport:
    """Return a report whose alerts of a full spool say the reason and what makes room.

    Args:
        status: the report.
        required: the names of the required destinations.
        beside: returns the vaults on the spool's file system, whose copies share its files. It looks at
            their folders, so it is called only if the spool is full: a share may hang.
        place: the spool's folder.
    """
    if not any(map(_is_full, status.alerts)):
        return status
    waiting = [store for store in status.destinations if store.name in required and store.reachable is False]
    if status.spool.bytes == 0:
        reason = _filled_by_others(beside())
        remedy = f"See what fills that disk (df -h {quoted(place)}), and move it elsewhere; or {_LARGER}"
    else:
        reason, remedy = _reason(status, waiting, required), _remedy(waiting, beside())
    return replace(
        status,
        alerts=tuple(
            replace(alert, message=f"{alert.message} {reason}", remedy=remedy) if _is_full(alert) else alert
            for alert in status.alerts
        ),
    )


def _is_full(alert: Alert) -> bool:
    return alert.code is AlertCode.SPOOL_FULL


def _reason(status: StatusReport, waiting: Collection[LiveDestination], required: Collection[str]) -> str:
    queue = status.queue
    if not queue.clips:
        return "No clip is waiting: every required destination has a proven copy of what the spool holds."
    for_whom = "; ".join(map(_why, waiting)) or f"for {', '.join(sorted(required))}"
    waits = "waits" if queue.clips == 1 else "wait"
    return f"{format_count(queue.clips, 'clip')} ({format_size(queue.bytes)}) {waits} {for_whom}."


def _filled_by_others(beside: Collection[str]) -> str:
    vaults = f", and so does what is stored in {', '.join(sorted(beside))}" if beside else ""
    return f"No footage is in the spool: other files fill its disk{vaults}."


def _remedy(waiting: Collection[LiveDestination], beside: Collection[str]) -> str:
    room = f"{_FREE}; or {_LARGER}"
    if beside:
        room = (
            f"bwvdock dispose --proven gains no room for what {', '.join(sorted(beside))} has, because it is "
            f"on the spool's file system and shares its files: {_LARGER}"
        )
    return "; ".join([*(store.remedy for store in waiting if store.remedy), room])


def _why(store: LiveDestination) -> str:
    return f"for {store.name}, which does not accept uploads ({cause_of(store)})"
