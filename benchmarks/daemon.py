"""How soon is every camera safe to remove where the daemon takes in many at once, beside `cp -r` and `sync`?

The cameras are folders in memory, the dock is on the disk: journal, spool and vault.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.copying import clear, fill
from benchmarks.measure import CP, Contender, Cost, cp, median, race, speed, table
from bwvdock.edges.cameras.folder import SETTLE_MS

_MIB, _GIB = 2**20, 2**30
_CLIPS = 4
ROUNDS, BUDGET = 5, 600.0
OURS = "bwvdock"
_CONFIG = """[dock]
id = "BENCH"
state_dir = "{state}"
[spool]
min_free = "1 MiB"
"""
_SOURCE = """[[source]]
kind = "folder"
path = "{path}"
serial = "{serial}"
"""
_GOALS = {"speed": "1.0", "cpu": "2.5 s", "peak": "64 MiB, whatever the number"}


@dataclass(frozen=True, slots=True)
class Load:
    """So many cameras at once, with four clips each of a size (bytes)."""

    cameras: int
    size: int

    @property
    def bytes(self) -> int:
        """All of them together."""
        return self.cameras * _CLIPS * self.size

    @property
    def name(self) -> str:
        """What it is called in the table."""
        return f"{self.cameras} x {_CLIPS} clips of {self.size // _MIB} MiB"


_LOADS = [Load(1, 256 * _MIB), Load(16, 32 * _MIB), Load(64, 8 * _MIB)]


def many_cameras(memory: Path, disk: Path) -> str:
    """Race over each load; give the section of the document."""
    load = os.getloadavg()[0]
    races = {each: _race(memory.resolve(), disk.resolve(), each) for each in _LOADS}
    head = [
        "cameras",
        CP,
        "all safe",
        f"speed beside {CP}",
        "quartiles",
        "first safe",
        "all proven",
        "CPU s per GiB, until proven",
        "peak MiB",
    ]
    rows = [_row(each, costs) for each, costs in races.items()]
    goals = ["to reach", "", "", _GOALS["speed"], "", "", "", _GOALS["cpu"], _GOALS["peak"]]
    rounds = min(len(costs[OURS]) for costs in races.values())
    said = _EXPLANATION.format(rounds=rounds, load=load, settle=SETTLE_MS / 1000)
    return f"## Many cameras at once, as fast as memory\n\n{said}\n\n{table(head, [*rows, goals])}"


_EXPLANATION = """\
A real daemon, with journal, spool and vault on the disk, takes in folders that are in memory. *All safe* is
the time from when it was ready until the last camera was safe to remove: copied, durable, read back and
journalled; without the {settle:.0f} s for which a folder must not change before it is read. *All proven*:
until the last clip was read back from the vault. Medians of {rounds} rounds; in each, the peer and then
bwvdock ran once. The machine's load was {load:.1f} when this began."""


def _row(load: Load, costs: Mapping[str, Sequence[Cost]]) -> list[str]:
    ours, peers = costs[OURS], costs[CP]
    ratios = sorted(peer.seconds / one.seconds for one, peer in zip(ours, peers, strict=True))
    return [
        load.name,
        f"{median([peer.seconds for peer in peers]):.2f} s",
        f"{median([one.seconds for one in ours]):.2f} s",
        f"**{speed(costs, OURS, beside=CP):.2f}**",
        f"{ratios[len(ratios) // 4]:.2f} to {ratios[-1 - len(ratios) // 4]:.2f}",
        f"{median([one.told['first'] for one in ours]):.2f} s",
        f"{median([one.told['proven'] for one in ours]):.2f} s",
        f"{median([one.told['cpu'] for one in ours]) / (load.bytes / _GIB):.2f}",
        f"{max(one.peak_mib for one in ours):.0f}",
    ]


def _race(memory: Path, disk: Path, load: Load) -> Mapping[str, Sequence[Cost]]:
    cameras, dock, copy = memory / "cameras", disk / "dock", disk / "copies"
    for camera in range(load.cameras):
        folder = cameras / f"camera-{camera:02}" / "DCIM" / "100BENCH"
        folder.mkdir(parents=True)
        for clip in range(_CLIPS):
            file = folder / f"B_{clip:04}.MP4"
            fill(file, load.size, seed=camera * _CLIPS + clip)
            os.utime(file, (1_767_225_600 + clip,) * 2)
    config = disk / "daemon.toml"
    sources = [_SOURCE.format(path=folder, serial=folder.name) for folder in sorted(cameras.iterdir())]
    config.write_text(_CONFIG.format(state=dock / "state") + "".join(sources), encoding="utf-8")

    def prepare() -> None:
        clear(copy, dock)
        dock.mkdir()

    clips = str(load.cameras * _CLIPS)
    ours = [sys.executable, "-m", "benchmarks.taking_in", str(config), str(load.cameras), clips]
    costs = race(
        [
            cp(cameras, copy, prepare),
            Contender(name=OURS, command=ours, prepare=prepare),
        ],
        rounds=ROUNDS,
        budget=BUDGET,
    )
    clear(copy, dock, cameras)
    config.unlink()
    return costs
