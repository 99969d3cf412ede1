"""Are port indicators set as USB 2.0 has it, on the right port of the right hub, and nowhere else?"""

from __future__ import annotations

import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.ports.light import Signal
from bwvdock.edges.lighting.hub import HubLight
from bwvdock.errors import LightError, VolumeRefusedError
from tests.fakes.light import AMBER, AUTOMATIC, GREEN, OFF, FakeHub, HubBus


def light(*hubs: FakeHub) -> HubLight:
    bus = HubBus(*hubs)
    return HubLight(lambda: bus)


def test_the_port_of_the_bay_is_set_and_no_other() -> None:
    root, near, far = (
        FakeHub(ports=(), number=1),
        FakeHub(ports=(2,), number=5),
        FakeHub(ports=(2, 3), number=6, count=7),
    )
    other_bus = FakeHub(bus=2, ports=(2,), number=5)
    lights = light(other_bus, root, near, far)
    assert lights.show("1-4", Signal.SAFE)
    assert lights.show("1-2.1", Signal.DO_NOT_REMOVE)
    assert lights.show("1-2.3.7", Signal.SAFE)
    assert (root.lights, near.lights, far.lights) == ({4: GREEN}, {1: AMBER}, {7: GREEN})
    assert (other_bus.lights, other_bus.requests) == ({}, 0)
    assert [hub.opened for hub in (root, near, far)] == [0, 0, 0]


def test_a_hub_without_indicators_is_asked_once_and_never_set() -> None:
    hub = FakeHub(indicators=False)
    lights = light(hub)
    assert [lights.show("1-2.1", signal) for signal in Signal] == [False] * len(Signal)
    assert hub.requests == 1
    hub.number, hub.indicators = 8, True  # another hub in the same place
    assert lights.show("1-2.1", Signal.SAFE)


@pytest.mark.parametrize(
    "bay", ["", "CAM-17", "1-2.9", "1-2.0", "3-1", "usb1", "1-2.1\n", "1-99999", "\u0663-\u0661"]
)
def test_a_bay_that_is_no_port_with_a_light_has_none(bay: str) -> None:
    hub = FakeHub()
    assert not light(hub).show(bay, Signal.SAFE)
    assert hub.lights == {}


def test_the_one_to_take_blinks_and_another_signal_ends_that() -> None:
    hub = FakeHub()
    lights = light(hub)
    seen = []
    for signal in (Signal.TAKE, Signal.TAKE, Signal.TAKE, Signal.SAFE, Signal.TAKE, Signal.TAKE, Signal.SAFE):
        lights.show("1-2.1", signal)
        seen.append(hub.lights[1])
    assert seen == [GREEN, OFF, GREEN, GREEN, GREEN, OFF, GREEN]


def test_a_reset_has_every_hub_show_its_own_and_passes_over_what_it_may_not_open() -> None:
    hubs = FakeHub(number=3, ports=(1,), error=errno.EACCES), FakeHub(number=4, ports=(2,), count=2)
    light(*hubs).reset()
    assert (hubs[0].lights, hubs[1].lights) == ({}, {1: AUTOMATIC, 2: AUTOMATIC})


def test_a_reset_that_fails_at_a_light_is_said_once_all_were_tried() -> None:
    """It may still be green. One that was never set, and does not say that it has lights, is passed over."""
    first, second = FakeHub(number=3, ports=(1,)), FakeHub(number=4, ports=(2,))
    lights = light(first, second, FakeHub(number=5, ports=(3,), error=errno.EIO))
    lights.show("1-1.1", Signal.SAFE)
    lights.show("1-2.1", Signal.SAFE)
    first.error = errno.EIO
    with pytest.raises(LightError, match="hub 1-1 cannot be set"):
        lights.reset()
    assert (first.lights, second.lights[1]) == ({1: GREEN}, AUTOMATIC)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
def test_a_hub_that_may_not_be_opened_says_what_to_do(number: int) -> None:
    with pytest.raises(LightError, match="hub 1-2 cannot be set") as failed:
        light(FakeHub(error=number)).show("1-2.1", Signal.SAFE)
    assert "udev rule" in failed.value.remedy


def test_without_libusb_it_is_said() -> None:
    def missing() -> None:
        raise VolumeRefusedError("no", remedy="Run: apt install libusb-1.0-0")

    with pytest.raises(LightError, match="libusb is missing"):
        HubLight(missing).show("1-2.1", Signal.SAFE)


_ANSWERS = st.binary(max_size=80) | st.binary(max_size=9).map(lambda end: b"\x09\x29\x04" + end)


@given(
    answer=_ANSWERS,
    error=st.sampled_from([0, errno.EIO, errno.ENODEV, errno.EPIPE, errno.EACCES]),
)
def test_a_hub_that_lies_or_leaves_is_a_light_error_at_the_most(answer: bytes, error: int) -> None:
    hub = FakeHub(answer=answer, error=error)
    lights = light(hub)
    try:
        shown = lights.show("1-2.1", Signal.SAFE)
    except LightError:
        shown = False
    assert shown == (hub.lights == {1: GREEN})
    says_so = len(answer) >= 5 and answer[1] == 0x29 and bool(answer[3] & 0x80)
    assert says_so or hub.lights == {}
    try:
        lights.reset()
    except LightError:
        pytest.fail("a reset passes over what it cannot set")
