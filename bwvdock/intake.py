"""What does a bay's worker do? The jobs that touch a camera, each in the bay's own thread.

A job translates what it met into messages; it decides nothing and records nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from bwvdock.core.ports import CameraVolume, Progress, Spool
from bwvdock.core.profile import Profile
from bwvdock.core.sightings import Sighting, VolumeArrived
from bwvdock.errors import BwvdockError, HaltedError
from bwvdock.messages import Acquired, BatchEnded, Closed, Listed, SerialRead
from bwvdock.stages.acquire import Order, acquire
from bwvdock.stages.find import Finding, Held, find, told_serial
from bwvdock.workers import Post

OpenVolume = Callable[[Sighting, VolumeArrived], CameraVolume]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """What the jobs need of the house."""

    open_volume: OpenVolume
    profiles: Sequence[Profile]
    held: Held
    new_id: Callable[[], str]
    spool: Spool


def serial_stands_on_volume(sighting: Sighting, profiles: Collection[Profile]) -> bool:
    """Say whether a profile that names this camera's USB ids knows of a file that tells its serial."""
    return any(p.serial is not None and sighting.usb in p.usb for p in profiles if sighting.usb)


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
            volume = self.tools.open_volume(self.sighting, self.arrival)
            serial = told_serial(volume, profiles=self.tools.profiles, usb=self.sighting.usb)
        except BwvdockError as error:
            failure = error
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
            volume = volume or self.tools.open_volume(self.sighting, self.arrival)
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
            failure = error
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
    """Bring a batch of clips into the spool; `heed` is told of the progress and may halt it."""

    key: str
    docking: str
    orders: Sequence[Order]
    heed: Progress
    spool: Spool

    def __call__(self, post: Post) -> None:
        """Do it; what is acquired is posted as it comes."""
        failure: BwvdockError | None = None
        try:
            for fact in acquire(self.orders, docking=self.docking, spool=self.spool, progress=self.heed):
                post(Acquired(key=self.key, fact=fact))
        except HaltedError:
            pass
        except BwvdockError as error:
            failure = error
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

    key: str
    volumes: Sequence[CameraVolume]

    def __call__(self, post: Post) -> None:
        """Do it, and say so."""
        for volume in self.volumes:
            volume.close()
        post(Closed(key=self.key))
