"""How fast are clips acquired beside cp, sha256sum and rsync?"""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.measure import CP, Contender, Cost, cp, median, race, speed, table

LARGE_BYTES = 2 * 2**30
SMALL_CLIPS, SMALL_BYTES = 1000, 256 * 1024
_GB, _MIB = 1e9, 2**20
ROUNDS, BUDGET = 5, 120.0  # rounds of each race, unless it takes more than so many seconds


def large_clip(memory: Path, disk: Path) -> str:
    """Race over one large clip; give its section of the document."""
    folder = memory / "large"
    folder.mkdir()
    source = folder / "clip.mp4"
    fill(source, LARGE_BYTES)
    copy, state = disk / "copy.mp4", disk / "spool"

    def prepare() -> None:
        clear(copy, state)

    def shell(command: str) -> list[str]:
        return ["sh", "-ec", command, "sh", str(source), str(copy)]

    contenders = [
        Contender(name="`cp` + `sync`", command=shell('cp "$1" "$2"; sync'), prepare=prepare),
        Contender(
            name="acquire, not read back", command=_acquire(folder, state, "--believe"), prepare=prepare
        ),
        Contender(name="`cp` + `sha256sum`", command=shell('cp "$1" "$2"; sha256sum "$2"'), prepare=prepare),
        Contender(name="acquire", command=_acquire(folder, state), prepare=prepare),
        Contender(name="`rsync -c`", command=shell('rsync -c "$1" "$2"'), prepare=prepare),
    ]
    costs = race(contenders, rounds=ROUNDS, budget=BUDGET)
    clear(copy, state, folder)
    peers = ["`cp` + `sync`", "`cp` + `sha256sum`", "`rsync -c`"]
    goals = [
        ("acquire, not read back", "`cp` + `sync`", "0.95"),
        ("acquire", "`cp` + `sync`", "0.65"),
        ("acquire", "`cp` + `sha256sum`", "2.5"),
        ("acquire", "`rsync -c`", "1.6"),
    ]
    return _section("One clip of 2 GiB", costs, LARGE_BYTES, peers, goals)


def small_clips(memory: Path, disk: Path) -> str:
    """Race over a thousand small clips; give its section of the document."""
    folder = memory / "small"
    folder.mkdir()
    for number in range(SMALL_CLIPS):
        fill(folder / f"{number:04}.mp4", SMALL_BYTES)
    copy, state = disk / "copies", disk / "spool"

    def prepare() -> None:
        clear(copy, state)

    contenders = [
        cp(folder, copy, prepare),
        Contender(name="acquire", command=_acquire(folder, state), prepare=prepare),
    ]
    costs = race(contenders, rounds=2 * ROUNDS, budget=BUDGET / 4)
    clear(copy, state, folder)
    goals = [("acquire", CP, "0.8")]
    title = f"{SMALL_CLIPS} clips of {SMALL_BYTES // 1024} KiB"
    return _section(title, costs, SMALL_CLIPS * SMALL_BYTES, [CP], goals)


def _acquire(folder: Path, state: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.contender", str(folder), str(state), *options]


def fill(path: Path, size: int, *, seed: int | None = None) -> None:
    """Make a file of so many bytes that do not compress, the same every time."""
    rng = random.Random(size if seed is None else seed)  # noqa: S311 - reproducible
    block = rng.randbytes(min(size, 64 * _MIB))
    with path.open("wb") as file:
        for _ in range(0, size, len(block)):
            file.write(block)


def clear(*paths: Path) -> None:
    """Take files and folders away, and wait until the disk has no more to do."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    os.sync()  # what an earlier run left to write is not this one's burden


def _section(
    title: str,
    costs: Mapping[str, Sequence[Cost]],
    size: int,
    peers: Sequence[str],
    goals: Sequence[tuple[str, str, str]],
) -> str:
    head = ["", "seconds", "MB/s", "CPU s per GB", "peak MiB", *(f"speed beside {peer}" for peer in peers)]
    rows = [[name, *_figures(runs, size), *_ratios(costs, name, peers)] for name, runs in costs.items()]
    rounds = len(next(iter(costs.values())))
    reached = [
        f"- {name} beside {peer}: **{speed(costs, name, beside=peer):.2f}** (to reach: {goal})"
        for name, peer, goal in goals
    ]
    load = f"{os.getloadavg()[1]:.1f} in the last five minutes, on {os.cpu_count()} cores"
    note = (
        f"Medians of {rounds} rounds; in each, every contender ran once, in this order. The machine's load\n"
        f"was {load}: where that is more than a few,\ntrust the ratios, not the seconds."
    )
    return "\n\n".join([f"## {title}", note, table(head, rows), "\n".join(reached)])


def _figures(runs: Sequence[Cost], size: int) -> list[str]:
    seconds = median([run.seconds for run in runs])
    cpu_seconds = median([run.cpu_seconds for run in runs])
    peak = max(run.peak_mib for run in runs)
    return [
        f"{seconds:.2f}",
        f"{size / seconds / 1e6:.0f}",
        f"{cpu_seconds / (size / _GB):.2f}",
        f"{peak:.0f}" if peak else "",
    ]


def _ratios(costs: Mapping[str, Sequence[Cost]], name: str, peers: Sequence[str]) -> list[str]:
    return [f"{speed(costs, name, beside=peer):.2f}" for peer in peers]
