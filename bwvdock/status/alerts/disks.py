"""Which alerts are about the dock's own disks and the spool?"""

from __future__ import annotations

from collections.abc import Iterator

from bwvdock.errors import BwvdockError, DurabilityError, SpoolFullError, StorageError
from bwvdock.status.alerts import Alert, AlertCode


def spool_full(free_bytes: int | None) -> Iterator[Alert]:
    """Return an alert if the spool has no room at all."""
    if free_bytes is not None and free_bytes <= 0:
        yield Alert.error(
            AlertCode.SPOOL_FULL,
            "The spool is full; footage stays on the cameras until there is room.",
            "bwvdock status shows what the queue waits for; or free space on the disk",
        )


def spool_full_for_a_clip(trouble: BwvdockError, free_bytes: int) -> Iterator[Alert]:
    """Return an alert if a copy failed because the spool has some room, but not enough for its clip."""
    if isinstance(trouble, SpoolFullError) and free_bytes > 0:
        yield Alert.error(AlertCode.SPOOL_FULL, trouble.message, trouble.remedy)


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
