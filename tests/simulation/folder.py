"""When does a simulated dock hear of its folder that is treated as a camera?"""

from __future__ import annotations

from typing import Protocol

from bwvdock.core.media.sightings import CameraLeft, FolderChanged
from bwvdock.core.ports import Clock
from bwvdock.edges.cameras.folder import Settling
from bwvdock.edges.cameras.folder_watch import FolderSeen
from bwvdock.runtime.jobs import Post
from tests.fakes.folder import FakeFolderWatch
from tests.simulation.cameras import FOLDER, Camera
from tests.simulation.edges import FaultyFolder


class Ticking(Clock, Protocol):
    """A clock that stands still until time passes."""

    ms: int


class WatchedFolder:
    """The folder, and its watch in the dock; both forget what settled when the dock ends."""

    def __init__(self, camera: Camera, clock: Ticking, post: Post) -> None:
        self._camera = camera
        self._clock = clock
        self._post = post
        self._looked: object = None
        settling = Settling(clock)
        assert isinstance(camera.volume, FaultyFolder)
        camera.volume.settling = settling
        self._watch = FakeFolderWatch(
            settling=settling,
            files=lambda: camera.volume.files,
            identity=lambda: camera.mounts if camera.bay else None,
            changed=self._changed,
        )

    def look(self) -> None:
        """Look at the folder, if it was touched or time has passed."""
        now = (self._clock.ms, self._camera.mounts, self._camera.bay)
        if now != self._looked or self._camera.unseen:
            self._looked, self._camera.unseen = now, False
            self._watch.look()

    def _changed(self, seen: FolderSeen) -> None:
        self._post(FolderChanged(sighting=self._camera.sighting()) if seen.there else CameraLeft(key=FOLDER))
