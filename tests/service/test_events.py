"""Does a running dock take a long list from dispatch in parts, and match its footage by itself?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bwvdock.core.facts import ClipMatched, EventRecorded, EventsMatched
from bwvdock.core.moments import iso
from bwvdock.edges.journal import JournalReader, verify_journal
from bwvdock.operators.events.requests import ImportEvents
from bwvdock.operators.requests import Assign, Enrol
from bwvdock.operators.roster import part_rows
from tests.service.desk import SERIAL, Desk, until

ROWS = 3 * part_rows(ImportEvents(rows=())) + 1


@pytest.mark.slow
def test_a_list_is_recorded_in_parts_and_footage_is_matched_with_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    now = datetime.now(UTC)
    begins, ends = iso(now - timedelta(minutes=30)), iso(now + timedelta(minutes=30))
    (desk.camera / "A.MP4").write_bytes(b"footage" * 100)
    rows = tuple((str(n), f"E{n}", f"PC-{n}", "", begins, ends, "call") for n in range(ROWS))
    with desk.build() as configured:
        configured.open()
        desk.ask(configured, Enrol(serial=SERIAL))
        desk.ask(configured, Assign(rows=(("", SERIAL, "PC-7", iso(now - timedelta(hours=1)), ""),)))
        desk.plug(configured)
        until(configured, lambda: any(clip.parts for clip in desk.clips()))
        before = len(desk.told)
        box = desk.put(configured, ImportEvents(rows=rows))
        most = 0
        while box.empty():
            done = len(desk.told)
            configured.dock.turn(timeout=0.05)
            recorded = [fact for fact, _ in desk.told[done:] if isinstance(fact, EventRecorded)]
            most = max(most, len(recorded))
        assert 0 < most <= part_rows(ImportEvents(rows=()))
        answer = box.get()
        assert isinstance(answer, dict)
        assert answer["message"] == f"{ROWS} events recorded."
        until(configured, lambda: any(isinstance(fact, EventsMatched) for fact, _ in desk.told[before:]))
        [match] = [fact for fact, _ in desk.told if isinstance(fact, ClipMatched)]
        assert [(one.event, one.role) for one in match.events] == [("E7", "officer")]
        configured.dock.stop()
    with JournalReader(desk.config.journal) as reader:
        assert [row.clip for row in reader.event_clips("E7")] == [match.clip]
    assert verify_journal(desk.config.journal).problems == ()
