"""Do many cameras at once fill their USB ports, or else the disk?

The cameras give no more than their ports let through (limited_source.py); the disk's limit is what `cp -r`
and `sync` reach with as many bytes, in the same rounds.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.copying import clear, fill
from benchmarks.measure import CP, Contender, Cost, cp, median, race, table
from benchmarks.port import USB_2, USB_3

_MIB = 2**20
_CLIPS = 4
ROUNDS, BUDGET = 3, 900.0
_OURS = "bwvdock"
_SHORTEST = 2  # seconds for which each port is busy, if that many bytes have room
_MOST_BYTES = 2 * 1024 * _MIB  # of all cameras together
_CONFIG = """[dock]
id = "BENCH"
state_dir = "{state}"
[spool]
min_free = "1 MiB"
[admission]
mode = "any"
"""


@dataclass(frozen=True, slots=True)
class _Bays:
    """So many cameras, each at a port that lets through so many bytes a second."""

    cameras: int
    rate: int

    @property
    def clip_bytes(self) -> int:
        """The size of a clip: four of them are on each camera."""
        each = min(self.rate * _SHORTEST, _MOST_BYTES // self.cameras)
        return each // _CLIPS // _MIB * _MIB

    @property
    def bytes(self) -> int:
        """All of them together."""
        return self.cameras * _CLIPS * self.clip_bytes


_BAYS = [_Bays(cameras, rate) for rate in (USB_2, USB_3) for cameras in (1, 4, 16, 64)]


def ports(memory: Path, disk: Path) -> str:
    """Race each against the disk; give the section of the document."""
    rows = [_row(bays, _race(memory, disk.resolve(), bays)) for bays in _BAYS]
    head = [
        "cameras",
        "clips",
        "ports together",
        "disk",
        "bwvdock",
        "beside the lesser",
        "first safe",
        "last safe",
        "all proven",
        "longest turn",
    ]
    return f"## Cameras at USB ports\n\n{_EXPLANATION}\n\n{table(head, rows)}"


_EXPLANATION = f"""\
Each camera gives {USB_2 // 10**6} (USB 2) or {USB_3 // 10**6} MB (USB 3) a second, and all are docked in one
moment; then journal, spool and vault do what they do. MB a second: what the ports let through together, what
`cp -r` and `sync` brought onto the same disk from memory, and what bwvdock took in until the last camera was
safe to remove. Medians of at least {ROUNDS} rounds; in each, both ran once."""


def _row(bays: _Bays, costs: Mapping[str, Sequence[Cost]]) -> list[str]:
    ours = costs[_OURS]
    together = bays.cameras * bays.rate / 1e6
    disks = [bays.bytes / run.seconds / 1e6 for run in costs[CP]]
    taken = [bays.bytes / run.seconds / 1e6 for run in ours]
    ratios = [one / min(together, limit) for one, limit in zip(taken, disks, strict=True)]
    return [
        f"{bays.cameras} x {'USB 2' if bays.rate == USB_2 else 'USB 3'}",
        f"{_CLIPS} x {bays.clip_bytes // _MIB} MiB",
        f"{together:,.0f}",
        f"{median(disks):,.0f}",
        f"{median(taken):,.0f}",
        f"**{median(ratios):.2f}**",
        f"{median([run.told['first'] for run in ours]):.1f} s",
        f"{median([run.seconds for run in ours]):.1f} s",
        f"{median([run.told['proven'] for run in ours]):.1f} s",
        f"{max(run.told['turn'] for run in ours) * 1000:.0f} ms",
    ]


def _race(memory: Path, disk: Path, bays: _Bays) -> Mapping[str, Sequence[Cost]]:
    source, dock, copy = memory / "ports", disk / "dock", disk / "copies"
    source.mkdir()
    for number in range(bays.cameras * _CLIPS):
        fill(source / f"{number:04}.mp4", bays.clip_bytes, seed=number)
    config = disk / "ports.toml"
    config.write_text(_CONFIG.format(state=dock / "state"), encoding="utf-8")

    def prepare() -> None:
        clear(copy, dock)
        (dock / "state").mkdir(parents=True)

    numbers = [str(number) for number in (bays.cameras, _CLIPS, bays.clip_bytes, bays.rate)]
    ours = [sys.executable, "-m", "benchmarks.limited_source", str(config), *numbers]
    costs = race(
        [
            cp(source, copy, prepare),
            Contender(name=_OURS, command=ours, prepare=prepare),
        ],
        rounds=ROUNDS,
        budget=BUDGET,
    )
    clear(copy, dock, source)
    config.unlink()
    return costs
