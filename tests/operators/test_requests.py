"""Is what arrives on the control socket either a request that can be answered, or refused in words?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.errors import UsageError
from bwvdock.operators.requests import (
    MOST_CLIPS,
    MOST_TEXT,
    Assign,
    EnrolRows,
    Flag,
    Query,
    Request,
    Retry,
    decode,
    decode_claim,
    encode,
    more_seconds,
)

_ROW = ["17", "CAM-17", "4411", "2026-03-01T06:00:00.000Z", ""]
_NAMES = [
    "request",
    "clip",
    "clips",
    "rows",
    "serial",
    "reason",
    "case",
    "correct",
    "model",
    "command",
    "subject",
]
_REQUESTS = [
    "status",
    "pause",
    "enrol",
    "enrol_rows",
    "revoke",
    "assign",
    "retry",
    "flag",
    "hold",
    "dispose",
    "consult",
]

# Lone surrogates too: JSON can say them, and neither a terminal, a file nor SQLite can take them.
texts = st.text(st.characters(exclude_categories=()), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)
documents = values | st.fixed_dictionaries(
    {"request": st.sampled_from(_REQUESTS) | values},
    optional=dict.fromkeys(_NAMES[1:], values | st.lists(st.lists(texts, max_size=6), max_size=3)),
)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [text for one in value for text in _texts(one)] if isinstance(value, tuple) else []


def _sound(request: Request | Query) -> None:
    fields = [getattr(request, name) for name in type(request).__slots__]
    for text in _texts(tuple(fields)):
        text.encode()  # UnicodeEncodeError for a lone surrogate
        assert len(text) <= MOST_TEXT
    if isinstance(request, Assign):
        assert request.rows
        assert {len(row) for row in request.rows} == {5}


@given(documents)
def test_any_json_is_a_sound_request_or_a_usage_error(document: object) -> None:
    try:
        request = decode(json.dumps(document).encode())
    except UsageError:
        return
    _sound(request)
    assert decode(encode(request)) == request


@given(st.binary(max_size=40))
def test_any_bytes_are_refused_in_words(line: bytes) -> None:
    with pytest.raises(UsageError):
        decode(line)


@pytest.mark.parametrize(
    "document",
    [
        {"request": "retry", "clip": "01\udce9"},
        {"request": "retry", "clip": "01\x00"},
        {"request": "retry", "clip": "x" * (MOST_TEXT + 1)},
        {"request": "flag", "clips": ["\ud800"], "reason": "x"},
        {"request": "flag", "clips": ["x"] * (MOST_CLIPS + 1), "reason": "x"},
        {"request": "assign", "rows": []},
        {"request": "assign", "rows": [[]]},
        {"request": "assign", "rows": [_ROW, _ROW[:4]]},
        {"request": "assign", "rows": [[*_ROW[:1], "CAM\udc80", *_ROW[2:]]]},
        {"request": "assign", "rows": [_ROW], "correct": 1},
        {"request": "enrol", "serial": "\udfff"},
        {"request": "enrol", "serial": None},
        {"request": "consult", "command": "clips", "subject": "\ud800", "reason": "x"},
        {"request": "pause", "login_uid": "1000"},
        {"request": "pause", "login_uid": -1},
        {"request": "pause", "login_uid": True},
        {"request": {}},
        {"request": 7},
    ],
)
def test_what_no_order_can_mean_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        decode(json.dumps(document).encode())


@pytest.mark.parametrize("number", ["1" * 5000, "1e400", "NaN", "-Infinity"])
def test_a_number_where_a_text_is_wanted_is_refused(number: str) -> None:
    with pytest.raises(UsageError):
        decode(f'{{"request": "retry", "clip": {number}}}'.encode())


def test_what_a_person_may_say_is_taken_as_it_is() -> None:
    order = Flag(clips=("01kge4",), reason="Überfall, 東京 \U0001f694", case="C-7")
    assert decode(encode(order)) == order
    assert decode(encode(Retry(clip=""))) == Retry(clip="")


def test_who_logged_in_travels_beside_the_request() -> None:
    assert decode_claim(encode(Retry(clip="01"), claim=1000)) == (Retry(clip="01"), 1000)
    assert decode_claim(encode(Retry(clip="01"))) == (Retry(clip="01"), None)


def test_a_text_that_is_too_long_is_said_to_be_that() -> None:
    """And not to be of another version, which would have somebody restart the dock."""
    for order in (Flag(clips=("01kge4",), reason="x" * (MOST_TEXT + 1), case=""), Retry(clip="y" * 5000)):
        with pytest.raises(UsageError, match=r"has (4,097|5,000) characters; at most 4,096") as caught:
            decode(encode(order))
        assert "restart" not in caught.value.remedy


def test_the_daemon_and_who_asks_it_wait_for_any_list_as_long_as_it_takes() -> None:
    """A list of cameras too: 100,000 rows take half a minute, which is no disk that hangs."""
    row = ("17", "CAM-17", "4411", "", "")
    for order in (Assign(rows=(row,) * 100_000), EnrolRows(rows=(row[:4],) * 100_000)):
        assert more_seconds(order) == 400
    assert more_seconds(Flag(clips=("01kge4",), reason="burglary")) == 0
