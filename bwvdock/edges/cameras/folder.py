"""How is a folder treated as a docked camera?

A vendor's tool writes files into it while we look, so a file counts as being written until its size and time
have not changed for a while. If a tool pauses for longer, the file no longer matches the listing when it
grows, and is then taken again as another clip.

folder_watch.py notices changes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bwvdock.core.clips.permit import ErasePermit
from bwvdock.core.ports import CameraFile, Clock, FileStatus
from bwvdock.core.ports.erasing import Erasure
from bwvdock.edges.cameras.covered_files import may_erase
from bwvdock.edges.cameras.pulse import Pulse
from bwvdock.edges.cameras.tree import TreeVolume, gone
from bwvdock.edges.cameras.unlinking import erase_below
from bwvdock.edges.cameras.walk import Limits, close_fd
from bwvdock.errors import CameraGoneError

SETTLE_MS = 2000
_MOST_DOUBLED = 9  # 2 s become 17 minutes


@dataclass(frozen=True, slots=True)
class _Still:
    """A file as it was last seen, and since when; `moved_again`: how often after it was taken for at rest."""

    size: int
    mtime_ns: int
    since_ms: int
    moved_again: int = 0
    rested: bool = False


class Settling:
    """Remembers from one listing to the next since when each file has not changed. Used from two threads.

    Times are milliseconds since boot: the wall clock may jump, and the files' own times may be
    those of a camera. A file that moves again and again is waited for longer each time: it would
    otherwise be taken whole after each pause.
    """

    def __init__(self, clock: Clock, *, settle_ms: int = SETTLE_MS) -> None:
        self.clock = clock
        self._settle_ms = settle_ms
        self._seen: dict[str, _Still] = {}
        self._lock = threading.Lock()

    def judge(self, files: Sequence[CameraFile]) -> tuple[list[CameraFile], int | None]:
        """Mark the files that are still changing.

        Returns:
            The files, and the milliseconds until the next of them may be stable, or None.
        """
        now = self.clock.boottime_ms()
        with self._lock:
            seen = {file.path: self._look_at(file, now) for file in files}
            self._seen = seen
        left = {path: self._due(still) - now for path, still in seen.items()}
        waits = [ms for file in files if file.status is FileStatus.READY and (ms := left[file.path]) > 0]
        judged = [_moving(file) if left[file.path] > 0 else file for file in files]
        return judged, min(waits, default=None)

    def _due(self, still: _Still) -> int:
        return still.since_ms + (self._settle_ms << min(still.moved_again, _MOST_DOUBLED))

    def _look_at(self, file: CameraFile, now: int) -> _Still:
        before = self._seen.get(file.path)
        if before is None:
            return _Still(file.size, file.mtime_ns, now)
        if (before.size, before.mtime_ns) == (file.size, file.mtime_ns):
            return replace(before, rested=now >= self._due(before))
        return _Still(file.size, file.mtime_ns, now, before.moved_again + before.rested)


def _moving(file: CameraFile) -> CameraFile:
    if file.status is not FileStatus.READY:
        return file
    return replace(file, status=FileStatus.NOT_READY, reason="still being written")


class FolderVolume(TreeVolume):
    """A CameraVolume over a folder of this machine."""

    def __init__(
        self,
        path: str,
        *,
        settling: Settling,
        name: str = "folder",
        limits: Limits | None = None,
        pulse: Pulse | None = None,
    ) -> None:
        """Open the folder.

        Args:
            path: the folder.
            settling: what is known of the files that are being written.
            name: the volume's name, the same at each docking.
            limits: the limits of a listing.
            pulse: counts each call, so that others see one that hangs.

        Raises:
            CameraGoneError: it does not exist, or is not a readable folder.
        """
        self._pulse = pulse or Pulse(settling.clock)
        with self._pulse.asking():
            self._enter(path, name, limits)
        self._settling = settling

    def _enter(self, path: str, name: str, limits: Limits | None) -> None:
        try:
            root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                self._identity = _identity(os.fstat(root))
            except OSError:
                close_fd(root)
                raise
        except OSError as error:
            raise CameraGoneError(
                f"The folder {path} cannot be opened: {os.strerror(error.errno or 0)}.",
                remedy=f"Create or mount {path} and let the user bwvdock read it.",
            ) from error
        super().__init__(root, name=name, limits=limits)
        self._path = path

    @contextmanager
    def _translated(self) -> Iterator[None]:
        with self._pulse.asking(), super()._translated():
            yield

    def _walked(self, files: Iterator[CameraFile]) -> Iterator[CameraFile]:
        return self._pulse.heard(files)

    def list(self) -> Sequence[CameraFile]:
        """List the folder; files that are still changing are NOT_READY."""
        files, _ = self._settling.judge(super().list())
        return files

    def close(self) -> None:
        """Close the folder."""
        with self._pulse.asking():
            super().close()

    def erase(self, permit: ErasePermit) -> Sequence[Erasure]:
        """Erase the files of a permit with the daemon's own rights. See core/ports/erasing.py."""
        with self._translated(), self._using() as root:
            if not self.present():
                raise gone()
            return [erase_below(root, file) for file in may_erase(permit, self.name)]

    def present(self) -> bool:
        """Return whether its path still leads to the same folder: not unmounted, not replaced."""
        try:
            with self._pulse.asking():
                return _identity(os.stat(self._path)) == self._identity and self._answers()
        except OSError:
            return False


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino
