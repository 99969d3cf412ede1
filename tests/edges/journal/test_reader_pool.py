"""Do many threads read the journal with few connections, each of them alone with its own?"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from bwvdock.edges.journal.read.pool import ReaderPool
from bwvdock.errors import JournalError
from tests.fakes.journals import lay_empty_journal


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    lay_empty_journal(tmp_path / "journal.sqlite3")
    return tmp_path / "journal.sqlite3"


def open_files(journal: Path) -> int:
    """Return how often this process has the journal's file open."""
    found = 0
    for number in os.listdir("/proc/self/fd"):
        try:
            found += os.readlink(f"/proc/self/fd/{number}") == str(journal)
        except OSError:  # that of the listing itself
            continue
    return found


@pytest.mark.slow
def test_no_more_connections_are_open_than_threads_may_read_at_once(journal: Path) -> None:
    most, lent, wrong = 3, set[object](), list[object]()

    def read(_: int) -> None:
        with pool.lend() as reader:
            if reader in lent or len(lent) >= most:
                wrong.append(reader)
            lent.add(reader)
            reader.summary()
            lent.discard(reader)

    with closing(ReaderPool(journal, most=most)) as pool, ThreadPoolExecutor(16) as threads:
        for _ in threads.map(read, range(100)):
            assert open_files(journal) <= most
    assert wrong == []
    assert open_files(journal) == 0


def test_who_comes_while_all_are_lent_waits_for_one(journal: Path) -> None:
    with closing(ReaderPool(journal, most=1)) as pool:
        done = threading.Event()

        def read() -> None:
            with pool.lend():
                done.set()

        with pool.lend():
            waiting = threading.Thread(target=read, daemon=True)
            waiting.start()
            assert not done.is_set()
        assert done.wait(10)
        waiting.join(10)


def test_a_reader_that_met_an_error_is_not_lent_again(journal: Path) -> None:
    with closing(ReaderPool(journal, most=1)) as pool:
        with pytest.raises(JournalError), pool.lend() as first:
            raise JournalError("It cannot be read.")
        with pool.lend() as second:
            assert second is not first
            assert open_files(journal) == 1


def test_what_is_lent_when_all_is_closed_is_closed_when_it_comes_back(journal: Path) -> None:
    pool = ReaderPool(journal)
    with pool.lend() as reader:
        pool.close()
        assert reader.summary().entries == 0
    assert open_files(journal) == 0
