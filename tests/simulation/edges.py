"""How do a dock's cameras, disk and stores fail in a simulation? The fakes, with faults that begin and end.

Each fault is armed by an operation of the history (operations.py) and counts down; an edge without one is
honest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.permit import ErasePermit
from bwvdock.core.clips.proof import Receipt
from bwvdock.core.facts import SourceFile
from bwvdock.core.ports import CameraFile, FileStatus, TransferControl
from bwvdock.core.ports.erasing import EraseOutcome, Erasure
from bwvdock.edges.cameras.folder import Settling
from bwvdock.errors import DurabilityError, NotReadyError
from tests.fakes.camera import FakeFile, FakeSource
from tests.fakes.destination import FakeVault, Fetch, Medium
from tests.fakes.disk import Inode
from tests.fakes.power import PoweredSource, PoweredVolume, TearingDisk

Make = Callable[[], Exception]
Seen = list[list[bytes]]


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


@dataclass(kw_only=True)
class Lies:
    """How a camera lies to who erases, in all its handles; and what is so.

    Attributes:
        keeps: how many of the next files it says are erased, and are not.
        hides: it does not list these either, until it is docked again.
        mixes_up: how many of the next times it erases something else than what was named.
        differs: how many of the next second reads give other bytes.
        delivered: returns whether a path is that of a clip that waits to be erased.
        hid: what it kept and did not list.
        mixed_up: what it erased instead; `mixed_up_for` are the clips of this docking for which it did so,
            and `from_the_first` says that it has lied since the docking began.
        read: the paths that were read whole in this docking, since they were acquired, and whether the last
            such read gave the right bytes.
    """

    keeps: int = 0
    hides: bool = False
    mixes_up: int = 0
    differs: int = 0
    delivered: Callable[[str], bool] = lambda path: False
    hid: set[str] = field(default_factory=set)
    mixed_up: set[str] = field(default_factory=set)
    mixed_up_for: set[str] = field(default_factory=set)
    from_the_first: bool = False
    read: dict[str, bool] = field(default_factory=dict)

    def docked(self) -> None:
        """Note that another docking begins."""
        self.read.clear()
        self.mixed_up_for.clear()
        self.from_the_first = self.mixes_up > 0

    def end(self) -> None:
        self.keeps = self.mixes_up = self.differs = 0

    def differ(self, path: str) -> bool:
        """Return whether this file is to be given with other bytes, this time."""
        if self.differs == 0 or not self.delivered(path):
            return False
        self.differs -= 1
        return True


@dataclass(kw_only=True, slots=True)
class FaultyVolume(PoweredVolume):
    """A camera's volume; `erased` is told of each file just before it is erased.

    `hidden` are files that are there and that this handle does not show.
    """

    erased: Callable[[str], None]
    faults: Faults = field(default_factory=Faults)
    lies: Lies = field(default_factory=Lies)
    hidden: set[str] = field(default_factory=set, init=False)

    def list(self) -> Sequence[CameraFile]:
        return [file for file in PoweredVolume.list(self) if file.path not in self.hidden]

    def open(self, file: CameraFile, *, offset: int = 0) -> FakeSource:
        honest = PoweredVolume.open(self, file, offset=offset)
        stands, differs = honest.stands, self.lies.differ(file.path)
        if differs:
            stands = replace(stands, data=bytes([stands.data[0] ^ 1]) + stands.data[1:])
        return _TellingSource(
            volume=self,
            file=file,
            stands=stands,
            at=offset,
            supply=self.supply,
            read=self.lies.read if offset == 0 else {},
            honest=not differs,
        )

    def stands(self, file: CameraFile) -> FakeFile:
        if file.path in self.hidden:
            raise NotReadyError("It is not there.", remedy="List it again.")
        return PoweredVolume.stands(self, file)

    def erase(self, permit: ErasePermit) -> Sequence[Erasure]:
        before = len(self.lies.mixed_up)
        done = PoweredVolume.erase(self, permit)
        if len(self.lies.mixed_up) > before:
            self.lies.mixed_up_for.add(permit.clip)
        return done

    def _erase(self, file: SourceFile) -> Erasure:
        self.supply(f"camera erase {file.path}")
        if file.path not in self.files or file.path in self.hidden:
            return Erasure(outcome=EraseOutcome.ALREADY_GONE)
        self.erased(file.path)
        others = [
            path
            for path, other in self.files.items()
            if path != file.path and other.status is FileStatus.READY
        ]
        if self.lies.keeps > 0:
            self.lies.keeps -= 1
            if self.lies.hides:
                self.hidden.add(file.path)
                self.lies.hid.add(file.path)
        elif self.lies.mixes_up > 0 and others:
            self.lies.mixes_up -= 1
            del self.files[others[-1]]
            self.lies.mixed_up.add(others[-1])
        else:
            return PoweredVolume._erase(self, file)  # noqa: SLF001 - a slotted dataclass has no super()
        return Erasure(outcome=EraseOutcome.ERASED)


@dataclass(kw_only=True, slots=True)
class FaultyFolder(FaultyVolume):
    """A folder that is treated as a camera; `seen` has what each listing met, the last one last."""

    settling: Settling
    seen: Seen = field(default_factory=list)

    def list(self) -> Sequence[CameraFile]:
        files = self.settling.judge(FaultyVolume.list(self))[0]
        self.seen.append([file.data for file in self.files.values()])
        return files


@dataclass(kw_only=True, slots=True)
class _TellingSource(PoweredSource):
    """Notes in `read` that the file was read whole, and whether it gave the right bytes."""

    read: dict[str, bool]
    honest: bool

    def readinto(self, buffer: memoryview) -> int:
        count = PoweredSource.readinto(self, buffer)
        if self.at == self.file.size:
            self.read[self.file.path] = self.honest
        return count


class FaultyStore(FakeVault):
    """A store: the next `flips` objects are kept wrong by a bit, the next `drops` not at all.

    `says` is what it says about a copy that it proves, and calls its objects; `lost` are objects that it had.
    `others` are other media that were mounted in its place, each with what was on it then.
    """

    def __init__(self, fetch: Fetch, *, name: str, before: Callable[[str], None], faults: Faults) -> None:
        super().__init__(fetch, name=name, before=before)
        self.faults = faults
        self.flips = 0
        self.drops = 0
        self.says = ""
        self._honest = self.assessment
        self.lost: set[str] = set()
        self.heeds_its_mark = True
        self.others: list[tuple[Medium, dict[str, bytes]]] = []

    def mount_another(self, medium: Medium) -> None:
        """Have another medium in its place, on which nothing is to be changed."""
        self.others.append((medium, dict(medium.objects)))
        self.mount(medium)

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

    def _recognise(self, mark: str) -> None:
        if self.heeds_its_mark:
            super()._recognise(mark)

    def end_faults(self) -> None:
        """Be honest from now on."""
        self.faults.end()
        self.flips = self.drops = 0
        self.reachable, self.says, self.assessment = True, "", self._honest
        self.mount(self.own)
