"""How does the daemon open a docked camera, and which folders are treated as cameras?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from bwvdock.config.footage.sources import FolderSource
from bwvdock.core.media.names import escape
from bwvdock.core.media.sightings import (
    BayEvent,
    CameraChanged,
    CameraLeft,
    ClockSeen,
    FolderChanged,
    Introduction,
    Sighting,
    SocketSwitched,
    Transport,
    VolumeArrived,
)
from bwvdock.core.media.unlock import MOST_SECRET_BYTES, UnlockRule
from bwvdock.core.ports import CameraVolume, Clock
from bwvdock.edges.cameras.folder_watch import FolderNews, FolderSeen, FolderWatch
from bwvdock.edges.cameras.mass_storage import BlockDevice, kind_of_volume
from bwvdock.edges.cameras.mtp.camera import ClockReading, MtpCamera, libusb
from bwvdock.edges.cameras.mtp.events import Hint
from bwvdock.edges.cameras.mtp.wire import bears_zone, time_ns
from bwvdock.edges.cameras.portpower import PortPower
from bwvdock.edges.cameras.unlock import unlock_camera
from bwvdock.edges.credentials import credentials_folder, read_credential
from bwvdock.edges.mounting import MountedVolume, Mounter, MounterEraser
from bwvdock.errors import CameraGoneError, MounterUnavailableError
from bwvdock.log import Events, Say, say_nothing

_STOP_SECONDS = 0.5
MOUNTER_SOCKET = Path("/run/bwvdock-mounter.socket")

# The mounter is started by its socket, which takes a moment under load.
_PATIENTLY = Retrying(
    retry=retry_if_exception_type(MounterUnavailableError),
    stop=stop_after_attempt(4),
    wait=wait_exponential(multiplier=0.5, max=4),
    reraise=True,
)


@dataclass(frozen=True, slots=True)
class _OpenedCamera:
    camera: MtpCamera
    introduction: Introduction


class HardwareAccess:
    """Access to cameras: the privileged mounter for USB volumes, MTP, and configured folders."""

    def __init__(self, sources: Sequence[FolderSource], clock: Clock, say: Say = say_nothing) -> None:
        """Open and watch nothing yet; `say` is called with what is worth a line in the log."""
        self._say = say
        self._silent: set[str] = set()
        self._sources = {str(source.path): source for source in sources}
        self._clock = clock
        self._mounter = Mounter(MOUNTER_SOCKET)
        self._power = PortPower(clock)
        self._watches: dict[str, FolderWatch] = {}
        self._cameras: dict[str, _OpenedCamera] = {}
        self._post: Callable[[BayEvent], None] | None = None

    def open_volume(self, sighting: Sighting, arrival: VolumeArrived) -> CameraVolume:
        """Open a medium; called in the bay's own thread.

        Raises:
            CameraError: it is gone, refused or unreadable.
            MounterUnavailableError: the mounter does not answer, not even after a while.
        """
        if sighting.transport is Transport.FOLDER:
            return self._watches[sighting.key].volume()
        mounted = _PATIENTLY(self._mounter.mount, arrival.device)
        return volume_of(mounted, self._mounter, name=arrival.name, erasable=True)

    def open_camera(self, sighting: Sighting) -> tuple[Introduction, Sequence[CameraVolume]]:
        """Open an MTP camera, or ask an open one for its stores again.

        Raises:
            LockedError: it shows none yet.
            CameraError: it is gone, used by another program, or unreadable.
        """
        opened = self._cameras.get(sighting.key)
        if opened is None:
            told = partial(self._tell, SocketSwitched(key=sighting.key))
            opened = _open_mtp(sighting, self._power.of(sighting.key, told))
            self._cameras[sighting.key] = opened
            opened.camera.listen(_Hints(sighting.key, self._tell))
        return opened.introduction, opened.camera.volumes()

    def battery(self, sighting: Sighting) -> int | None:
        """Return how full an open MTP camera says its battery is, in percent; None where it does not say.

        Raises:
            CameraGoneError: it is gone, or is not open.
        """
        return self._opened(sighting).camera.battery()

    def says(self, sighting: Sighting, code: int) -> str:
        """Return what an open MTP camera says of a property, escaped; "" where it does not say it."""
        return self._opened(sighting).camera.says(code)

    def camera_clock(self, sighting: Sighting) -> ClockSeen | None:
        """Return what the clock of an open MTP camera shows now; None if it shows none."""
        clock = self._opened(sighting).camera.clock()
        return None if clock is None else _seen(clock)

    def may_set_clock(self, sighting: Sighting) -> bool:
        """Return whether an open MTP camera says that its clock may be set."""
        return self._opened(sighting).camera.may_set_clock()

    def set_clock(self, sighting: Sighting, written: Callable[[datetime], str]) -> None:
        """Set the clock of an open MTP camera, once. Raises as MtpCamera."""
        self._opened(sighting).camera.set_clock(written)

    def _opened(self, sighting: Sighting) -> _OpenedCamera:
        opened = self._cameras.get(sighting.key)
        if opened is None:
            raise CameraGoneError("The camera was closed.", remedy="Dock it again.")
        return opened

    def close_camera(self, sighting: Sighting) -> None:
        """Close an MTP camera."""
        opened = self._cameras.pop(sighting.key, None)
        if opened is not None:
            opened.camera.close()

    def ready_to_unlock(self, rule: UnlockRule) -> None:
        """Check that the secret is among the service's credentials.

        Raises:
            SecretMissingError: it is not.
        """
        _secret(rule)

    def unlock(self, sighting: Sighting, rule: UnlockRule) -> None:
        """Carry out the rule's steps on a camera; called in the bay's own thread.

        Raises:
            CameraError: it is gone, may not be opened, or rejected a step.
        """
        bus, number = (_sysfs_number(sighting.key, name) for name in ("busnum", "devnum"))
        unlock_camera(libusb(), bus, number, rule, _secret(rule))

    def _tell(self, event: BayEvent) -> None:
        if self._post is not None:
            self._post(event)

    def watch(self, post: Callable[[BayEvent], None]) -> None:
        """Start to watch the folders that are treated as cameras."""
        self._post = post
        for path, source in self._sources.items():
            sighting = _sighting(source)
            news = FolderNews(
                changed=_FolderNotices(sighting, post),
                polled=partial(self._say_polled, sighting),
            )
            self._watches[path] = FolderWatch(path, news, clock=self._clock)
            self._watches[path].start()

    def _say_polled(self, sighting: Sighting, why: str) -> None:
        self._say(Events.FOLDER_POLLED, camera=sighting.serial, bay=sighting.bay, reason=why)

    def check(self) -> None:
        """Report which folders do not answer, and which do again; none of them is touched here."""
        silent = {path for path, watch in self._watches.items() if watch.silent()}
        for path in silent ^ self._silent:
            event = Events.FOLDER_SILENT if path in silent else Events.FOLDER_BACK
            self._say(event, camera=self._sources[path].serial, bay=_sighting(self._sources[path]).bay)
        self._silent = silent

    def silent(self) -> Sequence[str]:
        """Return the serials of the folder cameras whose file system does not answer."""
        return [self._sources[path].serial for path in sorted(self._silent)]

    def missing(self) -> Sequence[tuple[str, str]]:
        """Return serial and path of each folder camera whose folder is not there."""
        watched = sorted(self._watches.items())
        return [(self._sources[path].serial, path) for path, watch in watched if watch.missing()]

    def close(self) -> None:
        """Stop watching; however many folders hang, that takes no longer than for one."""
        until = time.monotonic() + _STOP_SECONDS
        for watch in self._watches.values():
            watch.stop(0)
        for watch in self._watches.values():
            watch.stop(max(0.0, until - time.monotonic()))


def volume_of(mounted: MountedVolume, mounter: Mounter, *, name: str, erasable: bool = False) -> CameraVolume:
    """Return the volume of a medium that the mounter mounted; it owns the descriptor.

    Args:
        mounted: the medium.
        mounter: is asked whether the medium is still there, and erases files.
        name: the volume's name, the same at each docking.
        erasable: whether files can be erased from it at all.
    """
    return kind_of_volume(mounted.fs)(
        mounted.root_fd,
        device=BlockDevice(
            name=mounted.device, major=mounted.major, minor=mounted.minor, diskseq=mounted.diskseq
        ),
        answers=partial(mounter.answers, mounted),
        name=name,
        label=mounted.label,
        eraser=MounterEraser(mounter, mounted) if erasable else None,
    )


def _secret(rule: UnlockRule) -> bytes:
    return read_credential(rule.credential, folder=credentials_folder(), most=MOST_SECRET_BYTES)


def _sighting(source: FolderSource) -> Sighting:
    path = str(source.path)
    shown = escape(path.encode("utf-8", "surrogateescape"))
    return Sighting(key=path, bay=f"folder {shown}", serial=source.serial, transport=Transport.FOLDER)


class _FolderNotices:
    """Posts what a watch noticed to the inbox; called from the watch's thread."""

    def __init__(self, sighting: Sighting, post: Callable[[BayEvent], None]) -> None:
        self._sighting = sighting
        self._post = post

    def __call__(self, seen: FolderSeen) -> None:
        if seen.there:
            self._post(FolderChanged(sighting=self._sighting))
        else:
            self._post(CameraLeft(key=self._sighting.key))


