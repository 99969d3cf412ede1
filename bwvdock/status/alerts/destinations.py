"""Which alerts are about evidence stores, and about what waits for them?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from bwvdock.core.custody.summary import Undescribed
from bwvdock.errors import AccessDeniedError, BwvdockError
from bwvdock.status.alerts import Alert, AlertCode
from bwvdock.status.values import LiveDestination
from bwvdock.units import format_age, format_count

_QUEUE_IS_OLD = timedelta(hours=12)  # longer than a shift: yesterday's footage is not safe yet


def destination_unreachable(store: LiveDestination) -> Iterator[Alert]:
    """Return an alert if the store does not accept uploads."""
    if store.reachable is False:
        yield Alert.error(
            AlertCode.DESTINATION_UNREACHABLE,
            f"Destination {store.name} does not accept uploads: {cause_of(store)}.",
            f"{store.remedy or 'Fix the store'}. Footage stays in the spool; the dock retries by itself",
            subject=store.name,
        )


def cause_of(store: LiveDestination) -> str:
    """Return why a store is not reachable, without naming it again."""
    again = re.compile(rf"(?:the vault|(?:vault|store) {re.escape(store.name)}) is not available: ")
    return again.sub("", store.error, count=1) or "cause unknown"


def destination_denied(destination: str, error: BwvdockError | None) -> Iterator[Alert]:
    """Return an alert if the destination's last error is that it rejects the dock's credentials."""
    if isinstance(error, AccessDeniedError):
        yield Alert.error(
            AlertCode.DESTINATION_DENIED,
            f"Destination {destination} rejected the dock's credentials: {error.message}. "
            "Part-finished uploads are kept and resume once access is restored.",
            error.remedy or "Renew the secret or certificate; then: systemctl reload bwvdock",
            subject=destination,
        )


def destination_proves_nothing(store: LiveDestination, *, required: bool) -> Iterator[Alert]:
    """Return an alert if the store was assessed and cannot prove its copies."""
    if store.method == "":
        stays = " It is required, so no clip can become verified." if required else ""
        yield (Alert.error if required else Alert.warning)(
            AlertCode.DESTINATION_PROVES_NOTHING,
            f"Destination {store.name} cannot prove that a copy is complete: {store.words}.{stays}",
            "Make the server check SHA-256 digests or allow downloads; then: systemctl reload bwvdock",
            subject=store.name,
        )


def documents_refused(destination: str, found: Undescribed | None) -> Iterator[Alert]:
    """Return an alert if the destination has clips and refuses what describes them."""
    if found:
        yield Alert.error(
            AlertCode.DOCUMENTS_REFUSED,
            f"Destination {destination} has proven copies of {format_count(found.clips, 'clip')} but "
            "refuses their custody documents or marks (evidence, hold). "
            f"Clip {found.clip}: {found.reason}.",
            f"bwvdock clips show {found.clip}; when fixed: bwvdock clips retry {found.clip}",
            subject=destination,
        )


def queue_old(oldest_at: str | None, now: datetime) -> Iterator[Alert]:
    """Return an alert if the oldest clip has waited long for its evidence store."""
    if oldest_at and (age := now - datetime.fromisoformat(oldest_at)) > _QUEUE_IS_OLD:
        yield Alert.warning(
            AlertCode.QUEUE_OLD,
            f"Footage has been waiting {format_age(age)} for its evidence store.",
            "bwvdock status shows which store cannot be reached; for the cause: journalctl -u bwvdock",
        )
