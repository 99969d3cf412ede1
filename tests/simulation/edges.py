"""How do a dock's cameras, disk and stores fail in a simulation? The fakes, with faults that begin and end.

Each fault is armed by an operation of the history (operations.py) and counts down; an edge without one is
honest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.permit import Receipt
from bwvdock.core.facts import SourceFile
from bwvdock.core.ports import TransferControl
from bwvdock.core.ports.erasing import Erasure
from bwvdock.errors import DurabilityError
from tests.fakes.destination import FakeVault, Fetch
from tests.fakes.disk import Inode
from tests.fakes.power import PoweredVolume, TearingDisk

Make = Callable[[], Exception]


@dataclass(kw_only=True)
class Fault:
    """Raises what it makes, the next `times` times that one of its operations is announced."""

    make: Make
    times: int
    of: frozenset[str] = frozenset()
    raised: list[Exception] = field(default_factory=list)

    def __call__(self, operation: str) -> None:
        """Raise, if it is one of those operations and it still may."""
        if self.times > 0 and (not self.of or self.of & set(operation.split())):
            self.times -= 1
            self.raised.append(self.make())
            raise self.raised[-1]

    def __str__(self) -> str:
        """Return what it will do, for the history."""
        return f"fails {self.times} times: {' '.join(self.of)} raises {self.make()!r}"


class Faults:
    """The faults of one edge, armed one after the other."""

    def __init__(self) -> None:
        self.armed: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        self.armed.append(fault)

    def end(self) -> None:
        for fault in self.armed:
            fault.times = 0

    def __call__(self, operation: str) -> None:
        for fault in self.armed:
            fault(operation)

    def raised(self, error: BaseException) -> bool:
        """Return whether one of them raised this."""
        return any(error is one for fault in self.armed for one in fault.raised)


class FaultyDisk(TearingDisk):
    """The spool's disk: keeps the next `flips` writes wrong by a bit, refuses the next `refusals` syncs.

    What it refused to sync it forgets, and says all is well when it is asked again; what is written to that
    file afterwards it keeps (Linux marks the pages of a failed fsync clean, and new writes make them dirty).
    """

    def __init__(self, *, seed: int) -> None:
        super().__init__(seed=seed)
        self.flips = 0
        self.refusals = 0
        self._since_refusal: dict[Inode, list[tuple[int, int]]] = {}  # offset and length of each write

    def write(self, inode: Inode, data: bytes, offset: int) -> None:
        if self.flips > 0 and data:
            self.flips -= 1
            data = data[:-1] + bytes([data[-1] ^ 1])
        super().write(inode, data, offset)
        if inode in self._since_refusal:
            self._since_refusal[inode].append((offset, len(data)))

    def sync(self, inode: Inode) -> None:
        if self.refusals > 0:
            self.refusals -= 1
            self._since_refusal[inode] = []
            inode.kept = bytes(len(inode.cached))
            raise DurabilityError("the disk did not keep a file", remedy="Replace the disk")
        if inode not in self._since_refusal:
            super().sync(inode)
            return
        self.before("sync")
        kept = bytearray(inode.kept.ljust(len(inode.cached), b"\0")[: len(inode.cached)])
        for offset, length in self._since_refusal[inode]:
            kept[offset : offset + length] = inode.cached[offset : offset + length]
        inode.kept = bytes(kept)


@dataclass(kw_only=True, slots=True)
class FaultyVolume(PoweredVolume):
    """A camera's volume; `erased` is told of each file just before it is erased."""

    erased: Callable[[str], None]
    faults: Faults = field(default_factory=Faults)

    def _erase(self, file: SourceFile) -> Erasure:
        self.supply(f"camera erase {file.path}")
        if file.path in self.files:
            self.erased(file.path)
        return PoweredVolume._erase(self, file)  # noqa: SLF001 - a slotted dataclass has no super()


class FaultyStore(FakeVault):
    """A store: the next `flips` objects are kept wrong by a bit, the next `drops` not at all.

    `says` is what it says about a copy that it proves, and calls its objects; `lost` are objects that it had.
    """

    def __init__(self, fetch: Fetch, *, name: str, before: Callable[[str], None], faults: Faults) -> None:
        super().__init__(fetch, name=name, before=before)
        self.faults = faults
        self.flips = 0
        self.drops = 0
        self.says = ""
        self._honest = self.assessment
        self.lost: set[str] = set()

    def _put(self, name: str, content: bytes) -> None:
        if self.flips > 0 and content:
            self.flips -= 1
            content = content[:-1] + bytes([content[-1] ^ 1])
        elif self.drops > 0:
            self.drops -= 1
            return
        super()._put(name, content)

    def store(self, clip: Clip, transfer: TransferControl) -> str:
        return super().store(clip, transfer) + self.says

    def prove(self, clip: Clip, transfer: TransferControl) -> Receipt:
        found = super().prove(clip, transfer)
        return Receipt(
            destination=found.destination,
            object=found.object + self.says,
            version=self.says,
            sha256=found.sha256,
            method=found.method,
            words=self.says,
        )

    def end_faults(self) -> None:
        """Be honest from now on."""
        self.faults.end()
        self.flips = self.drops = 0
        self.reachable, self.says, self.assessment = True, "", self._honest
