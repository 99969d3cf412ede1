"""A fleet's night in fast motion: real daemons, one store, which is killed in the middle and comes back.

`DOCKS` and `MINUTES` in the environment say how many and how long; `make fleet DOCKS=8 MINUTES=3`.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.fleet.docks import Dock
from benchmarks.fleet.plan import Night
from benchmarks.fleet.store import accesses, fleet_store, footage_in, unfinished_in
from benchmarks.fleet.table import Seen, section
from tests.servers.s3_rgw import S3Rgw

_DOCKS, _MINUTES = 32, 6.0
_ALL_BYTES = 640 << 20  # of all docks together: three disks keep a copy each
_MOST_EACH = 20 << 20
_LOOK = 2.0  # seconds between two looks
_PATIENCE = 900.0  # seconds after the night until a dock that is not done is said not to be


def fleet(memory: Path, disk: Path) -> str:
    """Measure; return the section of the document."""
    docks = int(os.environ.get("DOCKS", _DOCKS))
    minutes = float(os.environ.get("MINUTES", _MINUTES))
    night = Night(docks=docks, seconds=60 * minutes, each=min(_MOST_EACH, _ALL_BYTES // docks))
    load = os.getloadavg()[0]
    tempfile.tempdir = str(disk)  # the store's disks are as large as all footage, three times
    _say("starting the store")
    with fleet_store(night.names) as server, _docks(night, server, memory, disk) as running:
        killed, returned = _pass(night, server, running)
        done = _wait_until_done(running)
        return section(night, _seen(server, running, killed, returned, done), load=load)


@contextmanager
def _docks(night: Night, server: S3Rgw, memory: Path, disk: Path) -> Iterator[list[Dock]]:
    running: list[Dock] = []
    try:
        for name in night.names:
            home, camera = disk / name, memory / name
            running.append(Dock(name, home, camera, url=server.url, limit=night.limit))
            _until(lambda: running[-1].events("ready") > 0)
        _say(f"{len(running)} docks are ready")
        yield running
    finally:
        for dock in running:
            dock.order_to_end()
        for dock in running:
            dock.end()


def _until(ready: Callable[[], bool]) -> None:
    while not ready():
        time.sleep(0.1)


def _pass(night: Night, server: S3Rgw, running: Sequence[Dock]) -> tuple[float, float]:
    """Have the night pass; return when the store was killed, and when it listened again."""
    by_name, began = {dock.name: dock for dock in running}, time.time()
    away, back = night.outage
    for clip in night.clips():
        assert clip.at < away
        time.sleep(max(0.0, began + clip.at - time.time()))
        by_name[clip.dock].take(clip)
    _say("all footage is on the cameras")
    time.sleep(max(0.0, began + away - time.time()))
    server.kill()
    killed = time.time()  # when nobody answers any more
    _say("the store is killed")
    time.sleep(max(0.0, began + back - time.time()))
    server.start()
    _say(f"the store is back after {time.time() - killed:.0f} s")
    return killed, time.time()


def _wait_until_done(running: Sequence[Dock]) -> float:
    """Wait until every dock has brought everything, custody documents included; return when."""
    until, waits = time.time() + _PATIENCE, list(running)
    while waits and time.time() < until:
        time.sleep(_LOOK)
        waits = [dock for dock in waits if dock.events("clip_described") < len(dock.given)]
    _say("all is brought" if not waits else f"not done: {', '.join(dock.name for dock in waits)}")
    return time.time()


def _seen(server: S3Rgw, running: Sequence[Dock], killed: float, returned: float, done: float) -> Seen:
    """Ask docks and store what there is."""
    clips: Mapping[str, Sequence[Mapping[str, Any]]] = {dock.name: dock.told("clips") for dock in running}
    return Seen(
        killed=killed,
        returned=returned,
        done=done,
        given={dock.name: dock.given for dock in running},
        clips=clips,
        status={dock.name: dock.told("status") for dock in running},
        passed={dock.name: dock.passed(clips[dock.name]) for dock in running},
        used={dock.name: dock.used() for dock in running},
        accesses=accesses(server),
        kept=footage_in(server),
        unfinished=unfinished_in(server),
    )


def _say(what: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')} {what}", flush=True)
