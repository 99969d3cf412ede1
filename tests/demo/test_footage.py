"""The demonstration's clips are whole MP4 files that play on, of the size that was asked for."""

from __future__ import annotations

import hashlib
import struct
from itertools import pairwise
from pathlib import Path

import pytest

from bwvdock.demo.footage import LOOP, boxes, write_clip

MB = 1_000_000


def made(tmp_path: Path, size: int, *, seed: int = 1) -> bytes:
    write_clip(tmp_path / f"{seed}.mp4", size, seed=seed)
    return (tmp_path / f"{seed}.mp4").read_bytes()


@pytest.mark.parametrize("size", [200_000, 3 * MB, 12 * MB])
def test_a_clip_has_the_size_that_was_asked_for(tmp_path: Path, size: int) -> None:
    assert 0 <= size - len(made(tmp_path, size)) <= 7


def test_the_smallest_clip_has_one_fragment(tmp_path: Path) -> None:
    kinds = [box.kind for box in boxes(made(tmp_path, 1))]
    assert (kinds.count(b"moof"), kinds.count(b"mdat")) == (1, 1)


def test_boxes_follow_each_other_as_the_standard_says(tmp_path: Path) -> None:
    data = made(tmp_path, 3 * MB)
    top = [box for box in boxes(data) if box.kind in {b"ftyp", b"moov", b"moof", b"mdat", b"free", b"mfra"}]
    kinds = [box.kind for box in top]
    assert kinds[:2] == [b"ftyp", b"moov"]
    fragments = kinds[2:-1] if kinds[-1] == b"free" else kinds[2:]
    assert fragments == [b"moof", b"mdat"] * (len(fragments) // 2)
    assert len(fragments) > 2 * 8  # longer than the loop: it was repeated
    assert (top[0].start, top[-1].end) == (0, len(data))
    assert all(before.end == after.start for before, after in pairwise(top))


def test_fragments_are_numbered_and_time_goes_on(tmp_path: Path) -> None:
    data = made(tmp_path, 3 * MB)
    numbers = [struct.unpack_from(">I", data, b.start + 12)[0] for b in boxes(data) if b.kind == b"mfhd"]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    times = [struct.unpack_from(">Q", data, b.start + 12)[0] for b in boxes(data) if b.kind == b"tfdt"]
    for track in (times[::2], times[1::2]):
        steps = [after - before for before, after in pairwise(track)]
        assert min(steps) > 0
        assert max(steps) < 1.2 * min(steps)  # a second each, give or take an audio frame


def test_clips_of_different_seeds_differ_in_every_mebibyte(tmp_path: Path) -> None:
    one, two = made(tmp_path, 6 * MB, seed=1), made(tmp_path, 6 * MB, seed=2)
    step = 2**20
    pieces = [(one[at : at + step], two[at : at + step]) for at in range(0, len(one), step)]
    assert all(a != b for a, b in pieces)


def test_the_same_seed_gives_the_same_clip(tmp_path: Path) -> None:
    digests = {hashlib.sha256(made(tmp_path, MB, seed=7)).hexdigest() for _ in range(2)}
    assert len(digests) == 1


def test_the_loop_is_small_and_fragmented() -> None:
    data = LOOP.read_bytes()
    assert MB < len(data) < 1.5 * MB
    assert sum(box.kind == b"moof" for box in boxes(data)) >= 8


@pytest.mark.parametrize("size", [0, 7, 100])
def test_a_box_that_lies_about_its_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="states"):
        list(boxes(struct.pack(">I4s", size, b"free")))
