"""Runs the real daemon on folders that are read no faster than a USB port would give them.

    python -m benchmarks.paced_dock CONFIG BYTES_PER_SECOND

Only the reading of footage is slowed down, for each camera by itself; all else is as `bwvdock run` does it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.port import Port
from bwvdock.config.settings import load
from bwvdock.core.media.sightings import Sighting, VolumeArrived
from bwvdock.core.ports import CameraFile, CameraVolume, Kept, Source
from bwvdock.service import daemon
from bwvdock.service.camera_access import HardwareAccess

_BLOCK = 256 * 1024  # read at once: what a port's queue holds
_AHEAD = 0.1  # seconds: what a busy machine wakes up too late is made up for, as a port's queue does


class PacedSource:
    """An open file that is read at a pace."""

    def __init__(self, source: Source, port: Port) -> None:
        self._source = source
        self._port = port

    @property
    def notes(self) -> Sequence[str]:
        """Those of the file."""
        return self._source.notes

    def readinto(self, buffer: memoryview) -> int:
        """Read a block, at the pace."""
        count = self._source.readinto(buffer[:_BLOCK])
        self._port.let_through(count)
        return count

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()


class PacedVolume:
    """A volume whose files are read at a pace; the rest is the volume's own."""

    def __init__(self, volume: CameraVolume, rate: int) -> None:
        self._volume = volume
        self._port = Port(rate, ahead=_AHEAD)
        self.name, self.label = volume.name, volume.label

    def list(self) -> Sequence[CameraFile]:
        """List it."""
        return self._volume.list()

    def open(self, file: CameraFile, *, offset: int = 0) -> Source:
        """Open a file."""
        return PacedSource(self._volume.open(file, offset=offset), self._port)

    def fingerprint(self, file: CameraFile) -> str:
        """Return the file's fingerprint."""
        return self._volume.fingerprint(file)

    def doubt(self, file: CameraFile, length: int, kept: Kept) -> str:
        """Return what the volume doubts."""
        return self._volume.doubt(file, length, kept)

    def present(self) -> bool:
        """Return whether it is there."""
        return self._volume.present()

    def close(self) -> None:
        """Close it."""
        self._volume.close()


def main(config: str, rate: str) -> int:
    """Run until a signal ends it."""

    class PacedAccess(HardwareAccess):
        """The daemon's own access to cameras, at a pace."""

        def open_volume(self, sighting: Sighting, arrival: VolumeArrived) -> CameraVolume:
            return PacedVolume(super().open_volume(sighting, arrival), int(rate))

    setattr(daemon, "HardwareAccess", PacedAccess)  # noqa: B010 - the one thing that is another
    return daemon.run(load(Path(config)))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
