"""Does footage go when its time is over, in every place that bwvdock keeps, and nothing else ever?"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bwvdock.core.clip import Clip, apply
from bwvdock.core.facts import (
    ClipDisposed,
    ClipFlagged,
    ClipFound,
    ClipHeld,
    ClipQuarantined,
    ClipRecalled,
    ClipUnheld,
    DisposalIntended,
    ReleaseIntended,
)
from bwvdock.core.lifecycle import ClipState
from bwvdock.core.ports import Keeper
from bwvdock.core.retention import SPOOL, DisposalPermit
from bwvdock.disposing import Disposing
from bwvdock.edges.destinations.directory import DirectoryDestination
from bwvdock.edges.journal.verify import verify_journal
from bwvdock.edges.spool import part_name
from bwvdock.errors import DestinationUnavailableError, UsageError
from bwvdock.messages import Disposed
from bwvdock.workers import InlineWorker
from tests.fakes.camera import camera_with
from tests.fakes.destination import FakeDestination
from tests.fakes.station import Station

LATER = 40 * 24 * 3600 * 1000
MINUTE = 60_000


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A dock that holds one clip, verified, whose camera is gone."""
    here = Station(tmp_path)
    here.enrol()
    key = here.plug(camera_with({"DCIM/100TEST/A.MP4": b"footage", "DCIM/100TEST/A.GPS": b"here"}))
    here.turn()
    here.pull(key)
    here.turn()
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

    def __init__(self, station: Station, *, vault: Keeper | None = None, erases: bool = False) -> None:
        self.station = station
        path = station.root / "vault"
        real = DirectoryDestination(path, name="vault", spool=station.spool, marks=station.root / "marks")
        self.told: deque[Disposed] = deque()
        self.disposing = Disposing(
            station.ledger,
            station.journal,
            {SPOOL: station.spool, "vault": vault or real},
            lambda _: InlineWorker(self._hear),
            station.clock,
            erases=erases,
        )

    def _hear(self, message: object) -> None:
        assert isinstance(message, Disposed)
        self.told.append(message)

    def __call__(self, *, paused: bool = False, crash: bool = False) -> None:
        self.disposing.paused = paused
        self.disposing.round()
        while self.told and not crash:
            self.disposing.disposed(self.told.popleft())


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


def test_a_vault_that_is_away_is_asked_again_and_nothing_is_said_twice(station: Station) -> None:
    station.clock.pass_ms(LATER)
    absent = Absent()
    rounds = Rounds(station, vault=absent)
    rounds()
    rounds()
    assert absent.asked == 2
    assert set(rounds.disposing.errors) == {"vault"}
    assert only_clip(station).disposed == {SPOOL}
    assert kinds(station).count("disposal_intended") == 2
    back = Rounds(station)
    back()
    assert only_clip(station).disposed == {SPOOL, "vault"}
    assert kinds(station).count("disposal_intended") == 2
    assert verify_journal(station.root / "journal.sqlite3").ok


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


# --- as the dock does it, with a thread that takes its time --------------------------------------------


@pytest.fixture
def slow(tmp_path: Path) -> Station:
    """A dock whose spool takes its time to let go; two clips, verified, whose time is over."""
    here = Station(tmp_path, held_up=["dispose spool"])
    here.enrol()
    key = here.plug(camera_with({"DCIM/100TEST/A.MP4": b"footage A", "DCIM/100TEST/B.MP4": b"footage B"}))
    here.turn()
    here.pull(key)
    here.turn()
    here.clock.pass_ms(LATER)
    here.turn()
    return here


def of_spool(root: Path) -> Callable[[Clip, int], bytes]:
    return lambda clip, number: (root / "spool" / part_name(clip, number)).read_bytes()


def found_clips(station: Station) -> list[str]:
    return [fact.clip for fact in station.facts if isinstance(fact, ClipFound)]


def test_the_dock_disposes_by_itself_once_a_minute(station: Station) -> None:
    station.clock.pass_ms(LATER)
    station.turn()
    assert only_clip(station).disposed == {SPOOL, "vault"}
    assert "disposal" not in str(station.alerts())


def test_nobody_is_told_that_a_clip_is_held_while_it_is_being_disposed_of(slow: Station) -> None:
    [first, second] = found_clips(slow)
    held = ClipHeld(clip=first, reason="inquiry", actor="1000:sgt")
    with pytest.raises(UsageError, match="being disposed of at this moment \\(spool\\)"):
        slow.keeping.disposing.require_free([held])
    slow.keeping.disposing.require_free([ClipHeld(clip=second, reason="inquiry", actor="1000:sgt")])


def test_a_hold_saves_what_waits_for_its_turn(slow: Station) -> None:
    """Both were announced in one entry each; only what is in the thread's hands cannot be called back."""
    [first, second] = found_clips(slow)
    slow.ledger.record([ClipHeld(clip=second, reason="inquiry", actor="1000:sgt")])
    slow.held_up["dispose spool"].go_on(slow.inbox.put)
    slow.turn()
    slow.held_up["dispose spool"].go_on(slow.inbox.put)
    spool = {path.name for path in (slow.root / "spool").iterdir() if path.suffix == ".mp4"}
    assert spool == {f"{second}.0.mp4"}
    assert [f.clip for f in slow.facts if isinstance(f, ClipDisposed) and f.place == SPOOL] == [first]


def test_a_place_that_hangs_keeps_no_other_from_its_duty(slow: Station) -> None:
    clips = [slow.journal.clip(clip) for clip in found_clips(slow)]
    assert [clip.disposed for clip in clips if clip] == [{"vault"}, {"vault"}]


