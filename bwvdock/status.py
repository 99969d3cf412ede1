"""How is the dock? What the journal, the running daemon and the configuration say together.

Pure: `report` puts together what it is given. The codes of alerts are a closed list, `AlertCode`, described
in docs/reference/status-json.md; what can be told from the values alone becomes an alert here, the rest comes
from the daemon.

Times are ISO 8601 text in UTC, sizes bytes; None is "not known" or "never".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bwvdock import __version__
from bwvdock.config import Config
from bwvdock.core.states import ClipState
from bwvdock.core.summary import JournalSummary
from bwvdock.units import format_age

_QUEUE_IS_OLD = timedelta(hours=12)  # longer than a shift: yesterday's footage is not safe yet


class CameraState(StrEnum):
    """What a docked camera is doing, as its officer wants to know it."""

    ATTACHED = "attached"
    REFUSED = "refused"
    WAITING = "waiting"
    COPYING = "copying"
    SAFE_TO_REMOVE = "safe-to-remove"
    FAILED = "failed"


class Severity(StrEnum):
    """A warning can wait until morning; an error is why the telephone rings."""

    WARNING = "warning"
    ERROR = "error"


class AlertCode(StrEnum):
    """Every alert there is."""

    DAEMON_NOT_RUNNING = "daemon-not-running"
    PAUSED = "paused"
    CLIPS_QUARANTINED = "clips-quarantined"
    QUEUE_OLD = "queue-old"
    DESTINATION_UNREACHABLE = "destination-unreachable"
    SPOOL_FULL = "spool-full"
    CAMERA_REFUSED = "camera-refused"
    CAMERA_FAILED = "camera-failed"
    CLIPS_SKIPPED = "clips-skipped"
    FILES_UNKNOWN = "files-unknown"
    CLOCK_NOT_SYNCHRONISED = "clock-not-synchronised"
    MOUNTER_UNAVAILABLE = "mounter-unavailable"
    DISK_FAILED = "disk-failed"
    CONFIG_REJECTED = "config-rejected"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One thing that a person should know. `remedy` says what to type or do."""

    code: AlertCode
    severity: Severity
    message: str
    remedy: str


# --- what the daemon tells -----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveCamera:
    """A camera in its bay. Totals are of what this docking has to copy; `clips_left` could not be taken."""

    serial: str
    model: str = ""
    officer: str = ""
    bay: str
    transport: str
    state: CameraState
    reason: str = ""
    clips_total: int = 0
    clips_copied: int = 0
    bytes_total: int = 0
    bytes_copied: int = 0
    clips_left: int = 0
    files_unknown: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveDestination:
    """An evidence store; `reachable` is None before it was first asked.

    `method` is how copies are proven there, "" where nothing proves them, None before it was assessed.
    `clips_sending` are on their way, of `bytes_sending` bytes, of which it holds `bytes_sent`.
    """

    name: str
    kind: str
    reachable: bool | None = None
    last_receipt_at: str | None = None
    error: str = ""
    method: str | None = None
    assessed_at: str | None = None
    clips_sending: int = 0
    bytes_sending: int = 0
    bytes_sent: int = 0
    bytes_per_second: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SpoolUse:
    """What stands in the spool, and what may still come (less than zero: `min_free` is not kept)."""

    bytes: int | None = None
    free_bytes: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Live:
    """What only the running daemon knows. `alerts` are those that cannot be told from the rest."""

    started_at: str
    paused: bool = False
    cameras: tuple[LiveCamera, ...] = ()
    destinations: tuple[LiveDestination, ...] = ()
    spool: SpoolUse = SpoolUse()
    alerts: tuple[Alert, ...] = ()


def live_to_json(live: Live) -> dict[str, Any]:
    """Write it for the control socket."""
    return asdict(live)


