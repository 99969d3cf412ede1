"""A power supply that fails at a chosen operation, and what hangs on it.

Whatever is done outside is announced to the supply first. From the cut on nothing can be done any more,
by any thread, until the dock is built anew on a new supply.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.roster import Assignment
from bwvdock.core.clips.states import Holder
from bwvdock.core.custody.checkpoints import StoredCheckpoint
from bwvdock.core.custody.entries import Stamp
from bwvdock.core.custody.records import ClockSetting, DockingSheet, Enrolment, Received, ThoroughDocking
from bwvdock.core.facts import (
    Fact,
    JournalNotAsWitnessed,
    LogKeyNew,
    SignerForgot,
    SourceFile,
    UncleanStart,
)
from bwvdock.core.ports import CameraFile
from bwvdock.core.ports.erasing import Erasure
from bwvdock.edges.journal import Journal
from bwvdock.edges.journal.holds.questions import HoldQuestions
from tests.fakes.camera import FakeSource, FakeVolume
from tests.fakes.disk import FakeDisk, Inode

_LEAST_BLOCK, _MOST_BLOCKS = 4096, 64  # a page; a bound on the dice thrown for a large file


class PowerCut(BaseException):
    """The lights went out. No error: no handler of errors may survive it."""


class PowerSupply:
    """Counts outside operations and fails before the `cut_at`-th; never, if that is None.

    `first_of` says which operation it fails before instead: the first one of which that is so.
    """

    def __init__(
        self, cut_at: int | None = None, *, first_of: Callable[[str], bool] = lambda _: False
    ) -> None:
        self.done: list[str] = []
        self._first_of = first_of
        self.cut_before: str | None = None
        self._cut_at = cut_at
        self._lock = threading.Lock()

    def cut_in(self, operations: int) -> None:
        """Have the power fail before the operation after so many more."""
        self._cut_at = len(self.done) + 1 + operations

    def __call__(self, operation: str) -> None:
        with self._lock:
            due = len(self.done) + 1 == self._cut_at or self._first_of(operation)
            if self.cut_before is None and due:
                self.cut_before = operation
            if self.cut_before is not None:
                raise PowerCut(f"before {operation}")
            self.done.append(operation)


@dataclass(kw_only=True, slots=True)
class PoweredVolume(FakeVolume):
    """A camera, read by a dock that hangs on a supply; the camera itself has a battery."""

    supply: Callable[[str], None]

    def list(self) -> Sequence[CameraFile]:
        self.supply("camera list")
        return FakeVolume.list(self)

    def fingerprint(self, file: CameraFile) -> str:
        self.supply(f"camera fingerprint {file.path}")
        return FakeVolume.fingerprint(self, file)

    def open(self, file: CameraFile, *, offset: int = 0) -> FakeSource:
        self.supply(f"camera open {file.path}")
        return PoweredSource(volume=self, file=file, stands=self.stands(file), at=offset, supply=self.supply)

    def _erase(self, file: SourceFile) -> Erasure:
        self.supply(f"camera erase {file.path}")
        return FakeVolume._erase(self, file)  # noqa: SLF001 - a slotted dataclass has no super()


@dataclass(kw_only=True, slots=True)
class PoweredSource(FakeSource):
    """A file on it."""

    supply: Callable[[str], None]

    def readinto(self, buffer: memoryview) -> int:
        self.supply(f"camera read {self.file.path}")
        return FakeSource.readinto(self, buffer)


class PoweredJournal:
    """The real journal, as the ledger uses it; the power can go just before a commit, and just after it."""

    def __init__(self, journal: Journal, supply: PowerSupply) -> None:
        self._journal = journal
        self._supply = supply
        self._held: set[str] | None = None  # the kinds of what waits to be committed

    def hold(self) -> None:
        self._held = set() if self._held is None else self._held
        self._journal.hold()

    def settle(self) -> None:
        kinds, self._held = sorted(self._held or ()), None
        for kind in kinds:
            self._supply(f"journal append {kind}")
        self._journal.settle()
        for kind in kinds:
            self._supply(f"journal return {kind}")

    def append(self, facts: Sequence[Fact]) -> Sequence[int]:
        if self._held is not None:
            self._held |= {fact.kind for fact in facts}
            return self._journal.append(facts)
        kinds = " ".join(sorted({fact.kind for fact in facts}))
        self._supply(f"journal append {kinds}")
        numbers = self._journal.append(facts)
        self._supply(f"journal return {kinds}")
        return numbers

    def keep_checkpoint(self, checkpoint: StoredCheckpoint) -> None:
        self._supply("journal keep checkpoint")
        self._journal.keep_checkpoint(checkpoint)
        self._supply("journal kept checkpoint")

    def last_checkpoint(self) -> StoredCheckpoint | None:
        return self._journal.last_checkpoint()

    def keep_cosignature(self, size: int, witness: str, line: str) -> None:
        self._supply("journal keep cosignature")
        self._journal.keep_cosignature(size, witness, line)
        self._supply("journal kept cosignature")

    def quorum_size(self, enough: Callable[[Collection[str]], bool], beyond: int) -> int:
        return self._journal.quorum_size(enough, beyond)

    @property
    def holds(self) -> HoldQuestions:
        return self._journal.holds

    def origin(self) -> str:
        return self._journal.origin()

    def contradictions(self) -> Sequence[tuple[str, JournalNotAsWitnessed]]:
        return self._journal.contradictions()

    def signer_changes(self) -> Sequence[tuple[str, LogKeyNew | SignerForgot]]:
        return self._journal.signer_changes()

    def confirmed_size(self, witness: str) -> int:
        return self._journal.confirmed_size(witness)

    def keep_time_stamp(self, size: int, url: str, token: bytes, at: str) -> None:
        self._journal.keep_time_stamp(size, url, token, at)

    def stamped(self, url: str) -> int:
        return self._journal.stamped(url)

    def first_checkpoint_after(self, size: int) -> str:
        return self._journal.first_checkpoint_after(size)

    def size(self) -> int:
        return self._journal.size()

    def open_clips(self, targets: Collection[str]) -> Sequence[Clip]:
        return self._journal.open_clips(targets)

    def clip(self, clip_id: str) -> Clip | None:
        return self._journal.clip(clip_id)

    def proofs_recorded(self, clip_id: str) -> Mapping[str, int]:
        return self._journal.proofs_recorded(clip_id)

    def assignments(self, camera: str) -> Sequence[Assignment]:
        return self._journal.assignments(camera)

    def unclean_start(self) -> UncleanStart | None:
        return self._journal.unclean_start()

    def docking(self, docking: str) -> DockingSheet | None:
        return self._journal.docking(docking)

    def open_dockings(self) -> Sequence[DockingSheet]:
        return self._journal.open_dockings()

    def enrolment(self, serial: str) -> Enrolment:
        return self._journal.enrolment(serial)

    def thorough_dockings(self, serial: str) -> list[ThoroughDocking]:
        return self._journal.thorough_dockings(serial)

    def doubted_since(self, docking: str) -> list[Clip]:
        return self._journal.doubted_since(docking)

    def held(self, identities: Collection[str]) -> dict[str, Holder]:
        return self._journal.held(identities)

    def same_footage(self, sha256: str) -> list[Received]:
        return self._journal.same_footage(sha256)

    def last_clock_shown(self, serial: str) -> str:
        return self._journal.last_clock_shown(serial)

    def last_clock_setting(self, serial: str) -> ClockSetting | None:
        return self._journal.last_clock_setting(serial)

    def root(self) -> str:
        return self._journal.root()

    def with_losses(self, *, most: int, after: str) -> Sequence[Clip]:
        return self._journal.with_losses(most=most, after=after)

    def spooled(self, *, most: int, after: str) -> Sequence[Clip]:
        return self._journal.spooled(most=most, after=after)

    def due(self, now: str, *, most: int, after: tuple[str, str] = ("", "")) -> Sequence[Clip]:
        return self._journal.due(now, most=most, after=after)

    def unnoticed(self, before: str, *, most: int) -> Sequence[Clip]:
        return self._journal.unnoticed(before, most=most)

    def undated(self, *, most: int) -> Sequence[tuple[Clip, Stamp | None]]:
        return self._journal.undated(most=most)

    def paused(self) -> bool:
        return self._journal.paused()


class TearingDisk(FakeDisk):
    """An honest disk that had begun to write: of what was not synced, a random part survives.

    Of each file's unsynced blocks any may be on the platter, and its length may be the old or the new one.
    Names come and go in the order in which it was asked, as on a file system with a log: some of the latest
    are lost.
    """

    def __init__(self, *, seed: int) -> None:
        super().__init__()
        self._random = random.Random(seed)
        self._names_since_sync: list[dict[str, Inode]] = []

    def create(self, name: str) -> Inode:
        made = super().create(name)
        self._names_since_sync.append(dict(self.names))
        return made

    def rename(self, old: str, new: str) -> None:
        super().rename(old, new)
        self._names_since_sync.append(dict(self.names))

    def remove(self, name: str) -> None:
        super().remove(name)
        self._names_since_sync.append(dict(self.names))

    def sync_names(self) -> None:
        super().sync_names()
        self._names_since_sync.clear()

    def cut_power(self) -> None:
        names = self._random.choice([self._kept_names, *self._names_since_sync])
        for inode in set(names.values()):
            inode.kept = self._torn(inode)
        self._kept_names = dict(names)
        self._names_since_sync.clear()
        super().cut_power()

    def _torn(self, inode: Inode) -> bytes:
        new = bytes(inode.cached)
        length = self._random.choice([len(inode.kept), len(new)])
        step = max(_LEAST_BLOCK, length // _MOST_BLOCKS // _LEAST_BLOCK * _LEAST_BLOCK)
        blocks = []
        for start in range(0, length, step):
            block = self._random.choice([inode.kept, new])[start : start + step]
            blocks.append(block.ljust(min(step, length - start), b"\0"))
        return b"".join(blocks)[:length]
