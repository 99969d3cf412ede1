"""Does a copy go on from any byte, whatever becomes of the one before it?"""

from __future__ import annotations

from contextlib import suppress

import pytest

from bwvdock.errors import BwvdockError, CameraGoneError, UnreadableError
from tests.edges.cameras.mtp.rig import MIB, Docked, camera_with, read, same
from tests.extent import EXTENT, Extent, combined
from tests.fakes.mtp.contents import Sampled, Synthetic, bytes_of
from tests.fakes.mtp.knobs import ALL_OPERATIONS, Fault, Knobs, Trouble

pytestmark = pytest.mark.slow

SIZE = 700_000
TRUTH = bytes_of(Synthetic(SIZE))


def docked(knobs: Knobs) -> Docked:
    return Docked(camera=camera_with(Synthetic(SIZE), knobs))


BEYOND = [2**32 - 13, 2**32 - 12, 2**32 - 1, 2**32, 2**32 + MIB - 12]
WITHOUT_64 = ALL_OPERATIONS - {0x95C1}
WITHOUT = ALL_OPERATIONS - {0x95C1, 0x101B}


@pytest.mark.few(3)
@pytest.mark.parametrize(
    "knobs",
    [
        Knobs(),
        Knobs(operations=WITHOUT_64),
        Knobs(operations=WITHOUT),
        Knobs(phantom=frozenset({0x95C1})),
        Knobs(phantom=frozenset({0x95C1, 0x101B})),
        Knobs(partial_from_start=True),
        Knobs(partial_wraps=True),
        Knobs(operations=WITHOUT, glued_response=True),
    ],
)
def test_a_copy_goes_on_from_any_byte(knobs: Knobs) -> None:
    for offset in (0, 1, 511, 65_536, SIZE - 1, SIZE):
        device = docked(knobs)
        assert device.clip(offset=offset) == TRUTH[offset:], offset
        assert device.camera.record.violations == [], offset


@pytest.mark.parametrize("most", [100, 4095, 65_536])
def test_windows_that_are_shorter_than_was_asked_for_are_right(most: int) -> None:
    offset = SIZE - 6000
    assert docked(Knobs(partial_at_most=most)).clip(offset=offset) == TRUTH[offset:]


@pytest.mark.parametrize(
    "knobs",
    [
        Knobs(partial_extra=1),
        Knobs(partial_extra=12),
        Knobs(partial_extra=512),
        Knobs(partial_claim_error=1),
        Knobs(partial_claim_error=-1),
    ],
)
def test_windows_that_are_not_what_was_asked_for(knobs: Knobs) -> None:
    device = docked(knobs)
    volume, file = device.listed()
    with pytest.raises(BwvdockError):
        read(volume, file, offset=5000)


@pytest.mark.few(4)
@combined(
    op=[0x1009, 0x95C1],
    at=[None, 12, 600, 20_000],
    skip=[0, 3, 4],
)
def test_who_asks_again_after_a_failure_misses_nothing(op: int, at: int | None, skip: int) -> None:
    """A buffer filled by several windows, one of which failed, must not be taken for read."""
    fault = Fault(op=op, trouble=Trouble.HANG, at=at, skip=skip, count=1)
    device = docked(Knobs(faults=(fault,), partial_at_most=50_000))
    volume, file = device.listed()
    begin = 1000 if op == 0x95C1 else 0
    data, buffer = bytearray(), memoryview(bytearray(300_000))
    with volume.open(file, offset=begin) as source:
        for _ in range(20):
            with suppress(UnreadableError):
                data += buffer[: source.readinto(buffer)]
    assert bytes(data) == TRUTH[begin:]


def test_who_asks_again_after_a_clip_was_withdrawn_gets_nothing_of_it() -> None:
    """Windows of its end would be right; what was handed over before them is not."""
    device = docked(Knobs(zero_fill_from=100_000))
    volume, file = device.listed()
    buffer = memoryview(bytearray(SIZE // 2))
    with volume.open(file) as source:
        assert source.readinto(buffer) == SIZE // 2
        for _ in range(3):
            with pytest.raises(UnreadableError):
                source.readinto(buffer)


@pytest.mark.parametrize("at", [0, 12, 512, 100_000, 512_000, SIZE + 11])
def test_after_a_yank_the_copy_goes_on_where_it_was(at: int) -> None:
    device = docked(Knobs(faults=(Fault(op=0x1009, trouble=Trouble.GONE, at=at),)))
    volume, file = device.listed()
    kept, buffer = bytearray(), memoryview(bytearray(50_000))
    source = volume.open(file)
    with suppress(CameraGoneError):
        while count := source.readinto(buffer):
            kept += buffer[:count]
    source.close()
    assert bytes(kept) == TRUTH[: len(kept)]
    assert len(kept) < SIZE
    with pytest.raises(CameraGoneError):
        volume.list()
    device.mtp.close()
    device.camera.plug(Knobs())
    again = Docked(camera=device.camera)
    assert bytes(kept) + again.clip(offset=len(kept)) == TRUTH
    assert (0x95C1 in again.camera.record.ops()) == (len(kept) > 0)


@pytest.mark.few(6)
@pytest.mark.parametrize("op", sorted(ALL_OPERATIONS))
def test_a_yank_at_any_operation_is_a_yank(op: int) -> None:
    """An empty listing, above all, is never what comes of it."""
    camera = camera_with(Synthetic(SIZE), Knobs(faults=(Fault(op=op, trouble=Trouble.GONE),)))
    try:
        device = Docked(camera=camera)
        assert device.clip(offset=10) == TRUTH[10:]
    except CameraGoneError:
        assert camera.responder.gone
    else:
        assert op not in camera.record.ops()


@combined(
    offset=[0, 2**32 - 5, 2**32 + 1],
    knobs={
        "64-bit windows": Knobs(),
        "32-bit windows": Knobs(operations=WITHOUT_64),
        "no windows": Knobs(operations=WITHOUT),
        "windows that wrap": Knobs(partial_wraps=True),
    },
    size=BEYOND if EXTENT is Extent.NIGHTLY else BEYOND[1::2],
)
def test_clips_of_4_gib_are_taken_whole(size: int, knobs: Knobs, offset: int) -> None:
    content = Sampled(size)
    volume, file = Docked(camera=camera_with(content, knobs)).listed()
    assert file.size == size
    at, buffer = min(offset, size), memoryview(bytearray(4 * MIB))
    with volume.open(file, offset=at) as source:
        while count := source.readinto(buffer):
            assert same(buffer[:count], content, at)
            at += count
    assert at == size
