"""Is the officer of a moment the one who was told to hold the camera then, and nobody else?"""

from __future__ import annotations

import random

import pytest

from bwvdock.core.clips.roster import NEVER, Assignment, Roster


def at(hour: int) -> str:
    return f"2026-03-{1 + hour // 24:02}T{hour % 24:02}:00:00.000Z"


def held(officer: str, begins: int, ends: int | None = None) -> Assignment:
    return Assignment(officer=officer, begins=at(begins), ends="" if ends is None else at(ends))


def told(roster: Roster, hours: range = range(12)) -> str:
    """Return who held the camera in each hour, "." for nobody."""
    return "".join(roster.officer_at(at(hour)) or "." for hour in hours)


@pytest.mark.parametrize(
    "assignments,expected",
    [
        ([], "............"),
        ([held("A", 2)], "..AAAAAAAAAA"),
        ([held("A", 2, 5)], "..AAA......."),
        ([held("A", 2), held("B", 5)], "..AAABBBBBBB"),
        ([held("B", 5), held("A", 2)], "..AAABBBBBBB"),  # told late, and in the wrong order
        ([held("A", 2), held("B", 5, 7)], "..AAABB....."),  # nobody says that A had it again
        ([held("A", 2), held("A", 2, 6)], "..AAAA......"),  # its end is told later
        ([held("A", 2), held("C", 8), held("B", 5)], "..AAABBBCCCC"),
        ([held("A", 2, 4), held("B", 4, 6)], "..AABB......"),
        ([held("A", 2, 9), held("B", 4, 6)], "..AABBAAA..."),  # a correction within
        ([held("A", 5), held("B", 2, 7)], "..BBBBBAAAAA"),  # a correction of the beginning
        ([held("A", 2), held("B", 2)], "..BBBBBBBBBB"),  # the wrong officer was typed
        ([held("A", 2, 4), held("A", 3, 6)], "..AAAA......"),
    ],
)
def test_the_holder_hour_by_hour(assignments: list[Assignment], expected: str) -> None:
    assert told(Roster(assignments)) == expected


def test_an_assignment_begins_with_its_first_moment_and_ends_before_its_last() -> None:
    roster = Roster([held("A", 2, 4)])
    assert roster.officer_at(at(2)) == "A"
    assert roster.officer_at("2026-03-01T03:59:59.999Z") == "A"
    assert roster.officer_at(at(4)) == ""


@pytest.mark.parametrize(
    "before,new,clashes",
    [
        ([held("A", 2, 6)], held("B", 4, 8), True),
        ([held("A", 2, 6)], held("B", 4), True),
        ([held("A", 2, 6)], held("B", 6), False),
        ([held("A", 2, 6)], held("B", 0, 2), False),
        ([held("A", 2, 6)], held("B", 0, 3), True),
        ([held("A", 2, 6)], held("B", 0), False),  # it ends where A begins
        ([held("A", 2)], held("B", 4), False),
        ([held("A", 2)], held("B", 4, 6), False),
        ([held("A", 2)], held("B", 2), True),
        ([held("A", 2)], held("B", 0, 3), True),
        ([held("A", 2, 6)], held("A", 4, 8), False),
        ([held("A", 2, 6), held("B", 2, 6)], held("B", 3, 7), False),  # A was corrected away
    ],
)
def test_only_a_real_contradiction_is_one(
    before: list[Assignment], new: Assignment, *, clashes: bool
) -> None:
    assert (Roster(before).clash(new) is not None) is clashes


@pytest.mark.parametrize(
    "before,new,known",
    [
        ([held("A", 2)], held("A", 2), True),
        ([held("A", 2), held("B", 5)], held("A", 2), True),
        ([held("A", 2, 6)], held("A", 3, 5), True),
        ([held("A", 2)], held("A", 2, 6), False),  # now its end is known
        ([held("A", 2, 6)], held("A", 2), False),
        ([held("A", 2, 4), held("A", 5, 6)], held("A", 2, 6), False),
        ([held("A", 2, 6)], held("B", 2, 6), False),
        ([], held("A", 2), False),
    ],
)
def test_what_says_nothing_new(before: list[Assignment], new: Assignment, *, known: bool) -> None:
    assert Roster(before).knows(new) is known


def anything(chance: random.Random) -> Assignment:
    begins = chance.randrange(20)
    ends = chance.choice([None, begins + chance.randrange(1, 6)])
    return held(chance.choice("ABC"), begins, ends)


def test_over_random_histories_the_latest_word_counts_and_spans_never_overlap() -> None:
    for seed in range(200):
        chance = random.Random(seed)
        roster = Roster()
        for _ in range(12):
            new = anything(chance)
            known, before = roster.knows(new), told(roster, range(30))
            roster.add(new)
            assert roster.officer_at(new.begins) == new.officer, seed
            assert not known or told(roster, range(30)) == before, seed
            assert roster.knows(new), seed
            assert roster.clash(new) is None, seed
            edges = [edge for span in roster.spans for edge in (span.start, span.end)]
            assert edges == sorted(edges), seed
            assert all(span.start < span.end <= NEVER for span in roster.spans), seed


def test_told_in_any_order_a_roster_without_contradiction_says_the_same() -> None:
    for seed in range(50):
        chance = random.Random(seed)
        begins = sorted(chance.sample(range(24), 6))
        shifts = [held("ABC"[n % 3], hour) for n, hour in enumerate(begins)]
        shuffled = chance.sample(shifts, len(shifts))
        assert told(Roster(shuffled), range(30)) == told(Roster(shifts), range(30)), seed
