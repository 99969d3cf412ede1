"""A mark sets a clip apart; one that everything has marks nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.media.marks import MANY, Mark, frequent, meaningless, note_of

NONE, BIT, PLACE = frozenset[Mark](), frozenset({Mark.READ_ONLY}), frozenset({Mark.PLACE})


@pytest.mark.parametrize("mark", Mark)
def test_so_many_clips_are_not_all_marked_by_a_wearer(mark: Mark) -> None:
    assert meaningless([frozenset({mark})] * MANY, others_read_only=[], exported=False) == {mark}
    assert meaningless([frozenset({mark})] * (MANY - 1), others_read_only=[], exported=False) == NONE


def test_the_bit_says_nothing_if_files_have_it_that_nobody_marks() -> None:
    assert meaningless([BIT], others_read_only=[True, True], exported=False) == BIT
    assert meaningless([BIT], others_read_only=[True, False], exported=False) == NONE
    assert meaningless([PLACE], others_read_only=[True], exported=False) == NONE


def test_the_bit_says_nothing_in_an_export_of_several_clips() -> None:
    assert meaningless([BIT, BIT], others_read_only=[], exported=True) == BIT
    assert meaningless([BIT], others_read_only=[], exported=True) == NONE
    assert meaningless([PLACE, PLACE], others_read_only=[], exported=True) == NONE


def test_the_note_says_by_what() -> None:
    assert note_of(BIT | PLACE).endswith("place or name and read-only bit")


_MARKS = st.frozensets(st.sampled_from(Mark))
_ANY = {"others_read_only": st.lists(st.booleans(), max_size=3), "exported": st.booleans()}


@given(st.lists(_MARKS, max_size=30), *_ANY.values())
def test_only_what_every_clip_has_is_ever_ignored(
    clips: list[frozenset[Mark]], others: list[bool], exported: bool
) -> None:
    ignored = meaningless(clips, others_read_only=others, exported=exported)
    assert all(ignored <= marks for marks in clips)
    assert clips or not ignored


@given(st.lists(_MARKS, min_size=1, max_size=30), st.sampled_from(Mark), *_ANY.values())
def test_one_clip_without_a_mark_gives_it_its_meaning_for_all_others(
    clips: list[frozenset[Mark]], mark: Mark, others: list[bool], exported: bool
) -> None:
    ignored = meaningless([*clips, NONE], others_read_only=others, exported=exported)
    assert mark not in ignored


@given(st.lists(_MARKS, min_size=MANY, max_size=30), st.sampled_from(Mark), *_ANY.values())
def test_among_many_clips_a_mark_never_marks_all_of_them(
    clips: list[frozenset[Mark]], mark: Mark, others: list[bool], exported: bool
) -> None:
    everywhere = [marks | {mark} for marks in clips]
    ignored = meaningless(everywhere, others_read_only=others, exported=exported)
    assert not any(mark in marks - ignored for marks in everywhere)


@pytest.mark.parametrize(
    "marked,others,often",
    [(11, 1, True), (9, 3, True), (8, 4, False), (6, 2, True), (6, 1, False), (3, 1, False)],
)
def test_a_mark_that_most_of_many_clips_have_is_counted(marked: int, others: int, *, often: bool) -> None:
    assert frequent([BIT] * marked + [PLACE] * others) == ({Mark.READ_ONLY: marked} if often else {})


@given(st.lists(_MARKS, max_size=30))
def test_a_frequent_mark_is_on_most_clips_and_is_never_taken_from_one(clips: list[frozenset[Mark]]) -> None:
    for mark, count in frequent(clips).items():
        assert count == sum(mark in marks for marks in clips)
        assert 3 * len(clips) <= 4 * count <= 4 * len(clips)
        assert len(clips) >= MANY
