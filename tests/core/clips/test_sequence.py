"""Which gaps in a camera's numbering are worth a question?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.clips.sequence import Gap, gaps


def test_a_number_that_was_never_seen_is_a_gap() -> None:
    names = ["VID_0041.MP4", "VID_0042.MP4", "VID_0045.MP4"]
    assert gaps(names) == [Gap(after="VID_0042.MP4", before="VID_0045.MP4", missing=2)]


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["VID_0041.MP4"],
        ["VID_0041.MP4", "VID_0042.MP4"],
        ["VID_9999.MP4", "VID_0000.MP4", "VID_0001.MP4"],
        ["VID_0041.MP4", "VID_4100.MP4"],
        ["20260314_101500.MP4", "20260314_101800.MP4"],
        ["clip.mp4", "other.mp4"],
        ["VID_0001.MP4", "AUD_0005.WAV", "VID_0002.MP4"],
        ["VID_0042.MP4", "VID_0042.MP4"],
    ],
    ids=["none", "one", "next", "wrapped", "set anew", "times", "no numbers", "two series", "again"],
)
def test_what_is_no_gap(names: list[str]) -> None:
    assert gaps(names) == []


@given(st.integers(0, 900), st.integers(1, 50), st.integers(0, 20))
def test_every_missing_number_is_counted_once(first: int, missing: int, run: int) -> None:
    numbers = [
        *range(first, first + run + 1),
        *range(first + run + 1 + missing, first + 2 * run + missing + 2),
    ]
    assert sum(gap.missing for gap in gaps(f"V{n:04}.MP4" for n in numbers)) == missing


@given(st.lists(st.text()))
def test_any_name_is_taken(names: list[str]) -> None:
    assert all(gap.missing > 0 for gap in gaps(names))


def test_equal_times_are_no_gap_whatever_the_order_of_their_ids() -> None:
    """B5: 13 numbers without a break, in the order of random ids."""
    names = [f"VID_{n:04}.MP4" for n in (7, 1, 12, 3, 9, 13, 2, 11, 5, 4, 10, 6, 8)]
    assert gaps(names, times=[0] * 13, dockings=["d"] * 13) == []


def test_very_many_names_let_others_compute_in_between() -> None:
    ways: list[None] = []
    found = gaps((f"VID_{n:06}.MP4" for n in range(2_000)), give_way=lambda: ways.append(None))
    assert found == []
    assert len(ways) == 6, "three times while they are read, three times while they are compared"
    gaps([f"VID_{n:06}.MP4" for n in range(20)], give_way=lambda: ways.append(None))
    assert len(ways) == 6, "a few delay nobody"
