"""How fast do clips reach an S3 store beside boto3, rclone and awscli, and how many requests does each take?

The store is OpenStack Swift, on loopback, from `make servers`; rclone and awscli are from there as well. Each
uploads as its manual shows it, with all that it does by itself.

    python -m benchmarks.s3_peers ENDPOINT FOLDER BUCKET ACCESS SECRET    what boto3 alone does
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import boto3 as boto3_library
from botocore.config import Config

from benchmarks.measure import Contender, Cost, measure, median, race, speed, table
from benchmarks.uploads import Taken, fresh_state, room, take_in, uploader
from tests.servers.process import installed
from tests.servers.relay import Relay
from tests.servers.s3_swift import S3Swift

MIB = 1 << 20
LARGE_BYTES = 256 * MIB
MANY, SMALL_BYTES = 100, MIB
COUNTED = 40  # clips whose requests are counted
ROUNDS = 3
OURS, BOTO3, RCLONE, AWS = "bwvdock", "boto3 `upload_fileobj`", "`rclone --checksum`", "`aws s3 cp`"
_BUCKET = "bench"
_CONFIG = """[dock]
id = "BENCH"
state_dir = "{state}"
[spool]
min_free = "1 MiB"
[[destination]]
name = "store"
kind = "s3"
endpoint = "{url}"
bucket = "{bucket}"
prefix = "{prefix}"
access_key_file = "{home}/access"
secret_key_file = "{home}/secret"
"""
_EXPLANATION = """\
A real daemon, with everything that a dock does: it tries the store out, hashes what it reads, makes each step
durable in its journal, looks at what is there afterwards, and puts a custody document beside each clip.
*seconds* is the time from when it was ready until the last clip was uploaded; *tried out* is the part of it
that went by before the store had been tried out, once a day; *proven* is when the last clip was verified. The
others only send: boto3 is timed with its libraries loaded, the programs as they are typed. Medians of
{rounds} rounds; in each, every contender ran once, in this order, beside the store, on the same machine. The
machine's load was {load:.1f} when this began, on {cores} cores: where that is more than a few, trust the
ratios."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Race:
    """A running store, and clips that were taken in."""

    server: S3Swift
    taken: Taken

    def contenders(self) -> list[Contender]:
        """Return all who upload these clips."""
        server, clips = self.server, self.taken.clips
        peer = [sys.executable, "-m", "benchmarks.s3_peers", server.url, str(clips), _BUCKET]
        ours = _uploader(self.taken)
        fresh = count(1)

        def prepare() -> None:
            self.empty()
            _fresh_dock(self.taken, server.url, str(next(fresh)))

        return [
            Contender(name=BOTO3, command=[*peer, server.access_key, server.secret_key], prepare=self.empty),
            Contender(name=OURS, command=ours, prepare=prepare),
            Contender(name=RCLONE, command=_rclone(server, clips), prepare=self.empty),
            Contender(name=AWS, command=_aws(server, clips), prepare=self.empty),
        ]

    def empty(self) -> None:
        """Remove all objects."""
        client = self.server.client()
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=_BUCKET):
            for found in page.get("Contents", []):
                client.delete_object(Bucket=_BUCKET, Key=found["Key"])
        os.sync()


def s3(memory: Path, disk: Path) -> str:  # noqa: ARG001 - every section is given both
    """Measure; give the section of the document."""
    disk, load = disk.resolve(), os.getloadavg()[0]
    with room(disk / "large") as home:
        large = _race(take_in(home, 1, LARGE_BYTES))
    with room(disk / "many") as home:
        small = _race(take_in(home, MANY, SMALL_BYTES))
    with room(disk / "counted") as home:
        requests = _count_requests(take_in(home, COUNTED, SMALL_BYTES))
    return "\n\n".join(
        [
            "## Uploads by S3",
            _EXPLANATION.format(rounds=ROUNDS, load=load, cores=os.cpu_count()),
            f"### One clip of {LARGE_BYTES // MIB} MiB to OpenStack Swift\n\n{_table(large, LARGE_BYTES)}",
            f"### {MANY} clips of 1 MiB to OpenStack Swift\n\n{_table(small, MANY * SMALL_BYTES)}",
            requests,
        ]
    )


@contextmanager
def _store(home: Path) -> Iterator[S3Swift]:
    with S3Swift() as server:
        server.client().create_bucket(Bucket=_BUCKET)
        (home / "access").write_text(server.access_key, encoding="ascii")
        (home / "secret").write_text(server.secret_key, encoding="ascii")
        yield server