class _Hints:
    """Posts to the inbox that a camera's stores may have changed; called from the listener's thread."""

    def __init__(self, key: str, post: Callable[[BayEvent], None]) -> None:
        self._key = key
        self._post = post

    def __call__(self, hint: Hint) -> None:
        if hint is Hint.STORE_ADDED:
            self._post(CameraChanged(key=self._key))


def _open_mtp(sighting: Sighting, power_cycle: Callable[[], None] | None) -> _OpenedCamera:
    """Open a camera; its clock is read before anything could set it."""
    bus, number = (_sysfs_number(sighting.key, name) for name in ("busnum", "devnum"))
    camera = MtpCamera(libusb(), bus, number, power_cycle=power_cycle)
    try:
        said, clock = camera.identity, camera.clock()
    except BaseException:
        camera.close()
        raise
    introduction = Introduction(
        manufacturer=said.manufacturer,
        model=said.model,
        version=said.version,
        serial=said.serial,
        clock=None if clock is None else _seen(clock),
    )
    return _OpenedCamera(camera, introduction)


def _seen(clock: ClockReading) -> ClockSeen:
    return ClockSeen(
        source="mtp 0x5011",
        raw=clock.raw,
        shown_ns=time_ns(clock.raw),
        zoned=bears_zone(clock.raw),
        before=clock.before,
        after=clock.after,
    )


def _sysfs_number(folder: str, name: str) -> int:
    try:
        return int(Path(folder, name).read_text(encoding="ascii"))
    except (OSError, ValueError):
        raise CameraGoneError("The camera was unplugged.", remedy="Dock it again.") from None
