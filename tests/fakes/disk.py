"""What does a disk keep when the power goes? A disk in memory, and three that lie.

Written bytes stand in a cache until they are synced, names until the directory is. `before` is told of every
operation first, and may raise: that is where a test cuts the power.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bwvdock.errors import DurabilityError, SpoolFullError


def nothing(operation: str) -> None:
    """Let every operation pass."""


@dataclass(eq=False)
class Inode:
    """One file: what programs see, and what is on the platter."""

    cached: bytearray = field(default_factory=bytearray)
    kept: bytes = b""


class FakeDisk:
    """An honest disk."""

    def __init__(self, *, capacity: int = 2**40, before: Callable[[str], None] = nothing) -> None:
        self.capacity = capacity
        self.before = before
        self.names: dict[str, Inode] = {}
        self._kept_names: dict[str, Inode] = {}

    @property
    def used(self) -> int:
        return sum(len(inode.cached) for inode in set(self.names.values()))

    def create(self, name: str) -> Inode:
        self.before(f"create {name}")
        self.names[name] = Inode()
        return self.names[name]

    def write(self, inode: Inode, data: bytes, offset: int) -> None:
        self.before("write")
        grown = offset + len(data) - len(inode.cached)
        if self.used + max(grown, 0) > self.capacity:
            raise SpoolFullError("the disk is full", remedy="Make room")
        inode.cached.extend(bytes(max(offset - len(inode.cached), 0)))
        inode.cached[offset : offset + len(data)] = data

    def sync(self, inode: Inode) -> None:
        self.before("sync")
        inode.kept = bytes(inode.cached)

    def read(self, inode: Inode, offset: int, length: int) -> Iterator[memoryview]:
        """Return what the disk holds, in its own cache or on the platter."""
        self.before("read")
        yield memoryview(bytes(inode.cached))[offset : offset + length]

    def rename(self, old: str, new: str) -> None:
        self.before(f"rename {old}")
        self.names[new] = self.names.pop(old)

    def remove(self, name: str) -> None:
        self.before(f"remove {name}")
        self.names.pop(name, None)

    def sync_names(self) -> None:
        self.before("sync names")
        self._kept_names = dict(self.names)

    def durable(self) -> dict[str, bytes]:
        """Return what no power cut takes any more: the files whose names and bytes were synced."""
        return {name: inode.kept for name, inode in self._kept_names.items()}

    def rot(self, name: str) -> None:
        """Have one bit of a file that was synced change by itself, on the platter and for programs alike."""
        inode = self.names[name]
        inode.kept = inode.kept[:-1] + bytes([inode.kept[-1] ^ 1])
        inode.cached = bytearray(inode.kept)

    def cut_power(self) -> None:
        """Forget all that was not synced."""
        self.names = dict(self._kept_names)
        for inode in self.names.values():
            inode.cached = bytearray(inode.kept)


class ForgetfulDisk(FakeDisk):
    """Says that it synced, and loses all of it with the power."""

    def sync(self, inode: Inode) -> None:
        self.before("sync")
        # The size survives, as it does on ext4: right size, all zeros.
        inode.kept = bytes(len(inode.cached))


class FlippingDisk(FakeDisk):
    """Keeps one bit wrong in each of its first `lies` writes."""

    def __init__(self, *, lies: int = 2**30, before: Callable[[str], None] = nothing) -> None:
        super().__init__(before=before)
        self.lies = lies

    def write(self, inode: Inode, data: bytes, offset: int) -> None:
        if self.lies > 0 and data:
            self.lies -= 1
            data = data[:-1] + bytes([data[-1] ^ 1])
        super().write(inode, data, offset)


class ShortDisk(FakeDisk):
    """Keeps all but the last byte of each write, and says it kept them all."""

    def write(self, inode: Inode, data: bytes, offset: int) -> None:
        super().write(inode, data[:-1], offset)


class FailingDisk(FakeDisk):
    """Refuses its first `failures` syncs; forgets what it refused, and says all is well when asked again."""

    def __init__(self, *, failures: int = 1, before: Callable[[str], None] = nothing) -> None:
        super().__init__(before=before)
        self.failures = failures

    def sync(self, inode: Inode) -> None:
        if self.failures > 0:
            self.failures -= 1
            inode.kept = bytes(len(inode.cached))
            raise DurabilityError("the disk did not keep a file", remedy="Replace the disk")
        if not inode.kept:
            super().sync(inode)
