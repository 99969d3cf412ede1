"""What differs between what a camera says and what is expected, whatever it says?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.media.fields import FieldFormat
from bwvdock.core.media.self_reported.expected import (
    FIRMWARE,
    Expected,
    Setting,
    Where,
    contradicts,
    differences,
    expectations,
    in_file,
    shown,
)

LOOP = Setting(name="loop recording", where=Where(file="f", key="loop"), values=("Off", "false"))
EXPECTED = Expected(firmware=("2.1", "2.2"), settings=(LOOP,), officer=Where(code=0xD001))


@pytest.mark.parametrize(
    "says,lines",
    [
        ({FIRMWARE: "2.2", LOOP.name: "OFF"}, ()),
        ({FIRMWARE: "", LOOP.name: ""}, ()),  # what is not known is no difference
        ({}, ()),
        ({FIRMWARE: "1.9"}, ("firmware: says 1.9, expected 2.1 or 2.2",)),
        ({LOOP.name: "on", FIRMWARE: "2.1"}, ("loop recording: says on, expected Off or false",)),
    ],
)
def test_what_differs(says: dict[str, str], lines: tuple[str, ...]) -> None:
    assert differences(EXPECTED, says) == lines


@pytest.mark.parametrize(
    "content,said",
    [
        (b'{"loop": false}', "false"),
        (b'{"loop": "Off"}', "Off"),
        (b'{"loop": 0}', "0"),
        (b'{"loop": [1]}', ""),
        (b"{", ""),
    ],
)
def test_what_a_file_says(content: bytes, said: str) -> None:
    assert in_file(LOOP.where, content) == said


@given(value=st.text() | st.integers() | st.booleans() | st.none(), content=st.binary(max_size=200))
def test_what_is_shown_is_short_and_harmless(value: object, content: bytes) -> None:
    texts = [shown(value)]
    texts += [in_file(Where(file="f", key="(.*)", format=form), content) for form in FieldFormat]
    for text in texts:
        assert text.isprintable()
        assert len(text) <= 64 * len("\\u{10ffff}")


@pytest.mark.parametrize(
    "officer,held_by,differs",
    [
        ("4411", "4411", False),
        ("kelly", " KELLY", False),
        ("", "4411", False),
        ("4411", "", False),
        ("1", "2", True),
    ],
)
def test_a_contradiction_needs_two_that_say_something(officer: str, held_by: str, *, differs: bool) -> None:
    assert contradicts(officer, held_by) is differs


def test_each_thing_that_is_expected_has_a_line() -> None:
    assert expectations(EXPECTED, {FIRMWARE: "1.9"}) == [
        "firmware: says 1.9, expected 2.1 or 2.2",
        "loop recording: says nothing that is known, expected Off or false",
        "officer id: says none",
    ]
    assert expectations(None, {}) == []
