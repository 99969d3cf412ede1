"""Does `bwvdock plan` say how long a real daemon takes until cameras are safe and clips proven?

Cameras that all arrive in one moment, read no faster than USB 2 gives; a tus server behind the daemon's own
rate limit, which is read back, so that each byte passes twice. The plan is given the speed of the disk as
`cp` with `sync` and `dd` have it in the same round, and nothing else that was measured here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.copying import clear, fill
from benchmarks.measure import measure, median, table
from bwvdock.core.planning import figures
from bwvdock.core.planning.copying import Copying, batches_of
from bwvdock.core.planning.sending import proven
from bwvdock.core.planning.station import DAY, MICRO, Hours, Shift, Station, StoreKind
from tests.servers.tus_node import TusNode

_MIB = 1 << 20
_USB2 = 40_000_000
_ROUNDS = 3
_WITHIN = 15  # per cent
_DISK_BYTES, _DISK_TRIES = 512 * _MIB, 3
_SAFE, _PROVEN = "last camera safe", "last clip proven"
_CONFIG = """[dock]
id = "BENCH"
state_dir = "{state}"
[spool]
min_free = "1 MiB"
[upload]
limit = "{limit} Mbit/s"
[[destination]]
name = "store"
kind = "tus"
url = "{url}"
"""
_SOURCE = '[[source]]\nkind = "folder"\npath = "{path}"\nserial = "BENCH-{number:03}"\n'


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """So many cameras with so many clips of a size (bytes), and a limit for the uplink (Mbit/s)."""

    cameras: int
    clips: int
    size: int
    limit: int

    @property
    def name(self) -> str:
        """What it is called in the table."""
        return f"{self.cameras} x {self.clips} x {self.size // _MIB} MiB, {self.limit} Mbit/s"


CASES = (
    Case(cameras=1, clips=8, size=32 * _MIB, limit=160),
    Case(cameras=4, clips=4, size=32 * _MIB, limit=160),
    Case(cameras=16, clips=4, size=16 * _MIB, limit=320),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What one run took, in seconds since the first camera was there, and what the plan says of it."""

    measured: dict[str, float]
    planned: dict[str, float]


def plan_check(memory: Path, disk: Path) -> str:
    """Measure; return the section of the document."""
    load = os.getloadavg()[0]
    seen: dict[str, list[Seen]] = {case.name: [] for case in CASES}
    for _ in range(_ROUNDS):
        for case in CASES:
            seen[case.name].append(_round(case, memory / "plan", disk.resolve() / "plan"))
    return section(seen, load)


def section(seen: Mapping[str, Sequence[Seen]], load: float) -> str:
    """Return the section of the document.

    Args:
        seen: all runs of each case, by its name.
        load: of the machine, when this began.
    """
    rows = [_row(case.name, what, seen[case.name]) for case in CASES for what in (_SAFE, _PROVEN)]
    head = [
        "cameras x clips x size, uplink",
        "",
        "measured, s",
        "from",
        "to",
        "plan, s",
        "plan beside it",
        "to reach",
    ]
    text = _EXPLANATION.format(rounds=_ROUNDS, load=load, cores=os.cpu_count())
    beside = median([_commit_seconds(CASES[0], run) for run in seen[CASES[0].name]])
    took = f"{beside:.2f} s" if beside > 0 else "no time that could be seen"
    batch = f"Where one camera was read, a batch of clips took {took} beside its bytes."
    return f"## A plan beside the real daemon\n\n{text}\n\n{table(head, rows)}\n\n{batch}"


def _commit_seconds(case: Case, seen: Seen) -> float:
    """Return what each batch of one camera took beside reading, in seconds."""
    whole = seen.measured[_SAFE] - figures.ATTACH.value / MICRO - case.clips * case.size / _USB2
    return whole / len(batches_of(_station(case, _USB2), MICRO))


_EXPLANATION = """\
Cameras that arrive in one moment, each read at 40 MB/s at most; a real daemon; @tus/server behind the
daemon's own limit, with its files in memory, sent to and read back. Seconds since the first camera came.
`bwvdock plan` is given the speed of the disk in the same round, as the best of three times `cp` with `sync`,
and `dd` that reads past the cache, and its own table of figures. Medians of {rounds} rounds of all cases in
turn. The machine's load was {load:.1f} when this began, on {cores} cores."""


