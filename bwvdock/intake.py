"""What does a bay's worker do? The jobs that touch a camera, each in the bay's own thread.

A job translates what it met into messages; it decides nothing and records nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from bwvdock.core.facts import CameraClockRead, CameraIdentified
from bwvdock.core.ports import CameraVolume, Progress, Spool
from bwvdock.core.profile import Profile
from bwvdock.core.sightings import Introduction, Sighting, VolumeArrived
from bwvdock.core.unlock import UnlockRule
from bwvdock.errors import BwvdockError, HaltedError
from bwvdock.messages import Acquired, BatchEnded, Closed, Listed, Opened, SerialRead, Unlocked, UnlockReady
from bwvdock.stages.acquire import Order, acquire
from bwvdock.stages.find import Finding, Held, find
from bwvdock.stages.find.ask import told_serial
from bwvdock.stages.identify import identify, read_clock
from bwvdock.workers import Post

OpenVolume = Callable[[Sighting, VolumeArrived], CameraVolume]


class Doors(Protocol):
    """The ways to a camera; each is called in its bay's own thread. Errors as in core/ports/."""

    def open_volume(self, sighting: Sighting, arrival: VolumeArrived) -> CameraVolume:
        """Open a medium that was announced.

        Raises:
            CameraError: it is gone, refused or unreadable.
            MounterUnavailableError: the mounter does not answer.
        """
        ...

    def open_camera(self, sighting: Sighting) -> tuple[Introduction, Sequence[CameraVolume]]:
        """Open a camera that holds its volumes itself (MTP), or ask it again for them.

        Raises:
            LockedError: it shows none yet; it stays open and may be asked again.
            CameraError: it is gone, refused or unreadable.
        """
        ...

    def close_camera(self, sighting: Sighting) -> None:
        """Let go of such a camera; of one that was never opened, or twice, is no error."""
        ...

    def ready_to_unlock(self, rule: UnlockRule) -> None:
        """See whether the secret is there. The camera is not touched.

        Raises:
            SecretMissingError: it is not.
        """
        ...

    def unlock(self, sighting: Sighting, rule: UnlockRule) -> None:
        """Tell a camera to show its disk; once for each docking at most.

        Raises:
            CameraError: it is gone, may not be opened, or did not take what it was told.
        """
        ...


