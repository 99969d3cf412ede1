"""How does the daemon open what a sighting speaks of, and which folders stand for cameras?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from bwvdock.config import FolderSource
from bwvdock.core.names import escape
from bwvdock.core.ports import CameraVolume, Clock
from bwvdock.core.sightings import BayEvent, CameraLeft, FolderChanged, Sighting, VolumeArrived
from bwvdock.edges.cameras.folder_watch import FolderWatch
from bwvdock.edges.cameras.mass_storage import BlockDevice, MassStorageVolume
from bwvdock.edges.mounting import Mounter
from bwvdock.errors import MounterUnavailableError

MOUNTER_SOCKET = Path("/run/bwvdock-mounter.socket")

# The mounter is started by its socket; under load that takes a moment.
_PATIENTLY = Retrying(
    retry=retry_if_exception_type(MounterUnavailableError),
    stop=stop_after_attempt(4),
    wait=wait_exponential(multiplier=0.5, max=4),
    reraise=True,
)


class Doors:
    """The real ways in: the privileged mounter for USB volumes, the folders of the configuration."""

    def __init__(self, sources: Sequence[FolderSource], clock: Clock) -> None:
        """Nothing is opened or watched yet."""
        self._sources = {str(source.path): source for source in sources}
        self._clock = clock
        self._mounter = Mounter(MOUNTER_SOCKET)
        self._watches: dict[str, FolderWatch] = {}

    def open_volume(self, sighting: Sighting, arrival: VolumeArrived) -> CameraVolume:
        """Open a medium; called in the bay's own thread.

        Raises:
            CameraError: it is gone, refused or unreadable.
            MounterUnavailableError: the mounter does not answer, not even after a while.
        """
        if sighting.transport == "folder":
            return self._watches[sighting.key].volume()
        mounted = _PATIENTLY(self._mounter.mount, arrival.device)
        device = BlockDevice(
            name=mounted.device, major=mounted.major, minor=mounted.minor, diskseq=mounted.diskseq
        )
        return MassStorageVolume(
            mounted.root_fd,
            device=device,
            answers=lambda: self._mounter.answers(mounted),
            name=arrival.name,
            label=mounted.label,
        )

    def watch(self, post: Callable[[BayEvent], None]) -> None:
        """Begin to watch the folders that stand for cameras."""
        for path, source in self._sources.items():
            self._watches[path] = FolderWatch(path, _Changed(_sighting(source), post), clock=self._clock)
        self.check()

    def check(self) -> None:
        """Look whether a folder went away or came back."""
        for watch in self._watches.values():
            watch.check()

    def close(self) -> None:
        """Watch no more."""
        for watch in self._watches.values():
            watch.stop()


def _sighting(source: FolderSource) -> Sighting:
    path = str(source.path)
    shown = escape(path.encode("utf-8", "surrogateescape"))
    return Sighting(key=path, bay=f"folder {shown}", serial=source.serial, transport="folder")


class _Changed:
    """Tells the inbox what a watch noticed; called from any thread."""

    def __init__(self, sighting: Sighting, post: Callable[[BayEvent], None]) -> None:
        self._sighting = sighting
        self._post = post

    def __call__(self, path: str) -> None:
        if Path(path).is_dir():
            self._post(FolderChanged(sighting=self._sighting))
        else:
            self._post(CameraLeft(key=self._sighting.key))
