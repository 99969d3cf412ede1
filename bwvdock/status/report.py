"""How is the dock? What the journal, the running daemon and the configuration say together.

Pure: `report` puts together what it is given. What can be told from the values alone becomes an alert here,
the rest comes from the daemon.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bwvdock import __version__
from bwvdock.config.settings import Config
from bwvdock.core.clips.states import ClipState
from bwvdock.core.custody.summary import JournalSummary
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
    yield Alert.error(
        AlertCode.DAEMON_NOT_RUNNING,
        f"{silence or 'The daemon is not running.'} No camera is copied.{ended}",
        "systemctl status bwvdock; journalctl -u bwvdock; then: systemctl restart bwvdock",
    )


def _unassigned(known: JournalSummary) -> Iterator[Alert]:
    if known.unassigned:
        yield Alert.warning(
            AlertCode.CLIPS_UNASSIGNED,
            f"{_are(known.unassigned, 'clip')} unassigned: nobody said who held the camera then.",
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
            f"{_are(quarantined, 'clip')} in quarantine: something does not add up, a person must decide.",
            "bwvdock clips list --state quarantined; then: bwvdock clips show CLIP",
        )
    oldest = status.queue.oldest_at
    if oldest and (age := now - datetime.fromisoformat(oldest)) > _QUEUE_IS_OLD:
        yield Alert.warning(
            AlertCode.QUEUE_OLD,
            f"Footage has been waiting for its evidence store for {format_age(age)}.",
            "bwvdock status shows which store is not reached; journalctl -u bwvdock says why",
        )
    if status.spool.free_bytes is not None and status.spool.free_bytes <= 0:
        yield Alert.error(
            AlertCode.SPOOL_FULL,
            "The spool is full: cameras keep their footage until there is room.",
            "See why the queue does not empty (bwvdock status), or make room on the disk",
        )


def _store_alerts(status: StatusReport, required: Collection[str]) -> Iterator[Alert]:
    for store in status.destinations:
        if store.reachable is False:
            yield Alert.error(
                AlertCode.DESTINATION_UNREACHABLE,
                f"The destination {store.name} cannot be used: {store.error or 'it does not say why'}.",
                f"{store.remedy or 'Mend the store'}. Footage waits in the spool, and the dock tries again",
            )
        if store.method == "":
            stays = " It is required, so no clip will ever be verified." if store.name in required else ""
            yield (Alert.error if store.name in required else Alert.warning)(
                AlertCode.DESTINATION_PROVES_NOTHING,
                f"Nothing at the destination {store.name} proves that a copy is whole: {store.words}.{stays}",
                "Let the server check sha256 digests, or give uploads back; then: systemctl reload bwvdock",
            )


def _undescribed(status: StatusReport, known: JournalSummary) -> Iterator[Alert]:
    for store in status.destinations:
        if found := known.undescribed.get(store.name):
            yield Alert.error(
                AlertCode.DOCUMENTS_REFUSED,
                f"The destination {store.name} holds {format_count(found.clips, 'clip')} whole and does not "
                "take what is to be said of them there (custody document, evidence, hold). "
                f"Clip {found.clip}: {found.reason}.",
                f"bwvdock clips show {found.clip}; once mended: bwvdock clips retry {found.clip}",
            )


def _bay_alerts(status: StatusReport) -> Iterator[Alert]:
    for camera in status.cameras:
        if camera.state is CameraState.REFUSED:
            yield Alert.warning(
                AlertCode.CAMERA_REFUSED,
                f"Camera {camera.serial or '(no serial)'} in bay {camera.bay} is refused: {camera.reason}.",
                _remedy_of_refusal(camera),
            )
        elif camera.state is CameraState.FAILED:
            yield Alert.error(
                AlertCode.CAMERA_FAILED,
                f"Camera {camera.serial} in bay {camera.bay} failed: {camera.reason}.",
                "Take it out and dock it again; if it fails again, try another bay, then set it aside",
            )
        if camera.clips_left:
            yield Alert.warning(
                AlertCode.CLIPS_SKIPPED,
                f"{format_count(camera.clips_left, 'file')} on camera {camera.serial} in bay {camera.bay} "
                "NOT taken: unreadable, refused, or still being written after ten minutes.",
                f"bwvdock dockings show {camera.docking} names them; then dock the camera again",
            )
        if camera.files_unknown:
            yield Alert.warning(
                AlertCode.FILES_UNKNOWN,
                f"{_are(camera.files_unknown, 'file')} on camera {camera.serial} in bay {camera.bay} and "
                "of no kind that its profile knows: not taken, though one may be a clip that lost its name.",
                "Look at the files: bwvdock cameras probe; then name them in a profile, under extensions or "
                "ignore, in /etc/bwvdock/profiles",
            )


def _are(number: int, noun: str) -> str:
    """Return how a sentence about so many begins: "1 clip is", "2 clips are"."""
    return f"{format_count(number, noun)} {'is' if number == 1 else 'are'}"


def _remedy_of_refusal(camera: LiveCamera) -> str:
    if camera.other_bay:
        return (
            f"Look into bay {camera.other_bay}: as soon as it is empty, this camera is judged again. If "
            "there is a camera in both bays, both state the same serial: set one of them aside."
        )
    return f"If it is one of yours: bwvdock cameras enrol {camera.serial or 'SERIAL'}"
