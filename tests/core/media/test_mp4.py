"""Which recordings get a note, and can any file make the walk run on?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.clips.dates.date_evidence import VideoHeader
from bwvdock.core.media import mp4


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
        (b"\x00", "not an MP4 file: it does not begin with an MP4 box"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "not an MP4 file: it does not begin with an MP4 box"),
        (bytes(5000), "not an MP4 file: it does not begin with an MP4 box"),
        (box(b"ftyp") + box(b"mdat", b"x" * 50), "no moov: the recording is incomplete"),
        (box(b"ftyp") + box(b"mdat", b"x" * 50)[:-9], "no moov: the recording is incomplete"),
        (box(b"ftyp") + box(b"moov"), "no mdat: the file has no footage"),
        (
            box(b"ftyp") + box(b"moov") + box(b"mdat", b"x" * 50)[:-9],
            "the file ends inside its mdat box: the recording is incomplete",
        ),
        (box(b"ftyp") + box(b"moov") + box(b"mdat") + bytes(9), "bytes outside any box from 24 on"),
    ],
)
def test_an_odd_recording_gets_one_note_that_says_why(content: bytes, note: str) -> None:
    assert notes(content) == (note,)


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


# --- the movie header ----------------------------------------------------------------------------------

CREATED = 2_082_844_800 + 1_773_483_300  # 14 March 2026, 10:15 UTC, counted from 1904


def mvhd(*, version: int = 0, created: int = CREATED, scale: int = 600, length: int = 36_000) -> bytes:
    width = 8 if version == 1 else 4
    times = created.to_bytes(width, "big") * 2
    return box(
        b"mvhd", bytes([version, 0, 0, 0]) + times + scale.to_bytes(4, "big") + length.to_bytes(width, "big")
    )


def header(content: bytes) -> VideoHeader | None:
    return mp4.header(lambda offset, length: content[offset : offset + length], len(content))


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize(
    "around", [lambda moov: moov, lambda moov: box(b"ftyp") + large_box(b"mdat", b"x" * 50) + moov]
)
def test_the_movie_header_says_when_and_how_long(version: int, around: Callable[[bytes], bytes]) -> None:
    content = around(box(b"moov", box(b"udta", b"u" * 9) + mvhd(version=version)))
    assert header(content) == VideoHeader(created_s=1_773_483_300, length_ms=60_000)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        box(b"ftyp") + box(b"mdat", b"x"),
        box(b"moov"),
        box(b"moov", box(b"mvhd")),
        box(b"moov", mvhd()[:-9]),
        box(b"moov", mvhd(created=0)),  # never set
        box(b"moov", mvhd(version=1, created=2**64 - 1)),
        box(b"moov", mvhd(version=2)),
        box(b"moov", b"\x00\x00\x00\x01mvhd" + (2**63).to_bytes(8, "big")),
        mvhd(),  # outside of any moov
    ],
)
def test_a_header_that_says_nothing_is_none(content: bytes) -> None:
    assert header(content) is None


def test_a_length_that_cannot_be_is_left_out() -> None:
    for oddity in (mvhd(scale=0), mvhd(version=1, length=2**64 - 1)):
        found = header(box(b"moov", oddity))
        assert found is not None
        assert found.length_ms == 0


@given(st.binary(max_size=400), st.integers(min_value=0, max_value=400))
def test_no_bytes_make_it_fail(noise: bytes, at: int) -> None:
    whole = box(b"ftyp") + box(b"moov", mvhd())
    header(whole[:at] + noise + whole[at + len(noise) :])
