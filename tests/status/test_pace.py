"""Is a rate calm, and a time left said only where it is known?"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.status.pace import Pace, Paces, said_left
from bwvdock.status.values import CameraState, LiveCamera, LiveDestination

MIB = 2**20
TOTAL = 6000 * MIB
COPYING = LiveCamera(
    serial="SN-1",
    bay="1-2",
    transport="mtp",
    state=CameraState.COPYING,
    bytes_total=TOTAL,
    docking="one",
)


def steady(seconds: int, rate: int = 10 * MIB) -> Pace:
    pace = Pace()
    for second in range(seconds + 1):
        pace.note(float(second), second * rate, TOTAL)
    return pace


def test_a_steady_copy_has_its_rate_and_the_time_that_is_left() -> None:
    pace = steady(60)
    assert pace.rate == 10 * MIB
    assert pace.left_s == pytest.approx((TOTAL - 600 * MIB) / (10 * MIB))


def test_nothing_is_said_before_it_was_seen_for_some_seconds() -> None:
    young, known = steady(3), steady(4)
    assert (young.rate, young.left_s) == (None, None)
    assert known.left_s is not None


def test_of_a_copy_that_stands_still_no_time_left_is_said() -> None:
    pace = steady(60)
    left = []
    for second in range(61, 68):
        pace.note(float(second), 600 * MIB, TOTAL)
        left.append(pace.left_s)
    assert None not in left[:-1], "a pause between two clips"
    assert left[-1] is None
    for second in range(68, 80):
        pace.note(float(second), 600 * MIB, TOTAL)
    assert pace.rate == 0


def test_a_copy_that_begins_again_is_measured_anew() -> None:
    pace = steady(60)
    pace.note(61.0, 0, TOTAL)
    assert (pace.rate, pace.left_s) == (None, None)


def test_when_all_is_there_nothing_is_left() -> None:
    pace = Pace()
    for second in range(10):
        pace.note(float(second), second, 9)
    assert pace.left_s is None


@pytest.mark.slow
@given(st.lists(st.integers(5, 15), min_size=40, max_size=80))
def test_an_uneven_copy_does_not_make_the_time_left_jump(steps: list[int]) -> None:
    pace, copied, shown = Pace(), 0, list[float]()
    for second, step in enumerate(steps):
        copied += step * MIB
        pace.note(float(second), copied, TOTAL)
        if second > 15 and pace.left_s is not None:
            shown.append(pace.left_s)
    assert all(abs(later - earlier + 1) <= earlier * 0.15 for earlier, later in pairwise(shown))


def test_it_is_said_of_cameras_that_are_copied_and_of_all_only_if_of_each() -> None:
    paces = Paces()
    late = replace(COPYING, bay="1-3", docking="two")
    for second in range(20):
        cameras = [replace(COPYING, bytes_copied=second * MIB)]
        cameras += [replace(late, bytes_copied=second * MIB)] if second > 17 else []
        paces.note(float(second), cameras)
    assert paces.of(replace(COPYING, state=CameraState.WAITING)) is None
    assert paces.of_all([COPYING])[0] == MIB
    assert paces.of_all([COPYING])[1] is not None
    assert paces.of_all([COPYING, late]) == (MIB, None)
    assert paces.of_all([]) == (None, None)


def test_another_docking_in_the_bay_is_not_taken_for_the_last() -> None:
    paces = Paces()
    for second in range(20):
        paces.note(float(second), [replace(COPYING, bytes_copied=second * MIB)])
    after = replace(COPYING, docking="next", bytes_copied=25 * MIB)
    paces.note(20.0, [after])
    pace = paces.of(after)
    assert pace
    assert pace.rate is None


def test_the_rate_of_a_store_changes_slowly_and_ends_at_once() -> None:
    store = LiveDestination(name="county", kind="s3", bytes_per_second=100)
    paces = Paces()
    paces.note(0.0, [], [store])
    paces.note(1.0, [], [replace(store, bytes_per_second=200)])
    [shown] = paces.smoothed([store])
    assert shown.bytes_per_second == 120
    paces.note(2.0, [], [replace(store, bytes_per_second=0)])
    [shown] = paces.smoothed([store])
    assert shown.bytes_per_second == 0


@given(st.floats(0, 30 * 86400))
def test_a_time_left_is_rounded_up_and_short(seconds: float) -> None:
    said = said_left(seconds)
    number, unit = said.split()
    length = {"s": 1, "min": 60, "h": 3600, "days": 86400}[unit]
    assert int(number) * length >= int(seconds)
    assert len(said) <= 7
