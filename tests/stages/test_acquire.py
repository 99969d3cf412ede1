"""What must hold when clips are copied from a camera into the spool?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.history import apply
from bwvdock.core.facts import ClipAcquired, ClipSkipped
from bwvdock.core.ports import PIECE_BYTES, CameraFile, Spool
from bwvdock.edges.spool import FileSpool
from bwvdock.errors import CameraGoneError, DurabilityError, SpoolFullError
from bwvdock.stages.acquire import CopyOrder, acquire
from tests.fakes.disk import FailingDisk, FakeDisk, FlippingDisk, ForgetfulDisk, Inode, ShortDisk
from tests.fakes.footage import MemorySource, MemoryVolume, footage, found_clip, part_of
from tests.fakes.spool import FakeSpool
from tests.simulation.edges import FaultyDisk

MIB, LENGTH = 2**20, 2 * PIECE_BYTES + 3 * 2**20 + 5
long = partial(footage, LENGTH)  # made when it is first wanted


def order_of(number: int, volume: MemoryVolume, *paths: str) -> CopyOrder:
    files = {file.path: file for file in volume.list()}
    clip = found_clip(number, [(path, files[path].size) for path in paths])
    return CopyOrder(clip=clip, volume=volume, files=[files[path] for path in paths])


def run(orders: Sequence[CopyOrder], spool: Spool) -> list[ClipAcquired | ClipSkipped]:
    return list(acquire(orders, docking="now", spool=spool, progress=lambda clip, copied: None))


def run_until(
    error: type[Exception] | tuple[type[Exception], ...], orders: Sequence[CopyOrder], spool: Spool
) -> list[ClipAcquired | ClipSkipped]:
    facts: list[ClipAcquired | ClipSkipped] = []
    with pytest.raises(error):
        facts.extend(acquire(orders, docking="now", spool=spool, progress=lambda clip, copied: None))
    return facts


def acquired(order: CopyOrder, fact: ClipAcquired | ClipSkipped) -> Clip:
    assert isinstance(fact, ClipAcquired)
    return apply(order.clip, fact)


@pytest.mark.parametrize("size", [0, 1, 4096, 5000, MIB, MIB + 1])
def test_a_clip_arrives_whole_and_the_fact_says_what_came(size: int) -> None:
    volume, spool = MemoryVolume({"a.mp4": footage(size)}), FakeSpool(FakeDisk())
    order = order_of(1, volume, "a.mp4")
    [fact] = run([order], spool)
    assert isinstance(fact, ClipAcquired)
    assert fact.parts == (part_of(footage(size)),)
    assert fact.docking == "now"
    assert spool.content(order.clip, 0) == footage(size)


@pytest.mark.slow
@pytest.mark.parametrize("size", [PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES, LENGTH])
def test_pieces_lie_on_the_fixed_grid(size: int) -> None:
    volume, spool = MemoryVolume({"a.mp4": long()[:size]}), FakeSpool(FakeDisk())
    [fact] = run([order_of(1, volume, "a.mp4")], spool)
    assert isinstance(fact, ClipAcquired)
    assert fact.parts == (part_of(long()[:size]),)


def test_a_camera_that_gives_its_bytes_in_odd_portions_makes_no_difference() -> None:
    volume, spool = MemoryVolume({"a.mp4": footage(3 * MIB + 7)}, chunk=65_521), FakeSpool(FakeDisk())
    [fact] = run([order_of(1, volume, "a.mp4")], spool)
    assert isinstance(fact, ClipAcquired)
    assert fact.parts == (part_of(footage(3 * MIB + 7)),)


def test_sidecars_travel_with_their_footage() -> None:
    volume = MemoryVolume({"a.mp4": footage(9000), "a.gps": b"51.4,0.0"})
    spool, order = FakeSpool(FakeDisk()), order_of(1, volume, "a.mp4", "a.gps")
    [fact] = run([order], spool)
    assert isinstance(fact, ClipAcquired)
    assert fact.parts == (part_of(footage(9000)), part_of(b"51.4,0.0"))
    assert spool.content(order.clip, 1) == b"51.4,0.0"


@pytest.mark.slow
def test_facts_come_in_the_order_asked_for_and_only_for_durable_clips() -> None:
    volume = MemoryVolume({f"{n}.mp4": footage(1000, seed=n) for n in range(150)})
    disk = FakeDisk()
    spool, orders = FakeSpool(disk), [order_of(n, volume, f"{n}.mp4") for n in range(150)]
    seen: list[str] = []
    for fact in acquire(orders, docking="now", spool=spool, progress=lambda clip, copied: None):
        disk.cut_power()
        spool.check(acquired(orders[len(seen)], fact))
        seen.append(fact.clip)
    assert seen == [order.clip.id for order in orders]


def test_progress_counts_over_all_parts_and_never_falls() -> None:
    volume = MemoryVolume({"a.mp4": footage(3 * MIB), "a.gps": footage(2 * MIB)})
    told: list[int] = []
    order = order_of(1, volume, "a.mp4", "a.gps")
    list(
        acquire(
            [order],
            docking="now",
            spool=FakeSpool(FakeDisk()),
            progress=lambda clip, copied: told.append(copied),
        )
    )
    assert told == sorted(told)
    assert told[-1] == order.clip.size


# --- yanked, stopped, cut -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "yank", [9_000, 5 * MIB, PIECE_BYTES, PIECE_BYTES + 3 * MIB, 2 * PIECE_BYTES + MIB + 17]
)
def test_a_yanked_clip_goes_on_where_it_was(yank: int) -> None:
    volume, spool = MemoryVolume({"a.mp4": long()}, gone_after=yank), FakeSpool(FakeDisk())
    order = order_of(1, volume, "a.mp4")
    assert run_until(CameraGoneError, [order], spool) == []
    volume.gone_after, volume.read = 2**60, 0
    [fact] = run([order], spool)
    assert isinstance(fact, ClipAcquired)
    [part] = fact.parts
    assert yank - 4096 < part.resumed_at <= yank
    assert part.read_bytes == volume.read == LENGTH - part.resumed_at
    assert part == replace(part_of(long()), resumed_at=part.resumed_at, read_bytes=part.read_bytes)
    spool.check(acquired(order, fact))


def test_clips_that_had_come_whole_before_the_yank_are_given() -> None:
    volume = MemoryVolume({"a.mp4": footage(MIB), "b.mp4": footage(3 * MIB)}, gone_after=2 * MIB)
    first, second = order_of(1, volume, "a.mp4"), order_of(2, volume, "b.mp4")
    [fact] = run_until(CameraGoneError, [first, second], FakeSpool(FakeDisk()))
    assert fact.clip == first.clip.id


@pytest.mark.slow
def test_a_stop_leaves_what_can_go_on() -> None:
    class StopError(Exception):
        pass

    def stop(clip: str, copied: int) -> None:
        if copied >= 4 * MIB:
            raise StopError

    volume, spool = MemoryVolume({"a.mp4": long()}), FakeSpool(FakeDisk())
    order = order_of(1, volume, "a.mp4")
    with pytest.raises(StopError):
        list(acquire([order], docking="now", spool=spool, progress=stop))
    [fact] = run([order], spool)
    assert isinstance(fact, ClipAcquired)
    assert fact.parts[0].resumed_at >= 4 * MIB
    spool.check(acquired(order, fact))


@pytest.mark.slow
def test_what_a_power_cut_took_is_read_again_and_zeros_are_never_footage() -> None:
    disk = ForgetfulDisk()
    volume, spool = MemoryVolume({"a.mp4": long()}, gone_after=PIECE_BYTES + 5 * MIB), FakeSpool(disk)
    order = order_of(1, volume, "a.mp4")
    run_until(CameraGoneError, [order], spool)
    for inode in disk.names.values():  # the log survives; the footage does not
        if len(inode.cached) > 1000:
            inode.cached[:] = bytes(len(inode.cached))
    volume.gone_after, volume.read = 2**60, 0
    [fact] = run([order], spool)
    assert isinstance(fact, ClipAcquired)
    assert fact.parts == (part_of(long()),)
    assert volume.read == LENGTH


@pytest.mark.slow
def test_one_torn_piece_is_where_reading_goes_on() -> None:
    disk = FakeDisk()
    volume, spool = MemoryVolume({"a.mp4": long()}, gone_after=2 * PIECE_BYTES + 2 * MIB), FakeSpool(disk)
    order = order_of(1, volume, "a.mp4")
    run_until(CameraGoneError, [order], spool)
    disk.names[f"{order.clip.id}.0.part"].cached[PIECE_BYTES + 99] ^= 4
    volume.gone_after = 2**60
    [fact] = run([order], spool)
    assert isinstance(fact, ClipAcquired)
    assert fact.parts[0].resumed_at == PIECE_BYTES
    spool.check(acquired(order, fact))


@pytest.mark.slow
def test_a_crash_before_the_fact_was_journalled_costs_no_second_reading() -> None:
    volume, spool = MemoryVolume({"a.mp4": long()}), FakeSpool(FakeDisk())
    order = order_of(1, volume, "a.mp4")
    run([order], spool)
    volume.read = 0
    [fact] = run([order], spool)
    assert isinstance(fact, ClipAcquired)
    assert (volume.read, fact.parts[0].resumed_at) == (0, LENGTH)
    spool.check(acquired(order, fact))


# --- what cannot be taken -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how,outcome", [("bad", "unreadable"), ("short", "unreadable"), ("growing", "not_ready")]
)
def test_a_clip_that_cannot_be_read_is_skipped_and_its_neighbours_go_on(how: str, outcome: str) -> None:
    volume = MemoryVolume({name: footage(5000) for name in ("a.mp4", "b.mp4", "c.mp4")})
    {"bad": volume.bad, "short": volume.short, "growing": volume.growing}[how].add("b.mp4")
    orders = [order_of(n, volume, f"{name}.mp4") for n, name in enumerate("abc")]
    facts = {fact.clip: fact for fact in run(orders, FakeSpool(FakeDisk()))}
    skipped = facts[orders[1].clip.id]
    assert isinstance(skipped, ClipSkipped)
    assert (skipped.outcome, skipped.docking) == (outcome, "now")
    assert skipped.reason
    assert isinstance(facts[orders[0].clip.id], ClipAcquired)
    assert isinstance(facts[orders[2].clip.id], ClipAcquired)


@pytest.mark.slow
def test_what_a_camera_withdrew_is_not_gone_on_with() -> None:
    volume, spool = MemoryVolume({"a.mp4": long()}, withdrawn={"a.mp4"}), FakeSpool(FakeDisk())
    order = order_of(1, volume, "a.mp4")
    [skipped] = run([order], spool)
    assert isinstance(skipped, ClipSkipped)
    assert volume.read > PIECE_BYTES  # zeros, of which some pieces were on the disk already
    volume.withdrawn.clear()
    [fact] = run([order], spool)
    assert isinstance(fact, ClipAcquired)
    assert fact.parts == (part_of(long()),)
    spool.check(acquired(order, fact))


@pytest.mark.slow
def test_what_the_camera_does_not_stand_by_is_read_again_and_the_fact_says_so() -> None:
    volume, spool = MemoryVolume({"a.mp4": long()}, gone_after=PIECE_BYTES + 5 * MIB), FakeSpool(FakeDisk())
    order = order_of(1, volume, "a.mp4")
    run_until(CameraGoneError, [order], spool)
    volume.gone_after, volume.read, volume.cannot_go_on = 2**60, 0, "no reason at all"
    [fact] = run([order], spool)
    assert isinstance(fact, ClipAcquired)
    assert fact.parts == (part_of(long()),)
    assert volume.read == LENGTH
    assert fact.notes[-1].startswith("read again from the beginning instead of from byte ")
    assert fact.notes[-1].endswith(": no reason at all")
    spool.check(acquired(order, fact))


@pytest.mark.slow
def test_a_doubt_about_a_clip_whose_disk_keeps_a_bit_wrong_ends_well_too() -> None:
    disk = FlippingDisk(lies=1)
    volume, spool = MemoryVolume({"a.mp4": long()}, gone_after=PIECE_BYTES + 5 * MIB), FakeSpool(disk)
    order = order_of(1, volume, "a.mp4")
    run_until((CameraGoneError, DurabilityError), [order], spool)
    volume.gone_after, volume.cannot_go_on = 2**60, "no reason at all"
    [fact] = run([order], spool)
    spool.check(acquired(order, fact))


def test_what_a_source_remarks_is_in_the_fact() -> None:
    volume = MemoryVolume({"a.mp4": footage(5000)}, notes=("read with one hand",))
    [fact] = run([order_of(1, volume, "a.mp4")], FakeSpool(FakeDisk()))
    assert isinstance(fact, ClipAcquired)
    assert fact.notes[-1] == "read with one hand"


def test_a_full_spool_takes_nothing_and_names_both_numbers(tmp_path: Path) -> None:
    spool = FileSpool(tmp_path / "spool", min_free=2**60)
    volume = MemoryVolume({"a.mp4": footage(5000)})
    with pytest.raises(SpoolFullError, match=r"needs 4.9 KiB.*1024 PiB kept free") as caught:
        run([order_of(1, volume, "a.mp4")], spool)
    assert caught.value.remedy
    assert list((tmp_path / "spool").iterdir()) == []


def test_clips_that_fitted_are_given_before_the_spool_is_full() -> None:
    volume = MemoryVolume({"a.mp4": footage(MIB), "b.mp4": footage(3 * MIB)})
    orders = [order_of(1, volume, "a.mp4"), order_of(2, volume, "b.mp4")]
    spool = FakeSpool(FakeDisk(capacity=2 * MIB))
    [fact] = run_until(SpoolFullError, orders, spool)
    assert fact.clip == orders[0].clip.id


def test_a_clip_whose_bytes_find_no_room_takes_nothing_from_its_neighbours() -> None:
    class FullFor(FakeDisk):
        def write(self, inode: Inode, data: bytes, offset: int) -> None:
            if len(data) == 5001:
                raise SpoolFullError("the disk is full", remedy="Make room")
            super().write(inode, data, offset)

    volume = MemoryVolume({f"{n}.mp4": footage(5000 + n) for n in range(3)})
    orders, spool = [order_of(n, volume, f"{n}.mp4") for n in range(3)], FakeSpool(FullFor())
    facts = run_until(SpoolFullError, orders, spool)
    assert [fact.clip for fact in facts] == [orders[0].clip.id, orders[2].clip.id]
    assert f"{orders[1].clip.id}.0.part" not in spool.disk.names


# --- disks that lie -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("size", [5000, LENGTH])
def test_a_disk_that_keeps_a_bit_wrong_once_costs_one_more_reading(size: int) -> None:
    volume, spool = MemoryVolume({"a.mp4": long()[:size]}), FakeSpool(FlippingDisk(lies=1))
    order = order_of(1, volume, "a.mp4")
    [fact] = run([order], spool)
    spool.check(acquired(order, fact))
    assert volume.read > size


@pytest.mark.slow
@pytest.mark.parametrize("size", [5000, LENGTH])
@pytest.mark.parametrize("disk", [FlippingDisk, ShortDisk])
def test_a_disk_that_always_keeps_it_wrong_is_never_believed(size: int, disk: type[FakeDisk]) -> None:
    volume, spool = MemoryVolume({"a.mp4": long()[:size]}), FakeSpool(disk())
    order = order_of(1, volume, "a.mp4")
    with pytest.raises(DurabilityError, match=order.clip.id):
        run([order], spool)
    assert spool.disk.names == {}


@pytest.mark.parametrize("size", [5000, pytest.param(LENGTH, marks=pytest.mark.slow)])
def test_a_failed_sync_is_final(size: int) -> None:
    disk = FailingDisk()
    with pytest.raises(DurabilityError):
        run([order_of(1, MemoryVolume({"a.mp4": long()[:size]}), "a.mp4")], FakeSpool(disk))
    assert disk.names == {}


@pytest.mark.slow
@pytest.mark.parametrize("yank", [9_000, 2 * MIB])
def test_after_a_failed_sync_of_what_had_come_before_a_yank_nothing_is_resumed(yank: int) -> None:
    """The second sync of such a file says that all is well, and the cache still has what the disk lost."""
    content = footage(yank + 3 * MIB)
    volume, disk = MemoryVolume({"a.mp4": content}, gone_after=yank), FaultyDisk(seed=1)
    disk.refusals = 1
    spool, order = FakeSpool(disk), order_of(1, volume, "a.mp4")
    assert run_until((CameraGoneError, DurabilityError), [order], spool) == []
    volume.gone_after = 2**60
    [fact] = run([order], spool)
    assert isinstance(fact, ClipAcquired)
    assert fact.parts == (part_of(content),)
    assert disk.durable()[f"{order.clip.id}.0"] == content


def test_a_clip_that_its_camera_cannot_give_a_second_time_is_skipped_and_its_neighbours_go_on() -> None:
    class Fading(MemoryVolume):
        def open(self, file: CameraFile, *, offset: int = 0) -> MemorySource:
            source = super().open(file, offset=offset)
            self.growing.add(file.path)
            return source

    volume = Fading({"a.mp4": footage(5000), "b.mp4": footage(6000)})
    orders = [order_of(1, volume, "a.mp4"), order_of(2, volume, "b.mp4")]
    facts = {fact.clip: fact for fact in run(orders, FakeSpool(FlippingDisk(lies=1)))}
    assert isinstance(facts[orders[0].clip.id], ClipSkipped)
    assert isinstance(facts[orders[1].clip.id], ClipAcquired)


# --- notes ----------------------------------------------------------------------------------------


def box(kind: bytes, body: bytes = b"") -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + kind + body


@pytest.mark.parametrize(
    "content,notes",
    [
        (box(b"ftyp") + box(b"mdat", b"x" * 99) + box(b"moov"), ()),
        (box(b"ftyp") + box(b"mdat", b"x" * 99), ("no moov: the recording is incomplete",)),
        (b"", ("the file is empty",)),
        (b"garbage" * 99, ("not an MP4 file: it does not begin with an MP4 box",)),
    ],
)
def test_odd_footage_is_taken_with_a_note(content: bytes, notes: tuple[str, ...]) -> None:
    [fact] = run([order_of(1, MemoryVolume({"A.MP4": content}), "A.MP4")], FakeSpool(FakeDisk()))
    assert isinstance(fact, ClipAcquired)
    assert fact.notes == notes


@pytest.mark.slow
def test_on_the_real_spool_a_yank_and_a_resume_give_the_same_bytes(tmp_path: Path) -> None:
    spool = FileSpool(tmp_path / "spool", min_free=0)
    volume = MemoryVolume({"a.mp4": long()}, gone_after=PIECE_BYTES + 5 * MIB)
    order = order_of(1, volume, "a.mp4")
    run_until(CameraGoneError, [order], spool)
    volume.gone_after = 2**60
    [fact] = run([order], spool)
    assert isinstance(fact, ClipAcquired)
    assert fact.parts[0].resumed_at == PIECE_BYTES + 5 * MIB
    assert (tmp_path / "spool" / f"{order.clip.id}.0.mp4").read_bytes() == long()
    spool.check(acquired(order, fact))
    spool.close()
