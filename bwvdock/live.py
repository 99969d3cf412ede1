"""What does the running daemon tell those who ask how it is?

Only what the journal does not know: who sits in which bay and how far it is, which store answers,
how full the spool is, and what is wrong with the machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bwvdock.bay import Bay, display_state
from bwvdock.core.ports import Clock, Destination, Spool
from bwvdock.delivery import Delivery
from bwvdock.errors import (
    BwvdockError,
    DurabilityError,
    MounterUnavailableError,
    SpoolFullError,
    StorageError,
)
from bwvdock.messages import Probed
from bwvdock.pipeline import Pipeline
from bwvdock.status import (
    Alert,
    AlertCode,
    CameraState,
    Live,
    LiveCamera,
    LiveDestination,
    Severity,
    SpoolUse,
    live_to_json,
)
from bwvdock.workers import Post, Worker


@dataclass(kw_only=True, slots=True)
class Lookout:
    """Looks over the house from the thread that owns it."""

    pipeline: Pipeline
    delivery: Delivery
    destinations: Sequence[Destination]
    spool: Spool
    clock: Clock
    started_at: str = ""
    config_rejected: str = ""
    probed: dict[str, BwvdockError | None] = field(default_factory=dict)

    def document(self) -> Mapping[str, Any]:
        """Give what goes over the control socket."""
        return live_to_json(self.live())

    def live(self) -> Live:
        """Look."""
        return Live(
            started_at=self.started_at,
            paused=self.pipeline.paused,
            cameras=tuple(self._camera(bay) for bay in self.pipeline.bays.values() if bay.state is not None),
            destinations=tuple(self._destination(d) for d in self.destinations),
            spool=SpoolUse(bytes=self.spool.used_bytes(), free_bytes=self.spool.free_bytes()),
            alerts=tuple(self._alerts()),
        )

    def probe(self, pool: Worker) -> None:
        """Have every destination asked whether it can be reached, in the uploaders' threads."""
        for destination in self.destinations:
            pool.submit(_Probe(destination))

    def line(self) -> str:
        """Give one line for `systemctl status`."""
        bays = [b for b in self.pipeline.bays.values() if b.state is not None]
        copied, total = sum(b.tally.clips_copied for b in bays), sum(b.tally.clips_total for b in bays)
        paused = "paused; " if self.pipeline.paused else ""
        waiting = self.delivery.waiting()
        return f"{paused}{len(bays)} docked, {copied}/{total} clips copied, {waiting} to deliver"

    def _camera(self, bay: Bay) -> LiveCamera:
        state, reason = display_state(bay, paused=self.pipeline.paused)
        return LiveCamera(
            serial=bay.serial,
            model=bay.sighting.model,
            bay=bay.sighting.bay,
            transport=bay.sighting.transport,
            state=CameraState(state),
            reason=reason,
            clips_total=bay.tally.clips_total,
            clips_copied=bay.tally.clips_copied,
            bytes_total=bay.tally.bytes_total,
            bytes_copied=bay.copied_bytes(),
            clips_left=bay.tally.clips_left,
        )

    def _destination(self, destination: Destination) -> LiveDestination:
        error = self.delivery.errors.get(destination.name) or self.probed.get(destination.name)
        asked = destination.name in self.probed or error is not None
        return LiveDestination(
            name=destination.name,
            kind=destination.kind,
            reachable=(error is None) if asked else None,
            error=error.message if error else "",
        )

    def _alerts(self) -> Iterator[Alert]:
        if not self.clock.synchronised():
            yield Alert(
                code=AlertCode.CLOCK_NOT_SYNCHRONISED,
                severity=Severity.WARNING,
                message="The dock's clock is not synchronised: the times in the journal may be off.",
                remedy="timedatectl status; then: systemctl enable --now systemd-timesyncd (or chrony)",
            )
        if self.config_rejected:
            yield Alert(
                code=AlertCode.CONFIG_REJECTED,
                severity=Severity.WARNING,
                message="The configuration was changed and is wrong; the one before it is still in force.",
                remedy="bwvdock config check; then: systemctl reload bwvdock",
            )
        yield from self._trouble_of_bays()

    def _trouble_of_bays(self) -> Iterator[Alert]:
        troubles = [bay.trouble for bay in self.pipeline.bays.values()]
        troubles += [m.error for bay in self.pipeline.bays.values() for m in bay.media.values()]
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
            yield Alert(code=code, severity=Severity.ERROR, message=trouble.message, remedy=trouble.remedy)


@dataclass(frozen=True, slots=True)
class _Probe:
    destination: Destination

    def __call__(self, post: Post) -> None:
        failure: BwvdockError | None = None
        try:
            self.destination.probe()
        except BwvdockError as error:
            failure = error
        post(Probed(destination=self.destination.name, error=failure))
