"""What is the daemon's peak memory, by how many cameras it takes in at once and which stores it has?"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.copying import fill
from benchmarks.measure import measure, table
from benchmarks.uploads import room
from tests.servers.s3_swift import S3Swift
from tests.servers.tus_node import TusNode

_MIB = 2**20
_CLIPS, _ROUNDS = 4, 2
_VAULT, _TUS, _BUCKET = "a vault", "@tus/server", "OpenStack Swift"
_NAME = "bench"
_CONFIG = """[dock]
id = "BENCH"
state_dir = "{state}"
[spool]
min_free = "1 MiB"
"""
_SOURCE = '[[source]]\nkind = "folder"\npath = "{path}"\nserial = "{path.name}"\n'
_EXPLANATION = """\
A real daemon takes in folders that are in memory, each with {clips} clips, and brings them to all of its
stores at once: its peak since its start, and its processor time from when it was ready until each store had
proven the last clip. The most of {rounds} runs. A folder that is treated as a camera has three threads more
than one at a USB port. The machine's load was {load:.1f} on {cores} cores when this began."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Load:
    """So many cameras with clips of a size (bytes), and where they are brought."""

    cameras: int
    size: int
    stores: tuple[str, ...]
    goal: str


_LOADS = [
    _Load(cameras=1, size=64 * _MIB, stores=(_VAULT,), goal="64"),
    _Load(cameras=16, size=16 * _MIB, stores=(_VAULT,), goal="64"),
    _Load(cameras=64, size=4 * _MIB, stores=(_VAULT,), goal="64"),
    _Load(cameras=1, size=64 * _MIB, stores=(_BUCKET,), goal=""),
    _Load(cameras=16, size=8 * _MIB, stores=(_TUS, _BUCKET), goal="60"),
]


def peaks(memory: Path, disk: Path) -> str:
    """Measure; return the section of the document."""
    said = _EXPLANATION.format(clips=_CLIPS, rounds=_ROUNDS, load=os.getloadavg()[0], cores=os.cpu_count())
    rows = []
    for load in _LOADS:
        runs = [_run(load, memory.resolve(), disk.resolve()) for _ in range(_ROUNDS)]
        peak, cpu = (max(values) for values in zip(*runs, strict=True))
        stores, size = " and ".join(load.stores), f"{load.size // _MIB} MiB"
        print(f"  {load.cameras} cameras, {stores}: {peak:.1f} MiB, {cpu:.2f} s", flush=True)
        rows.append([f"{load.cameras}", size, stores, f"{peak:.0f}", load.goal, f"{cpu:.1f}"])
    head = ["cameras", "clips of", "stores", "peak, MiB", "to reach", "CPU s"]
    return f"## The daemon's peak memory, by cameras and stores\n\n{said}\n\n{table(head, rows)}"


def _run(load: _Load, memory: Path, disk: Path) -> tuple[float, float]:
    """Return the peak (MiB) and the processor time (s) of one run."""
    with room(memory / "cameras") as cameras, room(disk / "peaks") as home, ExitStack() as servers:
        text = _CONFIG.format(state=home / "state")
        for store in load.stores:
            text += servers.enter_context(_store(store, home))
        for number in range(load.cameras):
            folder = cameras / f"camera-{number:03}"
            (folder / "DCIM").mkdir(parents=True)
            for clip in range(_CLIPS):
                file = folder / "DCIM" / f"B_{clip:04}.MP4"
                fill(file, load.size, seed=number * _CLIPS + clip)
                os.utime(file, (1_767_225_600 + clip,) * 2)
            text += _SOURCE.format(path=folder)
        config = home / "daemon.toml"
        config.write_text(text, encoding="utf-8")
        proven = f"{load.cameras * _CLIPS * len(load.stores)}"
        cost = measure([sys.executable, "-m", "benchmarks.taking_in", str(config), f"{load.cameras}", proven])
        shutil.rmtree(home / "state")
    return cost.peak_mib, cost.told["cpu"]


@contextmanager
def _store(store: str, home: Path) -> Iterator[str]:
    """Start a store; give its table of the configuration."""
    if store == _VAULT:
        yield f'[[destination]]\nname = "vault"\nkind = "directory"\npath = "{home}/state/vault"\n'
    elif store == _TUS:
        with TusNode() as tus:
            yield f'[[destination]]\nname = "tus"\nkind = "tus"\nurl = "{tus.url}"\n'
    else:
        with S3Swift() as swift:
            swift.client().create_bucket(Bucket=_NAME)
            (home / "access").write_text(swift.access_key, encoding="ascii")
            (home / "secret").write_text(swift.secret_key, encoding="ascii")
            yield (
                f'[[destination]]\nname = "s3"\nkind = "s3"\nendpoint = "{swift.url}"\nbucket = "{_NAME}"\n'
                f'access_key_file = "{home}/access"\nsecret_key_file = "{home}/secret"\n'
            )
