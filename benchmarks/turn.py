"""How long is the longest turn of the thread that owns the journal, on a dock that has everything at once?

A journal of a million clips of the week that the hourly report reads, a spool of some thousand files, and 64
cameras that are docked in one moment, one of them with 100,000 files; an operator asks for the status all the
while. As long as a turn lasts, no other camera is served and no command answered.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from benchmarks.finding import CLIPS, fill
from benchmarks.measure import table
from bwvdock.bays.access import VolumesOnly
from bwvdock.config.settings import Config, load
from bwvdock.core.media.sightings import CameraArrived, Sighting, Transport, VolumeArrived
from bwvdock.core.ports import CameraFile, Kept, Source
from bwvdock.edges.system import SystemClock
from bwvdock.errors import NotReadyError
from bwvdock.log import Events
from bwvdock.operators.messages import Asked
from bwvdock.operators.requests import Status
from bwvdock.runtime.turn_priority import look_for_garbage_rarely
from bwvdock.service.from_config import ConfiguredDock, dock_from_config

_FILES = 100_000
_CAMERAS = 64
_DOCKINGS = 6  # of each camera, within the span of the report
_SPOOLED = 5_000
_STATUS_SECONDS = 0.5
_SECONDS = 120.0  # of taking in; by then all kinds of turns have come
_GOAL_MS = 500
_CONFIG = """[dock]
id = "BENCH"
state_dir = "{state}"
[spool]
min_free = "1 MiB"
[admission]
mode = "any"
"""


class _Clock(SystemClock):
    """The machine's clock, whoever keeps it: by one that nobody keeps, nothing is missing."""

    def synchronised(self) -> bool:
        return True


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
    with dock_from_config(
        config, clock=_Clock(), access=access, tell=lambda *_: None, say=_say
    ) as configured:
        configured.open()
        for key in cards:
            sighting = Sighting(key=key, bay=key, serial=f"BENCH-{key:>04}", transport=Transport.MASS_STORAGE)
            configured.dock.inbox.put(CameraArrived(sighting=sighting))
            configured.dock.inbox.put(VolumeArrived(key=key, device=key, name="card"))
        reported: list[float] = []
        turns = sorted(_turns(configured, reported))
        configured.dock.stop()
    rows = [
        ["longest turn", f"{turns[-1] * 1000:.0f} ms", f"{_GOAL_MS} ms"],
        ["99 in 100 take less than", f"{turns[len(turns) * 99 // 100] * 1000:.0f} ms", ""],
        ["turns", f"{len(turns):,}", ""],
        ["until the report of what is missing was read", _seconds(reported), ""],
    ]
    head = ["", "measured", "to reach"]
    title = f"{_CAMERAS} cameras at once, one with {_FILES:,} files, a week of {CLIPS:,} clips"
    return f"## {title}\n\n{table(head, rows)}"


def _dock(root: Path) -> Config:
    (root / "state").mkdir(parents=True)
    file = root / "bwvdock.toml"
    file.write_text(_CONFIG.format(state=root / "state"), encoding="utf-8")
    config = load(file)
    access = VolumesOnly(lambda *_: _Card(0))
    with dock_from_config(config, clock=_Clock(), access=access, tell=lambda *_: None) as configured:
        configured.open()
        configured.dock.stop()
    print(f"  making a journal of {CLIPS:,} clips", flush=True)
    now = _Clock().now()
    fill(config.journal, CLIPS, docked=[now - timedelta(days=days) for days in range(_DOCKINGS, 0, -1)])
    for number in range(_SPOOLED):
        (config.spool / f"{number:026}.0.mp4").write_bytes(b"footage")
    return config


def _say(event: Events, /, **told: object) -> None:
    if event is Events.JOB_FAILED:  # then nothing would have been measured beside the turns
        raise RuntimeError(str(told))


def _turns(configured: ConfiguredDock, reported: list[float]) -> Iterator[float]:
    """Yield the seconds of each turn; add to `reported` when each report of what is missing was taken in."""
    dock, began = configured.dock, time.monotonic()
    known, next_status = dock.surveys.absences, began
    while (now := time.monotonic()) < began + _SECONDS:
        if now >= next_status:
            next_status = now + _STATUS_SECONDS
            dock.inbox.put(Asked(Status(), "0:root", lambda _: None))
        elif dock.inbox.empty() and not dock.dockings.recording:
            time.sleep(0.001)  # waiting for something to do is no work
            continue
        turn_began = time.monotonic()
        dock.turn(timeout=0)
        yield time.monotonic() - turn_began
        if dock.surveys.absences is not known:
            known = dock.surveys.absences
            reported.append(time.monotonic() - began)


def _seconds(reported: list[float]) -> str:
    return f"{reported[0]:.0f} s" if reported else f"more than {_SECONDS:.0f} s"
