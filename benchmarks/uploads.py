"""How fast do clips reach a tus server beside curl and tuspy, and at what cost?

The server is that of `make servers`, on loopback. What is brought there was taken in by the same daemon.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.copying import clear, fill
from benchmarks.measure import Contender, Cost, measure, median, race, speed, table
from tests.servers.process import installed
from tests.servers.relay import Relay
from tests.servers.tus_node import TusNode

MIB = 1 << 20
MANY, SMALL_BYTES = 500, MIB
LARGE_BYTES = 256 * MIB
HUGE_BYTES = 5_000 * MIB
COUNTED = 40  # clips whose requests are counted
ROUNDS = 3
OURS, CURL, TUSPY = "bwvdock", "`curl`", "tuspy, 8 MiB"
MEMORY_GOAL = "60 MiB"

# $1: the endpoint; $2: the folder. Two requests for each file, each a process: curl knows no tus.
CURL_TUS = """for file in "$2"/*; do
  where=$(curl -sf -X POST -D - -o /dev/null -H 'Tus-Resumable: 1.0.0' \\
    -H "Upload-Length: $(stat -c %s "$file")" "$1" | tr -d '\\r' | sed -n 's/^[Ll]ocation: //p')
  curl -sf -o /dev/null -X PATCH -H 'Tus-Resumable: 1.0.0' -H 'Upload-Offset: 0' -H 'Expect:' \\
    -H 'Content-Type: application/offset+octet-stream' -T "$file" "$where"
done"""
_CONFIG = """[dock]
id = "BENCH"
state_dir = "{state}"
[spool]
min_free = "1 MiB"
[[destination]]
name = "store"
"""
_NOWHERE = 'kind = "tus"\nurl = "http://127.0.0.1:9/"\n'


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A dock that has taken in clips and brought them nowhere yet. `clips`: where they came from."""

    home: Path
    clips: Path
    number: int
    size: int


def take_in(home: Path, number: int, size: int) -> Taken:
    """Have a daemon acquire so many clips of a size (bytes)."""
    clips = home / "camera" / "DCIM" / "100BENCH"
    clips.mkdir(parents=True)
    for n in range(number):
        fill(clips / f"B_{n:05}.MP4", size, seed=n)
        os.utime(clips / f"B_{n:05}.MP4", (1_767_225_600 + n,) * 2)
    source = f'[[source]]\nkind = "folder"\npath = "{home / "camera"}"\nserial = "BENCH"\n'
    config = _configure(home, home / "state", _NOWHERE + source)
    print(f"  taking in {number} clips of {size / MIB:.0f} MiB", flush=True)
    taken = Taken(home=home, clips=clips, number=number, size=size)
    measure([*uploader(config, taken), "--only-acquire"])
    return taken


def _configure(home: Path, state: Path, store: str) -> Path:
    config = home / "bwvdock.toml"
    config.write_text(_CONFIG.format(state=state) + store, encoding="utf-8")
    return config


def fresh_state(taken: Taken) -> Path:
    """Make the state directory of a dock that has taken these clips in and brought none anywhere."""
    again = taken.home / "again"
    clear(again)
    shutil.copytree(taken.home / "state", again, copy_function=_copy_or_link, ignore=_sockets)
    return again


def uploader(config: Path, taken: Taken) -> list[str]:
    """Return the command that runs a daemon until all clips are uploaded, proven and described."""
    return [sys.executable, "-m", "benchmarks.uploader", str(config), str(taken.number)]


def _copy_or_link(source: str, target: str) -> None:
    if "/spool/" in source:
        os.link(source, target)  # never written to again
    else:
        shutil.copy2(source, target)


def _sockets(folder: str, names: Sequence[str]) -> list[str]:
    return [name for name in names if Path(folder, name).is_socket()]


def uploads(memory: Path, disk: Path) -> str:  # noqa: ARG001 - every section is given both
    """Measure; give the section of the document."""
    disk, load = disk.resolve(), os.getloadavg()[0]
    with room(disk / "large") as home, TusNode() as server:
        large = take_in(home, 1, LARGE_BYTES)
        large_cost = _race_tus(server, large)
    with room(disk / "many") as home, TusNode() as server:
        many = take_in(home, MANY, SMALL_BYTES)
        small = _race_tus(server, many)
    with room(disk / "counted") as home, TusNode() as server:
        requests = _count_requests(server, take_in(home, COUNTED, SMALL_BYTES))
    large_name = f"One clip of {LARGE_BYTES // MIB} MiB"
    return "\n\n".join(
        [
            "## Uploads by tus",
            _EXPLANATION.format(rounds=ROUNDS, load=load, cores=os.cpu_count()),
            f"### {large_name} to @tus/server\n\n{_table(large_cost, LARGE_BYTES)}",
            f"### {MANY} clips of 1 MiB to @tus/server\n\n{_table(small, MANY * SMALL_BYTES)}\n\n{requests}",
        ]
    )


def memory_of_uploads(memory: Path, disk: Path) -> str:  # noqa: ARG001 - every section is given both
    """Measure what the daemon holds while it uploads; give the section of the document."""
    runs = {}
    for number, size in ((MANY, SMALL_BYTES), (1, HUGE_BYTES)):
        with room(disk.resolve() / "memory") as home, TusNode() as server:
            name = f"{number} of {size / 1e6:,.0f} MB"
            runs[name] = _bring(server, take_in(home, number, size))
    return f"## The daemon's memory while it uploads to @tus/server, and reads back\n\n{_memory(runs)}"


_EXPLANATION = """\
A real daemon, with everything that a dock does: it tries the server out, makes each step durable in its
journal, and puts a custody document beside each clip. *seconds* is the time from when it was ready until
the last clip was uploaded; *proven* until the last one was verified: read back and hashed; *described*
until the last custody document was there. While clips wait, proofs yield to them for 5 seconds and
documents for 30, so that in a short race all of both comes last. The others only send, and do not check
what the server has.
Medians of {rounds} rounds; in each, every contender ran once, in this order, beside the
server, on the same machine. The machine's load was {load:.1f} when this began, on {cores} cores: where
that is more than a few, trust the ratios, not the seconds."""


@contextmanager
def room(home: Path) -> Iterator[Path]:
    """Make a folder, and remove it with all that is in it."""
    home.mkdir()
    yield home
    clear(home)


def _race_tus(server: TusNode, taken: Taken) -> Mapping[str, Sequence[Cost]]:
    def empty() -> None:
        clear(server.directory)
        server.directory.mkdir()

    command, fresh = ours(taken, f'kind = "tus"\nurl = "{server.url}"\n')

    def prepare() -> None:
        empty()
        fresh()

    peer = str(Path(__file__).with_name("tuspy_peer.py"))
    words = [server.url, str(taken.clips)]
    return race(
        [
            Contender(name=CURL, command=["sh", "-ec", CURL_TUS, "sh", *words], prepare=empty),
            Contender(name=OURS, command=command, prepare=prepare),
            Contender(name=TUSPY, command=[str(installed("python")), peer, *words], prepare=empty),
        ],
        rounds=ROUNDS,
        budget=0,
    )


def ours(taken: Taken, store: str) -> tuple[list[str], Callable[[], None]]:
    """Return the command that brings all clips to a store, and what makes a fresh dock for it.

    Args:
        taken: the clips.
        store: the rest of the destination's table.
    """

    def prepare() -> None:
        _configure(taken.home, fresh_state(taken), store)

    return uploader(taken.home / "bwvdock.toml", taken), prepare


def _bring(server: TusNode, taken: Taken) -> Cost:
    command, prepare = ours(taken, f'kind = "tus"\nurl = "{server.url}"\n')
    prepare()
    return measure(command)


def _count_requests(server: TusNode, taken: Taken) -> str:
    """Have clips brought through a relay that counts."""
    with Relay(server.port) as relay:
        command, prepare = ours(taken, f'kind = "tus"\nurl = "{relay.through(server.url)}"\n')
        prepare()
        measure(command)
        methods = dict(relay.faults.requests)
        sent = relay.sent - taken.number * taken.size
    each = ", ".join(f"{number / taken.number:.2f} {method}" for method, number in sorted(methods.items()))
    return textwrap.fill(
        f"Requests for each of {taken.number} clips, with its custody document, its proof and a share of the"
        f" server's trial: {each}; over {relay.connections} connections in all. Sent beside the footage:"
        f" {sent / taken.number / 1024:.1f} KiB a clip.",
        width=110,
    )


def _table(costs: Mapping[str, Sequence[Cost]], size: int) -> str:
    peers = [name for name in costs if name != OURS]
    head = [
        "",
        "seconds",
        "MB/s",
        "proven",
        "described",
        "CPU s per GB",
        "peak MiB",
        *(f"speed beside {peer}" for peer in peers),
    ]
    rows = []
    for name, runs in costs.items():
        seconds = median([run.seconds for run in runs])
        later = [[run.told.get(name, 0) for run in runs] for name in ("proven", "described")]
        peak = max(run.peak_mib for run in runs)
        rows.append(
            [
                name,
                f"{seconds:.2f}",
                f"{size / seconds / 1e6:.0f}",
                *(f"{median(times):.2f}" if any(times) else "" for times in later),
                f"{median([run.cpu_seconds for run in runs]) / (size / 1e9):.2f}",
                f"{peak:.0f}" if peak else "",
                *(f"{speed(costs, name, beside=peer):.2f}" for peer in peers),
            ]
        )
    return table(head, rows)


def _memory(runs: Mapping[str, Cost]) -> str:
    head = ["clips", "least MiB, from ready to the last proof", "most", "peak since its start", "to reach"]
    rows = [
        [name, f"{c.told['rss_low']:.0f}", f"{c.told['rss_high']:.0f}", f"{c.peak_mib:.0f}", MEMORY_GOAL]
        for name, c in runs.items()
    ]
    return table(head, rows)
