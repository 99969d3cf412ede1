"""Is a list from dispatch read as a spreadsheet or another system wrote it, and each wrong line named?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.cli.lists.csv_rows import MOST_BYTES
from bwvdock.cli.lists.events import named_columns, parse_events, read_events
from bwvdock.cli.moments import use_zone
from bwvdock.config.time_zone import named_zone
from bwvdock.edges.control import REQUEST_BYTES
from bwvdock.errors import UsageError
from bwvdock.operators.events.importing import events_of
from bwvdock.operators.events.requests import ImportEvents
from bwvdock.operators.requests import encode

HEAD = "event,officer,unit,dispatched,cleared,category"
LINE = "E1,4411,,2026-03-01T22:00Z,2026-03-01T22:40Z,burglary"
ROW = ("E1", "4411", "", "2026-03-01T22:00:00.000Z", "2026-03-01T22:40:00.000Z", "burglary")


@pytest.fixture(autouse=True)
def _in_london() -> Iterator[None]:
    use_zone(named_zone("Europe/London"))
    yield
    use_zone(named_zone(""))


def read(text: str | bytes, **named: str) -> list[tuple[str, ...]]:
    content = text if isinstance(text, bytes) else text.encode()
    return [row[1:] for row in parse_events(content, named, name="calls.csv")]


def refused(text: str | bytes, **named: str) -> str:
    with pytest.raises(UsageError) as error:
        read(text, **named)
    return error.value.message


def test_columns_that_are_missing_are_named() -> None:
    assert refused("event,officer,sent\nE1,4411,2026-03-01T22:00Z\n").endswith("; missing: dispatched")


@pytest.mark.parametrize(
    "content",
    [
        f"{HEAD}\n{LINE}\n",
        f"\ufeff{HEAD}\r\n{LINE}\r\n",
        f"{HEAD}\n{LINE}".replace(",", ";"),
        f"{HEAD}\n{LINE}".replace(",", "\t"),
        f"\n{HEAD.upper()}\n\n{LINE}\n,,,,,\n",
        f'{HEAD}\n"E1","4411","","2026-03-01T22:00+00:00","2026-03-01 22:40","burglary"',
        f"{HEAD},x,x\n{LINE},not used,either",
    ],
)
def test_a_list_in_any_dress_is_the_same(content: str) -> None:
    assert read(content) == [ROW]


def test_columns_are_named_as_the_force_names_them() -> None:
    named = named_columns(["event=Incident No", "officer = Badge"], {"event": "CAD", "dispatched": "Sent At"})
    assert named == {"event": "Incident No", "officer": "Badge", "dispatched": "Sent At"}
    theirs = "Badge,INCIDENT NO,sent at,Street\n4411,E1,2026-03-01T22:00Z,High Street\n"
    assert read(theirs, **named) == [("E1", "4411", "", "2026-03-01T22:00:00.000Z", "", "")]


@pytest.mark.parametrize("option", ["event", "event=", "incident=No", "=x"])
def test_an_option_that_names_no_column_is_refused(option: str) -> None:
    with pytest.raises(UsageError, match="what the file calls a column"):
        named_columns([option], {})


def test_a_local_time_is_the_docks_and_one_that_is_none_is_not_guessed_at() -> None:
    summer = f"{HEAD}\nE1,4411,,2026-07-01 22:00,2026-07-01T22:40,"
    assert read(summer)[0][3:5] == ("2026-07-01T21:00:00.000Z", "2026-07-01T21:40:00.000Z")
    said = refused(f"{HEAD}\nE1,1,,2026-03-29T01:30,2026-03-29T02:30,\nE2,1,,2026-10-25T01:30,,")
    assert "line 2: dispatched" in said
    assert "line 3: dispatched" in said
    offset = f"{HEAD}\nE2,1,,2026-10-25T01:30+01:00,2026-10-25T01:30+00:00,"
    assert read(offset)[0][3:5] == ("2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z")


@pytest.mark.parametrize(
    "content, says",
    [
        (b"", "has no rows"),
        (HEAD.encode(), "has no rows"),
        (f"{HEAD}\n{LINE}".encode("utf-16"), "is not UTF-8"),
        (f"{HEAD}\nÉ1,4411,,2026-03-01T22:00Z,,".encode("latin-1"), "is not UTF-8 text (line 2)"),
        (b"event,officer\nE1,4411\n", "the columns must be"),
        (b"event,event,dispatched\nE1,E2,2026-03-01T22:00Z\n", "the columns must be"),
        (f"{HEAD}\nE1,4411\n".encode(), "line 2: 2 fields, but the first line has 6"),
        (f'{HEAD}\n"E1,4411\n'.encode(), "line 2: "),
        (f"{HEAD}\n,4411,,2026-03-01T22:00Z,,".encode(), "line 2: The event is empty"),
        (f"{HEAD}\nE1\x00,4411,,2026-03-01T22:00Z,,".encode(), "line 2: "),
        (f"{HEAD}\nE1,4411,,,,".encode(), "line 2: dispatched"),
        (f"{HEAD}\nE1,4411,,46082.9167,,".encode(), "line 2: dispatched"),  # a day as Excel counts them
        (f"{HEAD}\nE1,4411,,2026-03-01T22:00Z,later,".encode(), "line 2: cleared"),
        (f"{HEAD}\nE1,4411,,2026-03-01,,".encode(), "line 2: dispatched '2026-03-01' has no time of day"),
        (f"{HEAD}\nE1,4411,,2026-03-01T22:00Z,20260302,".encode(), "line 2: cleared '20260302' has no time"),
    ],
)
def test_what_cannot_be_read_is_named(content: bytes, says: str) -> None:
    assert says in refused(content)


WRONG = {
    "too few fields": "E2,1",
    "no event": ",1,,2026-03-01T22:00Z,,",
    "a formula": "=E2,1,,2026-03-01T22:00Z,,",
    "an officer that is a formula": "E2,=1,,2026-03-01T22:00Z,,",
    "nobody": "E2,,,2026-03-01T22:00Z,,",
    "no time": "E2,1,,,,",
    "no such time": "E2,1,,2026-03-29T01:30,,",
    "another century": "E2,1,,1926-03-01T22:00Z,,",
    "cleared, no time": "E2,1,,2026-03-01T22:00Z,soon,",
    "cleared before": "E2,1,,2026-03-01T22:00Z,2026-03-01T21:00Z,",
    "another category": "E1,1,,2026-03-01T22:00Z,,assault",
    "a category that nobody can see": "E2,1,,2026-03-01T22:00Z,,a\x1bb",
}


@given(st.lists(st.sampled_from([LINE, *WRONG.values()]), min_size=1, max_size=20))
def test_all_that_is_wrong_is_said_at_once(lines: list[str]) -> None:
    """So that there is no second round: without the lines that were named, all of the list is recorded."""
    lines = [LINE, *lines]
    wrong = [number for number, line in enumerate(lines, start=2) if line != LINE]
    if wrong:
        named = [said.split(":")[0] for said in refused("\n".join([HEAD, *lines])).splitlines()[1:]]
        assert named == [f"  line {number}" for number in wrong]
    right = parse_events("\n".join([HEAD, *(line for line in lines if line == LINE)]).encode(), {}, name="")
    assert len(events_of(right)) == 1


def test_a_line_with_several_mistakes_has_them_all() -> None:
    said = refused(f"{HEAD}\nE\x07,;,,later,soon,c\x07").splitlines()[1:]
    assert [
        word
        for line in said
        for word in ("dispatched", "cleared", "event", "neither", "category")
        if word in line.split()
    ] == ["dispatched", "cleared", "event", "event", "neither", "category"]


@pytest.mark.slow
def test_a_hundred_thousand_lines_are_read_and_fit_into_one_request() -> None:
    line = "CAD-26-{n:07},4411;4412,Team 7,2026-03-01T22:04:10Z,2026-03-01T22:41:00Z,burglary dwelling"
    content = "\n".join([HEAD, *(line.format(n=n) for n in range(100_000))]).encode()
    assert len(content) < MOST_BYTES
    rows = parse_events(content, {}, name="calls.csv")
    assert len(rows) == 100_000
    assert len(encode(ImportEvents(rows=rows))) < REQUEST_BYTES


def test_a_list_that_is_too_large_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_bytes(b"x" * (MOST_BYTES + 1))
    with pytest.raises(UsageError, match="is larger than"):
        read_events(file, {})
