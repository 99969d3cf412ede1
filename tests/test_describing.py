"""Does every verified copy get its custody document, and a newer one, whatever comes between?"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from bwvdock.core.clip import Clip
from bwvdock.core.facts import ClipAttributed, ClipFlagged, ClipHeld
from bwvdock.core.lifecycle import ClipState
from bwvdock.core.ports import Passage
from bwvdock.describing import write_document
from bwvdock.edges.journal import verify_journal
from bwvdock.errors import DestinationRefusedError, DestinationUnavailableError, JournalError
from tests.fakes.camera import camera_with
from tests.fakes.destination import FakeDestination
from tests.fakes.station import SERIAL, Station

CLIPS = {f"DCIM/100TEST/{n}.MP4": bytes([n]) * 1000 for n in range(3)}


def documents(station: Station) -> dict[str, bytes]:
    """Give the vault's documents by the clip's id."""
    files = (station.root / "vault").rglob("*.custody.json")
    return {file.name.split(".")[0]: file.read_bytes() for file in files}


def kinds_in(document: bytes) -> list[str]:
    return [json.loads(entry["leaf"])["kind"] for entry in json.loads(document)["entries"]]


@pytest.fixture
def station(tmp_path: Path) -> Station:
    station = Station(tmp_path)
    station.enrol()
    station.plug(camera_with(CLIPS))
    station.turn()
    return station


def test_every_verified_copy_has_a_document_with_its_own_receipt(station: Station) -> None:
    laid = documents(station)
    assert len(laid) == len(CLIPS)
    for clip_id, document in laid.items():
        clip = station.journal.clip(clip_id)
        assert clip is not None
        assert clip.described == {"vault": hashlib.sha256(document).hexdigest()}
        assert "clip_verified" in kinds_in(document)
        assert json.loads(document)["manifest"]["camera"] == SERIAL
    assert station.ledger.clips == {}, "nothing is left to do"
    assert verify_journal(station.root / "journal.sqlite3").ok


def test_what_people_say_later_is_in_the_next_document(station: Station) -> None:
    before, clip = documents(station), min(documents(station))
    station.ledger.record(
        [
            ClipFlagged(clip=clip, reason="seen", case="K/1", actor="0:root"),
            ClipHeld(clip=clip, reason="inquiry", actor="0:root"),
        ]
    )
    station.turn()
    after = documents(station)
    assert {c for c in after if after[c] != before[c]} == {clip}
    assert kinds_in(after[clip])[-2:] == ["clip_flagged", "clip_held"]
    assert json.loads(after[clip])["manifest"]["evidential"] == "true"
    assert station.kinds().count("clip_described") == len(CLIPS) + 1
    assert station.ledger.clips == {}


def test_a_document_that_is_owed_is_brought_after_a_restart(station: Station) -> None:
    clip = min(documents(station))
    station.journal.append([ClipAttributed(clip=clip, officer="PC-4711")])
    station.restart()
    assert set(station.ledger.clips) == {clip}
    station.turn()
    assert json.loads(documents(station)[clip])["manifest"]["officer"] == "PC-4711"
    assert station.ledger.clips == {}


class Forgetful(FakeDestination):
    """Takes footage, and documents only once `willing`."""

    willing: Exception | None = None

    def describe(self, clip: Clip, document: bytes, passage: Passage) -> str:
        if self.willing is not None:
            raise self.willing
        return super().describe(clip, document, passage)


def a_station_with(root: Path, store: Forgetful) -> Station:
    station = Station(root, destinations=[store])
    station.enrol()
    station.plug(camera_with({"DCIM/100TEST/A.MP4": b"x"}))
    station.turn()
    return station


def test_a_store_that_takes_no_document_now_gets_it_later(tmp_path: Path) -> None:
    store = Forgetful(lambda clip, _: (tmp_path / "spool" / f"{clip.id}.0.mp4").read_bytes())
    store.willing = DestinationUnavailableError("away", remedy="wait")
    station = a_station_with(tmp_path, store)
    assert set(station.states().values()) == {ClipState.VERIFIED}, "the footage is safe all the same"
    assert store.documents == {}
    store.willing = None
    station.clock.pass_ms(301_000)
    station.turn()
    assert len(store.documents) == 1
    assert station.ledger.clips == {}


def test_a_store_that_refuses_documents_is_told_of_and_keeps_the_clip(tmp_path: Path) -> None:
    store = Forgetful(lambda clip, _: (tmp_path / "spool" / f"{clip.id}.0.mp4").read_bytes())
    store.willing = DestinationRefusedError("no documents here", remedy="allow them")
    station = a_station_with(tmp_path, store)
    assert set(station.states().values()) == {ClipState.VERIFIED}
    [clip] = station.ledger.clips.values()
    assert clip.refused == {"vault": "no documents here"}
    assert station.kinds().count("delivery_refused") == 1


class Overtaken(FakeDestination):
    """While the first document is on its way, somebody marks the clip."""

    station: Station | None = None

    def describe(self, clip: Clip, document: bytes, passage: Passage) -> str:
        if self.station is not None and not self.documents:
            flag = ClipFlagged(clip=clip.id, reason="seen", case="", actor="0:root")
            self.station.ledger.record([flag])
        return super().describe(clip, document, passage)


def test_a_document_that_was_overtaken_on_its_way_is_followed_by_a_newer_one(tmp_path: Path) -> None:
    store = Overtaken(lambda clip, _: (tmp_path / "spool" / f"{clip.id}.0.mp4").read_bytes())
    station = Station(tmp_path, destinations=[store])
    store.station = station
    station.enrol()
    station.plug(camera_with({"DCIM/100TEST/A.MP4": b"x"}))
    station.turn()
    [document] = store.documents.values()
    assert "clip_flagged" in kinds_in(document)
    assert station.kinds().count("clip_described") == 2
    assert station.ledger.clips == {}
    assert verify_journal(tmp_path / "journal.sqlite3").ok


def test_a_clip_that_the_journal_does_not_know_has_no_document(station: Station) -> None:
    with pytest.raises(JournalError, match="no clip") as error:
        write_document(station.root / "journal.sqlite3", "x", dock="TEST-01", non_evidential_days=31)
    assert error.value.remedy
