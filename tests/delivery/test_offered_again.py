"""Can a clip still be brought to a store that refused it, when its camera's copy is gone?

The store is not required, so nothing else waited for it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import ClipFlagged, DeliveryResumed, DocumentRefused
from bwvdock.core.media.part_names import part_name
from bwvdock.core.ports import TransferControl
from bwvdock.edges.journal import JournalReader, verify_journal
from bwvdock.errors import DestinationRefusedError, UsageError
from bwvdock.operators.orders import decide
from bwvdock.operators.requests import Retry
from bwvdock.status.alerts import AlertCode
from tests.fakes.destination import FakeDestination
from tests.fakes.erasing import A, ErasingStation, camera

_SIX_WEEKS_S = 42 * 24 * 3600


class Choosy(FakeDestination):
    """Takes nothing until it is `willing`."""

    willing = False

    def store(self, clip: Clip, transfer: TransferControl) -> str:
        if self.reachable and not self.willing:
            raise DestinationRefusedError("too large for it", remedy="raise its limit")
        return super().store(clip, transfer)


class Dock:
    """One that erases its cameras; the county's store is not required."""

    def __init__(self, root: Path) -> None:
        def fetch(clip: Clip, part: int) -> bytes:
            return (root / "spool" / part_name(clip, part)).read_bytes()

        self.vault, self.county = FakeDestination(fetch, name="vault"), Choosy(fetch, name="county")
        required = {"vault": True, "county": False}
        self.station = ErasingStation(root, destinations=[self.vault, self.county], required=required)
        self.station.visit(camera())
        assert set(self.station.states().values()) == {ClipState.RELEASED}

    @property
    def clip(self) -> Clip:
        clip = self.station.journal.clip(self.station.clip_of(A))
        assert clip is not None
        return clip

    def retry(self) -> str:
        """Order what `bwvdock clips retry` orders; give what it answers."""
        station = self.station
        with JournalReader(station.root / "journal.sqlite3") as reader:
            decision = decide(
                Retry(clip=self.clip.id),
                journal=station.journal,
                reader=reader,
                spool=station.spool,
                paused=False,
                actor="0:root",
            )
        assert decision.facts == (DeliveryResumed(clip=self.clip.id, actor="0:root"),)
        station.ledger.record(decision.facts)
        return decision.message

    def verifies(self) -> bool:
        return verify_journal(self.station.root / "journal.sqlite3").ok


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    return Dock(tmp_path)


def test_a_released_clip_is_out_of_memory_and_still_told_as_refused(dock: Dock) -> None:
    assert dock.station.ledger.clips == {}
    assert dock.clip.refused == {"county": "too large for it"}


@pytest.mark.slow
@pytest.mark.parametrize("restarted", [False, True])
def test_what_the_spool_still_holds_is_brought_there_by_an_order(dock: Dock, restarted: bool) -> None:
    dock.county.willing = True
    assert "offered to county again" in dock.retry()
    if restarted:
        dock.station.restart()
    dock.station.turn()
    assert dock.clip.state is ClipState.RELEASED
    assert dock.clip.receipts["county"].sha256 == dock.clip.sha256
    assert set(dock.clip.described) == {"vault", "county"}
    assert [name for name in dock.county.objects if name.endswith(".0")] == [f"{dock.clip.id}.0"]
    assert dock.station.ledger.clips == {}
    assert dock.verifies()
    with pytest.raises(UsageError, match="nothing to retry"):
        dock.retry()


@pytest.mark.slow
def test_one_that_is_refused_again_waits_for_the_next_order(dock: Dock) -> None:
    dock.retry()
    dock.station.turn()
    assert dock.clip.refused == {"county": "too large for it"}
    assert dock.station.kinds().count("delivery_refused") == 3 + 1
    assert dock.station.ledger.clips == {}
    dock.county.willing = True
    dock.retry()
    dock.station.turn()
    assert "county" in dock.clip.receipts
    assert dock.verifies()


@pytest.mark.slow
def test_a_store_that_is_away_meanwhile_is_asked_until_it_is_there(dock: Dock) -> None:
    dock.county.reachable = False
    dock.retry()
    dock.station.turn()
    assert set(dock.station.ledger.clips) == {dock.clip.id}
    dock.county.reachable = dock.county.willing = True
    dock.station.later(600)
    assert "county" in dock.clip.receipts


def test_nothing_is_promised_of_what_the_spool_does_not_hold_any_more(dock: Dock) -> None:
    dock.station.later(_SIX_WEEKS_S)
    assert dock.clip.state is ClipState.RETIRED
    dock.county.willing = True
    with pytest.raises(UsageError, match="copy is gone or being disposed of") as caught:
        dock.retry()
    assert "Copies are at vault." in caught.value.message
    assert caught.value.remedy


@pytest.mark.slow
def test_an_order_that_its_time_overtook_leaves_nothing_behind(dock: Dock) -> None:
    dock.county.reachable = False
    dock.retry()
    dock.station.later(_SIX_WEEKS_S)
    for _ in range(9):  # nothing is taken away while it is just on its way there
        dock.station.later()
    assert dock.clip.state is ClipState.RETIRED
    assert dock.clip.resumed == frozenset()
    assert dock.station.ledger.clips == {}
    dock.county.reachable = dock.county.willing = True
    dock.station.later(600)
    assert "county" not in dock.clip.receipts
    assert AlertCode.CLIPS_REFUSED not in dock.station.alerts()
    assert dock.verifies()


@pytest.mark.slow
def test_of_two_refusals_only_what_is_within_reach_is_promised(dock: Dock) -> None:
    """The clip's, which its time overtook, and the document's."""
    dock.station.later(_SIX_WEEKS_S)
    flagged = ClipFlagged(clip=dock.clip.id, reason="seen", case="", actor="0:root")
    dock.station.ledger.record([flagged])
    revision = dock.clip.revision
    dock.station.ledger.record(
        [DocumentRefused(clip=dock.clip.id, destination="vault", reason="no tags", revision=revision)]
    )
    assert dock.retry() == (
        f"Clip {dock.clip.id} is unchanged; its custody document will be offered to vault again."
    )
    dock.station.turn()
    assert "vault" in dock.clip.described
