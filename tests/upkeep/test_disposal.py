"""Does footage go when its time is over, in every place that bwvdock keeps, and nothing else ever?"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.retention import DisposalPermit
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.facts import ClipDisposed, ClipFlagged, ClipFound, ClipHeld, ClipUnheld, DisposalIntended
from bwvdock.core.ports import Keeper
from bwvdock.delivery.rate_limit import Transfer
from bwvdock.edges.destinations.directory import DirectoryDestination
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import DestinationUnavailableError, UsageError
from bwvdock.stages.verify import verify_again
from bwvdock.upkeep.disposal import Disposal
from bwvdock.upkeep.messages import Disposed, Proven
from tests.fakes.camera import camera_with
from tests.fakes.station import Station
from tests.fakes.worker import InlineWorker

LATER = 40 * 24 * 3600 * 1000
MINUTE = 60_000


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A dock that holds one clip, verified, whose camera is gone."""
    here = Station(tmp_path)
    here.enrol()
    here.visit(camera_with({"DCIM/100TEST/A.MP4": b"footage", "DCIM/100TEST/A.GPS": b"here"}))
    return here


@dataclass
class Absent:
    """A vault that is not mounted."""

    asked: int = 0

    def dispose(self, clip: Clip, permit: DisposalPermit) -> None:
        self.asked += 1
        raise DestinationUnavailableError("the vault is not mounted", remedy="Mount it")


class Rounds:
    """The disposing of a station, by hand: each call is one round with all that follows from it."""

    def __init__(
        self,
        station: Station,
        *,
        vault: Keeper | None = None,
        spool: Keeper | None = None,
        erases: bool = False,
    ) -> None:
        self.station = station
        path = station.root / "vault"
        real = DirectoryDestination(path, name="vault", spool=station.spool, marks=station.root / "marks")
        self.told: deque[Proven | Disposed] = deque()
        self.disposal = Disposal(
            station.ledger,
            station.journal,
            {SPOOL: spool or station.spool, "vault": vault or real},
            lambda _: InlineWorker(self._hear),
            station.clock,
            erases=erases,
            prove_again=lambda clip, halt: verify_again(clip, [real], lambda _: Transfer(halt=halt)),
        )

    def _hear(self, message: object) -> None:
        assert isinstance(message, Proven | Disposed)
        self.told.append(message)

    def __call__(self, *, paused: bool = False, crash: bool = False) -> None:
        self.disposal.paused = paused
        self.disposal.round()
        while self.told and not crash:
            self.disposal.hear(self.told.popleft())


def only_clip(station: Station) -> Clip:
    [found] = [fact for fact in station.facts if isinstance(fact, ClipFound)]
    clip = station.journal.clip(found.clip)
    assert clip is not None
    return clip


def files(station: Station) -> list[str]:
    spool = [path.name for path in (station.root / "spool").iterdir()]
    return sorted(spool + [path.name for path in (station.root / "vault").rglob("*.*") if path.is_file()])


def kinds(station: Station) -> list[str]:
    return [k for k in station.kinds() if k.startswith(("disposal", "clip_disposed", "clip_re"))]


def test_a_clip_whose_time_is_over_leaves_spool_and_vault_with_both_entries(station: Station) -> None:
    station.clock.pass_ms(LATER)
    Rounds(station)()
    clip = only_clip(station)
    assert clip.state is ClipState.RETIRED
    assert clip.disposed == {SPOOL, "vault"}
    assert files(station) == [".bwvdock-vault", f"{clip.id}.tombstone.json"]
    expected = [
        "disposal_intended",
        "disposal_intended",
        "clip_disposed",
        "clip_released",
        "clip_retired",
        "clip_disposed",
    ]
    assert kinds(station) == expected
    assert verify_journal(station.root / "journal.sqlite3").ok


def test_not_before_its_time_and_not_again_after_it(station: Station) -> None:
    rounds = Rounds(station)
    rounds()
    assert kinds(station) == []
    station.clock.pass_ms(LATER)
    rounds()
    entries = station.kinds()
    rounds()
    assert station.kinds() == entries


def test_not_while_paused_nor_by_a_clock_that_nobody_set(station: Station) -> None:
    station.clock.pass_ms(LATER)
    rounds = Rounds(station)
    rounds(paused=True)
    station.clock.is_synchronised = False
    rounds()
    assert kinds(station) == []


def test_not_while_a_witness_contradicts_the_journal(station: Station) -> None:
    station.clock.pass_ms(LATER)
    rounds, before = Rounds(station), files(station)
    rounds.disposal.contradicted = lambda: True
    rounds()
    assert (files(station), kinds(station)) == (before, [])
    with pytest.raises(UsageError, match="contradicts"):
        rounds.disposal.free()
    rounds.disposal.contradicted = lambda: False
    rounds()
    assert only_clip(station).disposed == {SPOOL, "vault"}


