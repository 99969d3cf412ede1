"""The fixtures are what their README says."""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.core.media.kinds import VIDEO
from bwvdock.demo.footage import boxes

FIXTURES = Path(__file__).parents[1] / "fixtures"
CLIPS = FIXTURES / "clips"


def order(name: str) -> list[bytes]:
    return [box.kind for box in boxes((CLIPS / name).read_bytes()) if box.kind in {b"moov", b"mdat"}]


def test_the_index_stands_where_the_name_says() -> None:
    assert order("normal.mp4") == [b"mdat", b"moov"]
    assert order("faststart.mp4") == [b"moov", b"mdat"]


def test_the_clip_cut_short_is_the_beginning_of_the_whole_one() -> None:
    cut = (CLIPS / "cut-short.mp4").read_bytes()
    assert (CLIPS / "normal.mp4").read_bytes().startswith(cut)
    with pytest.raises(ValueError, match="mdat"):
        order("cut-short.mp4")


def test_the_empty_clip_is_empty() -> None:
    assert (CLIPS / "empty.mp4").stat().st_size == 0


def test_each_clip_of_a_camera_has_a_content_of_its_own() -> None:
    for camera in (FIXTURES / "cameras").iterdir():
        clips = [path.read_bytes() for path in camera.rglob("*") if path.suffix.lower()[1:] in VIDEO]
        assert len(set(clips)) == len(clips) > 1


def test_the_fixtures_are_small() -> None:
    assert sum(path.stat().st_size for path in FIXTURES.rglob("*") if path.is_file()) < 3_000_000
