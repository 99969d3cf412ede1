"""Is a value shown as it stands in the file, harmlessly, and never if it may be a secret?"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.config.toml_value import HIDDEN, shown_key, shown_value

KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=7)


@pytest.mark.parametrize(
    "value,shown",
    [
        (True, "true"),
        (3, "3"),
        (0.5, "0.5"),
        ("LEW/03", '"LEW/03"'),
        ('a "b"\\\n', r'"a \"b\"\\\n"'),
        (["*", 1, False], '["*", 1, false]'),
        ([["a"], [], {"a": 1}, {}], "[[…], [], {…}, {}]"),
        ([], "[]"),
        ({"a": "b"}, "{…}"),
        ({}, "{}"),
        (time(22), "22:00:00"),
        (datetime(2026, 3, 1, 6, tzinfo=UTC), "2026-03-01 06:00:00+00:00"),
    ],
)
def test_a_value_is_shown_as_it_stands_in_the_file(value: object, shown: str) -> None:
    assert shown_value("a", value) == shown


@pytest.mark.slow
@given(KEYS, st.lists(TEXTS, max_size=1) | TEXTS | st.integers(-9, 9) | st.booleans())
def test_what_is_shown_could_be_written_so(key: str, value: object) -> None:
    line = f"{shown_key(key)} = {shown_value('', value)}"
    assert line.isprintable()
    if HIDDEN not in line:
        assert tomllib.loads(line) == {key: value}


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\x9b2J", "\x7f", "\u202e", "\u2028", "\U000e0041"])
def test_nothing_can_act_on_a_terminal(hostile: str) -> None:
    assert shown_value("a", hostile).isprintable()
    assert shown_value("a", [hostile]).isprintable()
    assert shown_key(hostile).isprintable()


def test_what_is_long_is_shown_short() -> None:
    assert shown_value("a", "x" * 500) == '"' + "x" * 78 + "…"
    assert len(shown_value("a", ["x"] * 500)) == len(shown_key("x" * 500)) == 80


@pytest.mark.parametrize(
    "key",
    [
        "secret_key",
        "bearer_token",
        "PASSWORD",
        "passphrase",
        "unlock-credential",
        "api_key",
        "AccessKey",
        "Authorization",
        "Cookie",
        "headers",
        "pin",
    ],
)
@pytest.mark.parametrize("value", ["hunter22", ["hunter22"], {"a": "hunter22"}, 4711])
def test_no_value_of_a_key_that_is_named_like_a_secret_is_shown(key: str, value: object) -> None:
    assert shown_value(key, value) in {HIDDEN, "{…}"}


@pytest.mark.parametrize(
    "value",
    [
        "https://ann:hunter22@tus.example.org/",
        "https://ann:hun/ter22@tus.example.org/",
        "https://s3.example.org/evidence?X-Amz-Signature=hunter22",
        "https://s3.example.org/#hunter22",
        "-----BEGIN PRIVATE KEY-----\nhunter22",
    ],
)
def test_no_value_that_looks_like_a_secret_is_shown(value: str) -> None:
    assert shown_value("url", value) == HIDDEN
    assert "hunter22" not in shown_value("urls", [value])


@pytest.mark.parametrize(
    "key,value,shown",
    [
        ("secret_key_file", "/etc/bwvdock/../key", '"/etc/bwvdock/../key"'),
        ("secret_key_file", "wJalr/XUtnFEMI", HIDDEN),  # the key itself where its file was to be named
        ("url", "https://tus.example.org/files/", '"https://tus.example.org/files/"'),
        ("pins", 3, "3"),
    ],
)
def test_where_a_secret_is_may_be_shown(key: str, value: object, shown: str) -> None:
    assert shown_value(key, value) == shown
