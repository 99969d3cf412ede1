"""How is a folder treated as a docked camera?

A vendor's tool writes files into it while we look, so a file counts as being written until its size and time
have not changed for a while. If a tool pauses for longer, the file no longer matches the listing when it
grows, and is then taken again as another clip.

folder_watch.py notices changes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace

from bwvdock.core.clips.permit import ErasePermit
from bwvdock.core.ports import CameraFile, Clock, FileStatus
from bwvdock.core.ports.erasing import Erasure
from bwvdock.edges.cameras.permit import may_erase
from bwvdock.edges.cameras.tree import TreeVolume, gone
from bwvdock.edges.cameras.unlinking import erase_below
from bwvdock.edges.cameras.walk import Limits
from bwvdock.errors import CameraGoneError

SETTLE_MS = 2000


class Settling:
    """Remembers from one listing to the next since when each file has not changed.

    Times are milliseconds since boot: the wall clock may jump, and the files' own times may be
    those of a camera.
    """

    def __init__(self, clock: Clock, *, settle_ms: int = SETTLE_MS) -> None:
        self._clock = clock
        self._settle_ms = settle_ms
        self._since: dict[str, tuple[int, int, int]] = {}

    def judge(self, files: Sequence[CameraFile]) -> tuple[list[CameraFile], int | None]:
        """Mark the files that are still changing.

        Returns:
            The files, and the milliseconds until the next of them may be stable, or None.
        """
        now = self._clock.boottime_ms()
        self._since = {file.path: self._seen(file, now) for file in files}
        rests = {path: since + self._settle_ms - now for path, (_, _, since) in self._since.items()}
        waits = [ms for file in files if file.status is FileStatus.READY and (ms := rests[file.path]) > 0]
        judged = [_moving(file) if rests[file.path] > 0 else file for file in files]
        return judged, min(waits, default=None)

    def _seen(self, file: CameraFile, now: int) -> tuple[int, int, int]:
        before = self._since.get(file.path)
        if before is not None and before[:2] == (file.size, file.mtime_ns):
            return before
        return file.size, file.mtime_ns, now


def _moving(file: CameraFile) -> CameraFile:
    if file.status is not FileStatus.READY:
        return file
    return replace(file, status=FileStatus.NOT_READY, reason="still being written")


class FolderVolume(TreeVolume):
    """A CameraVolume over a folder of this machine.

    `again` is called with the milliseconds after which another listing may find stable files.
    """

    def __init__(
        self,
        path: str,
        *,
        settling: Settling,
        again: Callable[[int], None] | None = None,
        name: str = "folder",
        limits: Limits | None = None,
    ) -> None:
        """Open the folder.

        Raises:
            CameraGoneError: it does not exist, or is not a readable folder.
        """
        try:
            root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise CameraGoneError(
                f"The folder {path} cannot be opened: {os.strerror(error.errno or 0)}.",
                remedy=f"Create or mount {path} and let the user bwvdock read it.",
            ) from error
        super().__init__(root, name=name, limits=limits)
        self._path = path
        self._settling = settling
        self._again = again
        self._identity = _identity(os.fstat(root))

    def list(self) -> Sequence[CameraFile]:
        """List the folder; files that are still changing are NOT_READY."""
        files, wait_ms = self._settling.judge(super().list())
        if wait_ms is not None and self._again is not None:
            self._again(wait_ms)
        return files

    def erase(self, permit: ErasePermit) -> Sequence[Erasure]:
        """Erase the files of a permit with the daemon's own rights. See core/erasing.py."""
        with self._translated(), self._using() as root:
            if not self.present():
                raise gone()
            return [erase_below(root, file) for file in may_erase(permit, self.name)]

    def present(self) -> bool:
        """Return whether its path still leads to the same folder: not unmounted, not replaced."""
        try:
            return _identity(os.stat(self._path)) == self._identity and self._answers()
        except OSError:
            return False


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino
