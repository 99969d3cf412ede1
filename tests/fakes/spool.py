"""The spool port on a disk in memory (tests/fakes/disk.py)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.retention import DisposalPermit, require_permit
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.ports import Checksum
from bwvdock.errors import NotAsAcquiredError, SpoolFullError
from tests.fakes.disk import FakeDisk


class FakeSpool:
    """A spool that forgets what was not synced when its disk's power is cut."""

    def __init__(self, disk: FakeDisk, *, min_free: int = 0) -> None:
        self.disk = disk
        self._min_free = min_free

    def free_bytes(self) -> int:
        return self.disk.capacity - self.disk.used - self._min_free

    def used_bytes(self) -> int:
        return self.disk.used

    def is_empty(self) -> bool:
        return not self.disk.names

    def receive(self, clip: Clip) -> list[FakeIncoming]:
        stems = [f"{clip.id}.{number}" for number in range(len(clip.files))]
        needed = sum(file.size for file in clip.files) - sum(self._stands(stem) for stem in stems)
        if needed > self.free_bytes():
            raise SpoolFullError(
                f"{needed} bytes are needed, {self.free_bytes()} are free", remedy="Make room"
            )
        return [self._open(stem, file.size) for stem, file in zip(stems, clip.files, strict=True)]

    def _stands(self, stem: str) -> int:
        return max(
            len(self.disk.names[n].cached) if n in self.disk.names else 0 for n in (stem, f"{stem}.part")
        )

    def _open(self, stem: str, size: int) -> FakeIncoming:
        if stem in self.disk.names and f"{stem}.pieces" in self.disk.names:
            self.disk.rename(stem, f"{stem}.part")
        return FakeIncoming(self.disk, stem, size)

    def publish(self, clips: Sequence[Clip]) -> None:
        for clip in clips:
            for number in range(len(clip.files)):
                self.disk.rename(f"{clip.id}.{number}.part", f"{clip.id}.{number}")
        self.disk.sync_names()

    def check(self, clip: Clip) -> None:
        for number, part in enumerate(clip.parts):
            if hashlib.sha256(self.content(clip, number)).hexdigest() != part.sha256:
                raise NotAsAcquiredError(f"part {number} is not what was acquired", remedy="Acquire it again")

    def dispose(self, clip: Clip, permit: DisposalPermit) -> None:
        require_permit(permit, clip, place=SPOOL)
        for number in range(len(clip.files)):
            self.disk.remove(f"{clip.id}.{number}")
            self.disk.remove(f"{clip.id}.{number}.pieces")
        self.disk.sync_names()

    def content(self, clip: Clip, number: int) -> bytes:
        """Return what the disk holds of a finished part.

        Raises:
            NotAsAcquiredError: it is not there.
        """
        inode = self.disk.names.get(f"{clip.id}.{number}")
        if inode is None:
            raise NotAsAcquiredError(f"part {number} is missing", remedy="Acquire it again")
        return b"".join(bytes(data) for data in self.disk.read(inode, 0, len(inode.cached)))


class FakeIncoming:
    """The incoming port: a .part and a .pieces on the fake disk."""

    def __init__(self, disk: FakeDisk, stem: str, size: int) -> None:
        self._disk = disk
        self._stem = stem
        self.size = size
        self.recorded = self._read_log()
        self._worth_keeping = bool(self.recorded)
        if not (self.recorded and f"{stem}.part" in disk.names):
            disk.create(f"{stem}.part")
            disk.sync_names()
        self._inode = disk.names[f"{stem}.part"]

    def _read_log(self) -> list[tuple[int, str]]:
        inode = self._disk.names.get(f"{self._stem}.pieces")
        lines = bytes(inode.cached).decode().split("\n")[:-1] if inode else []
        claims = {int(index): (int(length), digest) for index, length, digest in map(str.split, lines)}
        return [claims[n] for n in range(len(claims)) if all(m in claims for m in range(n + 1))]

    def write(self, data: memoryview, offset: int) -> None:
        self._disk.write(self._inode, bytes(data), offset)

    def settle(self) -> None:
        self._disk.sync(self._inode)
        if log := self._disk.names.get(f"{self._stem}.pieces"):
            self._disk.sync(log)

    def new_checksum(self) -> Checksum:
        return hashlib.blake2b(digest_size=16)

    def read_back(self, offset: int, length: int, *, into: memoryview | None = None) -> Iterator[memoryview]:
        yield from self._disk.read(self._inode, offset, length)

    def peek(self, offset: int, length: int) -> bytes:
        return bytes(self._inode.cached[offset : offset + length])

    def record(self, index: int, length: int, sha256: str) -> None:
        name = f"{self._stem}.pieces"
        log = self._disk.names.get(name) or self._disk.create(name)
        self._disk.write(log, f"{index} {length} {sha256}\n".encode(), len(log.cached))
        self._disk.sync_names()
        self._worth_keeping = True

    def give_up(self) -> None:
        self.size = 0
        del self._inode.cached[:]

    def seal(self) -> None:
        self._disk.sync(self._inode)
        self._worth_keeping = True

    def discard(self) -> None:
        self._worth_keeping = False
        self.close()
        self._disk.remove(f"{self._stem}.pieces")

    def close(self) -> None:
        if not self._worth_keeping:
            self._disk.remove(f"{self._stem}.part")
