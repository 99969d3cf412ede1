"""Is a camera offered only if all that must be so is, and is one offered wherever one could be?"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.checkout.choice import Candidate, Choice, Outcome, Rules, WhenHeld, choose

_UNITS = st.sampled_from(["", "North", "South"])
CAMERAS = st.builds(
    Candidate,
    serial=st.sampled_from([f"CAM-{number}" for number in range(9)]),
    bay=st.just("1-1"),
    safe=st.booleans(),
    docked_ms=st.integers(0, 5),
    battery=st.sampled_from([None, 0, 79, 80, 100]),
    offset_ms=st.sampled_from([None, 0, 60_000, -60_001, 90_000]),
    models=st.sampled_from([frozenset[str](), frozenset({"Fox 3"}), frozenset({"Owl"})]),
    unit=_UNITS,
    restricted=st.booleans(),
    officer=st.sampled_from(["", "", "", "ann", "bob"]),
    set_aside=st.booleans(),
)
DOCKED = st.lists(CAMERAS, unique_by=lambda one: one.serial, max_size=6)
RULES = st.builds(
    Rules,
    min_battery=st.sampled_from([0, 80]),
    models=st.sampled_from([frozenset[str](), frozenset({"fox 3"})]),
    other_units=st.booleans(),
    when_held=st.sampled_from(WhenHeld),
)


def may(one: Candidate, unit: str, rules: Rules) -> bool:
    """Return whether an officer of a unit may take a pool camera, as the document says."""
    of_unit = one.unit == unit or not one.unit or rules.other_units
    if one.restricted and not (one.unit and one.unit == unit):
        of_unit = False
    charged = not rules.min_battery or (one.battery is not None and one.battery >= rules.min_battery)
    in_time = one.offset_ms is None or -60_000 <= one.offset_ms <= 60_000
    model = not rules.models or "Fox 3" in one.models
    return one.safe and of_unit and charged and in_time and model and not one.set_aside


@given(DOCKED, _UNITS, RULES, st.booleans())
def test_what_is_offered_may_be_taken_and_where_one_may_be_one_is(
    docked: list[Candidate], unit: str, rules: Rules, has_one: bool
) -> None:
    held = ["CAM-99"] if has_one else []
    choice = choose(docked, officer="eve", unit=unit, held=held, rules=rules)
    free = [one for one in docked if not one.officer and may(one, unit, rules)]
    if has_one and rules.when_held is WhenHeld.REFUSE:
        assert choice == Choice(outcome=Outcome.HAS_ONE)
    elif free:
        assert choice.outcome is Outcome.TAKE
        assert choice.camera in free
        assert choice.camera is not None
        assert choice.camera.docked_ms == min(one.docked_ms for one in free)
    else:
        assert choice.camera is None
        assert choice.outcome in {Outcome.NONE_SAFE, Outcome.NONE_CHARGED, Outcome.NONE_SUITABLE}


@given(DOCKED, RULES, st.randoms(use_true_random=False))
def test_the_order_of_the_bays_changes_nothing(
    docked: list[Candidate], rules: Rules, order: random.Random
) -> None:
    first = choose(docked, officer="ann", unit="North", held=(), rules=rules)
    order.shuffle(docked)
    assert choose(docked, officer="ann", unit="North", held=(), rules=rules) == first


@given(DOCKED, RULES)
def test_nobody_is_offered_the_camera_of_another_and_who_has_one_here_is_offered_no_other(
    docked: list[Candidate], rules: Rules
) -> None:
    choice = choose(docked, officer="ann", unit="North", held=(), rules=rules)
    has_own = any(one.officer == "ann" for one in docked)
    assert choice.camera is None or choice.camera.officer == ("ann" if has_own else "")


@given(DOCKED, RULES)
def test_a_camera_that_is_kept_back_is_not_offered(docked: list[Candidate], rules: Rules) -> None:
    first = choose(docked, officer="eve", unit="North", held=(), rules=rules)
    if first.camera is not None:
        but = {first.camera.serial}
        again = choose(docked, officer="eve", unit="North", held=(), rules=rules, but=but)
        assert again.camera is None or again.camera.serial not in but


@pytest.mark.parametrize(
    "change,outcome",
    [
        ({}, Outcome.TAKE),
        ({"safe": False}, Outcome.NONE_SAFE),
        ({"battery": None}, Outcome.NONE_CHARGED),
        ({"battery": 79}, Outcome.NONE_CHARGED),
        ({"offset_ms": 60_001}, Outcome.NONE_SUITABLE),
        ({"set_aside": True}, Outcome.NONE_SUITABLE),
        ({"unit": "South"}, Outcome.NONE_SUITABLE),
        ({"unit": " north"}, Outcome.TAKE),
        ({"officer": "bob"}, Outcome.NONE_SUITABLE),
    ],
)
def test_why_none_is_offered(change: dict[str, Any], outcome: Outcome) -> None:
    one = replace(Candidate(serial="C", bay="1", safe=True, docked_ms=0, battery=80), **change)
    assert choose([one], officer="ann", unit="North", held=(), rules=Rules()).outcome is outcome
