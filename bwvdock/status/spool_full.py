"""Why is the spool full, and what makes room?

The spool keeps what waits for a store and, until its retention date, what every required store proves.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bwvdock.status.alerts import Alert, AlertCode
from bwvdock.status.values import LiveDestination, StatusReport
from bwvdock.units import format_count, format_size

_FREE = "bwvdock dispose --proven --dry-run shows which proven copies can go; then: bwvdock dispose --proven"
_LARGER = "make its disk larger, or lower min_free under [spool]"


def explain_full_spool(
    status: StatusReport, *, required: Collection[str], beside: Collection[str]
) -> StatusReport:
    """Return a report whose alerts of a full spool say the reason and what makes room.

    Args:
        status: the report.
        required: the names of the required destinations.
        beside: the vaults on the spool's file system, whose copies share its files.
    """
    waiting = [store for store in status.destinations if store.name in required and store.reachable is False]
    reason, remedy = _reason(status, waiting, required), _remedy(waiting, beside)
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


def _remedy(waiting: Collection[LiveDestination], beside: Collection[str]) -> str:
    room = f"{_FREE}; or {_LARGER}"
    if beside:
        room = (
            f"bwvdock dispose --proven gains no room for what {', '.join(sorted(beside))} has, because it is "
            f"on the spool's file system and shares its files: {_LARGER}"
        )
    return "; ".join([*(store.remedy for store in waiting if store.remedy), room])


def _why(store: LiveDestination) -> str:
    return f"for {store.name}, which does not accept uploads ({store.error or 'cause unknown'})"
