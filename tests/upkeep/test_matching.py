"""Are clips and events compared whatever became known first, in small pieces, and each only once?"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.facts import CameraEnrolled, ClipMatched, EventsMatched, ValuesErased
from bwvdock.edges.journal import JournalReader, verify_journal
from bwvdock.upkeep.matching import AT_ONCE
from tests.places import in_memory
from tests.upkeep.matched import MINUTE_MS, RULES, House

CAMERAS, OFFICERS, UNITS, EVENTS = (("C-17A", "C-18A"), ("4411", "4412"), ("T1", "T2"), ("E1", "E2", "E3"))
Step = Callable[[House, int], object]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path).open() as opened:
        yield opened
    assert verify_journal(opened.file).problems == ()


def matched(facts: list[Any]) -> list[ClipMatched]:
    return [fact for fact in facts if isinstance(fact, ClipMatched)]


# --- whatever became known first ----------------------------------------------------------------------

minutes = st.integers(0, 600)
lengths = st.sampled_from([0, 5, 40])
steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(
        lambda camera, minute, length, accuracy: (
            lambda house, n: house.clip(n, camera, minute, minutes=length, accuracy_ms=accuracy)
        ),
        st.sampled_from(CAMERAS),
        minutes,
        lengths,
        st.sampled_from([-1, 0, 1000, 10 * MINUTE_MS, 700 * MINUTE_MS, 20_000 * MINUTE_MS]),
    ),
    st.builds(
        lambda event, officers, units, begins, lasts: (
            lambda house, _: house.event(
                event, officers, begins, None if lasts is None else begins + lasts, units
            )
        ),
        st.sampled_from(EVENTS),
        st.sets(st.sampled_from(OFFICERS), max_size=2),
        st.sets(st.sampled_from(UNITS), max_size=1),
        minutes,
        st.none() | st.sampled_from([0, 20, 60, 600]),
    ),
    st.builds(
        lambda camera, officer, begins, lasts, unit: (
            lambda house, _: house.assign(
                camera, officer, begins, None if lasts is None else begins + lasts, unit
            )
        ),
        st.sampled_from(CAMERAS),
        st.sampled_from(OFFICERS),
        minutes,
        st.none() | st.integers(1, 300),
        st.sampled_from(["", *UNITS]),
    ),
    st.builds(
        lambda camera, unit: (
            lambda house, _: house.record(CameraEnrolled(camera=camera, model="", unit=unit, actor="0:root"))
        ),
        st.sampled_from(CAMERAS),
        st.sampled_from(UNITS),
    ),
    st.builds(
        lambda which, minute, accuracy: (
            lambda house, _: [
                house.record(house.dated(clip, minute, accuracy)) for clip in list(house.cameras)[which:][:1]
            ]
        ),
        st.integers(0, 3),
        minutes,
        st.sampled_from([-1, 0, 5 * MINUTE_MS]),
    ),
    st.just(lambda house, _: house.look()),
    st.just(lambda house, _: [house.matching.turn(), house.start()]),
)


@pytest.mark.slow
@given(st.lists(steps, max_size=14))
def test_whatever_happened_the_matches_are_those_of_what_is_known_now(happened: list[Step]) -> None:
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder, House(Path(folder)).open() as house:
        for number, step in enumerate(happened, start=1):
            step(house, number)
        house.look()
        assert house.matches() == house.expected()
        assert house.look() == [], "the same is compared, and recorded, twice"
        house.start()
        assert house.look() == [], "a restart compares, and records, what it need not"
        assert house.matches() == house.expected()
        house.start()
        assert verify_journal(house.file).problems == ()


# --- examples that a person can follow ----------------------------------------------------------------


def test_footage_that_comes_after_its_event_and_before_it_is_matched(house: House) -> None:
    house.assign("C-17A", "4411", 0, None)
    first = house.clip(1, "C-17A", 100)
    assert house.look() == [], "without any event there is nothing to compare, and nothing to record"
    house.event("E1", ["4411"], 90, 130)
    [match, until] = house.look()
    assert isinstance(match, ClipMatched)
    assert [(one.event, one.basis, one.overlap_ms) for one in match.events] == [
        ("E1", "certain", 5 * MINUTE_MS)
    ]
    assert isinstance(until, EventsMatched)
    assert (until.before_s, until.after_s, until.longest_s) == (300, 300, 28800)
    second = house.clip(2, "C-17A", 125)
    assert [fact.clip for fact in matched(house.look())] == [second]
    for clip in (first, second):
        known = house.ledger.clip(clip)
        assert known
        assert known.matched


def test_a_date_or_an_officer_that_changes_changes_the_match(house: House) -> None:
    house.assign("C-17A", "4411", 0, None)
    clip = house.clip(1, "C-17A", 100)
    house.event("E1", ["4411"], 90, 130)
    house.event("E2", ["4412"], 90, 130)
    house.look()
    assert {event for event, *_ in house.matches()[clip]} == {"E1"}
    house.assign("C-17A", "4412", 0, None)
    house.look()
    assert {event for event, *_ in house.matches()[clip]} == {"E2"}
    house.record(house.dated(clip, 500, 1000))
    [match] = matched(house.look())
    assert match.events == ()
    known = house.ledger.clip(clip)
    assert known
    assert not known.matched


def test_an_event_that_is_corrected_lets_go_of_clips_far_away(house: House) -> None:
    house.assign("C-17A", "4411", 0, None)
    clip = house.clip(1, "C-17A", 100)
    house.event("E1", ["4411"], 90, 130)
    house.look()
    house.event("E1", ["4411"], 90_000, 90_030)
    house.look()
    assert house.matches() == {clip: set()}


@pytest.mark.parametrize("how", ["enrolled", "assigned"])
def test_a_camera_that_comes_to_a_unit_is_matched_with_its_events(house: House, how: str) -> None:
    clip = house.clip(1, "C-17A", 100)
    house.event("E1", [], 90, 130, units=["T1"])
    house.look()
    assert house.matches()[clip] == set()
    if how == "enrolled":
        house.record(CameraEnrolled(camera="C-17A", model="", unit="T1", actor="0:root"))
    else:
        house.assign("C-17A", "4411", 0, None, unit="T1")
    house.look()
    assert house.matches()[clip] == {("E1", "possible", "unit", 5 * MINUTE_MS)}


def test_with_other_margins_all_is_compared_again(house: House) -> None:
    house.assign("C-17A", "4411", 0, None)
    clip = house.clip(1, "C-17A", 133)
    house.event("E1", ["4411"], 90, 130)
    house.look()
    assert [basis for _, basis, *_ in house.matches()[clip]] == ["possible"]
    house.start(replace(RULES, after_ms=MINUTE_MS))
    house.look()
    assert house.matches()[clip] == set()


def test_an_event_whose_value_was_erased_is_matched_no_more(house: House) -> None:
    house.assign("C-17A", "4411", 0, None)
    clip = house.clip(1, "C-17A", 100)
    house.event("E1", ["4411"], 90, 130)
    house.look()
    with JournalReader(house.file) as reader:
        found = reader.values_saying("event", "E1", "").found
    assert [field for field, _ in found] == ["event"]
    erased = tuple(committed for _, committed in found)
    house.record(ValuesErased(field="event", commitments=erased, basis="b", actor="0:root"))
    house.record(house.dated(clip, 101, 1000))
    house.look()
    assert house.matches()[clip] == set()


# --- in small pieces ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_no_turn_records_more_than_some_however_much_is_new(house: House) -> None:
    house.assign("C-17A", "4411", 0, None)
    clips = [house.clip(n, "C-17A", 100 + n % 20) for n in range(1, 3 * AT_ONCE)]
    house.event("E1", ["4411"], 90, 130)
    house.clock.pass_ms(MINUTE_MS)
    most = 0
    for _ in range(50):
        before = len(house.told)
        house.turn()
        most = max(most, len(house.told) - before)
    assert most == AT_ONCE
    assert len(matched(house.told)) == len(clips)


@pytest.mark.slow
def test_a_dock_that_stops_in_the_middle_goes_on_with_the_rest(house: House) -> None:
    house.assign("C-17A", "4411", 0, None)
    for n in range(1, 2 * AT_ONCE):
        house.clip(n, "C-17A", 100)
    house.event("E1", ["4411"], 90, 130)
    house.clock.pass_ms(MINUTE_MS)
    house.turn()
    house.turn()
    assert 0 < len(matched(house.told)) < 2 * AT_ONCE - 1
    house.matching.halt()
    house.turn()
    house.start()
    house.look()
    assert len(matched(house.told)) == 2 * AT_ONCE - 1, "a clip is recorded twice, or not at all"
