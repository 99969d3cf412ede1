"""What are the values of the metrics? Computed from a snapshot of the dock, and from nothing else.

Pure. What is not known has no sample: never a 0 in its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bwvdock.edges.journal.read.figures import Numbers
from bwvdock.metrics import catalogue as of
from bwvdock.metrics.catalogue import Metric
from bwvdock.metrics.counters import (
    ACQUIRED,
    ASKED,
    COMPLETE,
    FAILED,
    INCOMPLETE,
    NOT_TAKEN,
    QUARANTINED,
    REFUSED,
    SAFE_BOUNDS,
    UPLOADED,
    VERIFIED,
    Counters,
)
from bwvdock.runtime.turn_times import BOUNDS
from bwvdock.status.alerts import AlertCode, Severity
from bwvdock.status.values import CameraState, LiveCamera, LiveDestination, StatusReport


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """What was known of a dock at a moment.

    `status` is what `bwvdock status` reports; where the dock did not answer, `status.dock.running` is False
    and it has what the journal knows. `read`: the journal could be read. `numbers` and `counters` are None
    where they could not be. `turns` are the classes of runtime/turn_times.py and the seconds together.
    `bays` has the name under which a camera's bay is shown, by its serial. `vaults` has the free bytes of
    those that answered. `started_at` is "" before the daemon has started.
    """

    at: datetime
    status: StatusReport
    read: bool
    started_at: str = ""
    required: Mapping[str, bool] = field(default_factory=dict)
    numbers: Numbers | None = None
    counters: Counters | None = None
    turns: tuple[tuple[int, ...], float] | None = None
    bays: Mapping[str, str] = field(default_factory=dict)
    vaults: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a metric, with the values of its labels in the order of its declaration."""

    metric: Metric
    value: float
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Classes:
    """A histogram: how many values are in each class, the last without an upper end, and their sum."""

    metric: Metric
    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total: float


Figure = Sample | Classes


def figures(seen: Snapshot) -> Iterator[Figure]:
    """Return every figure that is known."""
    yield from _dock(seen)
    if seen.status.dock.running:
        yield from _alerts(seen.status)
        yield from _bays(seen)
    if seen.read:
        yield from _journal(seen.status)
    if seen.numbers:
        yield from _numbers(seen.numbers, seen.required)
    if seen.counters and seen.counters.caught_up:
        yield from _counters(seen.counters, seen.required)
    for store in seen.status.destinations:
        yield from _store(store, required=seen.required.get(store.name), live=seen.status.dock.running)
    for feed in seen.status.feeds:
        yield from _if_known(of.FEED_WAITING, feed.waiting, feed.name)
        yield from _moment(of.FEED_ACKNOWLEDGED_AT, feed.acknowledged_at, feed.name)
    yield from _if_known(of.SPOOL_USED, seen.status.spool.bytes)
    yield from _if_known(of.SPOOL_FREE, seen.status.spool.free_bytes)
    for name, free in sorted(seen.vaults.items()):
        yield Sample(of.VAULT_FREE, free, (name,))


def _dock(seen: Snapshot) -> Iterator[Figure]:
    dock = seen.status.dock
    yield Sample(of.BUILD_INFO, 1, (dock.version,))
    yield Sample(of.DOCK_INFO, 1, (dock.id, dock.site))
    yield Sample(of.STATUS_TIMESTAMP, seen.at.timestamp())
    yield from _moment(of.START_TIME, seen.started_at or None)
    yield Sample(of.READY, dock.running)
    if dock.running or seen.read:
        yield Sample(of.PAUSED, dock.paused)
    if seen.turns:
        yield Classes(of.TURN_DURATION, BOUNDS, *seen.turns)


def _alerts(status: StatusReport) -> Iterator[Figure]:
    raised = Counter(alert.severity for alert in status.alerts)
    for severity in Severity:
        yield Sample(of.ALERTS, raised[severity], (severity,))
    for code, severity in sorted({(alert.code, alert.severity) for alert in status.alerts}):
        yield Sample(of.ALERT_ACTIVE, 1, (code, severity))
    synchronised = AlertCode.CLOCK_NOT_SYNCHRONISED not in {alert.code for alert in status.alerts}
    yield Sample(of.CLOCK_SYNCHRONISED, synchronised)


def _bays(seen: Snapshot) -> Iterator[Figure]:
    cameras = seen.status.cameras
    states = Counter(camera.state for camera in cameras)
    for state in CameraState:
        yield Sample(of.BAYS, states[state], (state,))
    wanted, copied = Counter[str](), Counter[str]()
    for camera in cameras:
        bay = bay_label(camera, seen.bays)
        wanted[bay] += camera.bytes_total
        copied[bay] += camera.bytes_copied
    for bay in sorted(wanted):
        yield Sample(of.BAY_WANTED, wanted[bay], (bay,))
        yield Sample(of.BAY_COPIED, copied[bay], (bay,))


