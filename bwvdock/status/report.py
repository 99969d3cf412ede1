"""What is the state of the dock, according to the journal, the running daemon and the configuration?

Pure: `report` combines what it is given. The texts of the alerts are in `status/alerts/`; those that follow
from what only the daemon sees are in its live status already.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bwvdock import __version__
from bwvdock.config.placeholders import placeholders
from bwvdock.config.settings import Config
from bwvdock.core.clips.states import ClipState
from bwvdock.core.custody.summary import DigestsDiffer, JournalSummary, Undescribed
from bwvdock.edges.journal.verify.last import LastVerification
from bwvdock.errors import JournalError, NotRunningError, SilentError
from bwvdock.status.alerts import (
    Alert,
    AlertCode,
    Severity,
    cameras,
    clips,
    copies,
    destinations,
    disks,
    dock,
    holds,
    journal,
)
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Custody:
    """Why the journal says nothing (lost, damaged, its disk full), and what the last verification found.

    `ended` is why it may not be continued where it is, None if it may.
    """

    trouble: JournalError | None = None
    ended: JournalError | None = None
    last: LastVerification = field(default_factory=LastVerification)


@dataclass(frozen=True, kw_only=True, slots=True)
class FileUse:
    """Why the configuration's file is not used, and which of its tables wait for a restart of the daemon."""

    trouble: str = ""
    pending: tuple[str, ...] = ()


_NOTHING_FOUND = Custody()
_ALL_USED = FileUse()


def report(
    summary: JournalSummary | None,
    live: Live | None,
    config: Config,
    *,
    now: datetime,
    spool: SpoolUse | None = None,
    silence: NotRunningError | None = None,
    custody: Custody = _NOTHING_FOUND,
    file: FileUse = _ALL_USED,
) -> StatusReport:
    """Return the status report.

    Args:
        summary: what the journal knows; None where there is no journal yet.
        live: the daemon's live status; None where no daemon runs.
        config: the configuration.
        now: the time, in UTC.
        spool: the use of the spool, measured because no daemon could be asked.
        silence: why there is no live status.
        custody: what was found wrong with journal and files, looked at because no daemon could be asked.
        file: what of the configuration's file is not used; `config` has the running daemon's values for it.
    """
    known = summary or _NOTHING
    status = _without_alerts(known, live, config, spool)
    unset = next(iter(placeholders(config)), None)
    told = {alert.code for alert in live.alerts} if live else set()
    required = {store.name for store in config.destinations if store.required}
    alerts = [
        *journal.journal_lost(custody.trouble),
        *journal.journal_damaged(
            None if AlertCode.JOURNAL_DAMAGED in told else custody.trouble, running=False
        ),
        *journal.journal_full(None if AlertCode.JOURNAL_FULL in told else custody.trouble),
        *journal.custody_failed(custody.last),
        *journal.files_unaccounted(custody.last),
        *journal.custody_not_verified(known.verified_at, now, unread=known.unread),
        *journal.backup_old(known.backup_at, now, every=config.backup_every, entries=known.entries),
        *journal.journal_ended(custody.ended),
        *dock.config_not_used(file.trouble, reported=AlertCode.CONFIG_REJECTED in told),
        *dock.config_pending(file.pending),
        *dock.daemon_not_running(
            silence, running=live is not None, ended_orderly=not known.running, unset=unset
        ),
        *dock.paused(paused=status.dock.paused),
        *clips.clips_quarantined(status.clips[ClipState.QUARANTINED]),
        *clips.clips_recalled(_to_be_docked(known.recalled, status.cameras)),
        *destinations.queue_old(status.queue.oldest_at, now),
        *disks.spool_full(status.spool.free_bytes),
        *clips.clips_unassigned(known.unassigned),
        *_digest_alerts(known.digests_differ),
        *_hold_alerts(known, config, now.astimezone(config.zone).date()),
        *_destination_alerts(status.destinations, required, known.undescribed),
        *_loss_alerts(status.destinations, known, now),
        *_camera_alerts(status.cameras),
        *(live.alerts if live else ()),
    ]
    status = replace(status, dock=replace(status.dock, silent=isinstance(silence, SilentError)))
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


def _without_alerts(
    known: JournalSummary, live: Live | None, config: Config, spool: SpoolUse | None
) -> StatusReport:
    return StatusReport(
        dock=DockStatus(
            id=config.dock,
            site=config.site,
            version=__version__,
            running=live is not None,
            paused=live.paused if live else known.paused,
            started_at=live.started_at if live else None,
            running_version=live.version if live else "",
        ),
        cameras=live.cameras if live else (),
        clips={str(state): known.clips.get(state, 0) for state in ClipState},
        queue=Queue(
            clips=known.queue_clips,
            bytes=known.queue_bytes,
            oldest_at=known.queue_oldest_at,
            hurried=live.hurried if live else 0,
        ),
        destinations=tuple(_destinations(known, live, config)),
        spool=live.spool if live else spool or SpoolUse(),
        feeds=live.feeds if live else (),
        journal=JournalStatus(
            entries=known.entries,
            root=known.root,
            checkpoint_at=known.checkpoint_at,
            verified_at=known.verified_at,
            problems=None if known.verified_at is None else known.problems,
            backup_at=known.backup_at,
        ),
    )


def _destinations(known: JournalSummary, live: Live | None, config: Config) -> Iterator[LiveDestination]:
    known_live = {d.name: d for d in live.destinations} if live else {}
    for store in config.destinations:
        now = known_live.get(store.name) or LiveDestination(name=store.name, kind=store.kind)
        received = now.last_receipt_at or known.last_receipts.get(store.name)
        yield replace(now, last_receipt_at=received)


def _to_be_docked(recalled: Mapping[str, int], docked: Collection[LiveCamera]) -> Mapping[str, int]:
    """Return how many clips are to be copied again from each camera that is not being read."""
    read = {camera.serial for camera in docked if camera.state is not CameraState.REFUSED}
    return {serial: clips for serial, clips in recalled.items() if serial not in read}


def _destination_alerts(
    stores: Collection[LiveDestination], required: Collection[str], undescribed: Mapping[str, Undescribed]
) -> Iterator[Alert]:
    for store in stores:
        yield from destinations.destination_unreachable(store)
        yield from destinations.destination_proves_nothing(store, required=store.name in required)
    for store in stores:
        yield from destinations.documents_refused(store.name, undescribed.get(store.name))


def _hold_alerts(known: JournalSummary, config: Config, today: date) -> Iterator[Alert]:
    yield from holds.hold_review(known.holds_to_review, today)
    yield from holds.request_due(known.requests_due, today, warn_days=config.requests.warn_days)


def _digest_alerts(differ: Mapping[str, DigestsDiffer]) -> Iterator[Alert]:
    for serial, told in differ.items():
        yield from cameras.camera_digest_differs(serial, clips=told.clips, first=told.first)


def _loss_alerts(
    stores: Collection[LiveDestination], known: JournalSummary, now: datetime
) -> Iterator[Alert]:
    for store in stores:
        yield from copies.copy_lost(store.name, known.failed.get(store.name), now)


def _camera_alerts(docked: Collection[LiveCamera]) -> Iterator[Alert]:
    for camera in docked:
        yield from cameras.camera_refused(camera)
        yield from cameras.camera_failed(camera)
        yield from clips.clips_skipped(camera)
        yield from cameras.files_unknown(camera)
        yield from cameras.marks_meaningless(camera)
        yield from cameras.marks_frequent(camera)
        yield from cameras.camera_settings_differ(camera)
        yield from cameras.camera_officer_differs(camera)
