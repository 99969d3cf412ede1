"""Does every verified copy get its custody document, and a newer one, whatever comes between?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.custody.summary import Undescribed
from bwvdock.core.facts import ClipAttributed, ClipFlagged, ClipHeld, DeliveryResumed
from bwvdock.core.ports import TransferControl
from bwvdock.delivery.describing import write_document
from bwvdock.edges.journal import JournalReader, verify_journal
from bwvdock.errors import DestinationRefusedError, DestinationUnavailableError, DurabilityError, JournalError
from bwvdock.status.alerts import AlertCode
from tests.fakes.camera import camera_with
from tests.fakes.destination import FakeDestination
from tests.fakes.station import SERIAL, Station

CLIPS = {f"DCIM/100TEST/{n}.MP4": bytes([n]) * 1000 for n in range(3)}


def documents(station: Station) -> dict[str, bytes]:
    """Return the vault's documents by the clip's id."""
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_document_that_is_owed_is_brought_after_a_restart(station: Station) -> None:
    clip = min(documents(station))
    station.journal.append([ClipAttributed(clip=clip, officer="PC-4711")])
    station.restart()
    assert set(station.ledger.clips) == {clip}
    station.turn()
    assert json.loads(documents(station)[clip])["manifest"]["officer"] == "PC-4711"
    assert station.ledger.clips == {}


class Telling(FakeDestination):
    """Notes of which clips it was told that they are evidence, as stores with locks or tags do."""

    told: Sequence[bool] = ()

    def describe(self, clip: Clip, document: bytes, transfer: TransferControl) -> str:
        self.told = [*self.told, clip.evidential]
        return super().describe(clip, document, transfer)


def test_what_is_said_while_a_document_waits_for_its_turn_reaches_the_store(tmp_path: Path) -> None:
    spool, waiting = tmp_path / "spool", "upload vault"
    store = Telling(lambda clip, _: (spool / f"{clip.id}.0.mp4").read_bytes())
    station = Station(tmp_path, destinations=[store], held_up=(waiting,))
    station.enrol()
    station.plug(camera_with({"DCIM/100TEST/A.MP4": b"x"}))
    station.turn()
    for _ in ("upload", "verify"):
        station.held_up[waiting].go_on(station.inbox.put)
        station.turn()
    [clip] = station.ledger.clips.values()
    assert clip.owes_document("vault") and station.held_up[waiting].jobs and not store.told  # noqa: PT018
    station.ledger.record([ClipFlagged(clip=clip.id, reason="seen", case="", actor="0:root")])
    while station.held_up[waiting].jobs:
        station.held_up[waiting].go_on(station.inbox.put)
        station.turn()
    assert store.told[-1] is True
    assert station.ledger.clips == {}


class Forgetful(FakeDestination):
    """Takes footage, and documents only once `willing`."""

    willing: Exception | None = None

    def describe(self, clip: Clip, document: bytes, transfer: TransferControl) -> str:
        if self.willing is not None:
            raise self.willing
        return super().describe(clip, document, transfer)


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
    assert station.ledger.clips == {}, "what waits for an operator is not kept in memory"
    clip = the_clip(station)
    assert (clip.refused, clip.undescribed) == ({}, {"vault": "no documents here"})
    assert clip.receipts["vault"].sha256 == clip.sha256
    assert [kind for kind in station.kinds() if kind.endswith("_refused")] == ["document_refused"]
    assert not {AlertCode.CLIPS_REFUSED} & set(station.alerts())
    assert verify_journal(tmp_path / "journal.sqlite3").ok


def the_clip(station: Station) -> Clip:
    """Return the only clip, as the journal has it."""
    with JournalReader(station.root / "journal.sqlite3") as reader:
        [row] = reader.clips()
    clip = station.journal.clip(row.id)
    assert clip is not None
    return clip


def test_a_refused_document_is_in_the_status_and_in_the_clips_receipt(tmp_path: Path) -> None:
    store = Forgetful(lambda clip, _: (tmp_path / "spool" / f"{clip.id}.0.mp4").read_bytes())
    store.willing = DestinationRefusedError("no documents here", remedy="allow them")
    station = a_station_with(tmp_path, store)
    station.restart()
    with JournalReader(tmp_path / "journal.sqlite3") as reader:
        [row], known = list(reader.clips()), reader.summary()
    assert row.refused == {}
    assert [receipt.document_refused for receipt in row.receipts] == ["no documents here"]
    assert known.undescribed == {"vault": Undescribed(clips=1, clip=row.id, reason="no documents here")}


@pytest.mark.slow
@pytest.mark.parametrize("occasion", ["order", "news"])
def test_a_refused_document_is_offered_again_by_an_order_and_when_there_is_news(
    tmp_path: Path, occasion: str
) -> None:
    store = Forgetful(lambda clip, _: (tmp_path / "spool" / f"{clip.id}.0.mp4").read_bytes())
    store.willing = DestinationRefusedError("no documents here", remedy="allow them")
    station = a_station_with(tmp_path, store)
    station.restart()
    station.clock.pass_ms(301_000)
    station.turn()
    assert station.kinds().count("document_refused") == 1, "it was not asked again by itself"
    store.willing, clip = None, the_clip(station)
    again: dict[str, DeliveryResumed | ClipFlagged] = {
        "order": DeliveryResumed(clip=clip.id, actor="0:root"),
        "news": ClipFlagged(clip=clip.id, reason="seen", case="", actor="0:root"),
    }
    station.ledger.record([again[occasion]])
    station.turn()
    assert len(store.documents) == 1
    assert the_clip(station).undescribed == {}
    assert station.ledger.clips == {}
    with JournalReader(tmp_path / "journal.sqlite3") as reader:
        assert reader.summary().undescribed == {}
    assert verify_journal(tmp_path / "journal.sqlite3").ok


def test_what_one_store_says_of_the_document_keeps_the_clip_from_no_other(tmp_path: Path) -> None:
    """The first has proven its copy, and takes no document, before the second has any."""
    spool = tmp_path / "spool"
    store, second = (
        kind(lambda clip, _: (spool / f"{clip.id}.0.mp4").read_bytes(), name=name)
        for kind, name in ((Forgetful, "store"), (FakeDestination, "second"))
    )
    assert isinstance(store, Forgetful)
    store.willing = DestinationRefusedError("no documents here", remedy="allow them")
    station = Station(tmp_path, destinations=[store, second], held_up=("upload second",))
    station.enrol()
    station.plug(camera_with({"DCIM/100TEST/A.MP4": b"x"}))
    station.turn()
    assert station.kinds().count("document_refused") == 1
    while station.held_up["upload second"].jobs:
        station.held_up["upload second"].go_on(station.inbox.put)
        station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}
    assert len(second.documents) == 1


def test_a_vault_whose_disk_does_not_keep_a_document_casts_no_doubt_on_the_clip(tmp_path: Path) -> None:
    store = Forgetful(lambda clip, _: (tmp_path / "spool" / f"{clip.id}.0.mp4").read_bytes())
    store.willing = DurabilityError("the disk did not keep a file", remedy="replace it")
    station = a_station_with(tmp_path, store)
    assert set(station.states().values()) == {ClipState.VERIFIED}
    store.willing = None
    station.clock.pass_ms(301_000)
    station.turn()
    assert len(store.documents) == 1


class Overtaken(FakeDestination):
    """While the first document is on its way, somebody marks the clip."""

    station: Station | None = None

    def describe(self, clip: Clip, document: bytes, transfer: TransferControl) -> str:
        if self.station is not None and not self.documents:
            flag = ClipFlagged(clip=clip.id, reason="seen", case="", actor="0:root")
            self.station.ledger.record([flag])
        return super().describe(clip, document, transfer)


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
