"""Which footage is copied into a backup, and what does the journal say of that which is not?"""

from __future__ import annotations

import errno
from collections.abc import Collection, Iterator
from typing import Protocol

from bwvdock.backup.contents import Item
from bwvdock.backup.folder import BackupFolder
from bwvdock.backup.layout import STATE
from bwvdock.core.clips.clip import Clip
from bwvdock.core.media.part_names import possible_names
from bwvdock.edges.durable import DiskFile
from bwvdock.errors import StorageError

Left = tuple[str, int, str, str]
"""What is left out: its SHA-256 ("": not known), its bytes, its path, and why."""

_NOT_ASKED = "footage; --with-footage copies it"
_NOT_AS_ACQUIRED = "it does not have the digest that was taken at ingest: bwvdock custody verify"
_UNREADABLE = "it cannot be read: the disk reports an error"


class Clips(Protocol):
    """A journal that is asked for clips."""

    def clips_of(self, ids: Collection[str]) -> Iterator[Clip]:
        """Return the clips with these ids."""


class Footage:
    """Copies footage, or lists it with the digest that the journal has.

    `files` and `size` count what was copied, `left_out` the files that were not.
    """

    def __init__(self, clips: Clips, folder: BackupFolder, left: list[Left], *, copies: bool) -> None:
        """Prepare.

        Args:
            clips: the backup's own journal.
            folder: where it is copied to.
            left: gets what is left out.
            copies: whether bytes are copied where blocks cannot be shared.
        """
        self._clips = clips
        self._folder = folder
        self._left = left
        self._copies = copies
        self._shares = True  # until the file systems said that they cannot
        self.files = self.size = self.left_out = 0

    def add(self, item: Item, source: DiskFile) -> None:
        """Copy a file, or list it.

        Raises:
            StorageError: there is no room, or the backup's disk refuses.
        """
        known, path = self._known(item.path), f"{STATE}/{item.path}"
        if not self._copies and not self._shares:
            self._leave(item, known, _NOT_ASKED)
            return
        try:
            digest = self._folder.copy(path, source, shared_only=not self._copies)
        except StorageError as error:
            if getattr(error.__cause__, "errno", None) != errno.EIO:
                raise
            self._leave(item, known, _UNREADABLE)
            return
        if not digest:
            self._shares = False
            self._leave(item, known, _NOT_ASKED)
        elif known and digest != known:
            self._folder.discard(path)
            self._leave(item, known, _NOT_AS_ACQUIRED)
        else:
            self.files += 1
            self.size += item.size

    def _leave(self, item: Item, digest: str, why: str) -> None:
        self._left.append((digest, item.size, item.path, why))
        self.left_out += 1

    def _known(self, path: str) -> str:
        """Return the digest that was taken at ingest of what has this name; "" for other files."""
        name = path.rpartition("/")[2]
        for clip in self._clips.clips_of({name.partition(".")[0]}):
            for number, part in enumerate(clip.parts):
                if name in possible_names(clip, number):
                    return part.sha256
        return ""
