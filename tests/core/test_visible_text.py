"""Can every character be seen, and is what is offered for typing one word?"""

from __future__ import annotations

import json
import shlex
from argparse import ArgumentParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bwvdock.core.visible_text import (
    is_unseen,
    option,
    quoted,
    shortened,
    visible,
    visible_json,
    visible_lines,
)

anything = st.text(st.characters(exclude_categories=()))


@given(anything)
def test_everything_can_be_seen_and_what_could_be_is_left_alone(text: str) -> None:
    shown = visible(text)
    assert not [c for c in shown if is_unseen(c)]
    assert visible(shown) == shown
    if not any(is_unseen(c) for c in text):
        assert shown == text
    shown.encode()


@pytest.mark.parametrize("blank", "\u115f\u1160\u2800\u3164\uffa0")
def test_a_filler_does_not_pass_for_nothing(blank: str) -> None:
    assert visible(blank) == f"\\u{{{ord(blank):x}}}"
    assert json.loads(visible_json(f'"{blank}"')) == blank


@pytest.mark.slow
@given(st.recursive(st.none() | anything, lambda inner: st.lists(inner) | st.dictionaries(anything, inner)))
def test_json_means_the_same(document: object) -> None:
    shown = visible_json(json.dumps(document, ensure_ascii=False, indent=2))
    assert not [c for c in shown if c != "\n" and is_unseen(c)]
    assert json.loads(shown) == json.loads(json.dumps(document))


@given(anything)
def test_a_quoted_word_is_one_word(text: str) -> None:
    words = shlex.split(quoted(text))
    assert [word for word in words if word != "--"] == [visible(text)] or text == "--"


@pytest.mark.parametrize(
    "word,typed",
    [
        ("CAM-17", "CAM-17"),
        ("", "''"),
        ("CAM-17;curl${IFS}x|sh", "'CAM-17;curl${IFS}x|sh'"),
        ("it's", "'it'\"'\"'s'"),
        ("-rf", "-- -rf"),
    ],
)
def test_quoting_is_a_shells(word: str, typed: str) -> None:
    assert quoted(word) == typed


def test_nothing_stands_for_what_is_not_known() -> None:
    assert quoted("", "SERIAL") == "SERIAL"


def test_lines_have_an_end() -> None:
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd", 3) == "ab…"
    assert visible_lines("a\nb\x1b") == "a\nb\\u{1b}"
    assert len(visible_lines("x" * 10_000)) == 2000


@given(text=anything.filter(bool))
@example(text="-X12")
@example(text="AB 12")
def test_an_option_has_its_value_whatever_that_is(text: str) -> None:
    parser = ArgumentParser()
    parser.add_argument("--camera")
    assert parser.parse_args(shlex.split(option("--camera", text))).camera == visible(text)
