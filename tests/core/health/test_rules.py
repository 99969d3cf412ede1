"""Is a camera set aside for what was seen of it, never for what others or the dock did, nor for ever?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.health import rules
from bwvdock.core.health.rules import ENOUGH, LOOKED_AT, PEERS, RECENT, judge
from bwvdock.core.health.seen import CameraHealth, Cause, DockingSeen, Verdict
from bwvdock.core.moments import iso

LAST = datetime(2026, 3, 1, 6, tzinfo=UTC)
MB = 1_000_000


def days(*seen: dict[str, Any], before: int = 0) -> list[DockingSeen]:
    """Return dockings, the latest first, one each day; `before` of them saw nothing odd."""
    told = [*seen, *[{}] * before]
    return [
        DockingSeen(docking=f"d{n}", at=iso(LAST - timedelta(days=n)), **({"bay": "A"} | one))
        for n, one in enumerate(told)
    ]


def found(*seen: dict[str, Any], before: int = 9) -> CameraHealth:
    return judge("CAM-17", "X100", days(*seen, before=before))


SLOW = {"rate": 2 * MB, "others": (9 * MB, 10 * MB, 11 * MB)}
BROKE = {"broke": True, "left_early": True}
ELSEWHERE = BROKE | {"bay": "B"}
TABLE: dict[str, tuple[list[dict[str, Any]], Verdict, set[Cause]]] = {
    "nothing": ([], Verdict.GOOD, set()),
    "a file once": ([{"unreadable": 3}], Verdict.WATCH, {Cause.UNREADABLE}),
    "files twice": ([{"unreadable": 1}, {}, {"unreadable": 1}], Verdict.SET_ASIDE, {Cause.UNREADABLE}),
    "a file long ago": ([{}] * RECENT + [{"unreadable": 9}] * 4, Verdict.GOOD, set()),
    "other bytes once": ([{"differing": 1}], Verdict.WATCH, {Cause.OTHER_BYTES}),
    "other bytes twice": ([{"differing": 1}] * 2, Verdict.SET_ASIDE, {Cause.OTHER_BYTES}),
    "a store's doubts": ([{"quarantined": 7}] * 5, Verdict.GOOD, set()),
    "pulled early": ([{"left_early": True}] * 5, Verdict.GOOD, set()),
    "put back once": ([BROKE], Verdict.GOOD, set()),
    "breaks in one bay": ([BROKE] * 5, Verdict.WATCH, {Cause.BREAKS}),
    "breaks in two bays": ([BROKE, ELSEWHERE, BROKE], Verdict.SET_ASIDE, {Cause.BREAKS}),
    "two breaks in two bays": ([BROKE, ELSEWHERE], Verdict.WATCH, {Cause.BREAKS}),
    "slow once": ([SLOW], Verdict.GOOD, set()),
    "slow twice": ([SLOW] * 2, Verdict.WATCH, {Cause.SLOW}),
    "slow often": ([SLOW] * 3, Verdict.SET_ASIDE, {Cause.SLOW}),
    "slow as all are": ([SLOW | {"others": (2 * MB,) * 8}] * 5, Verdict.GOOD, set()),
    "slow beside too few": ([SLOW | {"others": (10 * MB,) * (PEERS - 1)}] * 5, Verdict.GOOD, set()),
    "slow beside nobody": ([{"rate": 2 * MB}] * 5, Verdict.GOOD, set()),
    "slower than it was": ([{"rate": 4 * MB}] * 5 + [{"rate": 9 * MB}] * 5, Verdict.WATCH, {Cause.SLOWER}),
    "faster than it was": ([{"rate": 9 * MB}] * 5 + [{"rate": 4 * MB}] * 5, Verdict.GOOD, set()),
    "a clock set once": ([{"clock_ms": 0}] * 2 + [{"clock_ms": 10**9}] * 3, Verdict.GOOD, set()),
    "a clock that jumps": (
        [{"clock_ms": n % 2 * 10**9} for n in range(5)],
        Verdict.SET_ASIDE,
        {Cause.CLOCK_JUMPS},
    ),
    "a clock that drifts": (
        [{"clock_ms": -n * 11_000} for n in range(5)],
        Verdict.WATCH,
        {Cause.CLOCK_DRIFTS},
    ),
    "a clock that the dock sets": (
        [
            {"clock_ms": n % 2 * 10**9, "clock_set": True, "clock_left_ms": (1 - n % 2) * 10**9}
            for n in range(5)
        ],
        Verdict.GOOD,
        set(),
    ),
    "a clock that jumps after it was set": (
        [{"clock_ms": 10**9, "clock_set": True, "clock_left_ms": 0}] * 5,
        Verdict.SET_ASIDE,
        {Cause.CLOCK_JUMPS},
    ),
    "a clock that was set, nobody knows to what": (
        [{"clock_ms": n * 10**9, "clock_set": True} for n in range(5)],
        Verdict.GOOD,
        set(),
    ),
    "a battery low twice": ([{"battery": 9}] * 2, Verdict.GOOD, set()),
    "a battery low often": ([{"battery": 9}] * 5, Verdict.WATCH, {Cause.BATTERY_LOW}),
    "a battery as it may be": ([{"battery": 10}] * 10, Verdict.GOOD, set()),
    "a battery that falls": (
        [{"battery": 24}] * 5 + [{"battery": 50}] * 5,
        Verdict.WATCH,
        {Cause.BATTERY_FALLS},
    ),
    "a battery half as full": ([{"battery": 25}] * 5 + [{"battery": 50}] * 5, Verdict.GOOD, set()),
    "a battery that fell at too few": (
        [{"battery": 24}] * 2 + [{}] * 3 + [{"battery": 50}] * 5,
        Verdict.GOOD,
        set(),
    ),
    "a clock as clocks are": ([{"clock_ms": n * 2000} for n in range(5)], Verdict.GOOD, set()),
}


@pytest.mark.parametrize("case", TABLE)
def test_the_verdict_follows_from_what_was_seen(case: str) -> None:
    seen, verdict, causes = TABLE[case]
    health = found(*seen)
    assert (health.verdict, {reason.cause for reason in health.reasons}) == (verdict, causes)


def test_a_camera_that_was_hardly_seen_is_not_called_good_and_may_be_set_aside() -> None:
    for dockings in range(LOOKED_AT + 1):
        health = found(before=dockings)
        expected = Verdict.GOOD if dockings >= ENOUGH else Verdict.NOT_ENOUGH_SEEN
        assert (health.verdict, health.dockings) == (expected, dockings)
    assert judge("CAM-17", "", ()) == CameraHealth(serial="CAM-17")
    assert found({"unreadable": 1}, {"unreadable": 1}, before=0).verdict is Verdict.SET_ASIDE


def test_what_is_said_is_what_was_counted() -> None:
    health = found({"unreadable": 3}, {}, {"unreadable": 4}, before=1)
    [reason] = health.reasons
    assert reason.text == "7 files could not be read, at 2 of its last 4 dockings"
    assert (health.unreadable, health.dockings, health.since) == (7, 4, iso(LAST - timedelta(days=3)))
    assert found({"clock_ms": 5000}, {"clock_ms": 3000}).clock_ms_per_day == 2000


def test_what_its_battery_was_at_docking_is_the_middle_and_each() -> None:
    health = found({"battery": 60}, {"battery": 20}, {}, {"battery": 30}, {}, {"battery": 90})
    assert (health.battery_at_docking, health.battery_at_docking_before) == (30, 90)
    assert [then.percent for then in health.batteries] == [60, 20, 30, 90]
    assert health.batteries[2].at == iso(LAST - timedelta(days=3))


# --- properties over drawn histories ---------------------------------------------------------------

RATES = st.integers(min_value=1, max_value=10**9)
ANY = st.builds(
    DockingSeen,
    docking=st.uuids().map(str),
    bay=st.sampled_from("ABC"),
    at=st.datetimes(datetime(1980, 1, 1), datetime(2099, 1, 1)).map(lambda at: iso(at.replace(tzinfo=UTC))),  # noqa: DTZ001 - given its zone here
    unreadable=st.integers(0, 10**6),
    quarantined=st.integers(0, 9),
    differing=st.integers(0, 9),
    left_early=st.booleans(),
    broke=st.booleans(),
    rate=st.none() | RATES,
    others=st.lists(RATES, max_size=8).map(tuple),
    clock_ms=st.none() | st.integers(-(10**13), 10**13),
    clock_set=st.booleans(),
    clock_left_ms=st.none() | st.integers(-(10**13), 10**13),
    battery=st.none() | st.integers(0, 100),
)
HISTORY = st.lists(ANY, max_size=2 * LOOKED_AT)
_GOOD_RATE = st.integers(8 * MB, 12 * MB)


def good(share: int, rate: int, others: Sequence[int]) -> DockingSeen:
    """Return what is seen of a good camera on a day on which the dock is so many times slower than usual."""
    return DockingSeen(
        docking="d",
        bay="A",
        at=iso(LAST),
        rate=max(1, rate // share),
        others=tuple(max(1, other // share) for other in others),
    )


GOOD_DAYS = st.lists(
    st.builds(
        lambda share, rate, others, bad: good(share, rate, [*others, *bad[: (len(others) - 1) // 2]]),
        st.integers(1, 1000),
        _GOOD_RATE,
        st.lists(_GOOD_RATE, min_size=1, max_size=6),
        st.lists(RATES, max_size=3),
    ),
    min_size=RECENT,
    max_size=LOOKED_AT,
)


@given(GOOD_DAYS)
def test_a_good_camera_is_not_set_aside_whatever_the_dock_and_bad_ones_beside_it_do(
    seen: list[DockingSeen],
) -> None:
    """Bad ones are fewer than half of those beside it; the dock may be a thousand times slower."""
    health = judge("CAM-17", "X100", seen)
    assert {reason.cause for reason in health.reasons} <= {Cause.SLOWER}  # by itself: it is watched at most
    assert health.verdict in {Verdict.GOOD, Verdict.WATCH}


@given(GOOD_DAYS, HISTORY)
def test_a_camera_that_got_better_is_not_set_aside_any_more(
    better: list[DockingSeen], before: list[DockingSeen]
) -> None:
    calm = [replace(one, rate=None) for one in better[:RECENT]]
    assert judge("CAM-17", "X100", [*calm, *before]).verdict is Verdict.GOOD


@given(HISTORY)
def test_a_battery_alone_never_sets_a_camera_aside(seen: list[DockingSeen]) -> None:
    """A long shift empties it as well."""
    alone = [DockingSeen(docking=one.docking, bay="A", at=one.at, battery=one.battery) for one in seen]
    assert judge("CAM-17", "X100", alone).verdict is not Verdict.SET_ASIDE


@given(HISTORY)
def test_a_verdict_is_that_of_its_reasons_and_no_reason_says_more_than_was_seen(
    seen: list[DockingSeen],
) -> None:
    health = judge("CAM-17", "X100", seen)
    verdicts = {reason.verdict for reason in health.reasons}
    assert (health.verdict is Verdict.SET_ASIDE) == (Verdict.SET_ASIDE in verdicts)
    assert health.dockings == min(len(seen), LOOKED_AT)
    for reason in health.reasons:
        assert 0 < reason.dockings <= reason.of == min(len(seen), RECENT)
        assert f"{reason.dockings} of its last {reason.of} docking" in reason.text
    assert len({reason.cause for reason in health.reasons}) == len(health.reasons)
    assert judge("CAM-17", "X100", seen[:LOOKED_AT]) == health


def test_every_threshold_leaves_a_camera_that_was_never_at_fault_alone() -> None:
    """None of them is met by nothing: a threshold of 0 would set every camera aside."""
    numbers = {
        name: value for name, value in vars(rules).items() if name.isupper() and isinstance(value, int)
    }
    assert len(numbers) >= 12
    assert min(numbers.values()) >= 1


@pytest.mark.parametrize("rate", [1, 10**15])
def test_a_rate_beyond_sense_is_no_error(rate: int) -> None:
    assert found(*[{"rate": rate, "others": (rate,) * 8}] * 5).verdict in {Verdict.GOOD, Verdict.WATCH}
