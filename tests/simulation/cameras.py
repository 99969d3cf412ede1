"""Which cameras are there in a simulation, and who is told of what happens?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import Fact, SourceFile
from bwvdock.core.media.sightings import Sighting, Transport
from tests.fakes.camera import FakeFile
from tests.simulation.edges import FaultyVolume
from tests.simulation.mtp import Cable

FOLDER = "/srv/export"
FOLDER_BAY = f"folder {FOLDER}"


@dataclass(kw_only=True)
class Camera:
    """A camera, wherever it is: `bay` is the one it is in, or ""; `recorded` counts its clips.

    `had` is what was on it when it was last taken out.
    `opened` are the handles by which the dock reads its volume.
    `known`: the dock has recorded that it is in its bay.

    `written` maps the paths of files that are still being written to what they will be; `earlier` has what
    they were before, by path, size and time. `unseen`: a folder was written to since its watch looked.
    `mounts` counts how often a folder appeared: each time it is another one. `cable`: of one that speaks MTP.
    """

    serial: str
    volume: FaultyVolume
    transport: Transport = Transport.MASS_STORAGE
    bay: str = ""
    known: bool = False
    recorded: int = 0
    had: list[bytes] = field(default_factory=list)
    opened: list[FaultyVolume] = field(default_factory=list)
    written: dict[str, bytes] = field(default_factory=dict)
    earlier: dict[tuple[str, int, int], bytes] = field(default_factory=dict)
    unseen: bool = False
    mounts: int = 0
    cable: Cable | None = None

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder that is treated as a camera."""
        return self.transport is Transport.FOLDER

    def sighting(self) -> Sighting:
        """Return how the dock sees it where it is."""
        key = FOLDER if self.is_folder else f"/sys/{self.bay}"
        return Sighting(key=key, bay=self.bay, serial=self.serial, transport=self.transport)

    def holds(self, source: SourceFile) -> bool:
        """Return whether a file is on it as it was listed."""
        file = self.volume.files.get(source.path)
        return file is not None and (len(file.data), file.mtime_ns) == (source.size, source.mtime_ns)

    def content(self, source: SourceFile) -> bytes:
        """Return the content of a file as it was when it was listed."""
        if self.holds(source):
            return self.volume.files[source.path].data
        return self.earlier[source.path, source.size, source.mtime_ns]

    def end_writing(self, path: str) -> None:
        """Have a file be whole that was being written; one that rested in a folder may be gone by now."""
        file, data = self.volume.files.get(path), self.written.pop(path)
        if file is None:
            return
        self.earlier[path, len(file.data), file.mtime_ns] = file.data
        self.volume.files[path] = FakeFile(data=data, mtime_ns=file.mtime_ns + 10**9)
        self.unseen = self.is_folder


def nothing_more() -> None:
    """Do nothing."""


@dataclass(kw_only=True)
class Watch:
    """Who is told of what happens: each recorded fact, each file just before it is erased, what is wrong.

    `meanwhile` is called now and then while the dock waits for room in its journal, `turned` after each turn,
    with the journal's size, whether the dock is paused, and which stores accept no uploads.
    """

    recorded: Callable[[Fact, Clip | None], None] = lambda fact, clip: None
    erased: Callable[[Camera, str], None] = lambda camera, path: None
    meanwhile: Callable[[], None] = nothing_more
    turned: Callable[[int, bool, frozenset[str]], None] = lambda size, paused, lost: None
    wrong: list[str] = field(default_factory=list)
