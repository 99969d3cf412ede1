"""What does a bay's worker do? The jobs that touch a camera, each in the bay's own thread.

A job translates what it met into messages; it decides nothing and records nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from threading import Event

from bwvdock.bays.access import BayTools
from bwvdock.bays.messages import (
    Acquired,
    BatchEnded,
    Closed,
    Erased,
    Listed,
    Opened,
    Reread,
    SerialRead,
    Unlocked,
    UnlockReady,
)
from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import CameraClockRead, CameraIdentified, ClipQuarantined, ClipReleased
from bwvdock.core.media.profile import Profile
from bwvdock.core.media.sightings import Sighting, VolumeArrived
from bwvdock.core.media.unlock import UnlockRule
from bwvdock.core.ports import CameraVolume, Progress, Spool
from bwvdock.core.ports.erasing import ErasableVolume
from bwvdock.errors import BwvdockError, HaltedError, UnreadableError
from bwvdock.runtime.workers import Post
from bwvdock.stages.acquire import CopyOrder, acquire
from bwvdock.stages.find import Finding, find
from bwvdock.stages.find.ask import told_serial
from bwvdock.stages.identify import identify, read_clock
from bwvdock.stages.release import Digests, Permitted, release, reread


def serial_stands_on_volume(sighting: Sighting, profiles: Collection[Profile]) -> bool:
    """Return whether a profile that names this camera's USB ids knows of a file that tells its serial."""
    if sighting.transport == "unlock":
        return False
    return any(p.serial is not None and sighting.usb in p.usb for p in profiles if sighting.usb)


@dataclass(frozen=True, slots=True)
class Open:
    """Open a camera that holds its volumes itself, ask who it is, and which volumes it shows."""

    sighting: Sighting
    docking: str
    tools: BayTools

    def __call__(self, post: Post) -> None:
        """Do it."""
        key = self.sighting.key
        facts: list[CameraIdentified | CameraClockRead] = []
        volumes: Sequence[CameraVolume] = ()
        failure: BwvdockError | None = None
        try:
            introduction, volumes = self.tools.access.open_camera(self.sighting)
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
    tools: BayTools

    def __call__(self, post: Post) -> None:
        """Do it."""
        failure: BwvdockError | None = None
        try:
            self.tools.access.ready_to_unlock(self.rule)
        except BwvdockError as error:
            failure = error
        post(UnlockReady(key=self.sighting.key, error=failure))


@dataclass(frozen=True, slots=True)
class Unlock:
    """Tell a camera to show its disk."""

    sighting: Sighting
    docking: str
    rule: UnlockRule
    tools: BayTools

    def __call__(self, post: Post) -> None:
        """Do it."""
        failure: BwvdockError | None = None
        try:
            self.tools.access.unlock(self.sighting, self.rule)
        except BwvdockError as error:
            failure = error
        post(Unlocked(key=self.sighting.key, docking=self.docking, error=failure))


@dataclass(frozen=True, slots=True)
class ReadSerial:
    """Ask a volume for the serial of its camera, before the camera is admitted or refused."""

    sighting: Sighting
    arrival: VolumeArrived
    tools: BayTools

    def __call__(self, post: Post) -> None:
        """Do it."""
        volume: CameraVolume | None = None
        serial, failure = "", None
        try:
            volume = self.tools.access.open_volume(self.sighting, self.arrival)
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
    tools: BayTools

    def __call__(self, post: Post) -> None:
        """Do it."""
        volume = self.volume
        finding: Finding | None = None
        failure: BwvdockError | None = None
        try:
            volume = volume or self.tools.access.open_volume(self.sighting, self.arrival)
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
    orders: Sequence[CopyOrder]
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
    tools: BayTools

    def __call__(self, post: Post) -> None:
        """Do it, and say so."""
        for volume in self.volumes:
            volume.close()
        self.tools.access.close_camera(self.sighting)
        post(Closed(key=self.sighting.key))


@dataclass(frozen=True, slots=True)
class RereadClips:
    """Read clips a second time, or (`whole` is false) leave that out."""

    key: str
    device: str
    clips: Sequence[Clip]
    volume: CameraVolume
    halt: Event
    whole: bool

    def __call__(self, post: Post) -> None:
        """Do it; what cannot be read is left where it is."""
        found: list[tuple[str, Digests | None]] = []
        failure: BwvdockError | None = None
        try:
            found.extend((clip.id, self._reread(clip)) for clip in self.clips)
        except BwvdockError as error:
            failure = error.without_frames()
        left = tuple(clip.id for clip in self.clips[len(found) :])
        post(Reread(key=self.key, device=self.device, found=tuple(found), left=left, error=failure))

    def _reread(self, clip: Clip) -> Digests | None:
        try:
            return reread(clip, self.volume, _Heed(self.halt)) if self.whole else None
        except UnreadableError:
            return None  # as if it had not been read: that one stays, and the others go


@dataclass(frozen=True, slots=True)
class EraseClips:
    """Erase clips whose ReleaseIntended is journalled."""

    key: str
    device: str
    orders: Sequence[Permitted]
    volume: ErasableVolume
    halt: Event

    def __call__(self, post: Post) -> None:
        """Do it."""
        facts: tuple[ClipReleased | ClipQuarantined, ...] = ()
        failure: BwvdockError | None = None
        try:
            facts = release(self.orders, self.volume, _Heed(self.halt))
        except BwvdockError as error:
            failure = error.without_frames()
        clips = tuple(order.clip.id for order in self.orders)
        post(Erased(key=self.key, device=self.device, clips=clips, facts=facts, error=failure))


@dataclass(frozen=True, slots=True)
class _Heed:
    halt: Event

    def __call__(self) -> None:
        if self.halt.is_set():
            raise HaltedError("The release was halted.")