def _race(taken: Taken) -> Mapping[str, Sequence[Cost]]:
    with _store(taken.home) as server:
        return race(_Race(server=server, taken=taken).contenders(), rounds=ROUNDS, budget=0)


def _uploader(taken: Taken) -> list[str]:
    return uploader(taken.home / "s3.toml", taken)


def _fresh_dock(taken: Taken, url: str, prefix: str) -> None:
    """Make a dock that has brought nothing anywhere, with a prefix of its own at the store."""
    state = fresh_state(taken)
    config = _CONFIG.format(state=state, url=url, bucket=_BUCKET, prefix=prefix, home=taken.home)
    (taken.home / "s3.toml").write_text(config, encoding="utf-8")


def _rclone(server: S3Swift, clips: Path) -> list[str]:
    told = {
        "config": "",
        "s3-provider": "Other",
        "s3-endpoint": server.url,
        "s3-region": server.region,
        "s3-access-key-id": server.access_key,
        "s3-secret-access-key": server.secret_key,
    }
    flags = [f"--{name}={value}" for name, value in told.items()]
    what = sorted(clips.iterdir())
    if len(what) > 1:
        return [str(installed("rclone")), "copy", "--checksum", *flags, str(clips), f":s3:{_BUCKET}"]
    where = f":s3:{_BUCKET}/{what[0].name}"
    return [str(installed("rclone")), "copyto", "--checksum", *flags, str(what[0]), where]


def _aws(server: S3Swift, clips: Path) -> list[str]:
    told = {
        "AWS_ACCESS_KEY_ID": server.access_key,
        "AWS_SECRET_ACCESS_KEY": server.secret_key,
        "AWS_DEFAULT_REGION": server.region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_MAX_ATTEMPTS": "10",  # a store under load asks it to slow down
    }
    copy = ["s3", "cp", "--only-show-errors", "--recursive", str(clips), f"s3://{_BUCKET}/"]
    known = [f"{name}={value}" for name, value in told.items()]
    return ["env", *known, str(installed("aws")), "--endpoint-url", server.url, *copy]


def _count_requests(taken: Taken) -> str:
    """Have clips brought through a relay that counts."""
    with _store(taken.home) as server, Relay(server.port) as relay:
        _fresh_dock(taken, relay.through(server.url), "counted")
        measure(_uploader(taken))
        methods = dict(relay.faults.requests)
        sent = relay.sent - taken.number * taken.size
    each = ", ".join(f"{number / taken.number:.2f} {method}" for method, number in sorted(methods.items()))
    return (
        f"Requests for each of {taken.number} clips, with its custody document, its proof and a share\n"
        f"of the store's trial: {each};\nover {relay.connections} connections in all. Sent beside the "
        f"footage: {sent / taken.number / 1024:.1f} KiB a clip."
    )


def _table(costs: Mapping[str, Sequence[Cost]], size: int) -> str:
    told = ["seconds", "MB/s", "tried out", "proven", "CPU s per GB", "peak MiB"]
    peers = [name for name in costs if name != OURS]
    rows = []
    for name, runs in costs.items():
        seconds, peak = median([run.seconds for run in runs]), max(run.peak_mib for run in runs)
        rows.append(
            [
                name,
                f"{seconds:.2f}",
                f"{size / seconds / 1e6:.0f}",
                _said(runs, "tried_out"),
                _said(runs, "proven"),
                f"{median([run.cpu_seconds for run in runs]) / (size / 1e9):.2f}",
                f"{peak:.0f}" if peak else "",
                *(f"{speed(costs, name, beside=peer):.2f}" for peer in peers),
            ]
        )
    return table(["", *told, *(f"speed beside {peer}" for peer in peers)], rows)


def _said(runs: Sequence[Cost], what: str) -> str:
    told = [run.told[what] for run in runs if what in run.told]
    return f"{median(told):.2f}" if told else ""


def boto3(endpoint: str, folder: str, bucket: str, access: str, secret: str) -> None:
    """Upload with all that boto3 does by itself, parts of 8 MiB, ten at once; print how long that took."""
    began = time.monotonic()
    client = boto3_library.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=access,
        aws_secret_access_key=secret,
        config=Config(s3={"addressing_style": "path"}),
    )
    for path in sorted(Path(folder).iterdir()):
        with path.open("rb") as file:
            client.upload_fileobj(file, bucket, path.name)
    print(f"seconds={time.monotonic() - began}")
    status = Path("/proc/self/status").read_text(encoding="ascii").split()
    print(f"peak_mib={int(status[status.index('VmHWM:') + 1]) / 1024}")


if __name__ == "__main__":
    boto3(*sys.argv[1:])
