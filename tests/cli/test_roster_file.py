"""Is a roster read as it was meant, and every line named that cannot be?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.cli.roster_file import MOST_BYTES, local_moment, parse_roster, read_roster
from bwvdock.errors import UsageError

HEAD = "serial,officer,from,to\n"
ROW = ("2", "CAM-17", "4411", "2026-03-01T06:00:00.000Z", "2026-03-01T14:00:00.000Z")


def parsed(text: str) -> list[tuple[str, ...]]:
    return list(parse_roster(text.encode(), name="roster.csv"))


def refusal(content: bytes) -> str:
    with pytest.raises(UsageError) as caught:
        parse_roster(content, name="roster.csv")
    assert caught.value.remedy
    return caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "CAM-17,4411,2026-03-01T06:00Z,2026-03-01T14:00Z\n",
        "\ufeff" + HEAD + "CAM-17,4411,2026-03-01T06:00Z,2026-03-01T14:00Z",
        HEAD.replace("\n", "\r\n") + "CAM-17,4411,2026-03-01T06:00Z,2026-03-01T14:00Z\r\n\r\n",
        HEAD + '"CAM-17","4411","2026-03-01T06:00Z","2026-03-01T14:00Z"\n',
        "Serial; Officer; From; To\nCAM-17; 4411; 2026-03-01T07:00+01:00; 2026-03-01T14:00Z\n",
        "to\tfrom\tofficer\tserial\n2026-03-01T14:00Z\t2026-03-01T06:00Z\t4411\tCAM-17\n",
    ],
)
def test_the_same_row_however_it_is_written(text: str) -> None:
    assert parsed(text) == [ROW]


def test_the_end_may_be_left_open() -> None:
    assert parsed("serial,officer,from\nCAM-17,4411,2026-03-01T06:00Z\n") == [(*ROW[:4], "")]
    assert parsed(HEAD + "CAM-17,4411,2026-03-01T06:00Z,\n") == [(*ROW[:4], "")]


def test_a_quoted_field_may_hold_the_delimiter_and_a_quote() -> None:
    [row] = parsed(HEAD + '"CAM-17","Smith, ""Jo""",2026-03-01T06:00Z,\n')
    assert row[2] == 'Smith, "Jo"'


def test_every_line_that_is_wrong_is_named_by_its_own_number() -> None:
    said = refusal(
        (
            HEAD
            + "CAM-17,4411,2026-03-01T06:00Z,\n"
            + "CAM-17,4411,yesterday,\n"
            + "\n"
            + ",4411,2026-03-01T06:00Z,\n"
            + "CAM-17,4411\n"
            + '"CAM\n17",44\x1b[2J11,2026-03-01T06:00Z,2026-99-01\n'
            + "CAM-17,4411,2026-03-01T06:00Z,\n"
        ).encode()
    )
    lines = [line.split(":")[0].strip() for line in said.splitlines()[1:]]
    assert lines == ["line 3", "line 5", "line 6", "line 7", "line 7", "line 7"]
    assert "\x1b" not in said.replace("\n", "")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        HEAD.encode(),
        b"serial,officer\nCAM-17,4411\n",
        b"serial,officer,from,form\nCAM-17,4411,2026-03-01T06:00Z,\n",
        b"serial,serial,officer,from\na,b,c,2026-03-01T06:00Z\n",
        HEAD.encode("utf-16"),
        HEAD.encode() + b"CAM-17,Jos\xe9,2026-03-01T06:00Z,\n",
        HEAD.encode() + b'"CAM-17,4411,2026-03-01T06:00Z,\n',
        HEAD.encode() + b'"CAM"17,4411,2026-03-01T06:00Z,\n',
        HEAD.encode() + b"x" * 200_000 + b",4411,2026-03-01T06:00Z,\n",
        HEAD.encode() + b"CAM\x0017,4411,2026-03-01T06:00Z,\n",
        b"\x00" * 1000,
    ],
)
def test_what_is_no_roster_is_refused_with_a_sentence(content: bytes) -> None:
    said = refusal(content)
    assert said.startswith("roster.csv")
    assert len(said) < 1000


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_read() -> None:
    text = HEAD + "".join(
        f"CAM-{n % 500:03},{n:06},2026-03-{1 + n % 28:02}T06:00Z,\n" for n in range(100_000)
    )
    rows = parse_roster(text.encode(), name="roster.csv", correct=True)
    assert len(rows) == 100_000
    assert rows[-1][:3] == ("100001", "CAM-499", "099999")


def test_a_file_beyond_all_measure_is_not_read_whole() -> None:
    with pytest.raises(UsageError, match="larger than"):
        read_roster(Path("/dev/zero"))
    assert MOST_BYTES < 16 * 1024 * 1024  # the request has room for it


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_roster(tmp_path / "none.csv")


@pytest.mark.usefixtures("in_london")
@pytest.mark.parametrize(
    "text,expected",
    [
        ("2026-01-01T06:00", "2026-01-01T06:00:00.000Z"),
        ("2026-06-01T06:00", "2026-06-01T05:00:00.000Z"),
        ("2026-06-01T06:00Z", "2026-06-01T06:00:00.000Z"),
        ("2026-06-01", "2026-05-31T23:00:00.000Z"),
        ("2026-10-25T01:30+01:00", "2026-10-25T00:30:00.000Z"),
    ],
)
def test_a_time_without_an_offset_is_the_docks_own(text: str, expected: str) -> None:
    assert local_moment(text) == expected


@pytest.mark.usefixtures("in_london")
@pytest.mark.parametrize("text", ["2026-10-25T01:30", "2026-03-29T01:30"])
def test_a_time_that_the_clocks_show_twice_or_never_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=r"occurs twice|does not exist"):
        local_moment(text)


@pytest.mark.parametrize("text", ["", "now", "12:00", "2026-02-30", "0001-01-01T00:00+14:00", "9" * 50])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601"):
        local_moment(text)


def test_rows_that_contradict_each_other_are_named_with_all_else_that_is_wrong() -> None:
    lines = [
        "C-17,4411,2026-03-01T06:00Z,2026-03-01T14:00Z",
        "C-17,4412,2026-03-01T08:00Z,2026-03-01T09:00Z",
        ",,soon,2026-03-01T09:00Z",
        "C-18,4413,2026-03-01T08:00Z,2026-03-01T07:00Z",
        "C-18,4414,2026-03-01T08:00Z,later",
    ]
    with pytest.raises(UsageError) as stopped:
        parse_roster("\n".join(["serial,officer,from,to", *lines]).encode(), name="roster.csv")
    said = [line.split(":")[0] for line in stopped.value.message.splitlines()[1:]]
    assert said == [f"  line {line}" for line in (3, 4, 4, 4, 5, 6)]
    assert (
        len(parse_roster("\n".join(["serial,officer,from,to", *lines[:2]]).encode(), name="", correct=True))
        == 2
    )
