"""Does a camera that hangs, halts or was left in the midst of something come back, by the mildest means?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from bwvdock.edges.cameras.mtp.codes import Op
from bwvdock.errors import BwvdockError, CameraGoneError, NotReadyError, UnreadableError
from tests.edges.cameras.mtp.rig import CLIP, Rig, camera_with
from tests.extent import combined
from tests.fakes.mtp.contents import Held, Synthetic
from tests.fakes.mtp.knobs import Fault, Knobs, Measure, Trouble
from tests.fakes.mtp.responder import IN, OUT

pytestmark = pytest.mark.slow

SIZE = 3_000_000
PLACES = (None, 0, 12, 512, 1000, 1 << 20, SIZE, SIZE + 11)


def rig_with(knobs: Knobs, *, size: int = SIZE, packet: int = 512) -> Rig:
    camera = camera_with(Synthetic(size), knobs, packet)
    return Rig(camera=camera, power=lambda: camera.plug(replace(knobs, faults=())))


def comes_back(rig: Rig) -> int:
    """Take the clip until it is whole; give the number of tries. A refusal may happen, a wrong byte not."""
    for tries in range(1, 8):
        if rig.accepted():
            return tries
        if rig.camera.responder.camera.session == 0:
            rig.open()
    pytest.fail("it never came back")


@pytest.mark.few(2)
@pytest.mark.parametrize("until", list(Measure))
def test_a_hang_ends_with_what_the_camera_needs(until: Measure) -> None:
    for at in PLACES:
        fault = Fault(op=0x1009, trouble=Trouble.HANG, at=at, until=until, count=1)
        rig = rig_with(Knobs(faults=(fault,))).open()
        assert comes_back(rig) <= 2, at
        record = rig.camera.record
        assert record.violations == [], at
        assert record.usb_resets == (1 if until is Measure.USB_RESET else 0), at
        if until < Measure.CLASS_RESET:
            assert record.class_resets == 0, at


@pytest.mark.parametrize("status_empty", [False, True])
def test_a_halt_is_cleared(status_empty: bool) -> None:
    for at in PLACES:
        fault = Fault(op=0x1009, trouble=Trouble.STALL, at=at, count=1)
        rig = rig_with(Knobs(faults=(fault,), status_empty=status_empty)).open()
        assert comes_back(rig) <= 2, at
        record = rig.camera.record
        assert set(record.halts_cleared) == {IN, OUT}, at
        assert (record.usb_resets, record.class_resets, record.violations) == (0, 0, []), at


@pytest.mark.parametrize("times", [1, 2, 100])
def test_a_pause_is_a_failure_or_nothing_but_never_a_wrong_byte(times: int) -> None:
    for at in PLACES:
        fault = Fault(op=0x1009, trouble=Trouble.NAK, at=at, times=times, count=1)
        rig = rig_with(Knobs(faults=(fault,))).open()
        assert comes_back(rig) <= 2, at
        assert rig.camera.record.violations == [], at


def test_a_camera_that_is_pulled_out_is_gone_at_once() -> None:
    for at in PLACES:
        rig = rig_with(Knobs(faults=(Fault(op=0x1009, trouble=Trouble.GONE, at=at),))).open()
        with pytest.raises(CameraGoneError):
            rig.take()
        before = len(rig.camera.record.reads)
        with pytest.raises(CameraGoneError):
            rig.session.ask(Op.GET_STORAGE_IDS)
        rig.session.close()
        rig.pipe.close()
        assert len(rig.camera.record.reads) <= before + 1, at
        assert rig.naps == [], at


@pytest.mark.few(3)
@pytest.mark.parametrize(
    "knobs",
    [
        Knobs(),
        Knobs(cancel_residue=100_000),
        Knobs(cancel_residue=512),
        Knobs(busy_polls=5),
        Knobs(status_empty=True, cancel_residue=4096),
        Knobs(status_stalls=True),
        Knobs(cancel_halts=True),
        Knobs(cancel_halts=True, busy_polls=2),
    ],
)
def test_what_nobody_wants_to_the_end_is_cancelled_and_drained(knobs: Knobs) -> None:
    rig = rig_with(knobs, size=50_000_000).open()
    item = rig.camera.card.find(CLIP)
    transfer = rig.session.fetch(Op.GET_OBJECT, item.handle, exactly=item.content.size)
    rig.session.read(transfer, memoryview(bytearray(1000)))
    rig.session.abandon(transfer)
    assert rig.camera.responder.undrained == 0
    assert rig.camera.record.cancels[0] == rig.camera.record.of(0x1009)[0].tid
    assert rig.accepted()
    assert rig.camera.record.violations == []
    assert rig.camera.record.usb_resets == 0
    assert sum(read.got for read in rig.camera.record.reads) < 52_000_000


@pytest.mark.parametrize("times", [1, 2, 5])
@pytest.mark.parametrize("op", [0x1009, 0x1008, 0x1004])
def test_a_busy_camera_is_asked_again(op: int, times: int) -> None:
    rig = rig_with(Knobs(busy={op: times})).open()
    asked = {0x1008: (rig.camera.card.find(CLIP).handle,), 0x1004: ()}
    if op == 0x1009:
        assert rig.take()
    else:
        assert rig.session.ask(Op(op), *asked[op])
    tids = [transaction.tid for transaction in rig.camera.record.of(op)]
    assert len(tids) == times + 1 == len(set(tids))
    assert len(rig.naps) == times
    assert sum(rig.naps) < 30


def test_a_camera_that_stays_busy_is_not_ready() -> None:
    rig = rig_with(Knobs(busy={0x1009: 1000})).open()
    with pytest.raises(NotReadyError):
        rig.take()
    assert 15 < sum(rig.naps) < 40
    assert rig.camera.record.cancels == []


@pytest.mark.parametrize("packet", [64, 512, 1024])
def test_what_a_dead_host_left_is_cleared_away(packet: int) -> None:
    rig = rig_with(Knobs(previous_host_died=True), packet=packet).open()
    assert rig.take()
    record = rig.camera.record
    assert len(record.cancels) >= 1
    assert {IN, OUT} <= set(record.halts_cleared)
    assert record.usb_resets == record.class_resets == 0
    assert record.violations == []


def test_a_session_that_was_left_open_is_closed_first() -> None:
    rig = rig_with(Knobs(session_left_open=True)).open()
    assert rig.take()
    assert rig.camera.record.ops() == [0x1002, 0x1003, 0x1002, 0x1009]
    assert rig.camera.record.usb_resets == 0


def test_a_close_that_is_answered_for_transaction_0_is_closed() -> None:
    rig = rig_with(Knobs(session_left_open=True, close_answers_tid_0=True)).open()
    assert rig.take()
    assert rig.camera.record.ops() == [0x1002, 0x1003, 0x1002, 0x1009]


@pytest.mark.parametrize("reenumerates", [False, True])
def test_a_first_session_that_never_opens_is_opened_after_a_reset(reenumerates: bool) -> None:
    camera = camera_with(Synthetic(SIZE), Knobs(deaf_opens=1, reset_reenumerates=reenumerates))
    first = camera.responder
    if reenumerates:
        camera.knobs = Knobs()  # it is well again when it comes back
    rig = Rig(camera=camera).open()
    assert rig.take()
    assert first.record.usb_resets == 1
    assert first.record.waited_ms <= 6000


@pytest.mark.parametrize("knobs", [Knobs(stalled_writes=1), Knobs(deaf_writes=1), Knobs(stalled_writes=3)])
def test_a_first_command_that_is_not_taken_is_sent_again(knobs: Knobs) -> None:
    rig = rig_with(knobs).open()
    assert rig.take()
    assert rig.camera.record.violations == []


def test_a_camera_that_answers_nothing_is_given_up() -> None:
    rig = rig_with(Knobs(deaf_writes=1000))
    rig = Rig(camera=rig.camera)
    with pytest.raises(BwvdockError) as caught:
        rig.open()
    assert isinstance(caught.value, UnreadableError | CameraGoneError)
    assert rig.camera.record.usb_resets == 1
    assert rig.camera.record.waited_ms < 120_000


def test_one_step_more_at_each_failure_and_no_reset_for_a_camera_that_answers() -> None:
    """A clip that always breaks off at the same byte must not cost the camera its neighbours."""
    fault = Fault(op=0x1009, trouble=Trouble.HANG, at=100_000)
    rig = rig_with(Knobs(faults=(fault,))).open()
    for _ in range(10):
        assert not rig.accepted()
        if rig.camera.responder.camera.session == 0:
            rig.open()
    assert rig.camera.record.usb_resets == 0
    assert rig.camera.record.class_resets == 0
    assert rig.camera.record.violations == []


@pytest.mark.few(5)
@combined(
    at=[None, 12, 512, 1000],
    trouble=[Trouble.HANG, Trouble.STALL, Trouble.NAK],
    op=[0x1004, 0x1005, 0x1007, 0x1008],
)
def test_datasets_are_asked_for_again(op: int, trouble: Trouble, at: int | None) -> None:
    rig = rig_with(Knobs(faults=(Fault(op=op, trouble=trouble, at=at, count=1),))).open()
    for number in range(500):
        rig.camera.card.add(f"DCIM/{number}.MP4", Held(b""))
    parameters = {0x1004: (), 0x1005: (0x10001,), 0x1007: (0x10001, 0, 0), 0x1008: (1,)}
    first = rig.session.ask(Op(op), *parameters[op])
    assert first == rig.session.ask(Op(op), *parameters[op])
    assert rig.camera.record.usb_resets == 0
    assert rig.camera.record.violations == []


def test_a_delete_is_never_sent_twice() -> None:
    for trouble in (Trouble.HANG, Trouble.STALL, Trouble.NAK):
        rig = rig_with(Knobs(faults=(Fault(op=0x100B, trouble=trouble, times=3),))).open()
        with pytest.raises(UnreadableError):
            rig.session.order(Op.DELETE_OBJECT, rig.camera.card.find(CLIP).handle, 0)
        assert rig.camera.record.ops().count(0x100B) == 1


@pytest.mark.parametrize("after", [0, 1, 5])
def test_transaction_ids_wrap_past_what_is_reserved(after: int) -> None:
    rig = rig_with(Knobs()).open()
    rig.session._transaction = 0xFFFF_FFFE - after  # noqa: SLF001 - four thousand million transactions
    for _ in range(after + 3):
        rig.session.ask(Op.GET_STORAGE_IDS)
    assert rig.camera.record.violations == []
