"""Does a draw of pairs leave none out, and is it much smaller than all combinations?"""

from __future__ import annotations

import math
from itertools import combinations, product

import pytest

from tests.extent import EXTENT, Extent, all_pairs, combined, drawn, offset, some


@pytest.mark.parametrize(
    "lengths", [(2, 2), (1, 3, 1), (4, 4, 15), (3, 5, 4), (2, 2, 2, 2, 2, 2), (6, 11, 2)]
)
def test_any_two_values_meet_in_some_row(lengths: tuple[int, ...]) -> None:
    rows = list(all_pairs(lengths))
    for one, other in combinations(range(len(lengths)), 2):
        met = {(row[one], row[other]) for row in rows}
        assert met == set(product(range(lengths[one]), range(lengths[other])))
    two_longest = sorted(lengths)[-2:]
    assert math.prod(two_longest) <= len(rows) <= math.prod(two_longest) * 2


def test_rows_bear_the_names_of_their_values() -> None:
    mark = combined(size=[0, 1], extent=list(Extent), shape={"round": object(), "flat": object()})
    assert mark.args[0] == "size,extent,shape"
    assert "0-CHECK-round" in {row.id for row in mark.args[1]}


def test_what_is_drawn_is_the_same_all_through_a_run() -> None:
    assert 0 <= offset(8) == offset(8) < 8
    assert EXTENT is not Extent.NIGHTLY or offset(8) == 0


def test_a_few_values_are_some_of_all_from_the_first_on() -> None:
    values = list("abcdefg")
    few = some(values, 3)
    assert few == (["a", "c", "e"] if EXTENT is Extent.CHECK else values)
    assert some(values, 9) == values


def test_each_row_draws_others_and_the_same_all_through_a_run() -> None:
    values = range(100)
    rows = [drawn(values, 10, of=f"row {number}") for number in range(60)]
    assert rows == [drawn(values, 10, of=f"row {number}") for number in range(60)]
    assert all(row == sorted(set(row)) for row in rows)
    assert {len(row) for row in rows} == {100 if EXTENT is Extent.NIGHTLY else 10}
    assert len(set().union(*rows)) > 90
    assert drawn(values, 100, of="all") == list(values)
