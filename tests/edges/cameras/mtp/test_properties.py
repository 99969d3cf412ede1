"""What does a camera's description of a property come to, whoever wrote it?"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.edges.cameras.mtp.properties import DeviceProperty, device_property, level
from bwvdock.edges.cameras.mtp.wire import WireError
from tests.edges.cameras.mtp.rig import CLIP, Docked, camera_with, read
from tests.fakes.mtp import codec
from tests.fakes.mtp.contents import Synthetic, bytes_of
from tests.fakes.mtp.knobs import ALL_OPERATIONS, Fault, Knobs, Measure, Trouble

BATTERY = 0x5001
CONTENT = Synthetic(70_000)
U8 = st.integers(0, 255)


def docked(description: bytes, knobs: Knobs | None = None) -> Docked:
    knobs = replace(knobs or Knobs(), properties={BATTERY: description})
    return Docked(camera=camera_with(CONTENT, knobs))


@given(data=st.binary(max_size=80))
def test_no_bytes_raise_anything_but_wire_error(data: bytes) -> None:
    with suppress(WireError):
        said = device_property(data)
        assert level(said) is None or isinstance(said.current, int)


@given(
    data=st.binary(max_size=40),
    start=st.sampled_from([b"\x01\x50\x02\x00\x00", b"\x01\x50\xff\xff\x01", b"\x01\x50\x0a\x00\x00"]),
)
def test_what_begins_like_a_description_is_bounded_by_its_bytes(start: bytes, data: bytes) -> None:
    with suppress(WireError):
        assert len(device_property(start + data).values) <= len(data)


@given(kind=st.sampled_from("bBhHiI"), data=st.data())
def test_a_level_on_a_range_comes_back_as_it_was_packed(kind: str, data: st.DataObject) -> None:
    size = {"b": 1, "h": 2, "i": 4}[kind.lower()]
    low, high = (
        (-(1 << 8 * size - 1), (1 << 8 * size - 1) - 1) if kind.islower() else (0, (1 << 8 * size) - 1)
    )
    numbers = st.integers(low, high)
    value, least, most = data.draw(st.tuples(numbers, numbers, numbers))
    said = device_property(codec.level(BATTERY, value, codec.range_of(least, most, kind=kind), kind=kind))
    assert said == DeviceProperty(code=BATTERY, writable=False, current=value, least=least, most=most)
    assert level(said) == (value, least, most)


@pytest.mark.parametrize(
    "description,percent",
    [
        (codec.level(BATTERY, 63, codec.range_of(0, 100)), 63),
        (codec.level(BATTERY, 2, codec.range_of(0, 3)), 66),
        (codec.level(BATTERY, 0, codec.range_of(0, 100)), 0),
        (codec.level(BATTERY, 4, codec.values_of(1, 2, 3, 4)), 100),
        (codec.level(BATTERY, 50, codec.values_of(100, 75, 50, 25, 0)), 50),
        (codec.level(BATTERY, 101, codec.range_of(0, 100)), None),  # off its own scale
        (codec.level(BATTERY, 7, codec.values_of(0, 50, 100)), None),  # none of its own values
        (codec.level(BATTERY, 63, codec.range_of(100, 0)), None),
        (codec.level(BATTERY, 5, codec.range_of(5, 5)), None),
        (codec.level(BATTERY, 0, codec.values_of(0)), None),
        (codec.level(BATTERY, 63, b"\0"), None),  # no scale: of how many?
        (codec.level(0x5002, 63, codec.range_of(0, 100)), None),  # another property
        (b"\x01\x50\xff\xff\x00\x00\x00\x00", None),  # a text
        (b"", None),
    ],
)
def test_what_a_camera_says_of_its_battery(description: bytes, percent: int | None) -> None:
    device = docked(description)
    assert device.mtp.battery() == percent
    assert device.camera.record.violations == []


@pytest.mark.parametrize(
    "knobs",
    [
        Knobs(operations=ALL_OPERATIONS - {0x1014}),
        Knobs(phantom=frozenset({0x1014})),
        Knobs(busy={0x1014: 1000}),
        Knobs(faults=(Fault(op=0x1014, trouble=Trouble.STALL, count=1000),)),
        Knobs(faults=(Fault(op=0x1014, trouble=Trouble.HANG, until=Measure.USB_RESET, count=1000),)),
    ],
)
def test_a_camera_that_gives_no_battery_is_read_all_the_same(knobs: Knobs) -> None:
    device = docked(codec.level(BATTERY, 63, codec.range_of(0, 100)), knobs)
    volume, file = device.listed()
    assert [device.mtp.battery() for _ in range(3)] == [None, None, None]
    assert device.camera.record.ops().count(0x1014) <= 3
    assert read(volume, file) == bytes_of(CONTENT)
    assert file.path == CLIP
    assert device.camera.record.violations == []


def test_a_camera_that_hangs_at_the_question_is_asked_once() -> None:
    fault = Fault(op=0x1014, trouble=Trouble.HANG, until=Measure.CANCEL, count=1)
    device = docked(codec.level(BATTERY, 63, codec.range_of(0, 100)), Knobs(faults=(fault,)))
    assert [device.mtp.battery() for _ in range(3)] == [None, None, None]
    assert device.camera.record.ops().count(0x1014) == 1
