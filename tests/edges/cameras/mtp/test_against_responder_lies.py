"""Is a lie on the wire ever believed? Whatever a camera says, a clip is right or it is refused."""

from __future__ import annotations

from itertools import product

import pytest

from bwvdock.edges.cameras.mtp.codes import Op
from bwvdock.edges.cameras.mtp.transfer import RefusedError
from bwvdock.edges.cameras.mtp.wire import WireError
from tests.edges.cameras.mtp.rig import Rig, camera_with
from tests.extent import combined
from tests.fakes.mtp import codec
from tests.fakes.mtp.contents import Held, Synthetic
from tests.fakes.mtp.knobs import Fault, Knobs, Trouble, Zlp

pytestmark = pytest.mark.slow

SIZES = (0, 1, 499, 500, 501, 1012, 16_884, 100_000)


def refused(knobs: Knobs, size: int = 16_884) -> Rig:
    rig = Rig(camera=camera_with(Synthetic(size), knobs)).open()
    assert not rig.accepted(), size
    assert rig.camera.record.violations == []
    return rig


def taken(knobs: Knobs, size: int = 16_884) -> Rig:
    rig = Rig(camera=camera_with(Synthetic(size), knobs)).open()
    assert rig.accepted(), size
    assert rig.camera.record.violations == []
    return rig


@pytest.mark.parametrize("error", [-2000, -513, -512, -12, -1, 1, 11, 12, 500, 512, 1 << 20])
def test_a_length_that_is_not_what_was_listed(error: int) -> None:
    for size in SIZES:
        refused(Knobs(length_error=error), size)


@pytest.mark.parametrize("error", [-1, 1, 1000])
def test_a_response_to_another_transaction(error: int) -> None:
    for size in SIZES:
        camera = camera_with(Synthetic(size))
        rig = Rig(camera=camera).open()
        camera.responder.turn(Knobs(response_tid_error=error))
        assert not rig.accepted(), size


@pytest.mark.parametrize("error", [-1, 1])
def test_data_of_another_transaction(error: int) -> None:
    refused(Knobs(data_tid_error=error))


@pytest.mark.parametrize("kind", [0, 1, 3, 4, 255])
def test_data_that_is_no_data_container(kind: int) -> None:
    refused(Knobs(data_type=kind))


@pytest.mark.parametrize("code", [0, 0x1008, 0x100A, 0x2001, 0xFFFF])
def test_data_of_another_operation(code: int) -> None:
    camera = camera_with(Synthetic(16_884))
    rig = Rig(camera=camera).open()
    camera.responder.turn(Knobs(data_code=code))
    assert not rig.accepted()
    assert camera.record.violations == []


@pytest.mark.parametrize("count", [1, 2, 3])
def test_responses_of_earlier_transactions_are_passed_over(count: int) -> None:
    for size in SIZES:
        rig = Rig(camera=camera_with(Synthetic(size))).open()
        for _ in range(4):
            rig.session.ask(Op.GET_STORAGE_IDS)
        spare = rig.camera.card.add("SPARE.MP4", Held(b"spare"))
        rig.camera.responder.turn(Knobs(stale_responses=count))
        assert rig.session.order(Op.DELETE_OBJECT, spare.handle, 0) == ()
        assert rig.camera.record.deleted == [spare.handle]
        assert rig.accepted(), size
        assert rig.camera.record.violations == [], size


def test_data_of_an_earlier_transaction_is_not_taken() -> None:
    for size in SIZES:
        rig = Rig(camera=camera_with(Synthetic(size))).open()
        rig.session.ask(Op.GET_STORAGE_IDS)
        rig.camera.responder.turn(Knobs(stale_data=True))
        assert not rig.accepted(), size


@pytest.mark.few(15)
@combined(
    junk=[b"\0", b"\0\0", b"\0\0\0", b"\0\0\0\0"],
    size=SIZES,
    zlp=list(Zlp),
)
def test_a_few_bytes_before_the_response_are_passed_over(junk: bytes, size: int, zlp: Zlp) -> None:
    taken(Knobs(junk_before_response=junk, zlp=zlp), size)


@pytest.mark.parametrize("junk", [5, 11, 12, 13, 511])
def test_more_bytes_before_the_response_are_a_failure(junk: int) -> None:
    refused(Knobs(junk_before_response=bytes(junk)))


@pytest.mark.parametrize("begin", [0, 1, 499, 500, 16_883])
def test_zeros_after_a_truncation_are_not_taken(begin: int) -> None:
    """As QEMU does it: every byte that was promised comes, zeros at the end, and the response is 0x2007."""
    rig = Rig(camera=camera_with(Synthetic(16_884), Knobs(zero_fill_from=begin))).open()
    with pytest.raises(RefusedError, match="0x2007"):
        rig.take()
    assert rig.camera.responder.undrained == 0


@pytest.mark.few(20)
@combined(
    code=[0x2001, 0x2002, 0x2007, 0x2009, 0x200F, 0x201F],
    at=[None, 0, 1, 11, 12, 13, 512, 700, 1024, 16_884, 16_895],
    zlp=[Zlp.NEVER, Zlp.SPURIOUS],
)
def test_a_response_in_the_place_of_data_ends_it(code: int, at: int | None, zlp: Zlp) -> None:
    refused(Knobs(zlp=zlp, faults=(Fault(op=0x1009, trouble=Trouble.EARLY, at=at, code=code),)))


@pytest.mark.few(2)
@pytest.mark.parametrize("zlp", list(Zlp))
def test_footage_that_looks_like_responses_is_footage(zlp: Zlp) -> None:
    sizes = (12, 500, 512, 1012, 1024, 5000, 1_048_564, 1_048_576)
    for size, split, glued in product(sizes, (False, True), (False, True)):
        looks = b"".join(codec.response(0x2001, tid) for tid in (1, 1, 1, 2, 1)) * (size // 60 + 1)
        knobs = Knobs(zlp=zlp, split_header=split, glued_response=glued)
        rig = Rig(camera=camera_with(Held(looks[-size:]), knobs)).open()
        assert rig.accepted(), (size, split, glued)
        assert rig.camera.responder.undrained == 0, (size, split, glued)


@pytest.mark.few(20)
@combined(
    at=[512, 1024, 2048, 4096],
    trouble=[Trouble.NAK, Trouble.EARLY, Trouble.STALL, Trouble.HANG],
    shift=range(0, 60, 4),
)
def test_footage_that_looks_like_responses_and_breaks_off(at: int, trouble: Trouble, shift: int) -> None:
    looks = b"".join(codec.response(0x2001, tid) for tid in (1, 1, 1, 2, 1)) * 100
    fault = Fault(op=0x1009, trouble=trouble, at=at + shift, code=0x2002, count=1)
    rig = Rig(camera=camera_with(Held(looks[shift : shift + 5000]), Knobs(faults=(fault,)))).open()
    if not rig.accepted():
        assert rig.accepted()
    assert rig.camera.record.violations == []


@pytest.mark.parametrize(
    "knobs",
    [
        Knobs(partial_short_by=1),
        Knobs(partial_short_by=12),
        Knobs(partial_extra=1),
        Knobs(partial_extra=12),
        Knobs(partial_extra=512),
    ],
)
def test_a_window_of_another_length_than_was_asked_for_is_refused(knobs: Knobs) -> None:
    rig = Rig(camera=camera_with(Synthetic(1 << 20), knobs)).open()
    for length in (1, 499, 500, 501, 10_000):
        with pytest.raises(WireError):
            rig.window(1000, length)
    assert rig.camera.record.violations == []
