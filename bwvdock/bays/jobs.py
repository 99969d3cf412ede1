"""Which jobs does a bay's worker carry out? All that touch a camera, each in the bay's own thread.

A job reports what it met with one message (bays/messages.py); it decides nothing and records nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Event

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
from bwvdock.bays.tools import BayTools
from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import (
    CameraClockRead,
    CameraDigestCompared,
    CameraIdentified,
    ClipQuarantined,
    VerifiedAgain,
)
from bwvdock.core.media.profile import Profile
from bwvdock.core.media.sightings import Sighting, Transport, VolumeArrived
from bwvdock.core.media.unlock import UnlockRule
from bwvdock.core.ports import CameraFile, Progress
from bwvdock.core.ports.erasing import ErasableVolume
from bwvdock.errors import BwvdockError, EraseRefusedError, HaltedError, UnreadableError
from bwvdock.runtime.jobs import Post
from bwvdock.stages.acquire import CopyOrder, acquire
from bwvdock.stages.find import Finding, find
from bwvdock.stages.find.camera_files import told_serial
from bwvdock.stages.identify import identify, read_clock
from bwvdock.stages.release import Digests, Permitted, release, reread


def serial_stands_on_volume(sighting: Sighting, profiles: Collection[Profile]) -> bool:
    """Return whether a profile that names this camera's USB ids knows a file that states its serial."""
    if sighting.transport is Transport.UNLOCK:
        return False
    return any(p.serial is not None and sighting.usb in p.usb for p in profiles if sighting.usb)


@dataclass(frozen=True, slots=True)
class OpenCamera:
    """Open a camera that serves its volumes itself, and ask for its identity, its volumes and its battery."""

    sighting: Sighting
    docking: str
    tools: BayTools
    battery: bool = True

    def work(self, _: Post) -> Opened:
        """Return what the camera says of itself, and the volumes it shows."""
        introduction, volumes = self.tools.access.open_camera(self.sighting)
        facts: list[CameraIdentified | CameraClockRead] = [identify(introduction, docking=self.docking)]
        if introduction.clock is not None:
            synchronised = self.tools.synchronised()
            facts.append(read_clock(introduction.clock, docking=self.docking, dock_synchronised=synchronised))
        level = self.tools.access.battery(self.sighting) if self.battery else None
        arrivals = self.tools.volumes.adopt(self.sighting.key, volumes)
        return Opened(
            key=self.sighting.key,
            facts=tuple(facts),
            arrivals=tuple(arrivals),
            asked=self.battery,
            battery=level,
        )

    def failed(self, error: BwvdockError) -> Opened:
        """Report why it could not be opened."""
        return Opened(key=self.sighting.key, error=error)


@dataclass(frozen=True, slots=True)
class AskSecret:
    """Find out whether a camera could be unlocked: its secret is there."""

    sighting: Sighting
    rule: UnlockRule
    tools: BayTools

    def work(self, _: Post) -> UnlockReady:
        """Ask for the secret; the camera is not touched."""
        self.tools.access.ready_to_unlock(self.rule)
        return UnlockReady(key=self.sighting.key)

    def failed(self, error: BwvdockError) -> UnlockReady:
        """Report why there is no secret."""
        return UnlockReady(key=self.sighting.key, error=error)


@dataclass(frozen=True, slots=True)
class Unlock:
    """Send a camera its unlock steps."""

    sighting: Sighting
    docking: str
    rule: UnlockRule
    tools: BayTools

    def work(self, _: Post) -> Unlocked:
        """Send what unlocks it."""
        self.tools.access.unlock(self.sighting, self.rule)
        return Unlocked(key=self.sighting.key, docking=self.docking)

    def failed(self, error: BwvdockError) -> Unlocked:
        """Report why it was not unlocked."""
        return Unlocked(key=self.sighting.key, docking=self.docking, error=error)