class OnlyVolumes:
    """Doors to media alone: for houses at which no MTP camera is ever docked."""

    def __init__(self, open_volume: OpenVolume) -> None:
        """Open media with that function."""
        self._open_volume = open_volume

    def open_volume(self, sighting: Sighting, arrival: VolumeArrived) -> CameraVolume:
        """Open it."""
        return self._open_volume(sighting, arrival)

    def open_camera(self, sighting: Sighting) -> tuple[Introduction, Sequence[CameraVolume]]:
        """Nobody may come here."""
        raise RuntimeError(f"no camera of transport {sighting.transport} was ever to be docked here")

    def close_camera(self, sighting: Sighting) -> None:
        """There is none."""

    def ready_to_unlock(self, rule: UnlockRule) -> None:
        """Nobody may come here."""
        raise RuntimeError(f"no camera was ever to be unlocked here: {rule.credential}")

    def unlock(self, sighting: Sighting, rule: UnlockRule) -> None:
        """Nobody may come here."""
        raise RuntimeError(f"no camera was ever to be unlocked here: {sighting.key}, {rule.credential}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """What the jobs need of the house."""

    doors: Doors
    synchronised: Callable[[], bool]
    profiles: Sequence[Profile]
    held: Held
    new_id: Callable[[], str]
    spool: Spool


def serial_stands_on_volume(sighting: Sighting, profiles: Collection[Profile]) -> bool:
    """Say whether a profile that names this camera's USB ids knows of a file that tells its serial."""
    if sighting.transport == "unlock":
        return False
    return any(p.serial is not None and sighting.usb in p.usb for p in profiles if sighting.usb)


@dataclass(frozen=True, slots=True)
class Open:
    """Open a camera that holds its volumes itself, ask who it is, and which volumes it shows."""

    sighting: Sighting
    docking: str
    tools: Tools

    def __call__(self, post: Post) -> None:
        """Do it."""
        key = self.sighting.key
        facts: list[CameraIdentified | CameraClockRead] = []
        volumes: Sequence[CameraVolume] = ()
        failure: BwvdockError | None = None
        try:
            introduction, volumes = self.tools.doors.open_camera(self.sighting)
            facts.append(identify(introduction, docking=self.docking))
            if introduction.clock is not None:
                synchronised = self.tools.synchronised()
                facts.append(
                    read_clock(introduction.clock, docking=self.docking, dock_synchronised=synchronised)
                )
        except BwvdockError as error:
            failure = error.without_frames()
        arrived = tuple((VolumeArrived(key=key, device=v.name, name=v.name), v) for v in volumes)
        post(Opened(key=key, facts=tuple(facts), volumes=arrived, error=failure))


@dataclass(frozen=True, slots=True)
class AskSecret:
    """See whether a camera could be unlocked: its secret is there."""

    sighting: Sighting
    rule: UnlockRule
    tools: Tools

    def __call__(self, post: Post) -> None:
        """Do it."""
        failure: BwvdockError | None = None
        try:
            self.tools.doors.ready_to_unlock(self.rule)
        except BwvdockError as error:
            failure = error
        post(UnlockReady(key=self.sighting.key, error=failure))


@dataclass(frozen=True, slots=True)
class Unlock:
    """Tell a camera to show its disk."""

    sighting: Sighting
    docking: str
    rule: UnlockRule
    tools: Tools

    def __call__(self, post: Post) -> None:
        """Do it."""
        failure: BwvdockError | None = None
        try:
            self.tools.doors.unlock(self.sighting, self.rule)
        except BwvdockError as error:
            failure = error
        post(Unlocked(key=self.sighting.key, docking=self.docking, error=failure))


@dataclass(frozen=True, slots=True)
class ReadSerial:
    """Ask a volume for the serial of its camera, before the camera is admitted or refused."""

    sighting: Sighting
    arrival: VolumeArrived
    tools: Tools

    def __call__(self, post: Post) -> None:
        """Do it."""
        volume: CameraVolume | None = None
        serial, failure = "", None
        try:
            volume = self.tools.doors.open_volume(self.sighting, self.arrival)
            serial = told_serial(volume, profiles=self.tools.profiles, usb=self.sighting.usb)
        except BwvdockError as error:
            failure = error.without_frames()
        post(
            SerialRead(
                key=self.sighting.key,
                device=self.arrival.device,
                volume=volume,
                serial=serial,
                error=failure,
            )
        )


@dataclass(frozen=True, slots=True)
class ListVolume:
    """Open a volume, unless that was done, and list it whole."""

    sighting: Sighting
    arrival: VolumeArrived
    volume: CameraVolume | None
    serial: str
    docking: str
    tools: Tools

    def __call__(self, post: Post) -> None:
        """Do it."""
        volume = self.volume
        finding: Finding | None = None
        failure: BwvdockError | None = None
        try:
            volume = volume or self.tools.doors.open_volume(self.sighting, self.arrival)
            finding = find(
                volume,
                profiles=self.tools.profiles,
                usb=self.sighting.usb,
                camera=self.serial,
                docking=self.docking,
                held=self.tools.held,
                new_id=self.tools.new_id,
            )
        except BwvdockError as error:
            failure = error.without_frames()
        post(
            Listed(
                key=self.sighting.key,
                device=self.arrival.device,
                volume=volume,
                finding=finding,
                error=failure,
            )
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """Bring a batch of clips into the spool while `others` bays copy too; `heed` may halt it."""

    key: str
    docking: str
    orders: Sequence[Order]
    heed: Progress
    spool: Spool
    others: int

    def __call__(self, post: Post) -> None:
        """Do it; what is acquired is posted as it comes."""
        failure: BwvdockError | None = None
        try:
            facts = acquire(
                self.orders, docking=self.docking, spool=self.spool, progress=self.heed, others=self.others
            )
            for fact in facts:
                post(Acquired(key=self.key, fact=fact))
        except HaltedError:
            pass
        except BwvdockError as error:
            failure = error.without_frames()
        clips = tuple(order.clip.id for order in self.orders)
        post(BatchEnded(key=self.key, clips=clips, error=failure))


@dataclass(frozen=True, slots=True)
class CloseVolume:
    """Let go of one medium that left its reader."""

    volume: CameraVolume

    def __call__(self, post: Post) -> None:  # noqa: ARG002 - nothing to tell
        """Do it."""
        self.volume.close()


@dataclass(frozen=True, slots=True)
class CloseAll:
    """Let go of a camera that left, or that is to be left alone."""

    sighting: Sighting
    volumes: Sequence[CameraVolume]
    tools: Tools

    def __call__(self, post: Post) -> None:
        """Do it, and say so."""
        for volume in self.volumes:
            volume.close()
        self.tools.doors.close_camera(self.sighting)
        post(Closed(key=self.sighting.key))
