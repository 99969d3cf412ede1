"""Is the look at the journal's pages given up when it should be, however large the journal is?"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from bwvdock.edges.journal import open_journal
from bwvdock.edges.journal.verify.soundness import check_pages, interrupted_when
from tests.fakes.clock import FakeClock

_FOR_EVER = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal.sqlite3"
    with open_journal(path, FakeClock()):
        pass
    return path


def test_all_pages_are_looked_at_where_there_is_time(journal: Path) -> None:
    assert check_pages(journal)
    assert check_pages(journal, seconds=600, halted=Event())


def test_it_is_not_begun_when_the_time_is_over(journal: Path) -> None:
    assert not check_pages(journal, seconds=0)


def test_it_is_not_begun_when_the_dock_stops(journal: Path) -> None:
    halted = Event()
    halted.set()
    assert not check_pages(journal, halted=halted)


@pytest.mark.slow
def test_what_would_take_for_ever_is_given_up_as_soon_as_it_should_end(journal: Path) -> None:
    looks = iter([False, False, False])
    with (
        closing(sqlite3.connect(journal)) as db,
        pytest.raises(sqlite3.OperationalError) as caught,
        interrupted_when(lambda: next(looks, True), db),
    ):
        db.execute(_FOR_EVER)
    assert caught.value.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT
