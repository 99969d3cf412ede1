"""A real house in a folder, a folder for a camera, and an operator who asks it as the control socket does."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from bwvdock.bays.access import VolumesOnly
from bwvdock.config.settings import load
from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import Fact
from bwvdock.core.media.sightings import CameraArrived, Sighting, Transport, VolumeArrived
from bwvdock.core.ports import CameraVolume
from bwvdock.edges.cameras.folder import FolderVolume, Settling
from bwvdock.edges.system import SystemClock
from bwvdock.errors import BwvdockError
from bwvdock.operators.messages import Answer, Asked
from bwvdock.operators.requests import Request
from bwvdock.service.from_config import ConfiguredDock, dock_from_config

SERIAL = "BWV-00017"
CONFIG = """
[dock]
id = "TEST-01"
state_dir = "{state}"
[spool]
min_free = "1 MiB"
"""


class Desk:
    """A house, and an operator beside it."""

    def __init__(self, root: Path) -> None:
        (root / "state").mkdir()
        (root / "camera").mkdir()
        (root / "bwvdock.toml").write_text(CONFIG.format(state=root / "state"))
        self.camera = root / "camera"
        self.state = root / "state"
        self.config = load(root / "bwvdock.toml")
        self.clock = SystemClock()
        self.told: list[tuple[Fact, Clip | None]] = []

    def open(self, sighting: Sighting, _: VolumeArrived) -> CameraVolume:
        return FolderVolume(sighting.key, settling=Settling(self.clock, settle_ms=0))

    def tell(self, fact: Fact, clip: Clip | None) -> None:
        self.told.append((fact, clip))

    def build(self) -> AbstractContextManager[ConfiguredDock]:
        """Put the dock together, not yet at work."""
        access = VolumesOnly(self.open)
        return dock_from_config(self.config, clock=self.clock, access=access, tell=self.tell)

    def plug(self, configured: ConfiguredDock) -> None:
        key = str(self.camera)
        sighting = Sighting(key=key, bay="1-1", serial=SERIAL, transport=Transport.MASS_STORAGE)
        configured.dock.inbox.put(CameraArrived(sighting=sighting))
        configured.dock.inbox.put(VolumeArrived(key=key, device=key, name="lun0"))

    def put(self, configured: ConfiguredDock, request: Request) -> queue.SimpleQueue[Answer]:
        """Ask as the control socket does; give where the answer will be."""
        box: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        configured.dock.inbox.put(Asked(request, "1000:ann", box.put))
        return box

    def ask(self, configured: ConfiguredDock, request: Request) -> dict[str, Any]:
        """Ask, and wait; raise what is answered with."""
        box = self.put(configured, request)
        until(configured, lambda: not box.empty())
        answer = box.get()
        if isinstance(answer, BwvdockError):
            raise answer
        return dict(answer)

    def clips(self) -> list[Clip]:
        return [clip for _, clip in self.told if clip is not None]


def until(configured: ConfiguredDock, reached: Callable[[], bool]) -> None:
    """Let the dock turn until something is so."""
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline, "it never came to that"
        configured.dock.turn(timeout=0.05)
