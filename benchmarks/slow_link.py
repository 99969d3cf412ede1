"""What does a slow link with cuts cost, in bytes and in time, beside other clients; and is the link used?

The link is our own (link.py): one rate for all connections, in each direction, and a delay. A cut resets all
connections; the next may be made at once.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.link import Link
from benchmarks.measure import Cost, measure, median, table
from benchmarks.uploads import CURL_TUS, OURS, Taken, ours, room, take_in
from tests.servers.process import HERE, Server, installed
from tests.servers.s3_swift import S3Swift
from tests.servers.tus_node import TusNode

MIB = 1 << 20
MBIT = 1_000_000 / 8  # bytes per second
RATE, DELAY, EVERY = 20 * MBIT, 0.04, 15.0
CLIPS, CLIP_BYTES = 2, 48 * MIB
ROUNDS = 3
CURL, TUSPY, RCLONE = "`curl`", "tuspy, 4 MiB", "`rclone copy --checksum`, parts of 5 MiB"
STEADY_SECONDS = 600
LIMIT = 10  # Mbit/s
BYTES_GOAL, USE_GOAL = 1.02, 0.95

_CUTS = f"""\
{CLIPS} clips of {CLIP_BYTES // MIB} MiB over {RATE / MBIT:.0f} Mbit/s with a round trip of
{2000 * DELAY:.0f} ms, on which all connections are cut every {EVERY / 2:.1f} to {EVERY * 1.5:.1f} s, at
moments drawn anew in each of {ROUNDS} rounds and the same for all clients of a round. *sent* is all that
went up, with heads, documents and the server's trial, over the footage's size; *time* is until the last
clip was sent whole, over what the footage takes at the link's rate."""
_STEADY = f"""\
{{number}} clips of {CLIP_BYTES // MIB} MiB to @tus/server over {RATE / MBIT:.0f} Mbit/s with a round trip of
{2000 * DELAY:.0f} ms, without cuts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """A client in the race: `begin` makes all ready and returns the command, given the store's URL."""

    name: str
    begin: Callable[[str], Sequence[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run over the link."""

    cost: Cost
    sent: int
    cuts: int


def slow_link(memory: Path, disk: Path) -> str:  # noqa: ARG001 - every section is given both
    """Measure; return the section of the document."""
    disk = disk.resolve()
    with room(disk / "cuts") as home, TusNode() as server:
        taken = take_in(home, CLIPS, CLIP_BYTES)
        by_tus = _race(server, _tus_clients(taken), every=EVERY)
    with room(disk / "cuts-s3") as home, S3Swift() as server:
        taken = take_in(home, CLIPS, CLIP_BYTES)
        by_s3 = _race(server, _s3_clients(server, taken), every=EVERY)
    size = CLIPS * CLIP_BYTES
    return "\n\n".join(
        [
            "## A slow link with cuts",
            textwrap.fill(_CUTS, width=110),
            f"### To @tus/server\n\n{_table(by_tus, size)}",
            f"### To OpenStack Swift, by S3\n\n{_table(by_s3, size)}",
        ]
    )


def uplink(memory: Path, disk: Path) -> str:  # noqa: ARG001 - every section is given both
    """Measure how much of the link is used in ten minutes; return the section of the document."""
    number = int(STEADY_SECONDS * RATE / CLIP_BYTES)
    with room(disk.resolve() / "uplink") as home, TusNode() as server:
        taken = take_in(home, number, CLIP_BYTES)
        clients = [
            Client(name=CURL, begin=lambda url: ["sh", "-ec", CURL_TUS, "sh", url, str(taken.clips)]),
            _our_tus(taken),
        ]
        free = _race(server, clients, rounds=1)
        limited = _race(server, [_our_tus(taken, f'[upload]\nlimit = "{LIMIT} Mbit/s"\n')], rounds=1)
    size = number * CLIP_BYTES
    rows = []
    for name, runs, rate in (
        (CURL, free[CURL], RATE),
        (OURS, free[OURS], RATE),
        (f"{OURS}, limit {LIMIT} Mbit/s", limited[OURS], LIMIT * MBIT),
    ):
        used = size / runs[0].cost.seconds
        rows.append([name, f"{runs[0].cost.seconds:.0f}", f"{used / MBIT:.2f}", f"{used / rate:.3f}"])
    ratio = free[CURL][0].cost.seconds / free[OURS][0].cost.seconds
    return "\n\n".join(
        [
            "## The uplink in use",
            textwrap.fill(_STEADY.format(number=number), width=110),
            table(["", "seconds", "Mbit/s of footage", "share of the link, or of the limit"], rows),
            f"- bwvdock beside `curl`: **{ratio:.3f}** (to reach: at least {USE_GOAL})",
        ]
    )


def _race(
    server: Server, clients: Sequence[Client], *, every: float = 0, rounds: int = ROUNDS
) -> dict[str, list[Run]]:
    runs: dict[str, list[Run]] = {client.name: [] for client in clients}
    for number in range(rounds):
        for client in clients:
            with Link(server.port, rate=RATE, delay=DELAY, every=every, seed=number) as link:
                command = client.begin(link.through(server.url))
                os.sync()
                cost = measure(command)
                runs[client.name].append(Run(cost=cost, sent=link.sent, cuts=link.cuts))
            told = runs[client.name][-1]
            print(f"  {client.name}: {cost.seconds:.1f} s, {told.sent} bytes, {told.cuts} cuts", flush=True)
    return runs


def _tus_clients(taken: Taken) -> list[Client]:
    def tuspy(url: str) -> list[str]:
        state = taken.home / "tuspy"
        state.mkdir(exist_ok=True)
        (state / "tuspy.json").unlink(missing_ok=True)
        each = f'{installed("python")} {HERE / "naive.py"} tuspy {url} "$file" {state} 200 0.5'
        return ["sh", "-ec", f"for file in {taken.clips}/*; do {each}; done"]

    return [_our_tus(taken), Client(name=TUSPY, begin=tuspy)]


def _our_tus(taken: Taken, more: str = "") -> Client:
    def begin(url: str) -> list[str]:
        command, prepare = ours(taken, f'kind = "tus"\nurl = "{url}"\n{more}')
        prepare()
        return [*command, "--only-upload"]

    return Client(name=OURS, begin=begin)


def _s3_clients(server: S3Swift, taken: Taken) -> list[Client]:
    keys = [taken.home / "access", taken.home / "secret"]
    for file, key in zip(keys, (server.access_key, server.secret_key), strict=True):
        file.write_text(key, encoding="ascii")
    made = iter(range(1000))

    def bucket() -> str:
        name = f"bench{next(made)}"
        server.client().create_bucket(Bucket=name)
        return name

    def begin(url: str) -> list[str]:
        store = (
            f'kind = "s3"\nendpoint = "{url}"\nbucket = "{bucket()}"\n'
            f'access_key_file = "{keys[0]}"\nsecret_key_file = "{keys[1]}"\n'
        )
        command, prepare = ours(taken, store)
        prepare()
        return [*command, "--only-upload"]

    def rclone(url: str) -> list[str]:
        where = (
            f":s3,provider=Other,endpoint='{url}',access_key_id='{server.access_key}',"
            f"secret_access_key='{server.secret_key}',region={server.region}:{bucket()}"
        )
        return [
            str(installed("rclone")),
            "copy",
            "--checksum",
            "--s3-upload-cutoff=5M",
            "--retries=50",
            str(taken.clips),
            where,
        ]

    return [Client(name=OURS, begin=begin), Client(name=RCLONE, begin=rclone)]


def _table(runs: dict[str, list[Run]], size: int) -> str:
    head = ["", "seconds", "time", "sent", "cuts", "to reach"]
    rows = [
        [
            name,
            f"{median([run.cost.seconds for run in each]):.1f}",
            f"{median([run.cost.seconds * RATE / size for run in each]):.2f}",
            f"{median([run.sent / size for run in each]):.3f}",
            " ".join(str(run.cuts) for run in each),
            f"sent {BYTES_GOAL}" if name == OURS else "",
        ]
        for name, each in runs.items()
    ]
    return table(head, rows)
