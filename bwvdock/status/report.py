"""What is the state of the dock, according to the journal, the running daemon and the configuration?

Pure: `report` combines what it is given. Alerts that follow from these values are raised here; the others
come from the daemon.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bwvdock import __version__
from bwvdock.config.settings import Config
from bwvdock.core.clips.states import ClipState
from bwvdock.core.custody.summary import JournalSummary
from bwvdock.core.visible_text import quoted
from bwvdock.errors import JournalError, JournalLostError
from bwvdock.status.alerts import Alert, AlertCode, Severity
from bwvdock.status.values import (
    CameraState,
    DockStatus,
    JournalStatus,
    Live,
    LiveCamera,
    LiveDestination,
    Queue,
    SpoolUse,
    StatusReport,
)
from bwvdock.units import count_are as _are
from bwvdock.units import format_age, format_count

_QUEUE_IS_OLD = timedelta(hours=12)  # longer than a shift: yesterday's footage is not safe yet


def report(
    summary: JournalSummary | None,
    live: Live | None,
    config: Config,
    *,
    now: datetime,
    spool: SpoolUse | None = None,
    silence: str = "",
    journal_trouble: JournalError | None = None,
) -> StatusReport:
    """Return the status report.

    Args:
        summary: what the journal knows; None where there is no journal yet.
        live: the daemon's live status; None where no daemon runs.
        config: the configuration.
        now: the time, in UTC.
        spool: the use of the spool, measured because no daemon could be asked.
        silence: why there is no live status, for example "The daemon does not answer."
        journal_trouble: why the journal says nothing: it is lost, or damaged.
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
        *_journal_trouble(journal_trouble),
        *_silence(status, known, silence),
        *_dock_alerts(status, now),
        *_unassigned(known),
        *_store_alerts(status, {store.name for store in config.destinations if store.required}),
        *_undescribed(status, known),
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
    known_live = {d.name: d for d in live.destinations} if live else {}
    for store in config.destinations:
        now = known_live.get(store.name) or LiveDestination(name=store.name, kind=store.kind)
        received = now.last_receipt_at or known.last_receipts.get(store.name)
        yield replace(now, last_receipt_at=received)


# --- alerts --------------------------------------------------------------------------------------


def _journal_trouble(error: JournalError | None) -> Iterator[Alert]:
    if error is not None:
        lost = isinstance(error, JournalLostError)
        code = AlertCode.JOURNAL_LOST if lost else AlertCode.JOURNAL_DAMAGED
        yield Alert.error(code, error.message, error.remedy)


def _silence(status: StatusReport, known: JournalSummary, silence: str) -> Iterator[Alert]:
    if status.dock.running:
        return
    ended = " It did not shut down cleanly." if known.running else ""
    yield Alert.error(
        AlertCode.DAEMON_NOT_RUNNING,
        f"{silence or 'The daemon is not running.'} Cameras are not being copied.{ended}",
        "systemctl status bwvdock; journalctl -u bwvdock; then: systemctl restart bwvdock",
    )


def _unassigned(known: JournalSummary) -> Iterator[Alert]:
    if known.unassigned:
        yield Alert.warning(
            AlertCode.CLIPS_UNASSIGNED,
            f"{_are(known.unassigned, 'clip')} unassigned: no assignment covers the time of recording.",
            "bwvdock clips list --unassigned; then: bwvdock cameras assign SERIAL --officer ID --from T",
        )


def _dock_alerts(status: StatusReport, now: datetime) -> Iterator[Alert]:
    if status.dock.paused:
        yield Alert.warning(
            AlertCode.PAUSED, "The dock is paused: nothing is copied or uploaded.", "bwvdock resume"
        )
    if quarantined := status.clips[ClipState.QUARANTINED]:
        yield Alert.error(
            AlertCode.CLIPS_QUARANTINED,
            f"{_are(quarantined, 'clip')} in quarantine and need a decision.",
            "bwvdock clips list --state quarantined; then: bwvdock clips show CLIP",
        )
    oldest = status.queue.oldest_at
    if oldest and (age := now - datetime.fromisoformat(oldest)) > _QUEUE_IS_OLD:
        yield Alert.warning(
            AlertCode.QUEUE_OLD,
            f"Footage has been waiting {format_age(age)} for its evidence store.",
            "bwvdock status shows which store cannot be reached; for the cause: journalctl -u bwvdock",
        )
    if status.spool.free_bytes is not None and status.spool.free_bytes <= 0:
        yield Alert.error(
            AlertCode.SPOOL_FULL,
            "The spool is full; footage stays on the cameras until there is room.",
            "bwvdock status shows what the queue waits for; or free space on the disk",
        )