@dataclass(frozen=True, slots=True)
class ReadSerial:
    """Read the serial of a camera on its volume, before the camera is admitted or refused."""

    sighting: Sighting
    arrival: VolumeArrived
    tools: BayTools

    def work(self, _: Post) -> SerialRead:
        """Open the volume and read the serial from it."""
        volume = self.tools.volumes.open(self.sighting, self.arrival)
        serial = told_serial(volume, profiles=self.tools.profiles, usb=self.sighting.usb)
        return SerialRead(key=self.sighting.key, device=self.arrival.device, serial=serial)

    def failed(self, error: BwvdockError) -> SerialRead:
        """Report why it states none."""
        return SerialRead(key=self.sighting.key, device=self.arrival.device, error=error)


@dataclass(frozen=True, slots=True)
class ListVolume:
    """Open a volume, unless it is open, and list it whole.

    `afresh`: a disk is mounted anew before, so that what its camera wrote meanwhile is seen.
    """

    sighting: Sighting
    arrival: VolumeArrived
    serial: str
    docking: str
    tools: BayTools
    afresh: bool = False

    def work(self, _: Post) -> Listed:
        """Return what was found."""
        if self.afresh and self.sighting.transport is Transport.MASS_STORAGE:
            self.tools.volumes.close(self.sighting.key, self.arrival.device)
        volume = self.tools.volumes.open(self.sighting, self.arrival)
        finding = find(
            volume,
            profiles=self.tools.profiles,
            usb=self.sighting.usb,
            camera=self.serial,
            docking=self.docking,
            held=self.tools.held,
            new_id=self.tools.new_id,
            exported=self.sighting.transport is Transport.FOLDER,
            give_way=self.tools.give_way,
        )
        finding = replace(finding, says=self._says(finding))
        erasable = isinstance(volume, ErasableVolume)
        return Listed(key=self.sighting.key, device=self.arrival.device, finding=finding, erasable=erasable)

    def _says(self, finding: Finding) -> Mapping[str, str]:
        """Return what files and properties say of the settings that the profile expects."""
        rules = [p.expected for p in self.tools.profiles if p.name == finding.listed.profile and p.expected]
        if self.sighting.transport is not Transport.MTP or not rules:
            return finding.says
        asked = {name: where.code for name, where in rules[0].places.items() if where.code}
        said = {name: self.tools.access.says(self.sighting, code) for name, code in asked.items()}
        return {**finding.says, **said}

    def failed(self, error: BwvdockError) -> Listed:
        """Report why it was not listed."""
        return Listed(key=self.sighting.key, device=self.arrival.device, error=error)


