"""Can no name that a device gave do harm, and does none lose a byte?"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.media.names import escape, suffix, unescape

ALLOWED = frozenset({"mp4", "mov"})


@given(st.binary(max_size=60))
def test_every_name_comes_back_byte_for_byte(name: bytes) -> None:
    assert unescape(escape(name)) == name


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_every_text_comes_back_too(name: str) -> None:
    assert unescape(escape(name.encode())) == name.encode()


@given(st.one_of(st.binary(max_size=60), st.text(st.characters(exclude_categories=["Cs"])).map(str.encode)))
def test_nothing_that_a_terminal_or_a_log_acts_on_is_left(name: bytes) -> None:
    shown = escape(name)
    assert not {unicodedata.category(c)[0] for c in shown} & {"C"}
    assert "\n" not in shown
    shown.encode("utf-8")


@pytest.mark.parametrize(
    "name,shown",
    [
        (b"VID_0001.MP4", "VID_0001.MP4"),
        ("Führerschein 3.MP4".encode(), "Führerschein 3.MP4"),
        (b"a\nb", "a\\u{a}b"),
        (b"\x1b[31m", "\\u{1b}[31m"),
        (b"bad\xff", "bad\\xff"),
        ("4pm\u202e.exe".encode(), "4pm\\u{202e}.exe"),
        (b"a\\xff", "a\\\\xff"),
    ],
)
def test_names_are_shown_so(name: bytes, shown: str) -> None:
    assert escape(name) == shown


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_two_names_are_never_shown_alike(one: bytes, other: bytes) -> None:
    assert (escape(one) == escape(other)) == (one == other)


@pytest.mark.parametrize(
    "path,kept",
    [
        ("DCIM/100/A.MP4", "mp4"),
        ("a.b/CLIP", "bin"),
        ("x.MoV", "mov"),
        ("x.mp4/../../etc/passwd", "bin"),
        ("x.sh", "bin"),
        ("", "bin"),
        ("mp4", "mp4"),
    ],
)
def test_only_known_suffixes_are_kept(path: str, kept: str) -> None:
    assert suffix(path, allowed=ALLOWED) == kept
