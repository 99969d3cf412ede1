"""Do the benchmarks' own makers of data still fit what they measure?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.dock import _Clock
from benchmarks.finding import fill
from benchmarks.history import camera_of, long_journal, officer_of
from benchmarks.picture import picture, ratios
from benchmarks.run import DOCUMENT, PICTURE, SECTIONS
from bwvdock.core.custody.exact import read_exact, read_none
from bwvdock.core.custody.records import ClipFilter
from bwvdock.edges.journal import JournalReader, open_journal
from bwvdock.edges.journal.read.reports import Missing, Period
from bwvdock.edges.journal.verify.verify import verify_journal

pytestmark = pytest.mark.slow


def test_every_section_can_be_loaded() -> None:
    assert len(SECTIONS) > 10


def test_the_picture_shows_what_the_document_says() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert PICTURE.read_text(encoding="utf-8") == picture(document)
    assert len(list(ratios(document))) > 10


def test_a_table_that_was_changed_without_its_picture_is_told() -> None:
    document = DOCUMENT.read_text(encoding="utf-8").replace("| speed beside `rsync -c` |", "| beside rsync |")
    with pytest.raises(ValueError, match="rsync"):
        picture(document)


def test_rows_that_are_made_for_finding_are_found(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    with open_journal(path, _Clock()) as journal:
        journal.append([])
    fill(path, 1000)
    with JournalReader(path) as reader:
        [row, *_] = reader.clips(ClipFilter(officer="PC-0042"))
        assert [receipt.destination for receipt in row.receipts] == ["vault"]
        assert len(list(reader.clips())) == 1000


def test_the_report_of_what_is_missing_reads_clips_that_were_found_in_its_span(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    with open_journal(path, _Clock()) as journal:
        journal.append([])
    docked = [datetime(2026, 1, day, tzinfo=UTC) for day in (5, 6, 7)]
    fill(path, 400 * 102, docked=docked)
    with JournalReader(path) as reader:
        found = reader.absences(Period(since=docked[0]), before=docked[0])
        after = docked[2] + timedelta(days=1)
        assert reader.absences(Period(since=after), before=docked[0]) == []
    assert {absence.what for absence in found} == {Missing.NUMBERS}
    assert len({absence.camera for absence in found}) == len(found) == 400


def test_a_long_history_is_in_order_and_found(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    entries = long_journal(path, 300)
    for read in (read_exact, read_none):
        verification = verify_journal(path, read=read)
        assert verification.ok
        assert (verification.entries, verification.remarks) == (entries, ())
    with JournalReader(path) as reader:
        assert len(list(reader.clips(ClipFilter(camera=camera_of(2))))) == 100
        assert len(list(reader.clips(ClipFilter(officer=officer_of(0))))) == 30
        assert reader.unfinished_clip("camera", camera_of(2)) == ""
