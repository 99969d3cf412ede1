"""A folder that is treated as a camera, in memory: what its watch reports, and what a listing gives.

Both judge by one real `Settling` whether a file is still being written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bwvdock.core.ports import CameraFile, FileStatus
from bwvdock.edges.cameras.folder import Settling
from bwvdock.edges.cameras.folder_watch import FolderSeen
from tests.fakes.camera import FakeFile, FakeVolume, listed


@dataclass(kw_only=True, slots=True)
class FakeFolder(FakeVolume):
    """An honest CameraVolume over a folder."""

    settling: Settling

    def list(self) -> Sequence[CameraFile]:
        return self.settling.judge(FakeVolume.list(self))[0]


@dataclass(kw_only=True)
class FakeFolderWatch:
    """Reports as bwvdock/edges/cameras/folder_watch.py does, when it is asked to look.

    `identity` changes whenever another folder is at the path; None: there is none.
    """

    settling: Settling
    files: Callable[[], Mapping[str, FakeFile]]
    identity: Callable[[], int | None]
    changed: Callable[[FolderSeen], None]
    _folder: int | None = None
    _told: object = None
    _looks: int = field(default=0)

    def look(self) -> None:
        """Report what is new since the last look."""
        folder = self.identity()
        if folder != self._folder:
            was, self._folder, self._told, self._looks = self._folder, folder, None, 0
            if folder is None or was is not None:
                self.changed(FolderSeen(there=False))
        if folder is None:
            return
        files, _ = self.settling.judge([listed(path, file) for path, file in self.files().items()])
        moving = frozenset(f.path for f in files if f.status is FileStatus.NOT_READY)
        seen = (frozenset((f.path, f.size, f.mtime_ns) for f in files if f.path not in moving), moving)
        if seen == self._told:
            self._looks += 1
        else:
            self._told, looks, self._looks = seen, self._looks, 0
            self.changed(FolderSeen(there=True, looks=looks))
