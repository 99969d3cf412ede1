"""Which figures are there? Every metric, its kind, its labels and what it says.

docs/reference/metrics.md is written from this list (`make metrics`). Values are in base units; what is not
known has no sample. No label names a camera, an officer, a clip or a case, and none has more values than a
dock has bays, stores, states or alert codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SINCE_START = "since the daemon started, as recorded in the journal"


class Kind(StrEnum):
    """How Prometheus treats a metric."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `means` is its HELP, without a full stop."""

    name: str
    kind: Kind
    means: str
    labels: tuple[str, ...] = ()


def _gauge(name: str, means: str, *labels: str) -> Metric:
    return Metric(f"bwvdock_{name}", Kind.GAUGE, means, labels)


def _counter(name: str, means: str, *labels: str) -> Metric:
    return Metric(f"bwvdock_{name}_total", Kind.COUNTER, means, labels)


def _histogram(name: str, means: str) -> Metric:
    return Metric(f"bwvdock_{name}", Kind.HISTOGRAM, means)


# --- the dock --------------------------------------------------------------------------------------

BUILD_INFO = _gauge("build_info", "Always 1; the version of bwvdock is a label", "version")
DOCK_INFO = _gauge("dock_info", "Always 1; the dock's name and site are labels", "dock", "site")
STATUS_TIMESTAMP = _gauge("status_timestamp_seconds", "When these figures were taken, in Unix time")
START_TIME = _gauge("start_time_seconds", "When the daemon started, in Unix time")
READY = _gauge(
    "ready", "1 if the thread that owns the journal answered when these figures were taken, else 0"
)
PAUSED = _gauge("paused", "1 if an operator paused the dock, else 0")
CLOCK_SYNCHRONISED = _gauge("clock_synchronised", "1 if the dock's clock is synchronised, else 0")
ALERTS = _gauge("alerts", "Alerts that are raised now", "severity")
ALERT_ACTIVE = _gauge(
    "alert_active",
    "1 while an alert of this code is raised; there is no sample otherwise",
    "code",
    "severity",
)
TURN_DURATION = _histogram(
    "turn_duration_seconds",
    "How long each turn of the thread that owns the journal took, since the daemon started",
)

# --- bays and cameras ------------------------------------------------------------------------------

BAYS = _gauge("bays", "Docked cameras in each state", "state")
BAY_WANTED = _gauge(
    "bay_wanted_bytes", "What is to be copied from the camera in a bay, in this docking", "bay"
)
BAY_COPIED = _gauge("bay_copied_bytes", "What was copied from the camera in a bay, in this docking", "bay")
TIME_TO_SAFE = _histogram(
    "time_to_safe_seconds",
    f"From docking a camera until it was safe to remove, also where nothing was to be copied, {SINCE_START}",
)
DOCKINGS = _counter(
    "dockings",
    f"Dockings that ended: complete, incomplete (something was left on the camera) or refused, {SINCE_START}",
    "outcome",
)
CAMERAS_ENROLLED = _gauge("cameras_enrolled", "Cameras that are enrolled and not revoked")
CAMERAS_ABSENT = _gauge(
    "cameras_absent", "Enrolled cameras that were not docked for as many days as the configuration allows"
)

# --- clips -----------------------------------------------------------------------------------------

CLIPS = _gauge(
    "clips",
    "Clips in each state: acquired is not yet in every required store, uploaded is there and not yet proven",
    "state",
)
CLIPS_HELD = _gauge("clips_held", "Clips on hold")
QUEUE_CLIPS = _gauge("queue_clips", "Clips acquired and not yet verified in every required store")
QUEUE_BYTES = _gauge(
    "queue_bytes", "Bytes of the clips acquired and not yet verified in every required store"
)
QUEUE_OLDEST = _gauge(
    "queue_oldest_timestamp_seconds",
    "When the oldest clip that is not yet verified in every required store was acquired, in Unix time; "
    "there is no sample while none waits",
)
CLIPS_ACQUIRED = _counter("clips_acquired", f"Clips copied and read back, {SINCE_START}")
ACQUIRED_BYTES = _counter("acquired_bytes", f"Bytes of the clips copied and read back, {SINCE_START}")
CLIPS_QUARANTINED = _counter("clips_quarantined", f"Times that a clip was quarantined, {SINCE_START}")

# --- stores ----------------------------------------------------------------------------------------