def test_not_before_signer_and_witnesses_were_asked_after_a_start(station: Station) -> None:
    station.clock.pass_ms(LATER)
    rounds, before = Rounds(station), files(station)
    rounds.disposal.awaited = lambda: True
    rounds()
    assert (files(station), kinds(station)) == (before, [])
    rounds.disposal.awaited = lambda: False
    rounds()
    assert only_clip(station).disposed == {SPOOL, "vault"}


def test_a_held_clip_stays_and_goes_when_it_is_held_no_longer(station: Station) -> None:
    clip = only_clip(station).id
    station.ledger.record([ClipHeld(clip=clip, reason="inquiry", actor="1000:sgt")])
    station.clock.pass_ms(LATER)
    rounds, before = Rounds(station), files(station)
    rounds()
    assert files(station) == before
    station.ledger.record([ClipUnheld(clip=clip, reason="over", actor="1000:sgt")])
    rounds()
    assert only_clip(station).disposed == {SPOOL, "vault"}


def test_evidence_stays_for_ever(station: Station) -> None:
    clip = only_clip(station).id
    station.ledger.record([ClipFlagged(clip=clip, reason="assault", case="R v X", actor="1000:sgt")])
    station.clock.pass_ms(100 * LATER)
    before = files(station)
    Rounds(station)()
    assert files(station) == before


@pytest.mark.slow
def test_a_vault_that_is_away_is_asked_again_and_nothing_is_said_twice(station: Station) -> None:
    station.clock.pass_ms(LATER)
    absent = Absent()
    rounds = Rounds(station, vault=absent)
    rounds()
    rounds()
    assert absent.asked == 2
    assert set(rounds.disposal.errors) == {"vault"}
    assert only_clip(station).disposed == {SPOOL}
    assert kinds(station).count("disposal_intended") == 2
    back = Rounds(station)
    back()
    assert only_clip(station).disposed == {SPOOL, "vault"}
    assert kinds(station).count("disposal_intended") == 2
    assert verify_journal(station.root / "journal.sqlite3").ok


@pytest.mark.slow
def test_a_cut_between_the_taking_away_and_its_entry_is_made_good(station: Station) -> None:
    station.clock.pass_ms(LATER)
    Rounds(station)(crash=True)
    assert "clip_disposed" not in station.kinds()
    station.restart()
    Rounds(station)()
    assert only_clip(station).disposed == {SPOOL, "vault"}
    assert kinds(station).count("disposal_intended") == 2


def test_a_hold_that_comes_after_a_cut_saves_what_is_left(station: Station) -> None:
    """It was announced and may be half gone; what a person says since counts all the same."""
    station.clock.pass_ms(LATER)
    rounds = Rounds(station, vault=Absent())
    rounds()
    clip = only_clip(station)
    station.ledger.record([ClipHeld(clip=clip.id, reason="inquiry", actor="1000:sgt")])
    before = files(station)
    Rounds(station)()
    assert files(station) == before
    assert any(name.endswith(".mp4") for name in before)


def test_a_dock_that_erases_cameras_keeps_the_clip_s_life_open(station: Station) -> None:
    """Its camera's copy is still to be erased, and that needs a verified clip."""
    station.clock.pass_ms(LATER)
    Rounds(station, erases=True)()
    clip = only_clip(station)
    assert clip.state is ClipState.VERIFIED
    assert clip.disposed == {SPOOL, "vault"}


def test_every_disposal_has_both_entries_in_their_order(station: Station) -> None:
    station.clock.pass_ms(LATER)
    Rounds(station)()
    intended = [f.place for f in station.facts if isinstance(f, DisposalIntended)]
    disposed = [f.place for f in station.facts if isinstance(f, ClipDisposed)]
    assert sorted(intended) == sorted(disposed) == [SPOOL, "vault"]
    order = station.kinds()
    assert order.index("disposal_intended") < order.index("clip_disposed")


def test_the_dock_disposes_by_itself_once_a_minute(station: Station) -> None:
    station.clock.pass_ms(LATER)
    station.turn()
    assert only_clip(station).disposed == {SPOOL, "vault"}
    assert "disposal" not in str(station.alerts())


@pytest.mark.slow
def test_what_cannot_go_keeps_nobody_behind_it_waiting(station: Station) -> None:
    """More clips are due than one round takes, and the vault is away: the spool is cleared all the same."""
    more = {f"DCIM/100TEST/C{n:03}.MP4": b"clip %d" % n for n in range(70)}
    station.visit(camera_with(more))
    station.clock.pass_ms(LATER)
    rounds = Rounds(station, vault=Absent())
    for _ in range(3):
        rounds()
    gone = [f for f in station.facts if isinstance(f, ClipDisposed)]
    assert len(gone) == 71
    assert {f.place for f in gone} == {SPOOL}