def test_what_cannot_go_keeps_nobody_behind_it_waiting(station: Station) -> None:
    """More clips are due than one round takes, and the vault is away: the spool is cleared all the same."""
    more = {f"DCIM/100TEST/C{n:03}.MP4": b"clip %d" % n for n in range(70)}
    key = station.plug(camera_with(more))
    station.turn()
    station.pull(key)
    station.turn()
    station.clock.pass_ms(LATER)
    rounds = Rounds(station, vault=Absent())
    for _ in range(3):
        rounds()
    gone = [f for f in station.facts if isinstance(f, ClipDisposed)]
    assert len(gone) == 71
    assert {f.place for f in gone} == {SPOOL}


def test_what_is_on_its_way_to_another_store_is_not_taken_from_under_it(tmp_path: Path) -> None:
    stores = [FakeDestination(of_spool(tmp_path), name=name) for name in ("prompt", "late")]
    here = Station(tmp_path, destinations=stores, required={"late": False}, held_up=["upload late"])
    here.enrol()
    here.plug(camera_with({"DCIM/100TEST/A.MP4": b"footage"}))
    here.turn()
    here.clock.pass_ms(LATER)
    here.turn()
    assert "disposal_intended" not in here.kinds()
    while here.held_up["upload late"].jobs:  # upload, verify, describe
        here.held_up["upload late"].go_on(here.inbox.put)
        here.turn()
    here.clock.pass_ms(MINUTE)
    here.turn()
    [clip] = [here.journal.clip(clip) for clip in found_clips(here)]
    assert clip is not None
    assert clip.disposed == {SPOOL}


def test_a_clip_that_was_disposed_of_is_brought_nowhere_any_more(tmp_path: Path) -> None:
    """A second store was away for all that time; what is gone cannot be brought there, and is no fault."""
    prompt, late = (FakeDestination(of_spool(tmp_path), name=name) for name in ("prompt", "late"))
    late.reachable = False
    here = Station(tmp_path, destinations=[prompt, late], required={"late": False}, erases=True)
    here.enrol()
    key = here.plug(camera_with({"DCIM/100TEST/A.MP4": b"footage"}))
    here.turn()
    here.pull(key)
    here.turn()
    here.clock.pass_ms(LATER)
    here.turn()
    late.reachable = True
    here.clock.pass_ms(24 * 60 * MINUTE)
    here.turn()
    [clip] = [here.journal.clip(clip) for clip in found_clips(here)]
    assert clip is not None
    assert clip.state is ClipState.VERIFIED
    assert clip.disposed == {SPOOL}


@pytest.mark.parametrize("doubt", [ReleaseIntended, ClipQuarantined])
def test_what_comes_up_while_a_copy_is_going_does_not_undo_that_it_goes(
    slow: Station, doubt: type[ReleaseIntended | ClipQuarantined]
) -> None:
    """A camera's erasing that began, a store's conflict: the copy is gone all the same, and that is said."""
    [first, _] = found_clips(slow)
    slow.ledger.record(
        [
            ReleaseIntended(clip=first)
            if doubt is ReleaseIntended
            else ClipQuarantined(clip=first, reason="a store has other content")
        ]
    )
    slow.held_up["dispose spool"].go_on(slow.inbox.put)
    slow.turn()
    clip = slow.journal.clip(first)
    assert clip is not None
    assert SPOOL in clip.disposed
    assert verify_journal(slow.root / "journal.sqlite3").ok


def test_a_copy_that_is_taken_anew_is_another_one(slow: Station) -> None:
    """What was said of the copies that are gone says nothing of it: it is brought to its stores again."""
    slow.held_up["dispose spool"].go_on(slow.inbox.put)
    slow.turn()
    [first, _] = found_clips(slow)
    slow.ledger.record([ClipFlagged(clip=first, reason="r", case="", actor="1:a")])
    clip = slow.journal.clip(first)
    assert clip is not None
    assert clip.disposed == {SPOOL, "vault"}
    again = apply(replace(clip, state=ClipState.QUARANTINED), ClipRecalled(clip=first, actor="1:a"))
    assert (again.disposing, again.disposed) == (frozenset(), frozenset())
    assert not again.leaving(SPOOL)


def test_a_camera_that_comes_back_after_its_footage_s_time_is_erased_and_the_clip_s_life_ends(
    tmp_path: Path,
) -> None:
    """It was pulled out before anything was erased; a store elsewhere still has the clip."""
    store = FakeDestination(of_spool(tmp_path), name="elsewhere")
    here = Station(tmp_path, destinations=[store], erases=True, held_up=["upload elsewhere"])
    here.enrol()
    card = camera_with({"DCIM/100TEST/A.MP4": b"footage"})
    key = here.plug(card)
    here.turn()
    here.pull(key)
    here.turn()
    while here.held_up["upload elsewhere"].jobs:
        here.held_up["upload elsewhere"].go_on(here.inbox.put)
        here.turn()
    here.clock.pass_ms(LATER)
    here.turn()
    [clip] = [here.journal.clip(clip) for clip in found_clips(here)]
    assert clip is not None
    assert clip.state is ClipState.VERIFIED
    assert clip.disposed == {SPOOL}
    here.plug(card)
    here.turn()
    assert card.files == {}
    assert here.states() == {"DCIM/100TEST/A.MP4": ClipState.RETIRED}
    assert verify_journal(here.root / "journal.sqlite3").ok