def live_from_json(document: Mapping[str, Any]) -> Live:
    """Read it back; fields that a newer daemon adds are passed over.

    Raises:
        ValueError: a field is missing or of another kind.
    """
    try:
        return Live(
            started_at=document["started_at"],
            paused=document["paused"],
            cameras=tuple(_camera(c) for c in document["cameras"]),
            destinations=tuple(
                LiveDestination(**_known(LiveDestination, d)) for d in document["destinations"]
            ),
            spool=SpoolUse(**_known(SpoolUse, document["spool"])),
            alerts=tuple(_alert(a) for a in document["alerts"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not what a daemon tells: {error}") from error


def _known(
    kind: type[LiveCamera | LiveDestination | SpoolUse], document: Mapping[str, Any]
) -> dict[str, Any]:
    names = {f.name for f in fields(kind)}
    return {key: value for key, value in document.items() if key in names}


def _camera(document: Mapping[str, Any]) -> LiveCamera:
    return LiveCamera(**_known(LiveCamera, document) | {"state": CameraState(document["state"])})


def _alert(document: Mapping[str, Any]) -> Alert:
    return Alert(
        code=AlertCode(document["code"]),
        severity=Severity(document["severity"]),
        message=document["message"],
        remedy=document["remedy"],
    )


# --- the report ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class DockStatus:
    """The dock itself."""

    id: str
    site: str
    version: str
    running: bool
    paused: bool
    started_at: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """What is acquired and not yet verified in every required destination."""

    clips: int
    bytes: int
    oldest_at: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalStatus:
    """The journal; `checkpoint_at` stays None until checkpoints are signed."""

    entries: int
    root: str
    checkpoint_at: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusReport:
    """All that `bwvdock status` shows, in the shape of its JSON."""

    dock: DockStatus
    cameras: tuple[LiveCamera, ...]
    clips: Mapping[str, int]
    queue: Queue
    destinations: tuple[LiveDestination, ...]
    spool: SpoolUse
    journal: JournalStatus
    alerts: tuple[Alert, ...] = ()

    @property
    def exit_code(self) -> int:
        """Give what `bwvdock status` ends with: 3 not running, 1 an error-level alert, else 0."""
        if not self.dock.running:
            return 3
        return int(any(alert.severity is Severity.ERROR for alert in self.alerts))


def to_json(status: StatusReport) -> dict[str, Any]:
    """Write the report as the JSON that others read."""
    return asdict(status)


def report(
    summary: JournalSummary | None,
    live: Live | None,
    config: Config,
    *,
    now: datetime,
    spool: SpoolUse | None = None,
    silence: str = "",
) -> StatusReport:
    """Put together what is known.

    Args:
        summary: what the journal knows; None where there is no journal yet.
        live: what the daemon tells; None where none runs.
        config: the configuration.
        now: the time, in UTC.
        spool: what was found in the spool when no daemon could be asked.
        silence: what was found when it was asked, for instance "The daemon does not answer."
    """
    known = summary or _NOTHING
    status = StatusReport(
        dock=DockStatus(
            id=config.dock,
            site=config.site,
            version=__version__,
            running=live is not None,
            paused=live.paused if live else known.paused,
            started_at=live.started_at if live else None,
        ),
        cameras=live.cameras if live else (),
        clips={str(state): known.clips.get(state, 0) for state in ClipState},
        queue=Queue(clips=known.queue_clips, bytes=known.queue_bytes, oldest_at=known.queue_oldest_at),
        destinations=tuple(_destinations(known, live, config)),
        spool=live.spool if live else spool or SpoolUse(),
        journal=JournalStatus(entries=known.entries, root=known.root),
    )
    alerts = [
        *_silence(status, known, silence),
        *_dock_alerts(status, now),
        *_bay_alerts(status),
        *(live.alerts if live else ()),
    ]
    alerts.sort(key=lambda alert: alert.severity is not Severity.ERROR)
    return replace(status, alerts=tuple(alerts))


_NOTHING = JournalSummary(
    entries=0,
    root="",
    clips={},
    queue_clips=0,
    queue_bytes=0,
    queue_oldest_at=None,
    last_receipts={},
    paused=False,
    running=False,
    started_at=None,
)


def _destinations(known: JournalSummary, live: Live | None, config: Config) -> Iterator[LiveDestination]:
    told = {d.name: d for d in live.destinations} if live else {}
    for store in config.destinations:
        now = told.get(store.name) or LiveDestination(name=store.name, kind=store.kind)
        received = now.last_receipt_at or known.last_receipts.get(store.name)
        yield replace(now, last_receipt_at=received)


# --- alerts --------------------------------------------------------------------------------------


def _silence(status: StatusReport, known: JournalSummary, silence: str) -> Iterator[Alert]:
    if status.dock.running:
        return
    ended = " Its journal has no orderly end." if known.running else ""
    yield _error(
        AlertCode.DAEMON_NOT_RUNNING,
        f"{silence or 'The daemon is not running.'} No camera is copied.{ended}",
        "systemctl status bwvdock; journalctl -u bwvdock; then: systemctl restart bwvdock",
    )


def _dock_alerts(status: StatusReport, now: datetime) -> Iterator[Alert]:
    if status.dock.paused:
        yield _warning(
            AlertCode.PAUSED, "The dock is paused: nothing is copied or uploaded.", "bwvdock resume"
        )
    if quarantined := status.clips[ClipState.QUARANTINED]:
        yield _error(
            AlertCode.CLIPS_QUARANTINED,
            f"{_count(quarantined, 'clip')} in quarantine: something does not add up, a person must decide.",
            "bwvdock clips list --state quarantined; then: bwvdock clips show CLIP",
        )
    oldest = status.queue.oldest_at
    if oldest and (age := now - datetime.fromisoformat(oldest)) > _QUEUE_IS_OLD:
        yield _warning(
            AlertCode.QUEUE_OLD,
            f"Footage has been waiting for its evidence store for {format_age(age)}.",
            "bwvdock status shows which store is not reached; journalctl -u bwvdock says why",
        )
    for store in status.destinations:
        if store.reachable is False:
            yield _error(
                AlertCode.DESTINATION_UNREACHABLE,
                f"The destination {store.name} cannot be reached: {store.error or 'it does not say why'}.",
                "Footage waits safely in the spool. Mend the store; the dock tries again by itself",
            )
    if status.spool.free_bytes is not None and status.spool.free_bytes <= 0:
        yield _error(
            AlertCode.SPOOL_FULL,
            "The spool is full: cameras keep their footage until there is room.",
            "See why the queue does not empty (bwvdock status), or make room on the disk",
        )


def _bay_alerts(status: StatusReport) -> Iterator[Alert]:
    for camera in status.cameras:
        if camera.state is CameraState.REFUSED:
            yield _warning(
                AlertCode.CAMERA_REFUSED,
                f"Camera {camera.serial or '(no serial)'} in bay {camera.bay} is refused: {camera.reason}.",
                f"If it is one of yours: bwvdock cameras enrol {camera.serial or 'SERIAL'}",
            )
        elif camera.state is CameraState.FAILED:
            yield _error(
                AlertCode.CAMERA_FAILED,
                f"Camera {camera.serial} in bay {camera.bay} failed: {camera.reason}.",
                "Take it out and dock it again; if it fails again, try another bay, then set it aside",
            )
        if camera.clips_left:
            yield _warning(
                AlertCode.CLIPS_SKIPPED,
                f"{_count(camera.clips_left, 'clip')} left on camera {camera.serial} in bay {camera.bay}: "
                "still being written, or unreadable.",
                f"Dock it again later; bwvdock dockings says which (bay {camera.bay})",
            )

        if camera.files_unknown:
            yield _warning(
                AlertCode.FILES_UNKNOWN,
                f"{_count(camera.files_unknown, 'file')} on camera {camera.serial} in bay {camera.bay} and "
                "of no kind that its profile knows: not taken, though one may be a clip that lost its name.",
                "Look at the files: bwvdock cameras probe; then name them in a profile, under extensions or "
                "ignore, in /etc/bwvdock/profiles",
            )


def _error(code: AlertCode, message: str, remedy: str) -> Alert:
    return Alert(code=code, severity=Severity.ERROR, message=message, remedy=remedy)


def _warning(code: AlertCode, message: str, remedy: str) -> Alert:
    return Alert(code=code, severity=Severity.WARNING, message=message, remedy=remedy)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'} {'is' if number == 1 else 'are'}"