def _row(name: str, what: str, runs: Sequence[Seen]) -> list[str]:
    measured, planned = ([getattr(run, kind)[what] for run in runs] for kind in ("measured", "planned"))
    ratio = median([plan / real for plan, real in zip(planned, measured, strict=True)])
    return [
        name,
        what,
        f"{median(measured):.1f}",
        f"{min(measured):.1f}",
        f"{max(measured):.1f}",
        f"{median(planned):.1f}",
        f"{ratio:.2f}",
        f"{1 - _WITHIN / 100:.2f} to {1 + _WITHIN / 100:.2f}",
    ]


def _round(case: Case, memory: Path, disk: Path) -> Seen:
    for folder in (memory, disk):
        folder.mkdir()
    sources = [_camera(case, memory / str(number), number) for number in range(case.cameras)]
    rate = _disk_rate(memory, disk)
    with _temporary_files_in(memory), TusNode() as server:
        config = disk / "bwvdock.toml"
        text = _CONFIG.format(state=disk / "state", limit=case.limit, url=server.url)
        config.write_text(text + "".join(sources), encoding="utf-8")
        measured = _run(case, config)
    clear(memory, disk)
    seen = Seen(measured=measured, planned=_planned(case, rate))
    print(f"  {case.name}: {seen}, disk {rate / 1e6:.0f} MB/s", flush=True)
    return seen


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    # What the server stores is in memory: in a station, the store's disk is not the dock's.
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _camera(case: Case, path: Path, number: int) -> str:
    folder = path / "DCIM" / "100BENCH"
    folder.mkdir(parents=True)
    for n in range(case.clips):
        clip = folder / f"B_{n:05}.MP4"
        fill(clip, case.size, seed=number * case.clips + n)
        os.utime(clip, (1_767_225_600 + n,) * 2)
    return _SOURCE.format(path=path, number=number)


def _disk_rate(memory: Path, disk: Path) -> int:
    """Return the speed at which the disk takes each byte and gives it again, in bytes per second.

    The best of some tries, since others use it too. `disk_rate` of a plan is that of writing and of reading.
    """
    source, copy = memory / "large", disk / "copy"
    fill(source, _DISK_BYTES)
    write = ["sh", "-ec", 'cp "$1" "$2"; sync "$2"', "sh", str(source), str(copy)]
    read = ["dd", f"if={copy}", "of=/dev/null", "bs=4M", "iflag=direct", "status=none"]
    tries = [(measure(write).seconds, measure(read).seconds) for _ in range(_DISK_TRIES)]
    clear(source, copy)
    return int(2 * _DISK_BYTES / sum(min(seconds) for seconds in zip(*tries, strict=True)))


def _run(case: Case, config: Path) -> dict[str, float]:
    """Return when the last camera was safe and the last clip proven."""
    command = [sys.executable, "-m", "benchmarks.paced_dock", str(config), str(_USB2)]
    clips = case.cameras * case.clips
    times: dict[str, list[float]] = {"camera_attached": [], "camera_settled": [], "clip_verified": []}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as daemon:
        assert daemon.stderr is not None
        said = []
        for line in daemon.stderr:
            said.append(line)
            event = line.partition(" event=")[2].split(maxsplit=1)
            if event and event[0] in times:
                times[event[0]].append(time.monotonic())
            if len(times["clip_verified"]) == clips and len(times["camera_settled"]) >= case.cameras:
                break
        else:
            sys.exit("".join(said[-20:]))
        daemon.terminate()
        for _ in daemon.stderr:
            pass
    began = times["camera_attached"][0]
    return {_SAFE: times["camera_settled"][-1] - began, _PROVEN: times["clip_verified"][-1] - began}


def _station(case: Case, disk_rate: int) -> Station:
    limit = case.limit * MICRO // 8
    return Station(
        shifts=(Shift(at=0, cameras=case.cameras, within=0),),
        per_shift=case.clips * case.size,
        clip=case.size,
        ports=case.cameras,
        port_rate=_USB2,
        hub_ports=0,
        hub_rate=_USB2,
        disk=1 << 50,
        disk_rate=disk_rate,
        min_free=0,
        hours=(Hours(start=0, end=DAY, rate=limit, limit=limit),),
        stores=(StoreKind.TUS_READ_BACK,),
        parallel=3,
        retention_days=31,
        evidence=0,
        evidence_days=31,
        outage_days=0,
        docks=1,
    )


def _planned(case: Case, disk_rate: int) -> dict[str, float]:
    station = _station(case, disk_rate)
    copying = Copying(station, days=1, most_lumps=MICRO)
    copying.run()
    return {
        _SAFE: max(visit.safe for visit in copying.visits) / MICRO,
        _PROVEN: max(proven(station, copying.lumps)) / MICRO,
    }
