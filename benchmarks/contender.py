"""Acquires every file of a folder into a spool, as the daemon does, and times it.

    python -m benchmarks.contender FOLDER STATE [--believe]

`--believe` leaves the reading back out, which bwvdock itself never does: it shows what that costs.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.identity import ID_BYTES, make_id
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import ClipAcquired, SourceFile
from bwvdock.core.ports import CameraFile, Kept
from bwvdock.edges.spool import FileSpool
from bwvdock.stages import acquire as room
from bwvdock.stages.acquire.part import Part


class FolderSource:
    """One open file."""

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, offset: int) -> None:
        self._file = path.open("rb", buffering=0)
        self._file.seek(offset)

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer."""
        return self._file.readinto(buffer) or 0

    def close(self) -> None:
        """Close it."""
        self._file.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


class FolderVolume:
    """A camera that is as fast as memory."""

    name = "memory"
    label = ""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def list(self) -> list[CameraFile]:
        """Return all files, in order."""
        return [
            CameraFile(path=entry.name, size=entry.stat().st_size, mtime_ns=entry.stat().st_mtime_ns)
            for entry in sorted(self._folder.iterdir())
        ]

    def open(self, file: CameraFile, *, offset: int = 0) -> FolderSource:
        """Open one."""
        return FolderSource(self._folder / file.path, offset)

    def fingerprint(self, file: CameraFile) -> str:
        """Return none: nothing here asks for it."""
        return file.path[:0]

    def doubt(self, file: CameraFile, length: int, kept: Kept) -> str:  # noqa: ARG002
        """Have none."""
        return ""

    def present(self) -> bool:
        """Say that it is there."""
        return True

    def close(self) -> None:
        """Hold nothing."""


def _order(volume: FolderVolume, file: CameraFile) -> room.CopyOrder:
    source = SourceFile(path=file.path, size=file.size, mtime_ns=file.mtime_ns, fingerprint="")
    clip = Clip(
        id=make_id(time.time_ns() // 1_000_000, os.urandom(ID_BYTES)),
        state=ClipState.FOUND,
        camera="BENCH",
        docking="bench",
        files=(source,),
        marked=False,
    )
    return room.CopyOrder(clip=clip, volume=volume, files=[file])


def _believe(part: Part, index: int, memory: memoryview) -> None:
    """Stand in for the comparison of what the disk holds."""


def _no_progress(clip: str, copied: int) -> None:
    """Tell nobody."""


def main(folder: str, state: str, *options: str) -> None:
    """Acquire, and print how long it took."""
    if "--believe" in options:
        setattr(Part, "_compare", _believe)  # noqa: B010 - the one thing this contender leaves out
    volume = FolderVolume(Path(folder))
    orders = [_order(volume, file) for file in volume.list()]
    spool = FileSpool(Path(state), min_free=0)
    began = time.monotonic()
    facts = list(room.acquire(orders, docking="bench", spool=spool, progress=_no_progress))
    print(f"seconds={time.monotonic() - began}")
    status = Path("/proc/self/status").read_text(encoding="ascii").split()
    print(f"peak_mib={int(status[status.index('VmHWM:') + 1]) / 1024}")
    assert [type(fact) for fact in facts] == [ClipAcquired] * len(orders)


if __name__ == "__main__":
    main(*sys.argv[1:])
