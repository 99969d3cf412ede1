"""Does an order to dispose say that something is past its date and stays, while notice runs?"""

from __future__ import annotations

from pathlib import Path

from bwvdock.core.clips.classes.rules import RetentionRules
from bwvdock.edges.journal import JournalReader
from bwvdock.operators.messages import Answer, Asked
from bwvdock.operators.requests import Dispose
from bwvdock.service.assemble import live_view
from bwvdock.service.request_handler import RequestHandler
from tests.fakes.camera import camera_with
from tests.fakes.station import Station

DAY = 24 * 3600 * 1000


def test_what_waits_for_its_notice_is_not_called_nothing(tmp_path: Path) -> None:
    station = Station(tmp_path, retention=RetentionRules(days=31, notice_days=7))
    station.enrol()
    station.visit(camera_with({"DCIM/100TEST/A.MP4": b"footage"}))
    answers: list[Answer] = []
    with JournalReader(tmp_path / "journal.sqlite3") as reader:
        handler = RequestHandler(
            dock=station.dock,
            journal=station.journal,
            journal_file=tmp_path / "journal.sqlite3",
            reader=reader,
            spool=station.spool,
            live_view=live_view(station.dock, station.spool, station.clock),
        )
        for passing in (0, 40, 8):
            station.clock.pass_ms(passing * DAY)
            handler.asked(Asked(Dispose(), "1000:ann", answers.append))
            station.turn()
    nothing, waits, goes = (dict(answer) for answer in answers if not isinstance(answer, Exception))
    assert nothing == {"message": "Nothing is due.", "copies": 0}
    assert waits["copies"] == 0
    assert "bwvdock dispose --dry-run" in waits["message"]
    assert goes["copies"] == 2
