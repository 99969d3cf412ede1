"""What does every spool promise? Run on the real one and on the fake."""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bwvdock.core.ports import PIECE_BYTES, Incoming, Spool
from bwvdock.edges.spool import FileSpool
from bwvdock.errors import DurabilityError, NotAsAcquiredError, SpoolFullError
from tests.fakes.disk import FakeDisk, FlippingDisk, ForgetfulDisk, ShortDisk
from tests.fakes.footage import acquired, footage, found_clip
from tests.fakes.spool import FakeSpool
from tests.fakes.spooled import fill, write

Make = Callable[[int], Spool]


@pytest.fixture(params=["real", "fake"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Return what opens the spool, with so many bytes that must stay free; what it holds stays."""
    disk = FakeDisk()
    opened: list[FileSpool] = []

    def real(min_free: int) -> Spool:
        opened.append(FileSpool(tmp_path / "spool", min_free=min_free))
        return opened[-1]

    yield real if request.param == "real" else lambda min_free: FakeSpool(disk, min_free=min_free)
    for spool in opened:
        spool.close()


@pytest.fixture
def spool(make: Make) -> Spool:
    return make(0)


def read_back(incoming: Incoming, offset: int, length: int) -> bytes:
    incoming.settle()
    return b"".join(bytes(data) for data in incoming.read_back(offset, length))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_what_was_published_is_there(spool: Spool) -> None:
    clip = found_clip(1, [("a.mp4", 5000), ("a.gps", 7)])
    spool.check(fill(spool, clip, footage(5000), b"sidecar"))


def test_a_clip_that_was_never_published_is_missed(spool: Spool) -> None:
    clip = found_clip(1, [("a.mp4", 7)])
    [incoming] = spool.receive(clip)
    write(incoming, b"footage")
    incoming.seal()
    incoming.close()
    with pytest.raises(NotAsAcquiredError):
        spool.check(acquired(clip, b"footage"))


def test_other_content_than_was_acquired_is_found_out(spool: Spool) -> None:
    clip = found_clip(1, [("a.mp4", 7)])
    fill(spool, clip, b"footage")
    with pytest.raises(NotAsAcquiredError):
        spool.check(acquired(clip, b"foot4ge"))


def test_bytes_can_be_read_back_while_more_are_to_come(spool: Spool) -> None:
    [incoming] = spool.receive(found_clip(1, [("a.mp4", 20_000)]))
    content = footage(20_000)
    write(incoming, content[:8192])
    assert read_back(incoming, 0, 8192) == content[:8192]
    write(incoming, content[8192:], 8192)
    assert read_back(incoming, 4096, 15_904) == content[4096:]
    assert incoming.peek(19_990, 100) == content[19_990:]
    incoming.close()


@pytest.mark.parametrize("pages", [1, 2, 5])
def test_bytes_can_be_read_back_into_memory_of_any_number_of_pages(spool: Spool, pages: int) -> None:
    content, memory = footage(13_000), memoryview(mmap.mmap(-1, pages * 4096))
    [incoming] = spool.receive(found_clip(1, [("a.mp4", 13_000)]))
    write(incoming, content)
    incoming.settle()
    found, checksum, expected = bytearray(), incoming.new_checksum(), incoming.new_checksum()
    for data in incoming.read_back(0, 13_000, into=memory):
        found += data
        checksum.update(data)
    assert found == content
    expected.update(memoryview(content))
    assert checksum.digest() == expected.digest() != incoming.new_checksum().digest()
    incoming.close()


def test_a_file_that_is_shorter_gives_less(spool: Spool) -> None:
    [incoming] = spool.receive(found_clip(1, [("a.mp4", 9000)]))
    write(incoming, b"footage")
    assert read_back(incoming, 0, 9000)[:7] == b"footage"
    assert len(read_back(incoming, 0, 9000)) == 7
    incoming.close()


@pytest.mark.slow
def test_recorded_pieces_are_offered_to_the_next_attempt(make: Make) -> None:
    clip = found_clip(1, [("a.mp4", PIECE_BYTES + 9000)])
    content = footage(PIECE_BYTES + 4096)
    [incoming] = make(0).receive(clip)
    assert incoming.recorded == []
    write(incoming, content)
    incoming.record(0, PIECE_BYTES, sha256(content[:PIECE_BYTES]))
    incoming.record(1, 4096, sha256(content[PIECE_BYTES:]))
    incoming.close()
    [again] = make(0).receive(clip)
    assert list(again.recorded) == [
        (PIECE_BYTES, sha256(content[:PIECE_BYTES])),
        (4096, sha256(content[PIECE_BYTES:])),
    ]
    assert read_back(again, 0, len(content)) == content
    again.close()


def test_a_later_record_of_a_piece_takes_the_place_of_an_earlier_one(make: Make) -> None:
    clip = found_clip(1, [("a.mp4", 9000)])
    [incoming] = make(0).receive(clip)
    write(incoming, footage(9000))
    incoming.record(0, 4096, "a" * 64)
    incoming.record(0, 9000, "b" * 64)
    incoming.close()
    [again] = make(0).receive(clip)
    assert list(again.recorded) == [(9000, "b" * 64)]
    again.close()


def test_a_gap_in_the_records_ends_them(make: Make) -> None:
    clip = found_clip(1, [("a.mp4", 9000)])
    [incoming] = make(0).receive(clip)
    write(incoming, footage(9000))
    incoming.record(0, 4096, "a" * 64)
    incoming.record(2, 4096, "b" * 64)
    incoming.close()
    [again] = make(0).receive(clip)
    assert list(again.recorded) == [(4096, "a" * 64)]
    again.close()


def test_what_nothing_vouches_for_is_not_kept(spool: Spool) -> None:
    [incoming] = spool.receive(found_clip(1, [("a.mp4", 9000)]))
    write(incoming, footage(4096))
    assert not spool.is_empty()
    incoming.close()
    assert spool.used_bytes() == 0
    assert spool.is_empty()


def test_what_is_discarded_is_gone(spool: Spool) -> None:
    clip = found_clip(1, [("a.mp4", 9000)])
    [incoming] = spool.receive(clip)
    write(incoming, footage(9000))
    incoming.record(0, 9000, sha256(footage(9000)))
    incoming.discard()
    assert spool.used_bytes() == 0
    [again] = spool.receive(clip)
    assert again.recorded == []
    again.close()


def test_a_clip_that_was_published_can_go_on_from_its_log(spool: Spool) -> None:
    clip = found_clip(1, [("a.mp4", 9000)])
    [incoming] = spool.receive(clip)
    write(incoming, footage(9000))
    incoming.record(0, 9000, sha256(footage(9000)))
    incoming.seal()
    incoming.close()
    spool.publish([clip])
    [again] = spool.receive(clip)
    assert list(again.recorded) == [(9000, sha256(footage(9000)))]
    assert read_back(again, 0, 9000) == footage(9000)
    again.close()


def test_a_recalled_clip_stands_until_its_new_copy_takes_its_place(spool: Spool) -> None:
    clip = found_clip(1, [("a.mp4", 7)])
    old = fill(spool, clip, b"footage")
    [incoming] = spool.receive(clip)
    write(incoming, b"FOOTAGE")
    incoming.seal()
    incoming.close()
    spool.check(old)
    spool.publish([clip])
    spool.check(acquired(clip, b"FOOTAGE"))


def test_a_clip_that_does_not_fit_leaves_nothing_behind(make: Make) -> None:
    free = make(0).free_bytes()
    spool = make(max(free - 10_000_000, 0))
    with pytest.raises(SpoolFullError):
        spool.receive(found_clip(1, [("a.gps", 9), ("a.mp4", spool.free_bytes() + 50_000_000)]))
    assert spool.used_bytes() == 0


@pytest.mark.slow
def test_what_an_earlier_attempt_left_is_not_needed_twice(make: Make) -> None:
    size = 40_000_000
    clip = found_clip(1, [("a.mp4", size)])
    [incoming] = make(0).receive(clip)
    for offset in range(0, size, 2**20):
        write(incoming, bytes(min(2**20, size - offset)), offset)
    incoming.record(0, PIECE_BYTES, "a" * 64)
    incoming.close()
    spool = make(make(0).free_bytes() - size // 2)  # room for half of it, were it not there already
    [again] = spool.receive(clip)
    assert again.recorded
    again.close()


@pytest.mark.parametrize("disk", [FlippingDisk(), ShortDisk()])
def test_a_lying_disk_shows_when_it_is_read_back(disk: FakeDisk) -> None:
    [incoming] = FakeSpool(disk).receive(found_clip(1, [("a.mp4", 9000)]))
    write(incoming, footage(9000))
    assert read_back(incoming, 0, 9000) != footage(9000)


def test_a_disk_that_forgets_what_it_synced_shows_after_the_power_cut() -> None:
    disk = ForgetfulDisk()
    spool = FakeSpool(disk)
    clip = fill(spool, found_clip(1, [("a.mp4", 9000)]), footage(9000))
    spool.check(clip)
    disk.cut_power()
    with pytest.raises(DurabilityError):
        spool.check(clip)


def test_an_honest_disk_keeps_what_was_published_through_a_power_cut() -> None:
    disk = FakeDisk()
    spool = FakeSpool(disk)
    clip = fill(spool, found_clip(1, [("a.mp4", 9000)]), footage(9000))
    disk.cut_power()
    spool.check(clip)


def test_a_part_that_was_given_up_stands_there_empty(spool: Spool) -> None:
    """Its neighbours keep their bytes."""
    clip = found_clip(1, [("a.mp4", 7), ("a.gps", 9000)])
    footage_part, sidecar = spool.receive(clip)
    write(footage_part, b"footage")
    write(sidecar, footage(4096))
    sidecar.give_up()
    for incoming in (footage_part, sidecar):
        incoming.seal()
        incoming.close()
    spool.publish([clip])
    spool.check(acquired(clip, b"footage", b""))
