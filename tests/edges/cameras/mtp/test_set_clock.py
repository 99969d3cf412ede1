"""What does a camera get when its clock is set, and what if it does not play along?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bwvdock.edges.cameras.mtp.transfer import RefusedError
from bwvdock.errors import CameraGoneError, NotReadyError, UnreadableError
from tests.edges.cameras.mtp.rig import Docked, camera_with, read
from tests.fakes.mtp.contents import Synthetic, bytes_of
from tests.fakes.mtp.knobs import ALL_OPERATIONS, Fault, Knobs, Measure, Trouble

SETTABLE = ALL_OPERATIONS | {0x1016}
CONTENT = Synthetic(70_000)
GIVEN = "20260314T121502"


def docked(knobs: Knobs | None = None, packet: int = 512) -> Docked:
    return Docked(camera=camera_with(CONTENT, knobs or Knobs(operations=SETTABLE), packet=packet))


def given(_: datetime) -> str:
    return GIVEN


@pytest.mark.parametrize("packet", [64, 512, 1024])
def test_the_clock_shows_what_it_was_given(packet: int) -> None:
    device = docked(packet=packet)
    volume, file = device.listed()
    assert device.mtp.may_set_clock()
    device.mtp.set_clock(given)
    clock = device.mtp.clock()
    assert clock is not None
    assert clock.raw == GIVEN
    assert device.camera.responder.camera.clock_set == [GIVEN]
    assert read(volume, file) == bytes_of(CONTENT)
    assert device.camera.record.violations == []


def test_it_is_given_the_dock_s_time_at_that_moment() -> None:
    device = docked()
    device.mtp.set_clock(lambda now: f"{now:%Y%m%dT%H%M%S}")
    [set_to] = device.camera.responder.camera.clock_set
    moment = datetime.strptime(set_to, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 60


@pytest.mark.parametrize(
    "knobs",
    [
        Knobs(),  # the operation is not there
        Knobs(operations=SETTABLE, clock=None),
        Knobs(operations=SETTABLE - {0x1014}),
        Knobs(operations=SETTABLE, properties={0x5011: b"\x11\x50\xff\xff\x00\x00\x00\x00"}),  # read-only
        Knobs(operations=SETTABLE, properties={0x5011: b"\x11\x50\x06\x00\x01" + bytes(9)}),  # no text
        Knobs(operations=SETTABLE, properties={0x5011: b"\x11"}),
    ],
)
def test_a_clock_that_the_camera_does_not_offer_may_not_be_set(knobs: Knobs) -> None:
    device = docked(knobs)
    assert not device.mtp.may_set_clock()
    assert 0x1016 not in device.camera.record.ops()


def test_a_refusal_is_said_and_the_camera_is_read_on() -> None:
    device = docked(Knobs(operations=SETTABLE, phantom=frozenset({0x1016})))
    volume, file = device.listed()
    with pytest.raises(RefusedError):
        device.mtp.set_clock(given)
    assert read(volume, file) == bytes_of(CONTENT)
    assert device.camera.record.violations == []


def test_it_is_sent_once_even_to_a_camera_that_is_busy() -> None:
    device = docked(Knobs(operations=SETTABLE, busy={0x1016: 1}))
    with pytest.raises(NotReadyError):
        device.mtp.set_clock(given)
    assert device.camera.record.ops().count(0x1016) == 1


@pytest.mark.parametrize("until", [Measure.CANCEL, Measure.CLASS_RESET, Measure.USB_RESET])
def test_a_camera_that_hangs_is_brought_back_and_not_asked_twice(until: Measure) -> None:
    device = docked(
        Knobs(operations=SETTABLE, faults=(Fault(op=0x1016, trouble=Trouble.HANG, until=until, count=1),))
    )
    volume, file = device.listed()
    with pytest.raises(UnreadableError):
        device.mtp.set_clock(given)
    assert device.camera.record.ops().count(0x1016) == 1
    assert read(volume, file) == bytes_of(CONTENT)


def test_one_that_is_pulled_out_says_nothing() -> None:
    device = docked(Knobs(operations=SETTABLE, faults=(Fault(op=0x1016, trouble=Trouble.GONE),)))
    with pytest.raises(CameraGoneError):
        device.mtp.set_clock(given)
