"""How does a whole dock do with cameras that give no more than their USB ports let through?

    python -m benchmarks.limited_source CONFIG CAMERAS CLIPS SIZE RATE

So many cameras are docked in one moment, each with so many clips of a size (bytes), each at a port of its own
that lets through RATE bytes a second. The dock is the real one, in this process: journal, spool, vault, every
thread; only the cameras are not. Printed: `first` and `seconds`, from docking until the first and the last of
them was safe to remove; `proven`, until the last clip was verified; `turn`, the longest turn of the dock's
thread; `peak_mib`.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.port import Port
from bwvdock import log
from bwvdock.bays.access import VolumesOnly
from bwvdock.config.settings import load
from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import CameraSettled, ClipVerified, Fact
from bwvdock.core.media.sightings import CameraArrived, Sighting, Transport, VolumeArrived
from bwvdock.core.ports import FINGERPRINT_BYTES, CameraFile, Kept
from bwvdock.edges.system import SystemClock
from bwvdock.runtime.turn_priority import TurnPriority, look_for_garbage_rarely
from bwvdock.service.from_config import dock_from_config

_READ_AHEAD = 128 * 1024  # bytes that the kernel has read of a disk when they are asked for
_BLOCK = random.Random(1).randbytes(8 << 20)  # noqa: S311 - reproducible
_BORN_NS = 1_767_225_600_000_000_000
_GIVEN_UP = 600.0  # seconds


class LimitedSource:
    """One open file. No two files have the same bytes, and none needs memory of its own."""

    notes: tuple[str, ...] = ()

    def __init__(self, name: str, size: int, offset: int, port: Port) -> None:
        self._head = hashlib.sha256(name.encode()).digest()
        self._size = size
        self._at = offset
        self._port = port

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer, as fast as the port lets it."""
        length = min(len(buffer), self._size - self._at)
        self._port.let_through(length)
        filled = 0
        while filled < length:
            piece = self._piece(self._at + filled, length - filled)
            buffer[filled : filled + len(piece)] = piece
            filled += len(piece)
        self._at += length
        return length

    def _piece(self, at: int, most: int) -> memoryview | bytes:
        if at < len(self._head):
            return self._head[at : at + most]
        start = at % len(_BLOCK)
        return memoryview(_BLOCK)[start : start + most]

    def close(self) -> None:
        """Hold nothing."""

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hold nothing."""


class LimitedVolume:
    """The card of a camera at such a port."""

    name, label = "card", ""

    def __init__(self, camera: str, clips: int, size: int, rate: float) -> None:
        """Have so many clips of a size (bytes); `rate` is the port's."""
        self._camera = camera
        self._port = Port(rate, ahead=_READ_AHEAD / rate)
        self._files = [
            CameraFile(path=f"DCIM/100BENCH/{n:06}.MP4", size=size, mtime_ns=_BORN_NS + n)
            for n in range(clips)
        ]

    def list(self) -> Sequence[CameraFile]:
        """Return all files."""
        return self._files

    def open(self, file: CameraFile, *, offset: int = 0) -> LimitedSource:
        """Open one."""
        return LimitedSource(self._camera + file.path, file.size, offset, self._port)

    def fingerprint(self, file: CameraFile) -> str:
        """Return the digest of both ends, which come through the port as all else."""
        self._port.let_through(min(file.size, 2 * FINGERPRINT_BYTES))
        return hashlib.sha256((self._camera + file.path).encode()).hexdigest()

    def doubt(self, file: CameraFile, length: int, kept: Kept) -> str:  # noqa: ARG002 - the port's
        """Have none."""
        return ""

    def present(self) -> bool:
        """Say that it is there."""
        return True

    def close(self) -> None:
        """Hold nothing."""


class TimedTurnPriority(TurnPriority):
    """Measures every turn, beside what it does; `longest` has the longest in seconds."""

    def __init__(self, of_dock: TurnPriority) -> None:
        super().__init__()
        self._of_dock = of_dock  # the workers have that one
        self._began = 0.0
        self.longest = 0.0

    def begin(self) -> None:
        """Note that a turn is under way."""
        self._began = time.monotonic()
        self._of_dock.begin()

    def end(self) -> None:
        """Note that it is over."""
        if self._began:
            self.longest = max(self.longest, time.monotonic() - self._began)
        self._began = 0.0
        self._of_dock.end()


@dataclass
class Watcher:
    """Writes the dock's log to nowhere, and notes when what became true."""

    safe: list[float] = field(default_factory=list)
    proven: list[float] = field(default_factory=list)

    def tell(self, fact: Fact, clip: Clip | None) -> None:
        """Take in a fact."""
        log.log_fact(log.get_logger(), fact, camera=clip.camera if clip else "")
        if isinstance(fact, CameraSettled):
            self.safe.append(time.monotonic())
        elif isinstance(fact, ClipVerified):
            self.proven.append(time.monotonic())


def peak_mib() -> float:
    """Return the most memory that this process has held."""
    status = Path("/proc/self/status").read_text(encoding="ascii").split()
    return int(status[status.index("VmHWM:") + 1]) / 1024


def main(config: str, cameras: str, clips: str, size: str, rate: str) -> None:
    """Dock them all, wait until all is proven, and print."""
    cards = {
        f"camera-{n:03}": LimitedVolume(f"camera-{n:03}", int(clips), int(size), float(rate))
        for n in range(int(cameras))
    }
    seen = Watcher()
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        log.configure(stream=nowhere)
        look_for_garbage_rarely()  # as the daemon does
        access = VolumesOnly(lambda sighting, _: cards[sighting.key])
        with dock_from_config(
            load(Path(config)), clock=SystemClock(), access=access, tell=seen.tell
        ) as configured:
            dock = configured.dock
            timed = dock.turn_priority = TimedTurnPriority(dock.turn_priority)
            configured.open()
            began = time.monotonic()
            for key in cards:
                sighting = Sighting(key=key, bay=key, serial=key, transport=Transport.MASS_STORAGE)
                dock.inbox.put(CameraArrived(sighting=sighting))
                dock.inbox.put(VolumeArrived(key=key, device=key, name="card"))
            while len(seen.safe) < len(cards) or len(seen.proven) < len(cards) * int(clips):
                dock.turn()
                if time.monotonic() - began > _GIVEN_UP:
                    sys.exit(f"after {_GIVEN_UP:.0f} s, {len(seen.safe)} cameras were safe")
            peak = peak_mib()
            dock.stop()
    print(f"first={seen.safe[0] - began}\nseconds={seen.safe[-1] - began}")
    print(f"proven={seen.proven[-1] - began}\nturn={timed.longest}\npeak_mib={peak}")


if __name__ == "__main__":
    main(*sys.argv[1:])
