"""Does every file reach the disk before its name, and every name before the fact?

Power cuts on real file systems do not show a missing fsync of a directory (the next commit of anything else
hides it), so the order of system calls is read from strace: what the dock says on its standard output stands
for the fact.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.places import another_filesystem, unmeasured

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not there"),
]

_INGEST = """
import sys
from pathlib import Path
from tests.fakes.transfer import UNLIMITED
from bwvdock.core.clips.history import (apply)
from bwvdock.edges.destinations.directory import DirectoryDestination
from bwvdock.edges.spool import FileSpool
from bwvdock.stages.acquire import CopyOrder, acquire
from tests.fakes.footage import MemoryVolume, footage, found_clip

base, vault = Path(sys.argv[1]), Path(sys.argv[2])
sizes = {"small.mp4": 5000, "other.mp4": 70_000, "large.mp4": 17 * 2**20 + 5}
volume = MemoryVolume({path: footage(size) for path, size in sizes.items()})
files = {file.path: file for file in volume.list()}
orders = [
    CopyOrder(clip=found_clip(n, [(path, size)]), volume=volume, files=[files[path]])
    for n, (path, size) in enumerate(sizes.items())
]
spool = FileSpool(base / "spool", min_free=0)
destination = DirectoryDestination(vault, name="vault", spool=spool, marks=base / "vaults")
print("ready", flush=True)
facts = list(acquire(orders, docking="now", spool=spool, progress=lambda clip, copied: None))
print("acquired", flush=True)
for order, fact in zip(orders, facts):
    destination.store(apply(order.clip, fact), UNLIMITED)
print("stored", flush=True)
"""
_CALLS = "fsync,pwrite64,write,ftruncate,preadv,preadv2,rename,renameat,renameat2,link,linkat,mkdir,mkdirat"
# 123 fsync(5</x/spool>) = 0: thread, call, arguments and its end. One that another cuts stands in two lines.
_CALL = re.compile(r"^(\d+) +(\w+)\((.*)\) += (\S+)")
_CUT = re.compile(r"^(\d+) +(\w+\(.*) <unfinished \.\.\.>")
_REST = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)")


class Call:
    """One system call that succeeded: its name, the paths of its descriptors, and the names it is given."""

    def __init__(self, name: str, arguments: str) -> None:
        self.name = name
        self.text = arguments
        self.descriptors = re.findall(r"\d+<([^>]*)>", arguments)
        self.names = re.findall(r'"([^"]*)"', arguments)

    @property
    def target(self) -> tuple[str, str]:
        """The directory and the name that a renaming or linking call makes."""
        return self.descriptors[-1], self.names[-1]


def calls_of(log: str) -> Iterator[Call]:
    begun: dict[str, str] = {}
    for line in log.splitlines():
        if cut := _CUT.match(line):
            begun[cut[1]] = f"{cut[1]} {cut[2]}"
            continue
        if rest := _REST.match(line):
            line = begun.pop(rest[1]) + rest[2]  # noqa: PLW2901 - the whole of what began earlier
        if (call := _CALL.match(line)) and not call[4].startswith("-"):
            yield Call(call[2], call[3])


@pytest.fixture(scope="module", params=["same file system", "another file system"])
def trace(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Call]]:
    base = tmp_path_factory.mktemp("ingest")
    log = base / "strace.log"
    strace = ["strace", "-f", "-y", "-s", "256", "-e", f"trace={_CALLS}", "-o", str(log)]
    same = request.param == "same file system"
    with nullcontext(base) if same else another_filesystem(base) as folder:
        subprocess.run(
            [*strace, sys.executable, "-c", _INGEST, str(base), str(folder / "vault")],
            cwd=ROOT,
            env={**unmeasured(), "PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
        )
        yield list(calls_of(log.read_text(encoding="utf-8", errors="replace")))


def said(trace: list[Call], word: str) -> int:
    return next(n for n, call in enumerate(trace) if call.name == "write" and f'"{word}' in call.text)


def published(trace: list[Call]) -> list[int]:
    makers = {"rename", "renameat", "renameat2", "link", "linkat"}
    return [n for n, call in enumerate(trace) if call.name in makers]


def synced(trace: list[Call], path: str, *, after: int, before: int) -> bool:
    return any(call.name == "fsync" and path in call.descriptors for call in trace[after:before])


def test_there_is_something_to_see(trace: list[Call]) -> None:
    start, acquired, stored = (said(trace, word) for word in ("ready", "acquired", "stored"))
    assert len([n for n in published(trace) if start < n < acquired]) == 3
    assert len([n for n in published(trace) if acquired < n < stored]) >= 4  # three clips and two marks


def test_every_name_is_durable_before_anybody_is_told(trace: list[Call]) -> None:
    ends = [said(trace, word) for word in ("ready", "acquired", "stored")]
    for number in published(trace):
        told = next(end for end in ends if end > number)
        assert synced(trace, trace[number].target[0], after=number, before=told), trace[number].text


def test_every_new_directory_is_durable_before_anybody_is_told(trace: list[Call]) -> None:
    made = [n for n, call in enumerate(trace) if call.name in {"mkdir", "mkdirat"}]
    assert made
    ends = [said(trace, word) for word in ("ready", "acquired", "stored")]
    for number in made:
        told = next(end for end in ends if end > number)
        assert synced(trace, trace[number].descriptors[-1], after=number, before=told), trace[number].text


def test_every_file_is_durable_before_it_gets_its_name(trace: list[Call]) -> None:
    for number in published(trace):
        if trace[number].name in {"link", "linkat"}:
            continue  # a second name for what was made durable under its first
        directory, (old, _) = trace[number].descriptors[0], trace[number].names
        path = f"{directory}/{old}"
        changes = [
            n
            for n, call in enumerate(trace[:number])
            if call.name in {"pwrite64", "write", "ftruncate"} and path in call.descriptors
        ]
        assert changes, path
        assert synced(trace, path, after=changes[-1], before=number), path


def test_every_part_is_read_back_after_it_was_synced(trace: list[Call]) -> None:
    parts = {path for call in trace for path in call.descriptors if re.search(r"/spool/.*\.part$", path)}
    assert len(parts) == 3
    for path in parts:
        last_sync = max(
            n for n, call in enumerate(trace) if call.name == "fsync" and path in call.descriptors
        )
        assert any(call.name.startswith("pread") and path in call.descriptors for call in trace[last_sync:])
