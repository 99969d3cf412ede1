"""One real ingest, from a docked camera to the vault, by the real house with real files.

`python -m tests.crash.ingest ROOT` does one; each fact is said on standard output after it was committed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from bwvdock.bays.access import VolumesOnly
from bwvdock.config.settings import load
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import DockingState
from bwvdock.core.facts import DockInitialised, Fact
from bwvdock.core.media.sightings import CameraArrived, Sighting, Transport, VolumeArrived
from bwvdock.core.ports import CameraVolume
from bwvdock.edges.cameras.folder import FolderVolume, Settling
from bwvdock.edges.system import SystemClock, hold_dock
from bwvdock.service.daemon import make_directories
from bwvdock.service.from_config import ConfiguredDock, dock_from_config
from bwvdock.service.initialise import initialise

_GIVE_UP_SECONDS = 60.0
_CONFIG = """\
[dock]
id = "TEST-01"
state_dir = "{state}"
[[destination]]
name = "vault"
kind = "directory"
path = "{vault}"
[spool]
min_free = "1 MiB"
"""


def prepare(root: Path, *, vault: Path, clips: Mapping[str, bytes]) -> None:
    """Make a camera, and a configuration that keeps the state in ROOT/state."""
    for path, data in clips.items():
        file = root / "camera" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    config = _CONFIG.format(state=root / "state", vault=vault)
    (root / "bwvdock.toml").write_text(config, encoding="utf-8")


def ingest(root: Path, say: Callable[[str], None]) -> None:
    """Take in all that is on the camera, until it is verified in the vault.

    Args:
        root: as `prepare` made it.
        say: told of each fact once it was committed: its kind, and its clip if it is about one.
    """
    config = load(root / "bwvdock.toml")
    camera = root / "camera"
    clock = SystemClock()
    make_directories(config)
    # As an operator does where the vault is outside the state directory.
    if initialise(config, clock, actor="0:root").recorded:
        say(DockInitialised.kind)

    def open_volume(sighting: Sighting, arrival: VolumeArrived) -> CameraVolume:
        return FolderVolume(str(camera), settling=Settling(clock, settle_ms=0))

    def log_fact(fact: Fact, _clip: Clip | None) -> None:
        say(f"{fact.kind} {getattr(fact, 'clip', '')}".strip())

    with (
        hold_dock(config.state_dir),
        dock_from_config(config, clock=clock, access=VolumesOnly(open_volume), tell=log_fact) as house,
    ):
        house.open()
        sighting = Sighting(key="camera", bay="1-1", serial="BWV-00017", transport=Transport.FOLDER)
        house.dock.inbox.put(CameraArrived(sighting=sighting))
        house.dock.inbox.put(VolumeArrived(key="camera", device="camera", name="folder"))
        deadline = time.monotonic() + _GIVE_UP_SECONDS
        while not _all_done(house):
            house.dock.turn(timeout=0.5)
            if time.monotonic() > deadline:
                raise RuntimeError("the ingest does not come to its end")
        house.dock.stop()


def _all_done(house: ConfiguredDock) -> bool:
    bays = house.dock.dockings.bays.values()
    return bool(bays) and all(b.state is DockingState.SETTLED for b in bays) and not house.dock.ledger.clips


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())  # one call, so that it can be cut before or after, not within


if __name__ == "__main__":
    ingest(Path(sys.argv[1]), _say)
