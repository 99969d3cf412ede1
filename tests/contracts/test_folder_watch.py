"""A watched folder in memory reports what a real one does, whatever happens in both."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from bwvdock.edges.cameras.folder import SETTLE_MS, Settling
from bwvdock.edges.cameras.folder_watch import FolderNews, FolderSeen, FolderWatch, Watching
from tests.extent import EXTENT, Extent
from tests.fakes.camera import FakeFile
from tests.fakes.clock import FakeClock
from tests.fakes.folder import FakeFolderWatch

HISTORIES = {Extent.CHECK: 5, Extent.TEST: 100, Extent.NIGHTLY: 1_000}[EXTENT]


class _Ends:
    def stop(self) -> None:
        pass


class Both:
    """A folder on the disk and one in memory, to which the same happens."""

    def __init__(self, root: Path) -> None:
        self.path = root / "export"
        self.clock = FakeClock()
        self.real: list[FolderSeen] = []
        self.faked: list[FolderSeen] = []
        self.files: dict[str, FakeFile] = {}
        self.identity: int | None = None
        self.touched: Callable[[], None] = lambda: None
        self._gone = 0
        self._watch = FolderWatch(
            str(self.path),
            FolderNews(changed=self.real.append, polled=lambda _: None),
            clock=self.clock,
            observe=self._observe,
            tells_inotify=lambda _: True,
        )
        self._fake = FakeFolderWatch(
            settling=Settling(self.clock),
            files=lambda: self.files,
            identity=lambda: self.identity,
            changed=self.faked.append,
        )

    def _observe(self, _: str, touched: Callable[[], None]) -> Watching:
        self.touched = touched
        return _Ends()

    def write(self, name: str, size: int) -> None:
        if self.identity is not None:
            mtime_ns = self.clock.ms * 1_000_000
            self.files[name] = FakeFile(data=bytes(size), mtime_ns=mtime_ns)
            (self.path / name).write_bytes(bytes(size))
            os.utime(self.path / name, ns=(mtime_ns, mtime_ns))

    def remove(self, name: str) -> None:
        if self.files.pop(name, None) is not None:
            (self.path / name).unlink()

    def exchange(self) -> None:
        """Have the folder go, or come as another one."""
        if self.identity is None:
            self.path.mkdir()
            self._gone += 1
            self.identity = self._gone
        else:
            self.files.clear()
            self.path.rename(self.path.with_name(f"gone {self._gone}"))
            self.identity = None

    def look(self) -> None:
        self.touched()
        self._watch.look()
        self._fake.look()


def test_it_reports_what_a_real_one_does() -> None:
    for seed in range(HISTORIES):
        chance = random.Random(seed)
        with tempfile.TemporaryDirectory() as folder:
            both = Both(Path(folder))
            for _ in range(30):
                match chance.randrange(6):
                    case 0 | 1:
                        both.write(chance.choice(["a", "b"]), chance.randrange(3))
                    case 2:
                        both.remove(chance.choice(["a", "b"]))
                    case 3 if chance.random() < 0.4:
                        for _ in range(chance.choice([1, 2])):
                            both.exchange()
                    case _:
                        both.clock.pass_ms(chance.choice([1, SETTLE_MS // 2, SETTLE_MS, 10 * SETTLE_MS]))
                both.look()
                assert both.faked == both.real, seed
