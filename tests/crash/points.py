"""A sweep over the cut points of one ingest, in a process of its own.

`python -m tests.crash.points HOW FS VAULTFS CLIPS OFFSET EVERY [WORDS]` cuts at every EVERY-th point,
from OFFSET on (0 is the first), and then at each call that was not among those; it prints what came of it as
JSON. Everything is imported once; each ingest is a fork of this process.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
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
    """What came of a sweep: how many cuts at which calls, and what was wrong after which.

    `uncut` counts the calls of an ingest that was not cut.
    """

    cuts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    uncut: Counter[str] = field(default_factory=Counter)


@dataclass
class Bench:
    """Where ingests are cut: the file systems, the folder, the vault."""

    filesystems: Sequence[LoopFilesystem]
    root: Path
    vault: Path
    clips: str
    shutdown: bool

    def cut(self, number: int, sweep: Sweep, *, of: str = "") -> bool:
        """Cut one fresh ingest before its call of that number and recover; False if it had fewer calls.

        Args:
            number: from 1 on.
            sweep: what comes of it is added here.
            of: the only calls that are counted; "" for all.
        """
        self.root.mkdir()
        prepare(self.root, vault=self.vault, clips=CLIPS[self.clips])
        if self.shutdown:
            for filesystem in self.filesystems:  # what was there before the ingest is not what is tested
                filesystem.sync()
        cut = Run(self.root, cut_at=number, of=of, cut=self._cut_power, copying=self.clips == "large")
        if cut.cut_before:
            for filesystem in self.filesystems if self.shutdown else ():
                filesystem.restore_power()
            sweep.cuts[cut.cut_before] = sweep.cuts.get(cut.cut_before, 0) + 1
            found = audit(self.root, cut.said)
            again = Run(self.root)
            found += [f"recovering ended with {again.code}"] * (again.code != 0)
            found += audit(self.root, []) + missing(self.root, vault=self.vault)
            sweep.problems += [f"call {number}, {cut.cut_before}: {problem}" for problem in found]
        else:
            sweep.uncut = cut.calls
            if cut.code:
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
        of: str = "",
        cut: Callable[[], None] = lambda: None,
        copying: bool = False,
    ) -> None:
        """Do it; cut it before that call (of those that are `of` that name, and while it copies)."""
        self.said: list[str] = []
        self.cut_before = ""
        self.calls: Counter[str] = Counter()
        self._cut_at, self._of, self._cut, self._copying = cut_at, of, cut, copying
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
        self.calls[call] += 1
        count = self.calls[self._of] if self._of else self.calls.total()
        if count != self._cut_at:
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


def main(how: str, kind: str, vault_kind: str, clips: str, first: int, every: int, words: str) -> None:
    """Do the sweep; with WORDS, only until a problem has them."""
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
        number = 1 + first
        while bench.cut(number, sweep) and not (words and any(words in p for p in sweep.problems)):
            number += every
        uncut = sweep.uncut  # of one ingest: threads make some calls a varying number of times
        for call in sorted(uncut.keys() - sweep.cuts.keys()):
            if not bench.cut(1 + first % uncut[call], sweep, of=call):
                bench.cut(1, sweep, of=call)
    print(json.dumps({"cuts": sweep.cuts, "problems": sweep.problems}))  # noqa: T201 - its answer


if __name__ == "__main__":
    how, kind, vault_kind, clips, first, every, *words = sys.argv[1:]
    main(how, kind, vault_kind, clips, int(first), int(every), " ".join(words))
