"""Does a dock hold more memory the more dockings it has seen?

    python -m benchmarks.dockings CONFIG DOCKINGS

Has so many dockings take place, one camera of a few hundred after the other in some bays, each with one new
clip. Printed: `after_N`, what the process holds (MiB) after N of them.
"""

from __future__ import annotations

import os
import sys
from itertools import count
from pathlib import Path

from benchmarks.limited_source import LimitedVolume, Watcher
from bwvdock import log
from bwvdock.bays.access import VolumesOnly
from bwvdock.config.settings import load
from bwvdock.core.media.sightings import CameraArrived, CameraLeft, Sighting, Transport, VolumeArrived
from bwvdock.edges.system import SystemClock
from bwvdock.runtime.turn_priority import look_for_garbage_rarely
from bwvdock.service.from_config import dock_from_config
from bwvdock.service.loop import Dock

_BAYS, _CAMERAS = 8, 400
_CLIP_BYTES = 4096
_TOLD = 10  # times


def _held_mib() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii").split()
    return int(status[status.index("VmRSS:") + 1]) / 1024


class _Officers:
    """Take a camera out when it is safe, and put another one in its place."""

    def __init__(self, dock: Dock, seen: Watcher) -> None:
        self._dock = dock
        self._seen = seen
        self._numbers = count()
        self.cards: dict[str, LimitedVolume] = {}

    def dock_next(self, bay: int) -> None:
        """Put a camera into a bay."""
        number = next(self._numbers)
        key = f"{bay}/{number}"
        self.cards[key] = LimitedVolume(f"{number}", 1, _CLIP_BYTES, 1e12)
        serial = f"camera-{number % _CAMERAS:04}"
        sighting = Sighting(key=key, bay=f"{bay}", serial=serial, transport=Transport.MASS_STORAGE)
        self._dock.inbox.put(CameraArrived(sighting=sighting))
        self._dock.inbox.put(VolumeArrived(key=key, device=key, name="card"))

    def act(self) -> int:
        """Exchange what is safe to remove; return how many that were."""
        bays = self._dock.dockings.bays.values()
        safe = [bay for bay in bays if bay.state == "settled" and bay.sighting.key in self.cards]
        for bay in safe:
            self._dock.inbox.put(CameraLeft(key=bay.sighting.key))
            del self.cards[bay.sighting.key]
            self.dock_next(int(bay.sighting.bay))
        return len(safe)


def main(config: str, dockings: str) -> None:
    """Have them take place, and print."""
    ended, seen = 0, Watcher()
    told = [int(dockings) * number // _TOLD for number in range(1, _TOLD + 1)]
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        log.configure(stream=nowhere)
        look_for_garbage_rarely()  # as the daemon does
        access = VolumesOnly(lambda sighting, _: officers.cards[sighting.key])
        with dock_from_config(
            load(Path(config)), clock=SystemClock(), access=access, tell=seen.tell
        ) as configured:
            officers = _Officers(configured.dock, seen)
            configured.open()
            for bay in range(_BAYS):
                officers.dock_next(bay)
            while told:
                configured.dock.turn()
                ended += officers.act()
                seen.safe.clear()
                seen.proven.clear()
                while told and ended >= told[0]:
                    print(f"after_{told.pop(0)}={_held_mib()}", flush=True)
            configured.dock.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
