"""Does a table fit the terminal without ever cutting an id, a time or a number?"""

from __future__ import annotations

from typing import Any

import pytest

from bwvdock.cli.output.screen import cells, table, wrapped

HEAD = ("CLIP", "RECORDED", "SIZE", "MARKS", "FILE")
ROWS = (
    ("01m8ggpwakq0faw5bz", "2026-11-28 07:10:27", "12.0 MiB", "-", "DCIM/100BWVID/BWV_0008.MP4"),
    ("01m8ggpwakt99g3ts9", "2026-11-28 06:55:27", "1.0 KiB", "-", "DCIM/100BWVID/BWV_0007.MP4"),
)


def laid_out(fits: int | None) -> list[str]:
    return table(HEAD, ROWS, right=("SIZE",), cut=("FILE",), drop=("FILE", "SIZE", "MARKS"), fits=fits)


def test_a_column_that_is_needed_is_cut_only_once_nothing_else_can_be_left_out() -> None:
    """The sense of a line, such as what is known of a call without footage, is worth other columns."""
    head, row = (
        ("CLIP", "SIZE", "KNOWN"),
        ("01m8ggpwakq0faw5bz", "12.0 MiB", "3 clips may be of it, none is sure"),
    )
    whole = sum(map(len, row)) + 4
    for least, columns in ((10, ["CLIP", "SIZE", "KNOWN"]), (30, ["CLIP", "KNOWN"])):
        lines = table(head, [row], cut={"KNOWN": least}, drop=("SIZE",), fits=whole - 8)
        assert lines[0].split() == columns


def shown(fits: int | None) -> list[str]:
    return laid_out(fits)[0].split()


@pytest.mark.parametrize(
    "fits,columns",
    [
        (None, "CLIP RECORDED SIZE MARKS FILE"),
        (86, "CLIP RECORDED SIZE MARKS FILE"),
        (70, "CLIP RECORDED SIZE MARKS FILE"),
        (69, "CLIP RECORDED SIZE FILE"),
        (62, "CLIP RECORDED SIZE"),
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
    for line, row in zip(lines[1:3], ROWS, strict=True):
        assert line.split()[0] == row[0]
        assert row[1] in line


def test_columns_that_hold_something_are_not_left_out_without_a_word() -> None:
    layout: dict[str, Any] = {"drop": ("B", "C")}
    assert (
        table(["A", "B", "C"], [("a" * 9, "-", "c" * 9)], fits=9, **layout)[-1]
        == "Not shown\n  in 9\n  columns:\n  C."
    )
    assert len(table(["A", "B", "C"], [("a" * 9, "-", "c" * 9)], fits=99, **layout)) == 2


def test_only_what_may_be_cut_is_cut() -> None:
    lines = laid_out(75)
    assert [line.count("…") for line in lines] == [0, 1, 1]
    assert "12.0 MiB" in lines[1]
    assert not any("…" in line for line in laid_out(None))


def test_a_long_line_is_broken_at_blanks_alone() -> None:
    digest = "e651ff3a16c0b591" * 4
    line = f"  2026-11-28 07:25:29 UTC  #123    read back from the disk, SHA-256 {digest}"
    assert wrapped(line, None, indent=10) == line
    first, *rest = wrapped(line, 60, indent=10).splitlines()
    assert first.startswith("  2026-11-28 07:25:29 UTC  #123")
    assert max(map(cells, [first, *rest[:-1]])) <= 60
    assert rest[-1] == f"{' ' * 10}{digest}"
