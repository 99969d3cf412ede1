"""How long is the longest turn of the thread that owns the journal, on a dock that has everything at once?

A journal of a million clips, and 64 cameras that are docked in one moment, one of them with 100,000 files.
While a turn lasts, no other camera is served and no command answered.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.finding import CLIPS, fill
from benchmarks.measure import table
from bwvdock.bays.access import VolumesOnly
from bwvdock.config.settings import Config, load
from bwvdock.core.media.sightings import CameraArrived, Sighting, Transport, VolumeArrived
from bwvdock.core.ports import CameraFile, Kept, Source
from bwvdock.edges.system import SystemClock
from bwvdock.errors import NotReadyError
from bwvdock.runtime.precedence import look_for_garbage_rarely
from bwvdock.service.compose import ComposedDock, compose_dock

_FILES = 100_000
_CAMERAS = 64
_IDLE_SECONDS = 20.0
_MOST_SECONDS = 120.0  # of taking in; by then all kinds of turns have come
_GOAL_MS = 500
_CONFIG = """[dock]
id = "BENCH"
state_dir = "{state}"
[spool]
min_free = "1 MiB"
[admission]
mode = "any"
"""


class _Card:
    """A camera's card with so many empty clips on it."""

    name, label = "card", ""

    def __init__(self, clips: int) -> None:
        self._files = [
            CameraFile(path=f"DCIM/100BENCH/{n:06}.MP4", size=0, mtime_ns=n + 1) for n in range(clips)
        ]

    def list(self) -> Sequence[CameraFile]:
        return self._files

    def open(self, file: CameraFile, *, offset: int = 0) -> Source:  # noqa: ARG002 - the port's
        raise NotReadyError(f"{file.path} is being written.")  # so that the disk is not what is measured

    def fingerprint(self, file: CameraFile) -> str:
        return f"{file.mtime_ns:064x}"

    def doubt(self, file: CameraFile, length: int, kept: Kept) -> str:  # noqa: ARG002 - the port's
        return ""

    def present(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing is open."""


def longest_turn(memory: Path, disk: Path) -> str:  # noqa: ARG001 - every section is given both
    """Measure; return the section of the document."""
    config = _dock(disk / "turn")
    cards = {"0": _Card(_FILES)} | {str(n): _Card(20) for n in range(1, _CAMERAS)}
    access = VolumesOnly(lambda sighting, _: cards[sighting.key])
    look_for_garbage_rarely()  # as the daemon does
    with compose_dock(config, clock=SystemClock(), access=access, tell=lambda *_: None) as composed:
        composed.open()
        for key in cards:
            sighting = Sighting(key=key, bay=key, serial=f"BENCH-{key:>04}", transport=Transport.MASS_STORAGE)
            composed.dock.inbox.put(CameraArrived(sighting=sighting))
            composed.dock.inbox.put(VolumeArrived(key=key, device=key, name="card"))
        turns = sorted(_turns(composed))
        composed.dock.stop()
    rows = [
        ["longest turn", f"{turns[-1] * 1000:.0f} ms", f"{_GOAL_MS} ms"],
        ["99 in 100 take less than", f"{turns[len(turns) * 99 // 100] * 1000:.0f} ms", ""],
        ["turns", f"{len(turns):,}", ""],
    ]
    head = ["", "measured", "to reach"]
    title = f"{_CAMERAS} cameras at once, one with {_FILES:,} files, a journal of {CLIPS:,} clips"
    return f"## {title}\n\n{table(head, rows)}"


def _dock(root: Path) -> Config:
    (root / "state").mkdir(parents=True)
    file = root / "bwvdock.toml"
    file.write_text(_CONFIG.format(state=root / "state"), encoding="utf-8")
    config = load(file)
    access = VolumesOnly(lambda *_: _Card(0))
    with compose_dock(config, clock=SystemClock(), access=access, tell=lambda *_: None) as composed:
        composed.open()
        composed.dock.stop()
    print(f"  making a journal of {CLIPS:,} clips", flush=True)
    fill(config.journal, CLIPS)
    return config


def _turns(composed: ComposedDock) -> Iterator[float]:
    """Yield the seconds of each turn until nothing is left to do."""
    ends = time.monotonic() + _MOST_SECONDS
    while time.monotonic() < ends:
        waited = time.monotonic()
        while composed.dock.inbox.empty() and not composed.dock.dockings.recording:
            time.sleep(0.001)  # waiting for something to do is no work
            if time.monotonic() - waited > _IDLE_SECONDS:
                return
        began = time.monotonic()
        composed.dock.turn(timeout=0)
        yield time.monotonic() - began
