"""Footage goes by a thread that takes its time: what can come up meanwhile, and does it harm?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.history import apply
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.facts import (
    ClipDisposed,
    ClipFlagged,
    ClipFound,
    ClipHeld,
    ClipQuarantined,
    ClipRecalled,
    ReleaseIntended,
)
from bwvdock.core.media.part_names import part_name
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import UsageError
from tests.fakes.camera import camera_with
from tests.fakes.destination import FakeDestination
from tests.fakes.station import Station

LATER = 40 * 24 * 3600 * 1000
MINUTE = 60_000


@pytest.fixture
def slow(tmp_path: Path) -> Station:
    """A dock whose spool takes its time to let go; two clips, verified, whose time is over."""
    here = Station(tmp_path, held_up=["dispose spool"])
    here.enrol()
    here.visit(camera_with({"DCIM/100TEST/A.MP4": b"footage A", "DCIM/100TEST/B.MP4": b"footage B"}))
    here.clock.pass_ms(LATER)
    here.turn()
    return here


def of_spool(root: Path) -> Callable[[Clip, int], bytes]:
    return lambda clip, number: (root / "spool" / part_name(clip, number)).read_bytes()


def found_clips(station: Station) -> list[str]:
    return [fact.clip for fact in station.facts if isinstance(fact, ClipFound)]


def test_nobody_is_told_that_a_clip_is_held_while_it_is_being_disposed_of(slow: Station) -> None:
    [first, second] = found_clips(slow)
    held = ClipHeld(clip=first, reason="inquiry", actor="1000:sgt")
    with pytest.raises(UsageError, match="being disposed of at this moment \\(spool\\)"):
        slow.schedule.disposal.require_free([held])
    slow.schedule.disposal.require_free([ClipHeld(clip=second, reason="inquiry", actor="1000:sgt")])


@pytest.mark.slow
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
    here.visit(camera_with({"DCIM/100TEST/A.MP4": b"footage"}))
    here.clock.pass_ms(LATER)
    here.turn()
    late.reachable = True
    here.clock.pass_ms(24 * 60 * MINUTE)
    here.turn()
    [clip] = [here.journal.clip(clip) for clip in found_clips(here)]
    assert clip is not None
    assert clip.state is ClipState.VERIFIED
    assert clip.disposed == {SPOOL}


@pytest.mark.slow
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


@pytest.mark.slow
def test_what_went_while_its_clip_was_recalled_does_not_end_the_dock(slow: Station) -> None:
    """The copies of before the recall say nothing any more of where the clip is."""
    [first, second] = found_clips(slow)
    slow.ledger.record([ClipQuarantined(clip=first, reason="a store has other content")])
    slow.ledger.record([ClipRecalled(clip=first, actor="")])
    slow.held_up["dispose spool"].go_on(slow.inbox.put)
    slow.turn()
    clip = slow.journal.clip(first)
    assert clip is not None
    assert (clip.state, clip.disposed) == (ClipState.FOUND, frozenset())
    slow.held_up["dispose spool"].go_on(slow.inbox.put)
    slow.turn()
    assert [f.clip for f in slow.facts if isinstance(f, ClipDisposed) and f.place == SPOOL] == [second]
    assert verify_journal(slow.root / "journal.sqlite3").ok


@pytest.mark.slow
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
    assert (again.disposal_intended, again.disposed) == (frozenset(), frozenset())
    assert not again.leaving(SPOOL)


@pytest.mark.slow
def test_a_camera_that_comes_back_after_its_footage_s_time_is_erased_and_the_clip_s_life_ends(
    tmp_path: Path,
) -> None:
    """It was pulled out before anything was erased; a store elsewhere still has the clip."""
    store = FakeDestination(of_spool(tmp_path), name="elsewhere")
    here = Station(tmp_path, destinations=[store], erases=True, held_up=["upload elsewhere"])
    here.enrol()
    card = camera_with({"DCIM/100TEST/A.MP4": b"footage"})
    here.visit(card)
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
