"""What does the running daemon report about itself?

Only what is not in the journal: which camera is in which bay and how far its copy is, which store answers,
how full the spool is, and what is wrong with the machine. The texts of the alerts are in `status/alerts/`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bwvdock import __version__
from bwvdock.bays.bay import Bay, display_state
from bwvdock.bays.docking import Dockings
from bwvdock.core.clips.classes.rules import unit_class
from bwvdock.core.clips.states import DockingState
from bwvdock.core.facts import LogKeyNew, SignerForgot
from bwvdock.core.media.sightings import Transport
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock, Spool
from bwvdock.delivery.delivery import Delivery
from bwvdock.delivery.destination_queue import DestinationQueue
from bwvdock.edges.journal.read.reports import Missing
from bwvdock.edges.journal.verify.last import LastVerification
from bwvdock.errors import BwvdockError, JournalDamagedError, JournalFullError
from bwvdock.holdings.rounds import Holdings
from bwvdock.runtime.jobs import Unexpected, attempt
from bwvdock.runtime.ledger import Ledger
from bwvdock.status.alerts import (
    Alert,
    cameras,
    checkout,
    clips,
    copies,
    destinations,
    disks,
    disposal,
    dock,
    journal,
)
from bwvdock.status.for_screen import ShownCheckout, ShownWindow, for_screen, for_screen_to_json, shown_bay
from bwvdock.status.values import (
    CameraState,
    Live,
    LiveCamera,
    LiveDestination,
    LiveFeed,
    SpoolUse,
    live_to_json,
)
from bwvdock.upkeep.checkpoints import Checkpoints
from bwvdock.upkeep.schedule import Schedule
from bwvdock.upkeep.surveys import Surveys
from bwvdock.witnessing.witnesses import Witnesses


class Recording(Protocol):
    """What `status` asks about the recording of reports."""

    @property
    def trouble(self) -> JournalFullError | JournalDamagedError | None:
        """Why the journal takes nothing; None while it takes what it is given."""

    @property
    def knows_all_reports(self) -> bool:
        """Whether no report waits to be recorded that may unsay what was said of a camera."""

    @property
    def unexpected(self) -> Unexpected:
        """What is called with an exception that nobody was prepared for."""


class CheckedOut(Protocol):
    """What `status` and a screen ask about cameras that are checked out."""

    @property
    def error(self) -> BwvdockError | None:
        """Why the list of badges could not be read; None where it was."""

    def offered(self, bay: Bay) -> bool:
        """Return whether the camera in a bay is offered now."""

    def shown(self) -> ShownCheckout | None:
        """Return what a screen shows of the last badge or camera."""

    def own_clips(self) -> ShownWindow | None:
        """Return the window in which an officer may see and mark their own clips, if one is open."""

    def taken_otherwise(self) -> Sequence[checkout.TakenOtherwise]:
        """Return the cameras that are out and assigned to nobody since they were taken."""


@dataclass(kw_only=True, slots=True)
class LiveView:
    """A view of the whole dock, for the thread that owns it."""

    dockings: Dockings
    ledger: Ledger
    delivery: Delivery
    schedule: Schedule
    surveys: Surveys
    spool: Spool
    clock: Clock
    recording: Recording
    checkpoints: Checkpoints | None = None
    witnesses: Witnesses | None = None
    holdings: Holdings | None = None
    checkouts: CheckedOut | None = None
    started_at: str = ""
    config_rejected: str = ""
    sole_keeper: str = ""
    last_verification: Callable[[], LastVerification] = LastVerification
    silent_folders: Callable[[], Sequence[str]] = tuple
    missing_folders: Callable[[], Sequence[tuple[str, str]]] = tuple
    not_notified: Callable[[], Sequence[tuple[str, str, str]]] = tuple
    feeds: Callable[[], Sequence[LiveFeed]] = tuple
    dark_lights: Callable[[], Sequence[tuple[str, str, str]]] = tuple
    officers_on_screen: bool = False

    def document(self) -> Mapping[str, Any]:
        """Return the live status as it is sent over the control socket."""
        return live_to_json(self.live())

    def for_screen(self) -> Mapping[str, Any]:
        """Return what is reported to a screen at the dock, as it is sent over the control socket."""
        free = attempt(self.spool.free_bytes, self.recording.unexpected)
        bays = (
            shown_bay(
                self._camera(bay),
                bay,
                trouble=self.recording.trouble,
                silent=self._is_silent(bay),
                paused=self.dockings.paused,
                officers=self.officers_on_screen,
                offered=self.checkouts is not None and self.checkouts.offered(bay),
                set_aside=self.surveys.set_aside(bay.serial),
            )
            for bay in self._docked()
        )
        alerts = (
            *dock.paused(paused=self.dockings.paused),
            *disks.spool_full(free if isinstance(free, int) else None),
            *journal.journal_full(self.recording.trouble),
            *journal.journal_damaged(self.recording.trouble, running=True),
            *self._alerts_of_reading(free),
        )
        said, own = (self.checkouts.shown(), self.checkouts.own_clips()) if self.checkouts else (None, None)
        told = for_screen(bays, alerts, paused=self.dockings.paused, checkout=said, own_clips=own)
        return for_screen_to_json(told)

    def is_safe(self, bay: Bay) -> bool:
        """Return whether `bwvdock status` shows the camera in a bay as safe to remove."""
        return self._camera(bay).state is CameraState.SAFE_TO_REMOVE

    def live(self) -> Live:
        """Return the live status."""
        free = attempt(self.spool.free_bytes, self.recording.unexpected)
        return Live(
            started_at=self.started_at,
            version=__version__,
            paused=self.dockings.paused,
            cameras=tuple(map(self._camera, self._docked())),
            destinations=tuple(self._destination(queue_of) for queue_of in self.delivery.queues.values()),
            spool=SpoolUse(
                bytes=self.surveys.spool_bytes, free_bytes=free if isinstance(free, int) else None
            ),
            alerts=tuple(self._alerts(free)),
            hurried=self.delivery.hurried(),
            feeds=tuple(self.feeds()),
            asking=self.holdings.waiting if self.holdings else 0,
        )

    def line(self) -> str:
        """Return one line for `systemctl status`."""
        bays = list(self._docked())
        copied, total = sum(b.tally.clips_copied for b in bays), sum(b.tally.clips_total for b in bays)
        paused = "PAUSED; " if self.dockings.paused else ""
        waiting = self.delivery.waiting()
        return f"{paused}{len(bays)} docked, {copied}/{total} clips copied, {waiting} to deliver"

    def _docked(self) -> Iterator[Bay]:
        return (bay for bay in self.dockings.bays.values() if bay.state is not None)

    def _camera(self, bay: Bay) -> LiveCamera:
        state, reason = display_state(bay, paused=self.dockings.paused)
        if (trouble := self.recording.trouble) and not self._is_known(bay, state):
            state, reason = CameraState.WAITING, trouble.message
        elif self._is_silent(bay) and state != CameraState.REFUSED:
            state, reason = CameraState.WAITING, "its folder does not answer"
        observed, (officer, unit) = bay.observed, self._held_by(bay.serial)
        return LiveCamera(
            serial=bay.serial,
            model=bay.sighting.model,
            officer=officer,
            unit=unit,
            bay=bay.sighting.bay,
            transport=bay.sighting.transport,
            state=CameraState(state),
            reason=reason,
            clips_total=bay.tally.clips_total,
            clips_copied=bay.tally.clips_copied,
            bytes_total=bay.tally.bytes_total,
            bytes_copied=bay.copied_bytes(),
            clips_left=observed.left,
            left=observed.left + observed.unknown,
            settling=observed.settling,
            docking=bay.docking,
            other_bay=bay.elsewhere if bay.state is DockingState.REFUSED else "",
            files_unknown=bay.tally.files_unknown,
            marks_ignored=", ".join(sorted(bay.tally.marks_ignored)),
            marked_often=", ".join(often for said in bay.tally.marked_often.values() for often in said),
            drift="; ".join(bay.drift),
            officer_differs=bay.officer_differs,
            battery=bay.battery,
            battery_source=bay.battery_source,
        )

    def _held_by(self, serial: str) -> tuple[str, str]:
        """Return who has a camera, and their unit: neither of a unit whose footage is restricted."""
        now = iso(self.clock.now())
        unit = self.ledger.unit_of(serial, now)
        of = unit_class(self.ledger.classing.rules.classes, unit)
        return ("", "") if of and of.restricted else (self.ledger.officer_of(serial, now), unit)

    def _is_known(self, bay: Bay, state: str) -> bool:
        """Return whether what was seen of a camera still holds while the journal takes nothing.

        What comes into a folder meanwhile is not looked at. A report that waits to be recorded may say that a
        copy is spoilt.
        """
        if state == CameraState.SAFE_TO_REMOVE:
            return bay.sighting.transport is not Transport.FOLDER and self.recording.knows_all_reports
        return state == CameraState.REFUSED

    def _is_silent(self, bay: Bay) -> bool:
        """Return whether the bay is a folder that hangs: what was seen of it before may not be so now."""
        return bay.sighting.transport is Transport.FOLDER and bay.serial in self.silent_folders()

    def _destination(self, queue_of: DestinationQueue) -> LiveDestination:
        error, found, traffic = queue_of.breaker.error, queue_of.assessment, queue_of.traffic()
        return LiveDestination(
            name=queue_of.target.name,
            kind=queue_of.destination.kind,
            reachable=queue_of.breaker.reachable,
            error=error.message if error else "",
            remedy=error.remedy if error else "",
            method=(found.method or "") if found else None,
            words=found.words if found else "",
            assessed_at=queue_of.assessed_at or None,
            clips_sending=traffic.clips,
            bytes_sending=traffic.size,
            bytes_sent=traffic.sent,
            bytes_confirmed=traffic.held,
            bytes_per_second=traffic.rate,
        )

    def _alerts(self, free: int | BwvdockError) -> Iterator[Alert]:
        """Return the alerts that follow from what only the running daemon sees."""
        yield from journal.journal_full(trouble := self.recording.trouble)
        yield from journal.journal_damaged(trouble, running=True)
        yield from journal.custody_failed(last := self.last_verification())
        yield from journal.files_unaccounted(last)
        if signing := self.checkpoints:
            yield from journal.checkpoints_not_signed(
                signing.error, since=signing.unsigned_since, hangs=signing.hangs
            )
            forgot = [(at, fact) for at, fact in signing.changes if isinstance(fact, SignerForgot)]
            yield from journal.signer_forgot(forgot, self.clock.now())
            keys = [(at, fact) for at, fact in signing.changes if isinstance(fact, LogKeyNew)]
            yield from journal.log_key_new(keys, self.clock.now())
            if stamps := signing.time_stamps:
                yield from journal.checkpoints_not_stamped(stamps.error, late=stamps.late)
        if confirming := self.witnesses:
            yield from journal.journal_not_as_witnessed(
                confirming.alarms.in_force(), confirming.alarms.unknown
            )
            yield from journal.witness_silent([(s.name, s.error) for s in confirming.silent()])
        if fitness := self.surveys.fitness:
            yield from dock.dock_not_fit(fitness.errors, fitness.checked_at)
        yield from dock.clock_not_synchronised(synchronised=self.clock.synchronised())
        yield from dock.config_rejected(rejected=bool(self.config_rejected))
        yield from dock.notify_failing(self.not_notified())
        yield from dock.feed_behind(self.feeds())
        yield from self._checkout_alerts()
        yield from dock.light_failing(self.dark_lights())
        for queue_of in self.delivery.queues.values():
            yield from self._delivery_alerts(queue_of)
        for target in self.ledger.targets:
            yield from self._copy_alerts(target.name, self.holdings)
        yield from self._alerts_of_reading(free)
        yield from cameras.folder_silent(self.silent_folders())
        yield from cameras.folder_missing(self.missing_folders())
        yield from self._disposal_alerts()
        rules = self.dockings.erasing.rules
        yield from disks.erase_one_disk(erase=rules.erase, one_disk=rules.one_disk)
        yield from disks.one_keeper(self.sole_keeper, erase=rules.erase, one_disk=rules.one_disk)
        yield from self._absence_alerts()
        for serial, doubt in self.dockings.times_doubts.items():
            yield from cameras.times_doubtful(serial, clips=doubt.clips, first=doubt.first, fits=doubt.fits)
        for serial, same in self.dockings.duplicates.found.items():
            yield from cameras.clips_duplicated(
                serial, clips=same.clips, first=same.first, others=same.cameras
            )

    def _alerts_of_reading(self, free: int | BwvdockError) -> Iterator[Alert]:
        """Return the alerts about what prevents reading cameras: as many as there are bays, at the most."""
        for error in self._errors_in_bays():
            yield from dock.mounter_unavailable(error)
            yield from disks.disk_failed(error)
            yield from disks.spool_full_for_a_clip(error, free)
        yield from disks.spool_not_measured(free)

    def _checkout_alerts(self) -> Iterator[Alert]:
        if out := self.checkouts:
            yield from checkout.camera_taken_otherwise(out.taken_otherwise())
            yield from checkout.badges_not_read(out.error)
        for health in self.surveys.health.found.values() if self.surveys.health else ():
            yield from cameras.camera_set_aside(health)

    def _disposal_alerts(self) -> Iterator[Alert]:
        yield from disposal.footage_near_limit(self.ledger.clips.values(), self.clock.now())
        yield from disposal.disposal_failed(self.schedule.disposal.errors)
        waits, leapt = self.schedule.disposal.waits, self.schedule.waits_for_a_leap()
        yield from disposal.disposal_waits(waits=waits, leapt=leapt)
        if survey := self.surveys.due:
            yield from disposal.footage_due(survey.found)
            yield from disposal.consulted_due(survey.found)

    def _delivery_alerts(self, queue_of: DestinationQueue) -> Iterator[Alert]:
        name, required = queue_of.target.name, queue_of.target.required
        refused = {c.id: c.refused[name] for c in self.ledger.clips.values() if name in c.refused}
        yield from destinations.destination_denied(name, queue_of.breaker.error)
        yield from clips.clips_refused(name, refused, required=required)
        yield from clips.clips_parked(name, queue_of.parked)

    def _copy_alerts(self, name: str, holdings: Holdings | None) -> Iterator[Alert]:
        if holdings is not None:
            left = holdings.left.get(name, 0)
            error = None if name in self.delivery.errors else holdings.errors.get(name)  # that one is told
            yield from copies.copies_not_asked(name, left, error, mute=name in holdings.mute)

    def _errors_in_bays(self) -> Iterable[BwvdockError]:
        """Return what went wrong with cameras and their media, one error of each kind."""
        bays = self.dockings.bays.values()
        errors = [error for bay in bays for error in (bay.trouble, bay.release.waits)]
        errors += [medium.error for bay in bays for medium in bay.media.values()]
        return {type(error): error for error in errors if error is not None}.values()

    def _absence_alerts(self) -> Iterator[Alert]:
        days, missing = self.surveys.absences.days, defaultdict[Missing, list[str]](list)
        for absence in self.surveys.absences.absent:
            missing[absence.what].append(absence.camera)
        yield from cameras.cameras_absent(missing[Missing.CAMERA], days)
        yield from clips.clips_lost(missing[Missing.CLIP], days)
        yield from clips.numbers_missing(missing[Missing.NUMBERS], days)
