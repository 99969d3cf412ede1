"""Does looking for what is to be erased find everything, part by part, in as many steps in every journal?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest

from benchmarks.history import camera_of, clip_id, long_journal, officer_of
from bwvdock.core.custody.records import Part
from bwvdock.edges.journal import JournalReader, erasable
from tests.edges.journal.steps import steps_of

T = TypeVar("T")
_CLIPS, _MORE = 2_100, 6_300
_LATER = "2099-01-01T00:00:00.000Z"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def journals(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a journal and one of several times as many clips."""
    made = tuple(tmp_path_factory.mktemp(f"of-{clips}") / "journal.sqlite3" for clips in (_CLIPS, _MORE))
    for path, clips in zip(made, (_CLIPS, _MORE), strict=True):
        long_journal(path, clips)
    return made[0], made[1]


def _all(part: Callable[[str], Part[T]]) -> Iterator[T]:
    after = ""
    for number in count():
        found = part(after)
        yield from found.found
        after = found.after
        if not after:
            return
        assert number < 1000, "it never ends"


def test_parts_find_each_clip_once(journals: tuple[Path, Path]) -> None:
    with JournalReader(journals[1]) as reader:
        for most in (30, 1000):
            clips = list(_all(partial(reader.finished_clips, _LATER, most)))
            assert clips == [clip_id(number) for number in range(_MORE)]
        third = reader.clip_row(clip_id(300))
        assert third is not None
        at = third.acquired_at or ""
        early = list(_all(partial(reader.finished_clips, at, 1000)))
        assert early == [clip_id(number) for number in range(300)]


def test_parts_find_each_value_once(journals: tuple[Path, Path]) -> None:
    with JournalReader(journals[1]) as reader, closing(sqlite3.connect(journals[1])) as db:
        paths = list(_all(partial(reader.values_saying, "camera", "VID_000042")))
        rows = db.execute("SELECT field, commitment FROM private WHERE instr(value, 'VID_000042')")
        assert sorted(paths) == sorted(rows)
        assert len(paths) == _MORE // 100
        [(field, committed)] = _all(partial(reader.values_saying, "officer", officer_of(1)))
        assert reader.report(
            lambda db: db.execute("SELECT value FROM private WHERE commitment = ?", (committed,))
        ) == [(officer_of(1),)]
        assert field == "officer"


_QUESTIONS: dict[str, Callable[[sqlite3.Connection], object]] = {
    "clips before a time": lambda db: erasable.finished_clips(db, _LATER, 100, ""),
    "clips before a time, none of them": lambda db: erasable.finished_clips(db, "2020", 100, ""),
    "a value": lambda db: erasable.values_saying(db, "camera", camera_of(3), ""),
    "a camera's clip": lambda db: list(erasable.unfinished_clip(db, "camera", camera_of(3))),
    "an officer's clip": lambda db: list(erasable.unfinished_clip(db, "officer", officer_of(0))),
    "a case's clip": lambda db: list(erasable.unfinished_clip(db, "case", "C-1")),
    "a clip that an operator marked": lambda db: list(erasable.unfinished_clip(db, "actor", "0:root")),
    "an officer's cameras": lambda db: list(erasable.cameras_of(db, officer_of(0))),
}


@pytest.mark.parametrize("question", _QUESTIONS)
def test_a_part_takes_as_many_steps_in_a_journal_of_many_more_clips(
    journals: tuple[Path, Path], question: str
) -> None:
    few, many = (steps_of(path, _QUESTIONS[question]) for path in journals)
    assert many <= few * 1.5 + 500
