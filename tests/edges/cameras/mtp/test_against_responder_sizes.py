"""Is every byte right at every boundary, whatever a camera thinks that ends a transfer?"""

from __future__ import annotations

from itertools import product

import pytest

from tests.edges.cameras.mtp.rig import MIB, Rig, camera_with
from tests.extent import combined
from tests.fakes.mtp.contents import Sampled, Synthetic, bytes_of
from tests.fakes.mtp.knobs import Knobs, LargeLength, Zlp

PACKETS = (64, 512, 1024)
LARGE = (2**32 - 13, 2**32 - 12, 2**32 - 11, 2**32, 2**32 + MIB - 12)


def _boundaries(packet: int, *around: int) -> list[int]:
    """Return all sizes that matter around a few packets, and around these other sizes."""
    sizes = {
        boundary + off
        for boundary in (packet, 2 * packet, 3 * packet, *around)
        for off in (-25, -24, -23, -13, -12, -11, -1, 0, 1)
    }
    return sorted({0, 1} | sizes)


@pytest.mark.slow
@combined(
    packet=PACKETS,
    zlp=list(Zlp),
    shape={
        "plain": Knobs(),
        "split": Knobs(split_header=True),
        "glued": Knobs(glued_response=True),
        "unknown-length": Knobs(unknown_length_always=True),
    },
)
def test_every_size_is_read_to_the_byte(packet: int, zlp: Zlp, shape: Knobs) -> None:
    knobs = Knobs(
        zlp=zlp,
        split_header=shape.split_header,
        glued_response=shape.glued_response,
        unknown_length_always=shape.unknown_length_always,
    )
    far = () if shape.split_header or shape.glued_response else (16_384 + 512, MIB, 2 * MIB)
    for size in _boundaries(packet, *far):
        if zlp is Zlp.EXTRA_BYTE and shape.unknown_length_always and (size + 12) % packet == 0:
            continue  # see the next test
        rig = Rig(camera=camera_with(Synthetic(size), knobs, packet)).open()
        assert rig.take(), size
        assert rig.take(piece=10_000), size
        assert rig.camera.record.violations == []
        assert rig.camera.responder.undrained == 0
        assert rig.camera.record.waited_ms == 0


@pytest.mark.parametrize("packet", PACKETS)
def test_a_byte_too_many_is_footage_where_the_camera_does_not_count(packet: int) -> None:
    knobs = Knobs(zlp=Zlp.EXTRA_BYTE, unknown_length_always=True)
    for size in (packet - 12, 2 * packet - 12, MIB - 12):
        assert not Rig(camera=camera_with(Synthetic(size), knobs, packet)).open().accepted()


@pytest.mark.slow
@pytest.mark.parametrize("packet", PACKETS)
def test_a_clip_that_is_longer_than_the_camera_says_is_refused(packet: int) -> None:
    knobs = Knobs(unknown_length_always=True)
    for more, size in product([1, 2, 4, 5, 11, 12, 13, 24], _boundaries(packet)):
        rig = Rig(camera=camera_with(Synthetic(size + more), knobs, packet)).open()
        assert not rig.accepted(size=size), (size, more)


@pytest.mark.slow
@pytest.mark.few(8)
@combined(
    packet=PACKETS,
    less=[1, 2, 11, 12, 13, 24],
    zlp=list(Zlp),
)
def test_a_clip_that_is_shorter_than_the_camera_says_is_refused(packet: int, less: int, zlp: Zlp) -> None:
    """Less by twelve, among others: then the response is as long as what is missing."""
    knobs = Knobs(unknown_length_always=True, zlp=zlp)
    for size in (packet - 12, packet, 3 * packet - 12, MIB - 12, MIB):
        rig = Rig(camera=camera_with(Synthetic(size - less), knobs, packet)).open()
        assert not rig.accepted(size=size), size


@pytest.mark.parametrize("packet", PACKETS)
@pytest.mark.parametrize("zlp", [Zlp.NEVER, Zlp.WHEN_ALIGNED])
def test_the_clip_that_libmtp_spoils(packet: int, zlp: Zlp) -> None:
    rig = Rig(camera=camera_with(Synthetic(16_884), Knobs(zlp=zlp), packet)).open()
    assert rig.take()
    assert rig.camera.record.ops() == [0x1002, 0x1009]


def test_reads_are_whole_packets_and_few() -> None:
    rig = Rig(camera=camera_with(Synthetic(8 * MIB))).open()
    assert rig.take()
    asked = [read.asked for read in rig.camera.record.reads]
    assert all(count % 512 == 0 for count in asked)
    assert len(asked) <= 8 + 5
    assert max(asked) == MIB


@pytest.mark.parametrize("limit", [MIB // 2, MIB // 4, 65_536])
def test_reads_are_halved_where_the_kernel_lacks_memory(limit: int) -> None:
    rig = Rig(camera=camera_with(Synthetic(3 * MIB + 5), Knobs(enomem_above=limit))).open()
    assert rig.take()
    assert max(read.asked for read in rig.camera.record.reads if not read.errno) <= limit
    failures = [read for read in rig.camera.record.reads if read.errno == 12]
    assert len(failures) <= 5  # it remembers


@pytest.mark.slow
@pytest.mark.few(5)
@pytest.mark.parametrize("zlp", list(Zlp))
@pytest.mark.parametrize("packet", PACKETS)
def test_every_window_of_a_partial_read_is_right(packet: int, zlp: Zlp) -> None:
    content = Synthetic(2**33 + 7)
    rig = Rig(camera=camera_with(content, Knobs(zlp=zlp), packet)).open()
    for offset in (0, 1, 2**32 - 12, 2**32 - 1, 2**32, 2**33 - 70_000):
        for length in (1, packet - 13, packet - 12, packet - 11, 10 * packet - 12, 65_536, 70_007):
            assert rig.window(offset, length) == bytes_of(content, offset, length)
    assert rig.camera.record.violations == []


@pytest.mark.slow
@combined(
    packet=PACKETS,
    zlp=[Zlp.NEVER, Zlp.WHEN_ALIGNED, Zlp.ONLY_UNKNOWN_LENGTH],
    large=list(LargeLength),
    size=LARGE,
)
def test_what_does_not_fit_32_bits(packet: int, zlp: Zlp, large: LargeLength, size: int) -> None:
    rig = Rig(camera=camera_with(Sampled(size), Knobs(zlp=zlp, large_length=large), packet)).open()
    assert rig.take()
    assert rig.camera.responder.undrained == 0


@pytest.mark.parametrize("large", list(LargeLength))
@pytest.mark.parametrize("size", [size for size in LARGE if size >= 2**32])
def test_what_does_not_fit_32_bits_is_never_taken_for_its_low_32_bits(size: int, large: LargeLength) -> None:
    rig = Rig(camera=camera_with(Sampled(size), Knobs(large_length=large))).open()
    assert not rig.accepted(size=size & 0xFFFF_FFFF)
