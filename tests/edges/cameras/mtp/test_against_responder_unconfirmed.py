"""Is a copy ever gone on with from bytes that the camera never vouched for, and that are not the clip's?

The liar sends zeros in the place of footage, as QEMU does when a file was cut short under it, and is pulled
out, or hangs, before it comes to its 0x2007. The next time it is honest.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from bwvdock.core.facts import ClipAcquired, ClipSkipped
from bwvdock.core.ports import PIECE_BYTES
from bwvdock.edges.cameras.mtp.unconfirmed import Trail, what_to_compare
from bwvdock.errors import CameraGoneError, WithdrawnError
from bwvdock.stages.acquire import CopyOrder, acquire
from tests.edges.cameras.mtp.rig import CLIP, MIB, Docked, camera_with, read
from tests.extent import combined
from tests.fakes.disk import FakeDisk
from tests.fakes.footage import found_clip
from tests.fakes.mtp.contents import Content, Held, Joined, Part, Synthetic, bytes_of
from tests.fakes.mtp.knobs import ALL_OPERATIONS, Fault, Knobs, Trouble
from tests.fakes.spool import FakeSpool

SIZE = 2 * PIECE_BYTES + 5 * MIB + 500
YANK = PIECE_BYTES + 7 * MIB
WITHOUT_64 = ALL_OPERATIONS - {0x95C1}
WITHOUT = ALL_OPERATIONS - {0x95C1, 0x101B}
FOOTAGE = Synthetic(SIZE)
# Footage that is itself all zeros where the camera is pulled out, and for a while before.
PADDED = Joined((Part(FOOTAGE, 0, YANK - 6 * MIB), Synthetic(SIZE - YANK + 6 * MIB, zero_from=0)))
YANKED = Fault(op=0x1009, trouble=Trouble.GONE, at=YANK)


def copied(device: Docked, spool: FakeSpool) -> ClipAcquired | ClipSkipped | None:
    """Copy the clip as the daemon does; None if the camera is pulled out meanwhile."""
    volume, file = device.listed()
    order = CopyOrder(clip=found_clip(1, [(CLIP, file.size)]), volume=volume, files=[file])
    with suppress(CameraGoneError):
        (fact,) = acquire([order], docking="now", spool=spool, progress=lambda clip, copied: None)
        return fact
    return None


def copied_in_two_dockings(first: Knobs, second: Knobs, content: Content) -> tuple[ClipAcquired, bytes]:
    """Copy from a camera that is torn out, and once more when it is back."""
    spool = FakeSpool(FakeDisk())
    device = Docked(camera=camera_with(content, replace(first, faults=(YANKED,))))
    assert copied(device, spool) is None
    device.mtp.close()
    device.camera.plug(second)
    fact = copied(Docked(camera=device.camera), spool)
    assert isinstance(fact, ClipAcquired)
    assert device.camera.record.violations == []
    return fact, spool.content(found_clip(1, [(CLIP, SIZE)]), 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    "operations, by", [(ALL_OPERATIONS, "GetPartialObject64"), (WITHOUT_64, "GetPartialObject")]
)
@pytest.mark.parametrize("content", [FOOTAGE, PADDED], ids=["footage", "footage of zeros"])
def test_what_an_honest_camera_gave_before_it_was_pulled_out_is_gone_on_with(
    operations: frozenset[int], by: str, content: Content
) -> None:
    knobs = Knobs(operations=operations)
    fact, kept = copied_in_two_dockings(knobs, knobs, content)
    assert kept == bytes_of(content)
    if content is FOOTAGE:
        (part,) = fact.parts
        assert YANK - 4 * MIB < part.resumed_at <= YANK
        assert fact.notes[-1] == f"resumed at byte {part.resumed_at} by {by}"


@pytest.mark.slow
@combined(
    begin=[0, 1000, PIECE_BYTES - 1, PIECE_BYTES + 3 * MIB],
    operations=[ALL_OPERATIONS, WITHOUT_64, WITHOUT],
    content={"footage": FOOTAGE, "footage of zeros": PADDED},
)
def test_zeros_that_came_before_the_camera_was_pulled_out_are_not_kept(
    operations: frozenset[int], begin: int, content: Content
) -> None:
    liar = Knobs(operations=operations, zero_fill_from=begin)
    fact, kept = copied_in_two_dockings(liar, Knobs(operations=operations), content)
    assert kept == bytes_of(content)
    if content is FOOTAGE:
        assert fact.parts[0].resumed_at == 0
        assert fact.notes[-1].startswith("read again from the beginning instead of from byte ")


@pytest.mark.slow
def test_that_a_copy_begins_from_the_start_is_said() -> None:
    knobs = Knobs(operations=WITHOUT)
    fact, kept = copied_in_two_dockings(knobs, knobs, FOOTAGE)
    assert kept == bytes_of(FOOTAGE)
    assert fact.parts[0].resumed_at == 0
    assert fact.notes[-1].startswith("read again from the beginning instead of from byte ")
    assert fact.notes[-1].endswith("the camera cannot start in the middle of a file")


@pytest.mark.few(3)
@combined(
    trouble=[Trouble.HANG, Trouble.STALL],
    begin=[1000, 4 * MIB, None],
    operations=[ALL_OPERATIONS, WITHOUT_64, WITHOUT],
)
def test_zeros_that_came_before_the_camera_hung_are_not_gone_on_with(
    operations: frozenset[int], begin: int | None, trouble: Trouble
) -> None:
    """It hangs once; from then on it is honest."""
    size = 8 * MIB
    fault = Fault(op=0x1009, trouble=trouble, at=6 * MIB, count=1)
    camera = camera_with(Synthetic(size), Knobs(operations=operations, zero_fill_from=begin, faults=(fault,)))
    volume, file = Docked(camera=camera).listed()
    data, buffer = bytearray(), memoryview(bytearray(MIB))
    with volume.open(file) as source:
        while len(data) < 5 * MIB:
            data += buffer[: source.readinto(buffer)]
        camera.responder.turn(Knobs(operations=operations))
        try:
            while count := source.readinto(buffer):
                data += buffer[:count]
        except WithdrawnError:
            assert begin is not None
            return
    assert begin is None
    assert bytes(data) == bytes_of(Synthetic(size))
    assert len(source.notes) == 1


@pytest.mark.slow
def test_footage_that_ends_in_zeros_is_not_gone_on_with_unproven() -> None:
    """Where all samples are zeros they prove nothing, and who hung may have made them up."""
    content = Synthetic(8 * MIB, zero_from=1000)
    fault = Fault(op=0x1009, trouble=Trouble.HANG, at=6 * MIB, count=1)
    volume, file = Docked(camera=camera_with(content, Knobs(faults=(fault,)))).listed()
    with pytest.raises(WithdrawnError):
        read(volume, file, piece=MIB)
    assert read(volume, file, piece=MIB) == bytes_of(content)


@pytest.mark.slow
@pytest.mark.parametrize("piece", [1, 7, 512, 5000])
def test_small_reads_are_proven_as_well(piece: int) -> None:
    content = Held(bytes_of(Synthetic(20_000)))
    for at in (600, 5_000, 15_000):
        fault = Fault(op=0x1009, trouble=Trouble.HANG, at=at, count=1)
        volume, file = Docked(camera=camera_with(content, Knobs(faults=(fault,)))).listed()
        assert read(volume, file, piece=piece) == content.data


@pytest.mark.few(6)
@pytest.mark.parametrize("length", [1, 4096, 65_536, 65_537, PIECE_BYTES, SIZE])
@pytest.mark.parametrize("zeros", [0, 1, 65_536, 3 * MIB])
def test_what_is_compared_always_holds_more_than_filler(length: int, zeros: int) -> None:
    data = bytes_of(FOOTAGE, 0, max(length - zeros, 0))
    data += bytes(length - len(data))
    spans = list(what_to_compare(length, lambda at, count: data[at : at + count]))
    assert all(at >= 0 and at + count <= length for at, count in spans)
    assert max(at + count for at, count in spans) == length
    if length > zeros + 1:
        assert any(len(set(data[at : at + count])) > 1 for at, count in spans)
    for end in range(PIECE_BYTES, length + 1, PIECE_BYTES):
        assert any(at < end <= at + count for at, count in spans)


def test_a_trail_of_many_pieces_keeps_the_end_of_each() -> None:
    content, trail, step = Synthetic(4 * PIECE_BYTES), Trail(), 4 * MIB
    trail.begin(0)
    for at in range(0, 3 * PIECE_BYTES + step, step):
        trail.add(at, memoryview(bytes_of(content, at, step)))
    assert trail.stands(lambda at, data: bytes_of(content, at, len(data)) == data)
    ends = sorted(end for _, end in trail.blanks())
    assert ends == [PIECE_BYTES, 2 * PIECE_BYTES, 3 * PIECE_BYTES, 3 * PIECE_BYTES + step]
    trail.clear()
    assert not trail
