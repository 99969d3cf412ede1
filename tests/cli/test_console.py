"""Does a table fit the terminal without ever cutting an id, a time or a number?"""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.cli.output.console import cells, table, wrapped

HEAD = ("CLIP", "RECORDED", "SIZE", "MARKS", "FILE")
ROWS = (
    ("01m8ggpwakq0faw5bz", "2026-11-28 07:10:27", "12.0 MiB", "-", "DCIM/100BWVID/BWV_0008.MP4"),
    ("01m8ggpwakt99g3ts9", "2026-11-28 06:55:27", "1.0 KiB", "-", "DCIM/100BWVID/BWV_0007.MP4"),
)


def laid_out(fits: int | None) -> list[str]:
    return table(HEAD, ROWS, right=("SIZE",), wrap=("FILE",), drop=("FILE", "SIZE", "MARKS"), fits=fits)


def test_a_column_that_is_needed_is_narrowed_only_once_nothing_else_can_be_left_out() -> None:
    """The sense of a line, such as what is known of a call without footage, is worth other columns."""
    head, row = (
        ("CLIP", "SIZE", "KNOWN"),
        ("01m8ggpwakq0faw5bz", "12.0 MiB", "3 clips may be of it, none is sure"),
    )
    whole = sum(map(len, row)) + 4
    for least, columns in ((10, ["CLIP", "SIZE", "KNOWN"]), (30, ["CLIP", "KNOWN"])):
        lines = table(head, [row], wrap={"KNOWN": least}, drop=("SIZE",), fits=whole - 8)
        assert lines[0].split() == columns


def shown(fits: int | None) -> list[str]:
    return laid_out(fits)[0].split()


@pytest.mark.parametrize(
    "fits,columns",
    [
        (None, "CLIP RECORDED SIZE MARKS FILE"),
        (86, "CLIP RECORDED SIZE MARKS FILE"),
        (78, "CLIP RECORDED SIZE MARKS FILE"),
        (77, "CLIP RECORDED SIZE FILE"),
        (71, "CLIP RECORDED SIZE FILE"),
        (70, "CLIP RECORDED SIZE"),
        (48, "CLIP RECORDED"),
        (10, "CLIP RECORDED"),
    ],
)
def test_columns_are_left_out_in_a_fixed_order_and_empty_ones_first(fits: int | None, columns: str) -> None:
    assert shown(fits) == columns.split()


@pytest.mark.parametrize("fits", [39, 50, 60, 71, 72, 80, 99])
def test_it_fits_and_ids_and_times_are_whole(fits: int) -> None:
    lines = laid_out(fits)
    assert max(cells(part) for line in lines for part in line.split("\n")) <= fits
    for line, row in zip([line for line in lines if line.startswith("01")], ROWS, strict=True):
        assert line.split()[0] == row[0]
        assert row[1] in line


def test_columns_that_hold_something_are_not_left_out_without_a_word() -> None:
    layout: dict[str, Any] = {"drop": ("B", "C")}
    assert (
        table(["A", "B", "C"], [("a" * 9, "-", "c" * 9)], fits=9, **layout)[-1]
        == "Not shown\n  in 9\n  columns:\n  C."
    )
    assert len(table(["A", "B", "C"], [("a" * 9, "-", "c" * 9)], fits=99, **layout)) == 2


def test_a_text_is_broken_within_its_column_and_nothing_of_it_is_lost() -> None:
    assert laid_out(75)[1:3] == [
        "01m8ggpwakq0faw5bz  2026-11-28 07:10:27  12.0 MiB  DCIM/100BWVID/",
        f"{'':51}BWV_0008.MP4",
    ]


@given(
    counts=st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=4),
    wrap=st.sets(st.sampled_from("ABC")),
    drop=st.permutations("ABC"),
    dropped=st.integers(0, 2),
    fits=st.integers(20, 120),
)
def test_no_table_loses_a_word(
    counts: list[list[int]], wrap: set[str], drop: list[str], dropped: int, fits: int
) -> None:
    """Every word of the table is another one, so that none stands for another."""
    number = count()
    rows = [
        [
            " ".join(f"{name.lower()}{next(number):03}" for _ in range(words))
            for name, words in zip("ABC", row, strict=True)
        ]
        for row in counts
    ]
    layout: dict[str, Any] = {"wrap": sorted(wrap), "drop": drop[:dropped]}
    lines = table("ABC", rows, fits=fits, **layout)
    shown = {name for name in "ABC" if name in lines[0].split()}
    words = {
        word
        for row in rows
        for name, cell in zip("ABC", row, strict=True)
        for word in cell.split()
        if name in shown
    }
    assert words <= set(" ".join(lines).split())
    narrowest = table("ABC", rows, fits=1, **layout)
    assert max(map(cells, lines)) <= max(fits, *map(cells, narrowest))
    if all(cells(line) <= fits for line in table("ABC", rows, fits=None)):
        assert len(lines) == len(rows) + 1, "what fits is broken nowhere"


def test_a_long_line_is_broken_at_blanks_alone() -> None:
    digest = "e651ff3a16c0b591" * 4
    line = f"  2026-11-28 07:25:29 UTC  #123    read back from the disk, SHA-256 {digest}"
    assert wrapped(line, None, indent=10) == line
    first, *rest = wrapped(line, 60, indent=10).splitlines()
    assert first.startswith("  2026-11-28 07:25:29 UTC  #123")
    assert max(map(cells, [first, *rest[:-1]])) <= 60
    assert rest[-1] == f"{' ' * 10}{digest}"
