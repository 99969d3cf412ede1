"""Which recordings get a note, and can any file make the walk run on?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bwvdock.core import mp4


def box(kind: bytes, body: bytes = b"") -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def large_box(kind: bytes, body: bytes = b"") -> bytes:
    return b"\x00\x00\x00\x01" + kind + (16 + len(body)).to_bytes(8, "big") + body


def notes(content: bytes) -> tuple[str, ...]:
    return mp4.notes(lambda offset, length: content[offset : offset + length], len(content))


@pytest.mark.parametrize(
    "content",
    [
        box(b"ftyp", b"isom") + box(b"moov", b"m" * 50) + box(b"mdat", b"x" * 50),
        box(b"ftyp", b"isom") + box(b"free") + box(b"mdat", b"x" * 50) + box(b"moov", b"m" * 50),
        box(b"ftyp") + large_box(b"mdat", b"x" * 50) + box(b"moov"),
        box(b"ftyp") + box(b"moov") + b"\x00\x00\x00\x00mdat" + b"x" * 50,  # 0: to the end of the file
        box(b"ftyp") + box(b"moov") + (box(b"moof") + box(b"mdat")) * 100,
    ],
)
def test_a_whole_recording_gets_no_note(content: bytes) -> None:
    assert notes(content) == ()


@pytest.mark.parametrize(
    "content,note",
    [
        (b"", "the file is empty"),
        (b"\x00", "not an MP4 file: it begins with no box of one"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "not an MP4 file: it begins with no box of one"),
        (bytes(5000), "not an MP4 file: it begins with no box of one"),
        (box(b"ftyp") + box(b"mdat", b"x" * 50), "no moov: the recording was cut short"),
        (box(b"ftyp") + box(b"mdat", b"x" * 50)[:-9], "no moov: the recording was cut short"),
        (box(b"ftyp") + box(b"moov"), "no mdat: the file holds no footage"),
        (box(b"ftyp") + box(b"moov") + box(b"mdat", b"x" * 50)[:-9], "box mdat at 16 is cut short"),
        (box(b"ftyp") + box(b"moov") + box(b"mdat") + bytes(9), "bytes that belong to no box begin at 24"),
    ],
)
def test_an_odd_recording_gets_one_note_that_says_why(content: bytes, note: str) -> None:
    assert notes(content) == (note,)


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(min_value=0, max_value=2**63))
def test_no_file_makes_the_walk_fail_or_run_on(content: bytes, claimed: int) -> None:
    calls = []

    def read_at(offset: int, length: int) -> bytes:
        calls.append(offset)
        return content[offset : offset + length]

    assert len(mp4.notes(read_at, claimed)) <= 1
    assert len(calls) <= 4096


def test_a_file_of_a_million_empty_boxes_is_left_soon() -> None:
    calls = []

    def read_at(offset: int, length: int) -> bytes:
        calls.append(offset)
        return box(b"free") * 2

    mp4.notes(read_at, 8_000_000)
    assert len(calls) == 4096
