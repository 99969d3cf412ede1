"""Does an order to hurry a clip reach whoever copies and uploads?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import ClipAcquired, ClipFound, ClipUploaded
from bwvdock.edges.journal import JournalReader
from bwvdock.operators.messages import Answer, Asked
from bwvdock.operators.requests import Hurry
from bwvdock.service.assemble import live_view
from bwvdock.service.request_handler import RequestHandler
from tests.delivery.test_destination_queue import a_station
from tests.fakes.camera import camera_with
from tests.fakes.station import Station

CLIPS = 70  # more than are copied together


def order_of(station: Station, kind: type[ClipFound | ClipAcquired | ClipUploaded]) -> list[str]:
    return [fact.clip for fact in station.facts if isinstance(fact, kind)]


@pytest.mark.slow
def test_a_clip_that_is_still_on_its_camera_is_copied_and_uploaded_before_others(tmp_path: Path) -> None:
    station = a_station(tmp_path, True, held_up=("bay 1-1", "upload store0"))
    station.plug(camera_with({f"DCIM/100TEST/{n:02}.MP4": bytes([n]) * 100 for n in range(CLIPS)}))
    bay, sender = (station.held_up[name] for name in ("bay 1-1", "upload store0"))
    while "copy_intended" not in station.kinds():
        bay.go_on(station.inbox.put)
        station.turn()
    last = order_of(station, ClipFound)[-1]
    answers: list[Answer] = []
    journal_file = tmp_path / "journal.sqlite3"
    with JournalReader(journal_file) as reader:
        handler = RequestHandler(
            dock=station.dock,
            journal=station.journal,
            journal_file=journal_file,
            reader=reader,
            spool=station.spool,
            live_view=live_view(station.dock, station.spool, station.clock),
        )
        handler.asked(Asked(Hurry(clips=(last,)), "1000:ann", answers.append))
        station.turn()
    [answer] = answers
    assert isinstance(answer, dict)
    assert answer["recorded"] == ["clip_hurried"]
    assert "still on camera" in answer["message"]
    while len(order_of(station, ClipAcquired)) < CLIPS:
        bay.go_on(station.inbox.put)
        station.turn()
    place = order_of(station, ClipAcquired).index(last)
    assert 0 < place < CLIPS - 1, "before all that were not being copied yet"
    assert len(set(order_of(station, ClipAcquired))) == CLIPS, "and each once"
    while sender.jobs:
        sender.do_next(station.inbox.put)
        station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}
    assert order_of(station, ClipUploaded)[0] == last
