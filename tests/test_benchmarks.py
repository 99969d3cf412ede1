"""Do the benchmarks' own makers of data still fit what they measure?"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.dock import _Clock
from benchmarks.finding import fill
from bwvdock.core.custody.records import ClipFilter
from bwvdock.edges.journal import JournalReader, open_journal

pytestmark = pytest.mark.slow


def test_rows_that_are_made_for_finding_are_found(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    with open_journal(path, _Clock()) as journal:
        journal.append([])
    fill(path, 1000)
    with JournalReader(path) as reader:
        [row, *_] = reader.clips(ClipFilter(officer="PC-0042"))
        assert [receipt.destination for receipt in row.receipts] == ["vault"]
        assert len(list(reader.clips())) == 1000