@dataclass(frozen=True, slots=True)
class WantedCopy:
    """A clip to copy: the device of its medium, and its files as listed now, in the clip's order."""

    clip: Clip
    device: str
    files: tuple[CameraFile, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyClips:
    """Copy a batch of clips into the spool; `heed` may halt it.

    `second_reads`: how many clips may be read once more whose camera's own digests differ.
    """

    key: str
    docking: str
    wanted: Sequence[WantedCopy]
    heed: Progress
    tools: BayTools
    second_reads: int = 0

    def work(self, post: Post) -> BatchEnded:
        """Copy them; what is acquired is posted as it comes."""
        orders = [
            CopyOrder(clip=w.clip, volume=self.tools.volumes.get(self.key, w.device), files=w.files)
            for w in self.wanted
        ]
        compared: dict[str, CameraDigestCompared] = {}
        facts = acquire(
            orders,
            docking=self.docking,
            spool=self.tools.spool,
            progress=self.heed,
            memory=self.tools.memory,
            new_threads=self.tools.new_threads,
            compared=lambda told: compared.update({told.clip: told}),
            second_reads=self.second_reads,
        )
        for fact in facts:
            post(Acquired(key=self.key, fact=fact, compared=compared.pop(fact.clip, None)))
        return self._ended(None)

    def failed(self, error: BwvdockError) -> BatchEnded:
        """Report what stopped it; that it was halted is not an error."""
        return self._ended(None if isinstance(error, HaltedError) else error)

    def _ended(self, error: BwvdockError | None) -> BatchEnded:
        return BatchEnded(key=self.key, clips=tuple(w.clip.id for w in self.wanted), error=error)


@contextmanager
def _always_closing() -> Iterator[None]:
    """Have the log say that something did not close: nobody waits for it, and the ports let it never fail."""
    try:
        yield
    except BwvdockError as error:
        raise RuntimeError(f"closing raised {type(error).__name__}: {error.message}") from error


@dataclass(frozen=True, slots=True)
class CloseVolume:
    """Close one volume whose medium left its reader."""

    key: str
    device: str
    tools: BayTools

    def work(self, _: Post) -> None:
        """Close it."""
        with _always_closing():
            self.tools.volumes.close(self.key, self.device)

    def failed(self, _: BwvdockError) -> None:
        """Report nothing: nobody waits for it."""


@dataclass(frozen=True, slots=True)
class CloseCamera:
    """Close all that is open of a camera that left, or that is to be left alone."""

    sighting: Sighting
    tools: BayTools

    def work(self, _: Post) -> Closed:
        """Close its volumes and the camera, whichever of them fails to close."""
        with _always_closing(), ExitStack() as stack:
            stack.callback(self.tools.access.close_camera, self.sighting)
            for device in self.tools.volumes.devices(self.sighting.key):
                stack.callback(partial(self.tools.volumes.close, self.sighting.key, device))
        return Closed(key=self.sighting.key)

    def failed(self, _: BwvdockError) -> Closed:
        """Report that it is closed: what does not close now never will."""
        return Closed(key=self.sighting.key)


@dataclass(frozen=True, slots=True)
class RereadClips:
    """Have stores prove their copies again where that was long ago, and read clips a second time.

    What was proven in an earlier docking may have been lost or altered since: then nothing is erased.
    `ask`: the clips whose copies are proven again. `whole`: whether the camera's files are read at all.
    """

    key: str
    device: str
    clips: Sequence[Clip]
    tools: BayTools
    halt: Event
    ask: Collection[str]
    whole: bool
    _found: list[tuple[str, Digests | None]] = field(default_factory=list)
    _wrong: list[ClipQuarantined] = field(default_factory=list)
    _again: list[VerifiedAgain] = field(default_factory=list)

    def work(self, _: Post) -> Reread:
        """Read them one by one; what was read before something stopped it still counts."""
        for clip in self.clips:
            proven = self.tools.prove_again(clip, self.halt) if clip.id in self.ask else ()
            if isinstance(proven, ClipQuarantined):
                self._wrong.append(proven)
            else:
                self._again.extend(proven)
                self._found.append((clip.id, self._reread(clip)))
        return self._report(None)

    def failed(self, error: BwvdockError) -> Reread:
        """Report what was read, what was not, and why."""
        return self._report(error)

    def _report(self, error: BwvdockError | None) -> Reread:
        left = tuple(clip.id for clip in self.clips[len(self._found) + len(self._wrong) :])
        return Reread(
            key=self.key,
            device=self.device,
            found=tuple(self._found),
            left=left,
            wrong=tuple(self._wrong),
            again=tuple(self._again),
            error=error,
        )

    def _reread(self, clip: Clip) -> Digests | None:
        if not self.whole:
            return None
        try:
            return reread(clip, self.tools.volumes.get(self.key, self.device), _Halt(self.halt))
        except UnreadableError:
            return None  # as if it had not been read: that clip stays, and the others are erased


@dataclass(frozen=True, slots=True)
class EraseClips:
    """Erase clips whose ReleaseIntended is journalled."""

    key: str
    device: str
    orders: Sequence[Permitted]
    tools: BayTools
    halt: Event

    def work(self, _: Post) -> Erased:
        """Erase what may go, and return what is gone."""
        volume = self.tools.volumes.get(self.key, self.device)
        if not isinstance(volume, ErasableVolume):
            raise EraseRefusedError("Nothing can be erased from this medium.")
        facts = release(self.orders, volume, _Halt(self.halt))
        return Erased(key=self.key, device=self.device, clips=self._clips, facts=facts)

    def failed(self, error: BwvdockError) -> Erased:
        """Report what stopped it; the clips may be gone or not."""
        return Erased(key=self.key, device=self.device, clips=self._clips, error=error)

    @property
    def _clips(self) -> tuple[str, ...]:
        return tuple(order.clip.id for order in self.orders)


@dataclass(frozen=True, slots=True)
class _Halt:
    halt: Event

    def __call__(self) -> None:
        if self.halt.is_set():
            raise HaltedError("The release was halted.")
