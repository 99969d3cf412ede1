"""How much memory do copiers take together, and is a clip the same whatever is left for one of them?"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import ExitStack, contextmanager
from functools import partial
from threading import Event

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import ClipAcquired
from bwvdock.core.ports import PIECE_BYTES
from bwvdock.errors import CameraGoneError, DurabilityError
from bwvdock.stages.acquire import CopyMemory, CopyOrder, acquire, real_threads
from bwvdock.stages.acquire.copy_memory import RingBuffer, chunk_of
from bwvdock.stages.acquire.copy_threads import CopyThreads
from tests.extent import SEED
from tests.fakes.disk import FakeDisk, FlippingDisk, ShortDisk
from tests.fakes.footage import MemoryVolume, footage, found_clip, part_of
from tests.fakes.spool import FakeIncoming, FakeSpool

MIB, LENGTH = 2**20, 2 * PIECE_BYTES + 3 * 2**20 + 5
long = partial(footage, LENGTH)  # made when it is first wanted


CROWDS = pytest.mark.parametrize("others", [0, 2, 5, 10, 63])


@contextmanager
def crowd(others: int) -> Iterator[CopyMemory]:
    """Give the memory of a dock that copies so many other cameras."""
    memory = CopyMemory()
    with crowd_in(memory, others):
        yield memory


@contextmanager
def crowd_in(memory: CopyMemory, others: int) -> Iterator[None]:
    """Have so many others use it."""
    with ExitStack() as users:
        for _ in range(others):
            users.enter_context(memory.in_use())
        yield


def copy(volume: MemoryVolume, spool: FakeSpool, memory: CopyMemory) -> ClipAcquired:
    [(path, content)] = volume.files.items()
    clip = found_clip(1, [(path, len(content))])
    order = CopyOrder(clip=clip, volume=volume, files=volume.list())
    [fact] = acquire([order], docking="now", spool=spool, progress=lambda clip, copied: None, memory=memory)
    assert isinstance(fact, ClipAcquired)
    return fact


def test_thirty_two_cameras_take_no_more_memory_than_one_and_sixty_four_twice_that() -> None:
    """All take 4 MiB together, or 128 KiB each; and a chunk never spans two pieces of the grid."""
    memory = CopyMemory()
    with ExitStack() as users:
        for count in range(1, 65):
            users.enter_context(memory.in_use())
            assert memory.share * count <= max(4 * MIB, 128 * 1024 * count), count
            assert PIECE_BYTES % chunk_of(memory.share) == 0, count
            assert chunk_of(memory.share) <= memory.share, count
    assert memory.share == CopyMemory().share


@pytest.mark.slow
@CROWDS
@pytest.mark.parametrize("size", [5000, 300_000, PIECE_BYTES + 5000, LENGTH])
def test_a_clip_is_the_same_however_many_others_are_copied(size: int, others: int) -> None:
    content = long()[:size]
    with crowd(others) as memory:
        fact = copy(MemoryVolume({"a.mp4": content}), FakeSpool(FakeDisk()), memory)
    assert fact.parts == (part_of(content),)


@pytest.mark.slow
@CROWDS
@pytest.mark.parametrize("size", [300_000, LENGTH])
@pytest.mark.parametrize("disk", [FlippingDisk, ShortDisk])
def test_a_disk_that_lies_is_found_out_however_many_others_are_copied(
    size: int, others: int, disk: type[FakeDisk]
) -> None:
    spool = FakeSpool(disk())
    with crowd(others) as memory, pytest.raises(DurabilityError, match="the disk has other bytes"):
        copy(MemoryVolume({"a.mp4": long()[:size]}), spool, memory)
    assert spool.disk.names == {}


@CROWDS
@pytest.mark.parametrize("size", [5000, 300_000, pytest.param(PIECE_BYTES + 5000, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "content", [footage, bytes, lambda size: b"x" * size], ids=["footage", "zeros", "same"]
)
def test_a_disk_that_says_that_it_read_and_gives_nothing_is_found_out(
    size: int, others: int, content: Callable[[int], bytes]
) -> None:
    """What was in the memory before is never taken for what the disk returned."""

    class Silent(FakeIncoming):
        def read_back(
            self, offset: int, length: int, *, into: memoryview | None = None
        ) -> Iterator[memoryview]:
            assert into is not None
            for start in range(0, length, len(into)):
                yield into[: min(len(into), length - start)]

    class SilentSpool(FakeSpool):
        def receive(self, clip: Clip) -> list[FakeIncoming]:
            return [Silent(self.disk, f"{clip.id}.{n}", file.size) for n, file in enumerate(clip.files)]

    with crowd(others) as memory, pytest.raises(DurabilityError, match="the disk has other bytes"):
        copy(MemoryVolume({"a.mp4": content(size)}), SilentSpool(FakeDisk()), memory)


@pytest.mark.slow
@CROWDS
@pytest.mark.parametrize("yank", [5 * MIB, PIECE_BYTES, PIECE_BYTES + 3 * MIB + 17])
def test_a_yanked_clip_resumes_however_many_others_are_copied(yank: int, others: int) -> None:
    volume, spool = MemoryVolume({"a.mp4": long()}, gone_after=yank), FakeSpool(FakeDisk())
    with crowd(others) as memory:
        with pytest.raises(CameraGoneError):
            copy(volume, spool, memory)
        volume.gone_after = 2**60
        [part] = copy(volume, spool, memory).parts
    assert yank - 4096 < part.resumed_at <= yank
    assert (part.sha256, part.pieces) == (part_of(long()).sha256, part_of(long()).pieces)


@pytest.mark.slow
def test_a_clip_is_the_same_while_others_come_and_go() -> None:
    memory, volume, spool = CopyMemory(), MemoryVolume({"a.mp4": long()}), FakeSpool(FakeDisk())
    shares = set()
    with ExitStack() as users:

        def come_and_go(clip: str, copied: int) -> None:
            if copied < LENGTH // 2:
                users.enter_context(memory.in_use())
            else:
                users.close()
            shares.add(memory.share)

        clip = found_clip(1, [("a.mp4", LENGTH)])
        order = CopyOrder(clip=clip, volume=volume, files=volume.list())
        [fact] = acquire([order], docking="now", spool=spool, progress=come_and_go, memory=memory)
    assert len(shares) > 2
    assert isinstance(fact, ClipAcquired)
    assert fact.parts == (part_of(long()),)


def test_what_is_read_back_is_read_one_at_a_time_also_when_others_come_meanwhile() -> None:
    """All reading back uses the same memory."""
    order: list[str] = []

    def long_one(_: memoryview) -> None:
        hashlib.sha256(bytes(32 * MIB))
        order.append("long")

    memory = CopyMemory()
    with CopyThreads(real_threads, memory) as threads:
        threads.read_back(long_one)
        with crowd_in(memory, 20):
            threads.ring.fit()
            threads.read_back(lambda _, name: order.append(name), "next")
    assert order == ["long", "next"]


def test_a_copier_has_more_memory_again_when_others_leave() -> None:
    memory = CopyMemory()
    with memory.in_use(), ThreadPoolExecutor(1) as jobs:
        with crowd_in(memory, 20):
            ring = RingBuffer(memory)
            ring.room(5000)
            ring.lend(5000, [jobs.submit(len, "")])
            small = ring.share
        wait_for([jobs.submit(len, "")])
        ring.fit()
    assert ring.share == memory.share > small


@pytest.mark.slow
@pytest.mark.parametrize("others", [0, 20])
def test_no_memory_is_lent_again_before_its_jobs_are_done(others: int) -> None:
    chance, wrong = random.Random(SEED), []
    may_begin = Event()

    def look(lent: memoryview, number: int) -> None:
        may_begin.wait()
        hashlib.sha256(lent)  # takes longer than filling it
        if lent.tobytes() != bytes([number]) * len(lent):
            wrong.append(number)

    with crowd(others) as memory, memory.in_use(), ThreadPoolExecutor(1) as jobs:
        ring, filled = RingBuffer(memory), 0
        for number in range(200):
            length = chance.randint(1, ring.chunk)
            filled += length + 4095
            if filled > ring.share // 2:  # until then there is room for all
                may_begin.set()
            room = ring.room(length)
            room[:length] = bytes([number]) * length
            ring.lend(length, [jobs.submit(look, room[:length], number)])
        may_begin.set()
        ring.wait()
    assert wrong == []
