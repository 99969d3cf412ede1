"""A sweep over the cut points of one ingest, in a process of its own.

`python -m tests.crash.points HOW FS VAULTFS CLIPS WORKER WORKERS` cuts at every WORKERS-th point, from
WORKER on, and prints what came of it as JSON. Everything is imported once; each ingest is a fork of this
process.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash import tracer
from tests.crash.audit import audit, missing
from tests.crash.filesystems import LoopFilesystem, loop_filesystem
from tests.crash.ingest import ingest, prepare
from tests.fakes.footage import footage

CLIPS = {
    "small": {
        "DCIM/100TEST/A.MP4": footage(3_000, seed=1),
        "DCIM/100TEST/B.MP4": footage(70_001, seed=2),
        "DCIM/100TEST/B.GPS": footage(40, seed=3),
    },
    "large": {"DCIM/100TEST/L.MP4": footage(17 * 2**20 + 77, seed=4)},
}


# The long clip is cut while it is copied; what comes before and after is as with the small ones.
COPYING = ("copy_intended", "clip_acquired")


@dataclass
class Sweep:
    """What came of a sweep: how many cuts at which calls, and what was wrong after which."""

    cuts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass
class Bench:
    """Where ingests are cut: the file systems, the folder, the vault."""

    filesystems: Sequence[LoopFilesystem]
    root: Path
    vault: Path
    clips: str
    shutdown: bool

    def cut(self, number: int, sweep: Sweep) -> bool:
        """Cut one fresh ingest before its call of that number and recover; False if it had fewer calls."""
        self.root.mkdir()
        prepare(self.root, vault=self.vault, clips=CLIPS[self.clips])
        if self.shutdown:
            os.sync()  # what was there before the ingest is not what is tested
        cut = Run(self.root, cut_at=number, cut=self._cut_power, copying=self.clips == "large")
        if cut.cut_before:
            for filesystem in self.filesystems if self.shutdown else ():
                filesystem.restore_power()
            sweep.cuts[cut.cut_before] = sweep.cuts.get(cut.cut_before, 0) + 1
            found = audit(self.root, cut.said)
            again = Run(self.root)
            found += [f"recovering ended with {again.code}"] * (again.code != 0)
            found += audit(self.root, []) + missing(self.root, vault=self.vault)
            sweep.problems += [f"call {number}, {cut.cut_before}: {problem}" for problem in found]
        elif cut.code:
            sweep.problems.append(f"an ingest that was not cut ended with {cut.code}")
        shutil.rmtree(self.root)
        shutil.rmtree(self.vault, ignore_errors=True)
        return bool(cut.cut_before)

    def _cut_power(self) -> None:
        for filesystem in self.filesystems if self.shutdown else ():
            filesystem.cut_power()


class Run:
    """One ingest under the tracer: what it said, its exit status, and before which call it was cut."""

    def __init__(
        self,
        root: Path,
        *,
        cut_at: int = 0,
        cut: Callable[[], None] = lambda: None,
        copying: bool = False,
    ) -> None:
        """Do it; cut it before that call (of those while it copies, if `copying`)."""
        self.said: list[str] = []
        self.cut_before = ""
        self._cut_at, self._cut, self._copying = cut_at, cut, copying
        self._count = 0
        self._told = b""
        self._pipe, writing = os.pipe()
        os.set_blocking(self._pipe, False)
        try:
            self.code = tracer.run(lambda: ingest(root, lambda line: _say(writing, line)), at=self._at)
            self._listen()
        finally:
            os.close(writing)
            os.close(self._pipe)

    def _at(self, _: int, call: str) -> bool:
        if self._copying:
            self._listen()
            kinds = {line.split()[0] for line in self.said}
            if COPYING[0] not in kinds or COPYING[1] in kinds:
                return False
        self._count += 1
        if self._count != self._cut_at:
            return False
        self.cut_before = call
        self._cut()
        return True

    def _listen(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while got := os.read(self._pipe, 65_536):
                self._told += got
        *lines, self._told = self._told.split(b"\n")
        self.said += [line.decode() for line in lines]


def _say(fd: int, line: str) -> None:
    os.write(fd, f"{line}\n".encode())


def main(how: str, kind: str, vault_kind: str, clips: str, worker: int, workers: int) -> None:
    """Do the sweep."""
    memory = Path("/dev/shm")
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None))
        )
        filesystems = [
            stack.enter_context(loop_filesystem(folder, k)) for k in dict.fromkeys([kind, vault_kind])
        ]
        sweep = Sweep()
        bench = Bench(
            filesystems=filesystems,
            root=filesystems[0].path / "dock",
            vault=filesystems[-1].path / "vault",
            clips=clips,
            shutdown=how == "shutdown",
        )
        number = 1 + worker
        while bench.cut(number, sweep):
            number += workers
    print(json.dumps({"cuts": sweep.cuts, "problems": sweep.problems}))  # noqa: T201 - its answer


if __name__ == "__main__":
    how, kind, vault_kind, clips, worker, workers = sys.argv[1:]
    main(how, kind, vault_kind, clips, int(worker), int(workers))
