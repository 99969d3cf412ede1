"""Is every copy asked for in time, within the pace of a night, and can the draw be repeated?"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.holdings.draw import Drawn, HeldCopy, Spent, draw, rank, seed_of
from bwvdock.core.holdings.rules import DAY, Pace, Reverify
from bwvdock.core.moments import iso

EPOCH = datetime(2026, 3, 1, 1, tzinfo=UTC)
NOTHING = Spent()


def copies(count: int, *, size: int = 10, proven: datetime | None = None) -> list[HeldCopy]:
    at = iso(proven) if proven else ""
    return [
        HeldCopy(clip=f"c{n:04}", size=size, received_at=iso(EPOCH - DAY * 200), proven_at=at)
        for n in range(count)
    ]


def drawn(held: Sequence[HeldCopy], rules: Reverify, now: datetime, seed: bytes = b"s") -> Drawn:
    return draw(held, rules, now=now, seed=seed, spent=NOTHING)


def test_a_copy_is_asked_for_when_it_has_been_there_for_as_long_as_first_says_and_not_before() -> None:
    rules = Reverify(first=timedelta(hours=24))
    received = HeldCopy(clip="a", size=1, received_at=iso(EPOCH))
    assert drawn([received], rules, EPOCH + timedelta(hours=23, minutes=59)) == Drawn(copies=1)
    found = drawn([received], rules, EPOCH + timedelta(hours=24))
    assert (found.clips, found.first) == (("a",), 1)


def test_what_has_been_due_for_longest_comes_first_and_what_is_too_much_waits() -> None:
    rules = Reverify(every=DAY * 90, pace=Pace(clips=2))
    old = HeldCopy(clip="old", size=1, received_at=iso(EPOCH - DAY * 400), proven_at=iso(EPOCH - DAY * 120))
    newer = HeldCopy(
        clip="newer", size=1, received_at=iso(EPOCH - DAY * 400), proven_at=iso(EPOCH - DAY * 91)
    )
    fresh = HeldCopy(clip="fresh", size=1, received_at=iso(EPOCH - DAY * 10))
    found = drawn([newer, fresh, old], rules, EPOCH)
    assert (found.clips, found.first, found.due, found.left) == (("old", "fresh"), 1, 1, 1)


def test_what_was_asked_for_in_this_night_before_counts() -> None:
    rules = Reverify(pace=Pace(bytes=100))
    spent = Spent(clips=9, bytes=90, sampled=True)
    found = draw(copies(5), rules, now=EPOCH, seed=b"s", spent=spent)
    assert (len(found.clips), found.bytes, found.left) == (1, 10, 4)


def test_one_that_is_larger_than_a_night_is_asked_for_alone() -> None:
    found = drawn(copies(3, size=1000), Reverify(pace=Pace(bytes=100)), EPOCH)
    assert len(found.clips) == 1


def test_the_sample_is_another_by_another_root_and_the_same_by_the_same() -> None:
    held, rules = copies(900, proven=EPOCH - DAY * 2), Reverify(every=DAY * 90)
    one, same = (drawn(held, rules, EPOCH, seed_of("ab", "nas")) for _ in range(2))
    other = drawn(held, rules, EPOCH, seed_of("ac", "nas"))
    assert one == same
    assert one.sample == other.sample == 10
    assert set(one.clips) != set(other.clips)
    by_hand = sorted(held, key=lambda copy: rank(seed_of("ab", "nas"), copy.clip))[:10]
    assert one.clips == tuple(copy.clip for copy in by_hand)


@given(
    seed=st.integers(0, 2**32),
    every=st.integers(3, 40),
    count=st.integers(1, 60),
    off=st.floats(0, 0.2),
)
def test_every_copy_is_asked_for_in_each_cycle_and_no_night_exceeds_its_pace(
    seed: int, every: int, count: int, off: float
) -> None:
    """Clips come over weeks, the dock is off in some nights, and the pace is enough for that."""
    chance = random.Random(seed)
    pace = Pace(clips=max(2, 3 * count // every + 2))
    rules = Reverify(first=timedelta(hours=24), every=DAY * every, pace=pace)
    arrivals = {f"c{n}": chance.randrange(every * 2) for n in range(count)}
    held: dict[str, HeldCopy] = {}
    asked: dict[str, list[int]] = {clip: [] for clip in arrivals}
    missed = 0
    for night in range(every * 5):
        now = EPOCH + DAY * night
        for clip in [clip for clip, day in arrivals.items() if day == night]:
            held[clip] = HeldCopy(clip=clip, size=chance.randrange(1, 9), received_at=iso(now))
        if chance.random() < off:
            missed += 1
            continue
        found = drawn(list(held.values()), rules, now, night.to_bytes(4, "big"))
        assert len(found.clips) <= (pace.clips or 0)
        assert len(set(found.clips)) == len(found.clips) == found.first + found.due + found.sample
        for clip in found.clips:
            asked[clip].append(night)
            held[clip] = replace(held[clip], proven_at=iso(now))
    slack = missed + count // (pace.clips or 1) + 1
    for clip, nights in asked.items():
        marks = [arrivals[clip] + 1, *nights, every * 5]
        assert nights, f"{clip} was never asked for"
        assert max(after - before for before, after in pairwise(marks)) <= every + slack


@given(seed=st.integers(0, 2**32))
def test_bytes_and_clips_of_a_night_stay_within_the_pace_however_often_it_is_asked(seed: int) -> None:
    chance = random.Random(seed)
    held = [replace(copy, size=chance.randrange(1, 40)) for copy in copies(50)]
    rules = Reverify(pace=Pace(bytes=100))
    spent = NOTHING
    asked: set[str] = set()
    for _ in range(6):
        found = draw(
            [copy for copy in held if copy.clip not in asked], rules, now=EPOCH, seed=b"", spent=spent
        )
        asked.update(found.clips)
        spent = Spent(clips=spent.clips + len(found.clips), bytes=spent.bytes + found.bytes, sampled=True)
    assert spent.bytes <= 100
    assert spent.bytes > 100 - 40, "and it is used"
