"""Is a clip matched with the events that it can be of, and certain only where nothing else is possible?

The model tries every beginning that a recording can have had, one by one, and looks whether it overlaps.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.clips.dates.dating import NOT_KNOWN, DateRule
from bwvdock.core.events.matching import (
    MOST_NAMED,
    REACH_MS,
    Recording,
    Rules,
    Sendings,
    Sent,
    match,
    matches,
    recording,
)
from bwvdock.core.facts.events import BY_OFFICER, BY_UNIT, CERTAIN, POSSIBLE

MINUTE = 60_000
RULES = Rules(before_ms=5, after_ms=7, longest_ms=40)
WIDE = Rules(before_ms=5 * MINUTE, after_ms=5 * MINUTE, longest_ms=480 * MINUTE)

recordings = st.builds(
    lambda first, width, length, accuracy, trusted: Recording(
        earliest_ms=first,
        latest_ms=first + width,
        length_ms=length,
        uncertainty_ms=accuracy,
        trusted=trusted and accuracy != NOT_KNOWN,
    ),
    st.integers(0, 60) | st.integers(150, 200),
    st.sampled_from([0, 0, 3, 9]),
    st.integers(0, 12),
    st.integers(-1, 9),
    st.booleans(),
)
sent_to = st.builds(
    lambda event, role, begins, lasts: Sent(
        event=f"E{event}",
        role=role,
        dispatched_ms=begins,
        cleared_ms=None if lasts is None else begins + lasts,
    ),
    st.integers(0, 3),
    st.sampled_from([BY_OFFICER, BY_OFFICER, BY_UNIT]),
    st.integers(0, 70),
    st.none() | st.integers(0, 50) | st.just(200),
)


def by_trial(clip: Recording, sent: Sent, rules: Rules) -> str:
    """Return the basis that trying every possible beginning gives, "" for none."""
    accuracy = max(clip.uncertainty_ms, 0)
    begins = range(clip.earliest_ms - accuracy, clip.latest_ms + accuracy + 1)
    ends = sent.dispatched_ms + rules.longest_ms if sent.cleared_ms is None else sent.cleared_ms

    def overlaps(start: int, first: int, last: int) -> bool:
        return start <= last and start + clip.length_ms >= first

    wide = sent.dispatched_ms - rules.before_ms, ends + rules.after_ms
    if not any(overlaps(start, *wide) for start in begins):
        return ""
    believed = clip.trusted and sent.role == BY_OFFICER and sent.cleared_ms is not None
    sound = ends - sent.dispatched_ms <= rules.longest_ms
    always = all(overlaps(start, sent.dispatched_ms, ends) for start in begins)
    return CERTAIN if believed and sound and always else POSSIBLE


@given(recordings, sent_to)
def test_the_rule_is_what_trying_every_beginning_gives(clip: Recording, sent: Sent) -> None:
    found = match(clip, sent, RULES)
    assert (found.basis if found else "") == by_trial(clip, sent, RULES)


@given(recordings, st.lists(sent_to, max_size=12))
def test_all_events_are_found_once_however_they_are_grouped(clip: Recording, sent: list[Sent]) -> None:
    together, more = matches(clip, [Sendings(sent)], RULES)
    apart, _ = matches(clip, [Sendings([one]) for one in sent], RULES)
    assert together == apart
    assert more == 0
    assert together == sorted(together, key=lambda one: one.rank)
    wanted = {one.event for one in sent if by_trial(clip, one, RULES)}
    assert sorted(one.event for one in together) == sorted(wanted)
    certain = {one.event for one in sent if by_trial(clip, one, RULES) == CERTAIN}
    assert {one.event for one in together if one.basis == CERTAIN} == certain


@given(recordings, sent_to, st.integers(1, 9))
def test_a_less_certain_date_never_makes_a_match_more_certain(clip: Recording, sent: Sent, more: int) -> None:
    less = replace(clip, uncertainty_ms=max(clip.uncertainty_ms, 0) + more)
    before, after = match(clip, sent, RULES), match(less, sent, RULES)
    assert not before or after, "a match that was possible is impossible by a worse clock"
    if after and after.basis == CERTAIN and clip.uncertainty_ms >= 0:
        assert before
        assert before.basis == CERTAIN


# --- examples that a person can follow ----------------------------------------------------------------

CALL = Sent(event="E1", role=BY_OFFICER, dispatched_ms=100 * MINUTE, cleared_ms=130 * MINUTE)


def clip(*, at: int, length: int = 5, accuracy: float = 0.1) -> Recording:
    """Return a clip whose recording began at a minute."""
    return Recording(
        earliest_ms=at * MINUTE,
        latest_ms=at * MINUTE,
        length_ms=length * MINUTE,
        uncertainty_ms=int(accuracy * MINUTE),
        trusted=True,
    )


@pytest.mark.parametrize(
    "made, basis, overlap",
    [
        (clip(at=110), CERTAIN, 5),
        (clip(at=97), CERTAIN, 2),  # it began before the officer was sent
        (clip(at=128), CERTAIN, 2),
        (clip(at=92), POSSIBLE, 0),  # within the margin before
        (clip(at=133), POSSIBLE, 0),
        (clip(at=110, accuracy=60), POSSIBLE, 5),  # a clock that may be an hour off
        (clip(at=200, accuracy=70), POSSIBLE, 0),
        (clip(at=110, accuracy=NOT_KNOWN / MINUTE), POSSIBLE, 5),
    ],
)
def test_examples(made: Recording, basis: str, overlap: int) -> None:
    found = match(made, CALL, WIDE)
    assert found
    assert (found.basis, found.overlap_ms) == (basis, overlap * MINUTE)


@pytest.mark.parametrize("made", [clip(at=80), clip(at=136), clip(at=200, accuracy=60)])
def test_what_cannot_be_of_the_event_is_not_matched(made: Recording) -> None:
    assert match(made, CALL, WIDE) is None


@pytest.mark.parametrize("cleared", [None, 100 * MINUTE + 9 * 60 * MINUTE])
def test_an_event_that_nobody_cleared_is_never_certain(cleared: int | None) -> None:
    found = match(clip(at=110), replace(CALL, cleared_ms=cleared), WIDE)
    assert found
    assert found.basis == POSSIBLE


def test_two_calls_at_once_are_both_named() -> None:
    other = replace(CALL, event="E2", dispatched_ms=105 * MINUTE)
    found, more = matches(clip(at=110), [Sendings([CALL, other])], WIDE)
    assert [(one.event, one.basis) for one in found] == [("E1", CERTAIN), ("E2", CERTAIN)]
    assert more == 0


def test_of_many_possible_events_the_nearest_are_named_and_the_rest_counted() -> None:
    calls = [
        replace(CALL, event=f"E{n:03}", dispatched_ms=n * 30 * MINUTE, cleared_ms=(n * 30 + 20) * MINUTE)
        for n in range(100)
    ]
    unsure = clip(at=1510, accuracy=REACH_MS / MINUTE)
    found, more = matches(unsure, [Sendings(calls)], WIDE)
    assert len(found) == MOST_NAMED
    assert more == 100 - MOST_NAMED
    assert found[0].event == "E050"
    assert {one.basis for one in found} == {POSSIBLE}


# --- when was it recorded? ----------------------------------------------------------------------------

BASE_MIN = 29_000_000  # in 2025


def dated(raw_min: int, header_min: int | None, length: int = 10) -> Recording:
    ns = MINUTE * 10**6
    return recording(
        recorded_ns=(BASE_MIN + raw_min) * ns,
        raw_ns=(BASE_MIN + raw_min) * ns,
        header_s=0 if header_min is None else (BASE_MIN + header_min) * 60,
        length_ms=length * MINUTE,
        uncertainty_ms=1000,
        rule=DateRule.CLOCK_READ,
    )


@pytest.mark.parametrize(
    "header, earliest, latest",
    [
        (None, -10, 0),  # nobody knows whether a camera gives its file the beginning or the end
        (0, 0, 0),  # the header says that it began then
        (-10, -10, -10),  # the header says that it ended then
        (-70, -10, -10),  # the same, and the header is in another zone
        (-37, -10, 0),  # the header says neither
    ],
)
def test_the_header_says_whether_a_date_is_the_beginning_or_the_end(
    header: int | None, earliest: int, latest: int
) -> None:
    made = dated(0, header)
    base = BASE_MIN * MINUTE
    assert (made.earliest_ms - base, made.latest_ms - base) == (earliest * MINUTE, latest * MINUTE)
    assert made.trusted is (header != -37), "a header that contradicts makes a date uncertain"


def test_a_header_that_was_never_set_says_nothing() -> None:
    assert dated(0, -BASE_MIN + 1).trusted


@pytest.mark.parametrize("rule", [DateRule.DOCKING_TIME, DateRule.DOCK_CLOCK_UNKNOWN])
def test_a_date_that_is_the_dockings_is_never_certain(rule: DateRule) -> None:
    made = recording(recorded_ns=0, raw_ns=0, header_s=0, length_ms=0, uncertainty_ms=0, rule=rule)
    assert not made.trusted
