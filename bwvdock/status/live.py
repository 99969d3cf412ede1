"""What does the running daemon report about itself?

Only what is not in the journal: which camera is in which bay and how far its copy is, which store answers,
how full the spool is, and what is wrong with the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bwvdock.bays.bay import Bay, display_state
from bwvdock.bays.docking import Dockings
from bwvdock.core.clips.dating import TimesDoubt
from bwvdock.core.clips.retention import in_danger
from bwvdock.core.clips.states import DockingState
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock, Spool
from bwvdock.delivery.delivery import Delivery
from bwvdock.delivery.destination_queue import DestinationQueue
from bwvdock.edges.journal.read.reports import Absence, Missing
from bwvdock.edges.journal.verify.last import LastVerification
from bwvdock.errors import (
    AccessDeniedError,
    DurabilityError,
    JournalDamagedError,
    JournalFullError,
    MounterUnavailableError,
    SpoolFullError,
    StorageError,
)
from bwvdock.runtime.ledger import Ledger
from bwvdock.status.alerts import Alert, AlertCode
from bwvdock.status.values import CameraState, Live, LiveCamera, LiveDestination, SpoolUse, live_to_json
from bwvdock.status.verification import verification_alerts
from bwvdock.units import count_are as _are
from bwvdock.units import format_count
from bwvdock.upkeep.schedule import Schedule

_NEEDS_NO_JOURNAL = frozenset({CameraState.SAFE_TO_REMOVE, CameraState.REFUSED})
_NEAR = timedelta(days=7)
_SHOWN = 5  # serials in one alert


@dataclass(kw_only=True, slots=True)
class LiveView:
    """A view of the whole dock, for the thread that owns it."""

    dockings: Dockings
    ledger: Ledger
    delivery: Delivery
    schedule: Schedule
    spool: Spool
    clock: Clock
    started_at: str = ""
    config_rejected: str = ""
    sole_keeper: str = ""
    last_verification: Callable[[], LastVerification] = LastVerification
    silent_folders: Callable[[], Sequence[str]] = tuple
    journal_trouble: Callable[[], JournalFullError | JournalDamagedError | None] = lambda: None

    def document(self) -> Mapping[str, Any]:
        """Return the live status as it is sent over the control socket."""
        return live_to_json(self.live())

    def live(self) -> Live:
        """Return the live status."""
        return Live(
            started_at=self.started_at,
            paused=self.dockings.paused,
            cameras=tuple(self._camera(bay) for bay in self.dockings.bays.values() if bay.state is not None),
            destinations=tuple(self._destination(queue_of) for queue_of in self.delivery.queues.values()),
            spool=SpoolUse(bytes=self.spool.used_bytes(), free_bytes=self.spool.free_bytes()),
            alerts=tuple(self._alerts()),
        )

    def line(self) -> str:
        """Return one line for `systemctl status`."""
        bays = [b for b in self.dockings.bays.values() if b.state is not None]
        copied, total = sum(b.tally.clips_copied for b in bays), sum(b.tally.clips_total for b in bays)
        paused = "PAUSED; " if self.dockings.paused else ""
        waiting = self.delivery.waiting()
        return f"{paused}{len(bays)} docked, {copied}/{total} clips copied, {waiting} to deliver"

    def _camera(self, bay: Bay) -> LiveCamera:
        state, reason = display_state(bay, paused=self.dockings.paused)
        if (trouble := self.journal_trouble()) and state not in _NEEDS_NO_JOURNAL:
            state, reason = CameraState.WAITING, trouble.message
        observed = bay.observed
        return LiveCamera(
            serial=bay.serial,
            model=bay.sighting.model,
            officer=self.ledger.officer_of(bay.serial, iso(self.clock.now())),
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
        )

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

    def _alerts(self) -> Iterator[Alert]:
        if trouble := self.journal_trouble():
            full = isinstance(trouble, JournalFullError)
            code = AlertCode.JOURNAL_FULL if full else AlertCode.JOURNAL_DAMAGED
            yield Alert.error(code, f"{trouble.message} No footage is taken.", trouble.remedy)
        yield from verification_alerts(self.last_verification())
        if not self.clock.synchronised():
            yield Alert.warning(
                AlertCode.CLOCK_NOT_SYNCHRONISED,
                "The dock's clock is not synchronised, so the times in the journal may be wrong.",
                "timedatectl status; then: systemctl enable --now systemd-timesyncd (or chrony)",
            )
        if self.config_rejected:
            yield Alert.warning(
                AlertCode.CONFIG_REJECTED,
                "The changed configuration is invalid; the previous one is still in force.",
                "bwvdock config check; then: systemctl reload bwvdock",
            )
        for queue_of in self.delivery.queues.values():
            yield from self._trouble_of(queue_of)
        yield from self._trouble_of_bays()
        yield from self._silent_folders()
        yield from self._near_their_limit()
        yield from self._trouble_of_keeping()
        yield from self._few_copies()
        yield from self._what_is_missing()
        yield from _doubtful_times(self.dockings.times_doubts)

    def _trouble_of(self, queue_of: DestinationQueue) -> Iterator[Alert]:
        name, error = queue_of.target.name, queue_of.breaker.error
        if isinstance(error, AccessDeniedError):
            yield Alert.error(
                AlertCode.DESTINATION_DENIED,
                f"Destination {name} rejected the dock's credentials: {error.message}. "
                "Part-finished uploads are kept and resume once access is restored.",
                error.remedy or "Renew the secret or certificate; then: systemctl reload bwvdock",
            )
        refused = sorted(c.id for c in self.ledger.clips.values() if name in c.refused)
        if refused:
            stay = " They stay in the spool and will not become verified." if queue_of.target.required else ""
            yield Alert.error(
                AlertCode.CLIPS_REFUSED,
                f"Destination {name} permanently refused {format_count(len(refused), 'clip')}."
                f"{stay} Clip {refused[0]}: {self.ledger.clips[refused[0]].refused[name]}.",
                f"bwvdock clips show {refused[0]}; when fixed: bwvdock clips retry {refused[0]}",
            )
        if parked := sorted(queue_of.parked):
            yield Alert.warning(
                AlertCode.CLIPS_PARKED,
                f"{format_count(len(parked), 'clip')} failed repeatedly at destination {name} "
                "while others succeeded; retried once an hour. "
                f"Clip {parked[0]}: {queue_of.why_parked(parked[0])}.",
                f"bwvdock clips show {parked[0]}; to try at once: bwvdock clips retry {parked[0]}",
            )

    def _silent_folders(self) -> Iterator[Alert]:
        for serial in self.silent_folders():
            yield Alert.error(
                AlertCode.FOLDER_SILENT,
                f"The folder of camera {serial} does not answer: its file system hangs. Nothing is taken "
                "from it; other cameras are served.",
                "See which server or program is behind it: findmnt -T FOLDER; then mount it again",
            )

    def _near_their_limit(self) -> Iterator[Alert]:
        now = self.clock.now()
        clips = [c for c in self.ledger.clips.values() if in_danger(c, now=now, within=_NEAR)]
        if not clips:
            return
        first = min(clips, key=lambda clip: clip.retain_until)
        past = datetime.fromisoformat(first.retain_until) < now
        yield (Alert.error if past else Alert.warning)(
            AlertCode.FOOTAGE_NEAR_LIMIT,
            f"{_are(len(clips), 'clip')} not proven in an evidence store, and the retention period "
            f"{'has ended' if past else 'ends within 7 days'}: clip {first.id}, kept until "
            f"{first.retain_until}. A clip that no store has is not disposed of.",
            "bwvdock status shows which store cannot be reached; if the clip is evidence: "
            f"bwvdock clips flag {first.id} --evidence --reason R",
        )

    def _few_copies(self) -> Iterator[Alert]:
        if self.dockings.erasing.rules.erase and self.dockings.erasing.rules.one_disk:
            yield Alert.error(
                AlertCode.ERASE_ONE_DISK,
                "No camera is erased: the spool and every required destination are on one disk, so a clip "
                "would have one physical copy.",
                "Add a required destination on another disk or machine; or, to accept the risk, write "
                'single_disk = "accepted" under [release]; then: systemctl restart bwvdock',
            )
        elif self.sole_keeper:
            yield Alert.warning(
                AlertCode.ONE_KEEPER,
                f"One failure could lose footage: {self.sole_keeper}.",
                "Add a required destination on another disk or machine; then: systemctl restart bwvdock",
            )

    def _trouble_of_keeping(self) -> Iterator[Alert]:
        disposal = self.schedule.disposal
        for place, error in disposal.errors.items():
            yield Alert.error(
                AlertCode.DISPOSAL_FAILED,
                f"Footage past its retention date cannot be disposed of in {place}: {error.message}",
                f"{error.remedy}\nThen: bwvdock dispose".lstrip(),
            )
        if disposal.waits:
            yield Alert.warning(
                AlertCode.DISPOSAL_WAITS,
                "Footage appears to be due, but the clock is not synchronised, so nothing is disposed of.",
                "timedatectl status; then: bwvdock dispose --dry-run",
            )

    def _what_is_missing(self) -> Iterator[Alert]:
        missing: dict[Missing, list[Absence]] = {}
        for absence in self.schedule.absent:
            missing.setdefault(absence.what, []).append(absence)
        days = self.schedule.absence_days
        report = f"bwvdock report absence --days {days}"
        if absent := missing.get(Missing.CAMERA):
            yield Alert.warning(
                AlertCode.CAMERAS_ABSENT,
                f"{format_count(len(absent), 'enrolled camera')} not docked for {days} days: "
                f"{_cameras(absent)}.",
                f"{report}; if a camera is lost: bwvdock cameras revoke SERIAL --reason R",
            )
        if lost := missing.get(Missing.CLIP):
            yield Alert.error(
                AlertCode.CLIPS_LOST,
                f"{format_count(len(lost), 'clip')} seen at a docking in the last {days} days, never copied "
                f"here, and no longer on the camera at its next docking: {_cameras(lost)}.",
                "If no other dock has them, take these cameras out of use: deleted files can often be "
                f"recovered. {report}",
            )
        if gaps := missing.get(Missing.NUMBERS):
            yield Alert.warning(
                AlertCode.NUMBERS_MISSING,
                f"File numbers are missing between recordings of the last {days} days: {_cameras(gaps)}. "
                "The files may have been deleted on the camera, or copied at another dock.",
                report,
            )

    def _trouble_of_bays(self) -> Iterator[Alert]:
        troubles = [bay.trouble for bay in self.dockings.bays.values()]
        troubles += [m.error for bay in self.dockings.bays.values() for m in bay.media.values()]
        for trouble in {type(t): t for t in troubles if t is not None}.values():
            if isinstance(trouble, MounterUnavailableError):
                code = AlertCode.MOUNTER_UNAVAILABLE
            elif isinstance(trouble, DurabilityError) or (
                isinstance(trouble, StorageError) and not trouble.retryable
            ):
                code = AlertCode.DISK_FAILED
            elif isinstance(trouble, SpoolFullError) and self.spool.free_bytes() > 0:
                code = AlertCode.SPOOL_FULL  # there is room, but not enough for the next clip
            else:
                continue
            yield Alert.error(code, trouble.message, trouble.remedy)


_SET_TIMES = 'say times = "{}" in its profile in /etc/bwvdock/profiles; then: systemctl reload bwvdock'
_READ_OTHERWISE = {
    "local": ("local time", _SET_TIMES.format("local")),
    "utc": ("UTC", _SET_TIMES.format("utc")),
}


def _doubtful_times(doubts: Mapping[str, TimesDoubt]) -> Iterator[Alert]:
    """Return an alert for each camera whose clips have impossible times, or times that fit otherwise."""
    for serial, doubt in doubts.items():
        if not doubt.clips:
            continue
        fits, remedy = _READ_OTHERWISE.get(doubt.fits, (doubt.fits, "set its clock"))
        also = f" Read as {fits}, they fit." if doubt.fits in _READ_OTHERWISE else ""
        also = also or (f" Taken as {fits}, they fit." if fits else "")
        yield Alert.warning(
            AlertCode.TIMES_DOUBTFUL,
            f"The times of {format_count(doubt.clips, 'clip')} from camera {serial} do not fit its last "
            f"docking, for example clip {doubt.first}: they may be attributed to the wrong officer.{also}",
            f"bwvdock clips show {doubt.first}; compare the camera's clock with the time, then {remedy}",
        )


def _cameras(missing: Iterable[Absence]) -> str:
    """Return the cameras that miss something, in words."""
    serials = list(dict.fromkeys(absence.camera for absence in missing))
    more = f" and {len(serials) - _SHOWN:,} more" if len(serials) > _SHOWN else ""
    return ", ".join(serials[:_SHOWN]) + more
