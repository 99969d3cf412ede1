"""Is the look at the journal's pages given up when it should be, however large the journal is?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from bwvdock.edges.journal import open_journal
from bwvdock.edges.journal.verify.soundness import check_pages
from tests.fakes.clock import FakeClock

_PAGES = 10_000
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a journal whose pages take far longer to look at than a thread takes to begin."""
    path = tmp_path_factory.mktemp("large") / "journal.sqlite3"
    with open_journal(path, FakeClock()):
        pass
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA synchronous = OFF")
        db.executemany(
            "INSERT INTO private VALUES (?, 'path', ?, ?)",
            ((f"{n:064x}", bytes(32), "v" * 3900) for n in _numbers()),
        )
    return path


def _numbers() -> Iterator[int]:
    return iter(range(_PAGES))


def test_all_pages_are_looked_at_where_there_is_time(large: Path) -> None:
    assert check_pages(large)
    assert check_pages(large, seconds=600)


def test_it_is_given_up_when_the_time_is_over(large: Path) -> None:
    assert not check_pages(large, seconds=0)


def test_it_is_given_up_when_the_dock_stops(large: Path) -> None:
    halted = Event()
    halted.set()
    assert not check_pages(large, halted=halted)