def bay_label(camera: LiveCamera, named: Mapping[str, str]) -> str:
    """Return a bay's name: of a USB port its path; a folder, whose path may name a camera, has a number."""
    if camera.transport != "folder":
        return camera.bay
    return named.get(camera.serial, "folder")


def _journal(status: StatusReport) -> Iterator[Figure]:
    for state, clips in status.clips.items():
        yield Sample(of.CLIPS, clips, (state,))
    yield Sample(of.QUEUE_CLIPS, status.queue.clips)
    yield Sample(of.QUEUE_BYTES, status.queue.bytes)
    yield from _moment(of.QUEUE_OLDEST, status.queue.oldest_at)
    journal = status.journal
    yield Sample(of.JOURNAL_ENTRIES, journal.entries)
    yield from _moment(of.VERIFIED_AT, journal.verified_at)
    yield from _if_known(of.VERIFICATION_PROBLEMS, journal.problems)
    yield from _moment(of.BACKUP_AT, journal.backup_at)
    yield from _moment(of.CHECKPOINT_AT, journal.checkpoint_at)


def _numbers(numbers: Numbers, stores: Mapping[str, bool]) -> Iterator[Figure]:
    yield Sample(of.CLIPS_HELD, numbers.clips_held)
    yield Sample(of.CAMERAS_ENROLLED, numbers.cameras_enrolled)
    yield from _if_known(of.CAMERAS_ABSENT, numbers.cameras_absent)
    yield from _moment(of.WITNESSED_AT, numbers.witnessed_at)
    for name in stores:
        yield Sample(of.COPIES_LOST, numbers.copies_lost.get(name, 0), (name,))


def _counters(counted: Counters, stores: Mapping[str, bool]) -> Iterator[Figure]:
    yield Classes(of.TIME_TO_SAFE, SAFE_BOUNDS, tuple(counted.safe), counted.safe_seconds)
    for outcome in (COMPLETE, INCOMPLETE, REFUSED):
        yield Sample(of.DOCKINGS, counted.dockings[outcome], (outcome,))
    yield Sample(of.CLIPS_ACQUIRED, counted.clips[ACQUIRED])
    yield Sample(of.ACQUIRED_BYTES, counted.bytes[ACQUIRED])
    yield Sample(of.CLIPS_QUARANTINED, counted.clips[QUARANTINED])
    for name in stores:
        yield Sample(of.CLIPS_UPLOADED, counted.clips[UPLOADED, name], (name,))
        yield Sample(of.UPLOADED_BYTES, counted.bytes[UPLOADED, name], (name,))
        yield Sample(of.CLIPS_VERIFIED, counted.clips[VERIFIED, name], (name,))
        yield Sample(of.VERIFIED_BYTES, counted.bytes[VERIFIED, name], (name,))
        yield Sample(of.CLIPS_REFUSED, counted.clips[NOT_TAKEN, name], (name,))
        yield Sample(of.UPLOAD_ERRORS, counted.errors[name], (name,))
        yield Sample(of.COPIES_ASKED, counted.clips[ASKED, name], (name,))
        yield Sample(of.ASKED_BYTES, counted.bytes[ASKED, name], (name,))
        yield Sample(of.COPIES_FAILED, counted.clips[FAILED, name], (name,))


def _store(store: LiveDestination, *, required: bool | None, live: bool) -> Iterator[Figure]:
    name = (store.name,)
    yield from _if_known(of.REQUIRED, required, *name)
    yield from _moment(of.LAST_RECEIPT, store.last_receipt_at, *name)
    if not live:
        return
    yield from _if_known(of.REACHABLE, store.reachable, *name)
    yield Sample(of.FAILING, bool(store.error), name)
    yield from _if_known(of.PROVES, None if store.method is None else bool(store.method), *name)
    yield from _moment(of.ASSESSED, store.assessed_at, *name)
    yield Sample(of.SENDING_CLIPS, store.clips_sending, name)
    yield Sample(of.SENDING_BYTES, store.bytes_sending, name)


def _if_known(metric: Metric, value: float | None, *labels: str) -> Iterator[Figure]:
    if value is not None:
        yield Sample(metric, value, labels)


def _moment(metric: Metric, moment: str | None, *labels: str) -> Iterator[Figure]:
    """Return a moment as seconds since 1970; nothing where there is none, or its text is not one."""
    try:
        seconds = datetime.fromisoformat(moment).timestamp() if moment else None
    except (ValueError, OverflowError):
        return
    yield from _if_known(metric, seconds, *labels)