_PER_STORE = "destination"
REQUIRED = _gauge("destination_required", "1 if a clip must be proven there, else 0", _PER_STORE)
REACHABLE = _gauge(
    "destination_reachable", "1 if the store answered when it was last asked, else 0", _PER_STORE
)
FAILING = _gauge(
    "destination_failing", "1 if nothing gets through to the store at present, else 0", _PER_STORE
)
PROVES = _gauge(
    "destination_proves_copies",
    "1 if copies can be proven there, as its last trial showed, else 0; there is no sample before its first",
    _PER_STORE,
)
ASSESSED = _gauge(
    "destination_assessed_timestamp_seconds",
    "When the store was last assessed with a trial, in Unix time",
    _PER_STORE,
)
LAST_RECEIPT = _gauge(
    "destination_last_receipt_timestamp_seconds",
    "When a clip was last proven there, in Unix time",
    _PER_STORE,
)
SENDING_CLIPS = _gauge("destination_sending_clips", "Clips on their way to the store", _PER_STORE)
SENDING_BYTES = _gauge(
    "destination_sending_bytes", "Bytes of the clips on their way to the store", _PER_STORE
)
CLIPS_UPLOADED = _counter(
    "clips_uploaded", f"Clips that the store was found to have in full length, {SINCE_START}", _PER_STORE
)
UPLOADED_BYTES = _counter(
    "uploaded_bytes",
    f"Bytes of the clips that the store was found to have in full length, {SINCE_START}",
    _PER_STORE,
)
CLIPS_VERIFIED = _counter("clips_verified", f"Clips that were proven to be there, {SINCE_START}", _PER_STORE)
VERIFIED_BYTES = _counter(
    "verified_bytes", f"Bytes of the clips that were proven to be there, {SINCE_START}", _PER_STORE
)
CLIPS_REFUSED = _counter(
    "clips_refused", f"Times that the store refused a clip for good, {SINCE_START}", _PER_STORE
)
UPLOAD_ERRORS = _counter(
    "upload_errors",
    "Attempts to upload, prove or describe a clip that failed; recorded when the attempts for a clip end, "
    f"or each hour, {SINCE_START}",
    _PER_STORE,
)

COPIES_LOST = _gauge(
    "destination_copies_lost",
    "Copies that the store had proven, were found lost or changed, and are not proven anew",
    _PER_STORE,
)
COPIES_ASKED = _counter(
    "copies_verified_again",
    f"Copies that the store proved again when it was asked, {SINCE_START}",
    _PER_STORE,
)
ASKED_BYTES = _counter(
    "verified_again_bytes",
    f"Bytes of the copies that the store proved again when it was asked, {SINCE_START}",
    _PER_STORE,
)
COPIES_FAILED = _counter(
    "copies_failed",
    f"Copies that were found lost or changed when the store was asked, {SINCE_START}",
    _PER_STORE,
)

# --- feeds -----------------------------------------------------------------------------------------

FEED_WAITING = _gauge(
    "feed_waiting_entries", "Entries of the journal that an evidence system has not acknowledged", "feed"
)
FEED_ACKNOWLEDGED_AT = _gauge(
    "feed_acknowledged_timestamp_seconds",
    "When an evidence system last acknowledged entries since the daemon started, in Unix time",
    "feed",
)

# --- disks and journal -----------------------------------------------------------------------------

SPOOL_USED = _gauge("spool_used_bytes", "What the spool holds, as last counted")
SPOOL_FREE = _gauge("spool_free_bytes", "What the spool may still take; below 0 where min_free is not kept")
VAULT_FREE = _gauge(
    "vault_free_bytes", "What is free for the daemon on the disk or share of a vault that answers", _PER_STORE
)
JOURNAL_ENTRIES = _counter("journal_entries", "Entries of the journal, since it began")
VERIFIED_AT = _gauge(
    "verification_timestamp_seconds", "When the latest verification of the journal was recorded, in Unix time"
)
VERIFICATION_PROBLEMS = _gauge(
    "verification_problems", "Problems that the latest verification of the journal found"
)
BACKUP_AT = _gauge(
    "backup_timestamp_seconds", "When the latest backup of the dock's state was recorded, in Unix time"
)
CHECKPOINT_AT = _gauge(
    "checkpoint_timestamp_seconds", "When the latest checkpoint of the journal was signed, in Unix time"
)
WITNESSED_AT = _gauge(
    "witness_timestamp_seconds", "When a witness last confirmed a checkpoint of the journal, in Unix time"
)

CATALOGUE: tuple[Metric, ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Metric)
)
"""All of them, in the order above."""