def _store_alerts(status: StatusReport, required: Collection[str]) -> Iterator[Alert]:
    for store in status.destinations:
        if store.reachable is False:
            yield Alert.error(
                AlertCode.DESTINATION_UNREACHABLE,
                f"Destination {store.name} does not accept uploads: {store.error or 'cause unknown'}.",
                f"{store.remedy or 'Fix the store'}. Footage stays in the spool; the dock retries by itself",
            )
        if store.method == "":
            stays = " It is required, so no clip can become verified." if store.name in required else ""
            yield (Alert.error if store.name in required else Alert.warning)(
                AlertCode.DESTINATION_PROVES_NOTHING,
                f"Destination {store.name} cannot prove that a copy is complete: {store.words}.{stays}",
                "Make the server check SHA-256 digests or allow downloads; then: systemctl reload bwvdock",
            )


def _undescribed(status: StatusReport, known: JournalSummary) -> Iterator[Alert]:
    for store in status.destinations:
        if found := known.undescribed.get(store.name):
            yield Alert.error(
                AlertCode.DOCUMENTS_REFUSED,
                f"Destination {store.name} has proven copies of {format_count(found.clips, 'clip')} but "
                "refuses their custody documents or marks (evidence, hold). "
                f"Clip {found.clip}: {found.reason}.",
                f"bwvdock clips show {found.clip}; when fixed: bwvdock clips retry {found.clip}",
            )


def _bay_alerts(status: StatusReport) -> Iterator[Alert]:
    for camera in status.cameras:
        if camera.state is CameraState.REFUSED:
            yield Alert.warning(
                AlertCode.CAMERA_REFUSED,
                f"Camera {camera.serial or '(no serial)'} in bay {camera.bay} was refused: {camera.reason}.",
                _remedy_of_refusal(camera),
            )
        elif camera.state is CameraState.FAILED:
            yield Alert.error(
                AlertCode.CAMERA_FAILED,
                f"Camera {camera.serial} in bay {camera.bay} failed: {camera.reason}.",
                "Unplug the camera and dock it again; if it fails again, try another bay, then set it aside",
            )
        if camera.clips_left:
            yield Alert.warning(
                AlertCode.CLIPS_SKIPPED,
                f"{format_count(camera.clips_left, 'file')} on camera {camera.serial} in bay {camera.bay} "
                "NOT taken: unreadable, refused, not kept by the dock's disk, or still being written after "
                "ten minutes.",
                f"To list them: bwvdock dockings show {camera.docking}; then dock the camera again",
            )
        if camera.files_unknown:
            yield Alert.warning(
                AlertCode.FILES_UNKNOWN,
                f"{format_count(camera.files_unknown, 'file')} of unknown kind on camera {camera.serial} in "
                f"bay {camera.bay}: not taken, although one may be a clip that lost its name.",
                "Look at the files: bwvdock cameras probe; then add them to a profile in "
                "/etc/bwvdock/profiles, under extensions or ignore",
            )
        if camera.marks_ignored:
            yield _marks_meaningless(camera)


def _marks_meaningless(camera: LiveCamera) -> Alert:
    return Alert.warning(
        AlertCode.MARKS_MEANINGLESS,
        f"Every clip on camera {camera.serial} in bay {camera.bay} is marked ({camera.marks_ignored}). "
        "Such marks mean nothing and were ignored.",
        f"bwvdock clips list --camera {camera.serial}; if some are evidence: bwvdock clips flag CLIP "
        "--evidence --reason R. If the camera marks everything, remove the mark from its profile",
    )


def _remedy_of_refusal(camera: LiveCamera) -> str:
    if camera.other_bay:
        return (
            f"Check bay {camera.other_bay}: as soon as it is empty, the camera is checked again. If there is "
            "a camera in both bays, both report the same serial: set one of them aside."
        )
    return f"If the camera is yours: bwvdock cameras enrol {quoted(camera.serial, 'SERIAL')}"
