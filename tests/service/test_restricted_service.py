"""Does the running dock keep restricted clips from those who may not see them: in orders, on the screen?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules
from bwvdock.core.clips.classes.veil import Veil
from bwvdock.core.facts import CameraAssigned, CameraEnrolled, ClipFound
from bwvdock.edges.journal import JournalReader
from bwvdock.errors import BwvdockError
from bwvdock.operators.messages import Answer, Asked
from bwvdock.operators.requests import Hold, Request, Retry
from bwvdock.operators.retention.requests import Review
from bwvdock.service.assemble import live_view
from bwvdock.service.request_handler import RequestHandler
from bwvdock.status.values import LiveCamera
from tests.fakes.camera import camera_with
from tests.fakes.station import SERIAL, Station

FIREARMS = RetentionClass(name="firearms", days=90, restricted=True, groups=("team",), units=("Trojan",))
CLOSED = Veil(closed=("firearms",))


@pytest.fixture
def station(tmp_path: Path) -> Station:
    here = Station(tmp_path, retention=RetentionRules(classes=(FIREARMS,)))
    here.ledger.record(
        [
            CameraEnrolled(camera=SERIAL, model="", actor="0:root", unit="Trojan"),
            CameraAssigned(
                camera=SERIAL,
                officer="4411",
                valid_from="2020-01-01T00:00:00.000Z",
                valid_to="",
                actor="0:root",
            ),
        ]
    )
    here.plug(camera_with({"DCIM/100TEST/A.MP4": b"footage"}))
    here.turn()
    return here


@pytest.fixture
def handler(station: Station) -> Iterator[RequestHandler]:
    file = station.root / "journal.sqlite3"
    with JournalReader(file) as reader:
        yield RequestHandler(
            dock=station.dock,
            journal=station.journal,
            journal_file=file,
            reader=reader,
            spool=station.spool,
            live_view=live_view(station.dock, station.spool, station.clock),
        )


def answer(station: Station, handler: RequestHandler, request: Request, veil: Veil | None) -> Answer:
    answers: list[Answer] = []
    handler.asked(Asked(request, "1000:eve", answers.append, veil))
    station.turn()
    [one] = answers
    return one


@pytest.mark.slow
def test_an_order_about_a_clip_that_is_hidden_is_one_about_no_clip(
    station: Station, handler: RequestHandler
) -> None:
    [clip] = [fact.clip for fact in station.facts if isinstance(fact, ClipFound)]
    before = station.kinds()
    for order in (Hold(clips=(clip,), reason="r"), Review(clips=(clip[:10],)), Retry(clip=clip)):
        refused = answer(station, handler, order, CLOSED)
        assert isinstance(refused, BwvdockError)
        assert "There is no clip" in refused.message
    assert station.kinds() == before
    assert not isinstance(answer(station, handler, Hold(clips=(clip,), reason="r"), None), BwvdockError)
    assert not isinstance(
        answer(station, handler, Hold(clips=(clip,), reason="r"), Veil(open=("firearms",))), BwvdockError
    )


def camera(station: Station) -> LiveCamera:
    [docked] = live_view(station.dock, station.spool, station.clock).live().cameras
    return docked


def test_no_screen_says_whose_camera_it_is_nor_of_which_unit(station: Station) -> None:
    assert (camera(station).officer, camera(station).unit) == ("", "")
    station.ledger.classing.rules = RetentionRules()
    assert (camera(station).officer, camera(station).unit) == ("4411", "Trojan")
