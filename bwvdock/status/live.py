"""What does the running daemon tell those who ask how it is?

Only what the journal does not know: who sits in which bay and how far it is, which store answers,
how full the spool is, and what is wrong with the machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bwvdock.bays.bay import Bay, display_state
from bwvdock.bays.docking import Dockings
from bwvdock.core.clips.retention import in_danger
from bwvdock.core.clips.states import DockingState
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock, Spool
from bwvdock.delivery.delivery import Delivery
from bwvdock.delivery.destination_queue import DestinationQueue
from bwvdock.edges.journal.read.reports import Absence, Missing
from bwvdock.errors import (
    AccessDeniedError,
    DurabilityError,
    MounterUnavailableError,
    SpoolFullError,
    StorageError,
)
from bwvdock.runtime.ledger import Ledger
from bwvdock.status.alerts import Alert, AlertCode
from bwvdock.status.values import CameraState, Live, LiveCamera, LiveDestination, SpoolUse, live_to_json
from bwvdock.units import format_count
from bwvdock.upkeep.schedule import Schedule

_NEAR = timedelta(days=7)
_SHOWN = 5  # serials in one alert


@dataclass(kw_only=True, slots=True)
class LiveView:
    """Looks over the house from the thread that owns it."""

    dockings: Dockings
    ledger: Ledger
    delivery: Delivery
    schedule: Schedule
    spool: Spool
    clock: Clock
    started_at: str = ""
    config_rejected: str = ""

    def document(self) -> Mapping[str, Any]:
        """Return what goes over the control socket."""
        return live_to_json(self.live())

    def live(self) -> Live:
        """Look."""
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
        paused = "paused; " if self.dockings.paused else ""
        waiting = self.delivery.waiting()
        return f"{paused}{len(bays)} docked, {copied}/{total} clips copied, {waiting} to deliver"

    def _camera(self, bay: Bay) -> LiveCamera:
        state, reason = display_state(bay, paused=self.dockings.paused)
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
        if not self.clock.synchronised():
            yield Alert.warning(
                AlertCode.CLOCK_NOT_SYNCHRONISED,
                "The dock's clock is not synchronised: the times in the journal may be off.",
                "timedatectl status; then: systemctl enable --now systemd-timesyncd (or chrony)",
            )
        if self.config_rejected:
            yield Alert.warning(
                AlertCode.CONFIG_REJECTED,
                "The configuration was changed and is wrong; the one before it is still in force.",
                "bwvdock config check; then: systemctl reload bwvdock",
            )
        for queue_of in self.delivery.queues.values():
            yield from self._trouble_of(queue_of)
        yield from self._trouble_of_bays()
        yield from self._near_their_limit()
        yield from self._trouble_of_keeping()
        yield from self._what_is_missing()

    def _trouble_of(self, queue_of: DestinationQueue) -> Iterator[Alert]:
        name, error = queue_of.target.name, queue_of.breaker.error
        if isinstance(error, AccessDeniedError):
            yield Alert.error(
                AlertCode.DESTINATION_DENIED,
                f"The destination {name} does not let the dock in: {error.message}. "
                "What it holds of uploads is kept, and they go on when it does.",
                error.remedy or "Renew the secret or certificate; then: systemctl reload bwvdock",
            )
        refused = sorted(c.id for c in self.ledger.clips.values() if name in c.refused)
        if refused:
            stay = " They stay in the spool, and below verified." if queue_of.target.required else ""
            yield Alert.error(
                AlertCode.CLIPS_REFUSED,
                f"The destination {name} refused {format_count(len(refused), 'clip')} for good."
                f"{stay} Clip {refused[0]}: {self.ledger.clips[refused[0]].refused[name]}.",
                f"bwvdock clips show {refused[0]}; once mended: bwvdock clips retry {refused[0]}",
            )
        if parked := sorted(queue_of.parked):
            yield Alert.warning(
                AlertCode.CLIPS_PARKED,
                f"{format_count(len(parked), 'clip')} failed again and again at the destination "
                f"{name}, while others got through; tried once an hour. "
                f"Clip {parked[0]}: {queue_of.why_parked(parked[0])}.",
                f"bwvdock clips show {parked[0]}; to try at once: bwvdock clips retry {parked[0]}",
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
            f"{format_count(len(clips), 'clip')} in no evidence store, and the time for which "
            f"footage is kept that is no evidence {'is over' if past else 'ends within 7 days'}: "
            f"clip {first.id}, kept until {first.retain_until}. Nothing is disposed of that no store has.",
            "bwvdock status shows which store is not reached; if it is evidence: "
            f"bwvdock clips flag {first.id} --evidence --reason R",
        )

    def _trouble_of_keeping(self) -> Iterator[Alert]:
        disposal = self.schedule.disposal
        for place, error in disposal.errors.items():
            yield Alert.error(
                AlertCode.DISPOSAL_FAILED,
                f"Footage whose time is over cannot be disposed of in {place}: {error.message}",
                f"{error.remedy}\nThen: bwvdock dispose".lstrip(),
            )
        if disposal.waits:
            yield Alert.warning(
                AlertCode.DISPOSAL_WAITS,
                "Footage seems to be due, but the clock is not synchronised: nothing is disposed of.",
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
                f"{format_count(len(absent), 'camera')} enrolled and not docked for {days} days: "
                f"{_cameras(absent)}.",
                f"{report}; one that is lost: bwvdock cameras revoke SERIAL --reason R",
            )
        if lost := missing.get(Missing.CLIP):
            yield Alert.error(
                AlertCode.CLIPS_LOST,
                f"{format_count(len(lost), 'clip')} seen at a docking, never copied here, and not on the "
                f"camera any more at the next one, within {days} days: {_cameras(lost)}.",
                "If no other dock has them, take these cameras out of use: what was deleted can often be "
                f"recovered. {report}",
            )
        if gaps := missing.get(Missing.NUMBERS):
            yield Alert.warning(
                AlertCode.NUMBERS_MISSING,
                f"Numbers are missing between recordings that came within {days} days: {_cameras(gaps)}. "
                "They may have been deleted at the camera, or taken at another dock.",
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
                code = AlertCode.SPOOL_FULL  # room there is, and not enough for the next clip
            else:
                continue
            yield Alert.error(code, trouble.message, trouble.remedy)


def _cameras(missing: Iterable[Absence]) -> str:
    """Name the cameras of which something is missing."""
    serials = list(dict.fromkeys(absence.camera for absence in missing))
    more = f" and {len(serials) - _SHOWN:,} more" if len(serials) > _SHOWN else ""
    return ", ".join(serials[:_SHOWN]) + more
