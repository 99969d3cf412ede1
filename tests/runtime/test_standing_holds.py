"""Does a standing hold keep what matches: found before it or after, dated and attributed whenever?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import (
    CameraAssigned,
    CameraEnrolled,
    ClipAttributed,
    ClipDisposed,
    ClipHeld,
    ClipHoldExcepted,
    ClipHoldMatched,
    ClipHoldOver,
    ClipUnheld,
    Fact,
    HoldEnded,
    HoldOpened,
)
from bwvdock.core.moments import iso, nanoseconds
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import UsageError
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.station import SERIAL, Station

DAY = 86_400_000
ACTOR = "1000:sgt"


def hold(name: str = "h-1", **query: str) -> HoldOpened:
    return HoldOpened(hold=name, reason="misconduct 12/26", actor=ACTOR, **query)


def ended(name: str = "h-1") -> HoldEnded:
    return HoldEnded(hold=name, reason="closed", actor=ACTOR)


class Desk:
    """A station, and what its officers and supervisors do."""

    def __init__(self, root: Path, *held_up: str) -> None:
        self.station = Station(root, held_up=held_up)
        self.station.enrol()
        self.root = root
        self._taken = 0

    def say(self, *facts: Fact) -> None:
        self.station.ledger.record(facts)
        self.station.turn()

    def assign(self, officer: str, *, days_ago: int = 100, unit: str = "") -> None:
        """Record who held the camera, as `cameras assign` does: with the clips that get another officer."""
        begins = iso(self.station.clock.now() - timedelta(days=days_ago))
        fact = CameraAssigned(
            camera=SERIAL, officer=officer, valid_from=begins, valid_to="", actor="0:root", unit=unit
        )
        clips = [ClipAttributed(clip=clip.id, officer=officer) for clip in self.clips() if clip.parts]
        self.say(fact, *clips)

    def dock(self, *, minutes_ago: int = 5) -> str:
        """Dock the camera with one recording; return its clip's id."""
        self._taken += 1
        recorded = nanoseconds(self.station.clock.now() - timedelta(minutes=minutes_ago))
        name = f"DCIM/100MEDIA/C{self._taken:04}.MP4"
        file = FakeFile(data=b"%d" % self._taken, mtime_ns=recorded)
        self.station.visit(FakeVolume(files={name: file}))
        return self.clips()[-1].id

    def clips(self) -> list[Clip]:
        ids = [getattr(fact, "clip", "") for fact in self.station.facts if fact.kind == "clip_found"]
        return [clip for clip in map(self.station.journal.clip, ids) if clip is not None]

    def pass_days(self, days: int) -> None:
        self.station.clock.pass_ms(days * DAY)
        self.station.turn()

    def holds_of(self, clip: str) -> dict[str, bool]:
        found = self.station.journal.clip(clip)
        assert found is not None
        return dict(found.standing)

    def gone(self) -> set[str]:
        return {fact.clip for fact in self.station.facts if isinstance(fact, ClipDisposed)}

    def end(self) -> None:
        assert verify_journal(self.root / "journal.sqlite3").problems == ()
        self.station.journal.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.end()


@pytest.mark.slow
def test_hertfordshire_footage_of_an_officer_outlasts_its_retention_also_what_comes_later(desk: Desk) -> None:
    """Footage of an arrest was gone at 90 days while misconduct was pending: nobody could name the clip."""
    desk.assign("4411")
    before = desk.dock()
    desk.say(hold(officer="4411"))
    after = desk.dock()
    desk.pass_days(90)
    assert desk.gone() == set()
    assert desk.holds_of(before) == {"h-1": False}, "no clock confirms a camera's first docking"
    assert desk.holds_of(after) == {"h-1": True}
    desk.say(ended())
    desk.pass_days(1)
    assert desk.gone() == {before, after}, "a person ended it: nothing else did"


@pytest.mark.slow
def test_woods_v_scissons_what_is_asked_for_by_time_is_kept_from_the_day_of_the_request(desk: Desk) -> None:
    """Automatic deletion went on after the duty to preserve had begun."""
    begun = desk.station.clock.now()
    inside = desk.dock(minutes_ago=10)
    window = {"since": iso(begun - timedelta(hours=2)), "until": iso(begun + timedelta(hours=2))}
    desk.say(hold(**window))
    desk.pass_days(1)
    perhaps = desk.dock(minutes_ago=10)  # between its two dockings nobody vouches for the camera's clock
    desk.pass_days(2)
    outside = desk.dock(minutes_ago=10)
    desk.pass_days(40)
    assert desk.gone() == {outside}, "what was surely recorded after that time goes when it is due"
    assert desk.holds_of(inside) == desk.holds_of(perhaps) == {"h-1": False}


@pytest.mark.slow
def test_a_roster_that_comes_afterwards_finds_nothing_gone(desk: Desk) -> None:
    clip = desk.dock()
    desk.say(hold(officer="4411"))
    assert desk.holds_of(clip) == {"h-1": False}, "nobody is assigned: it may be this officer's"
    desk.pass_days(40)
    assert desk.gone() == set()
    desk.assign("4411")
    desk.pass_days(1)
    assert desk.gone() == set()


@pytest.mark.slow
def test_a_correction_of_the_roster_does_not_end_a_hold(desk: Desk) -> None:
    desk.assign("4411")
    clip = desk.dock()
    desk.say(hold(officer="4411"))
    desk.assign("5512")
    desk.pass_days(40)
    assert desk.gone() == set()
    assert set(desk.holds_of(clip)) == {"h-1"}


@pytest.mark.slow
def test_what_is_recorded_before_every_clip_was_compared_stays_held(desk: Desk) -> None:
    """The hold, and a correction in the same breath: the clip matched when the hold began."""
    desk.assign("4411")
    desk.dock()
    clip = desk.dock()
    desk.station.ledger.record([hold(officer="4411")])
    desk.assign("5512")
    assert desk.holds_of(clip) == {"h-1": True}


@pytest.mark.slow
def test_a_hold_is_in_force_before_any_clip_has_its_entry(desk: Desk) -> None:
    desk.assign("4411")
    clip = desk.dock()
    desk.station.clock.pass_ms(40 * DAY)
    desk.station.ledger.record([hold(officer="4411")])
    desk.station.schedule.disposal.round()
    assert not any(isinstance(fact, ClipHoldMatched) for fact in desk.station.facts)
    assert "disposal_intended" not in desk.station.kinds()
    desk.station.turn()
    assert set(desk.holds_of(clip)) == {"h-1"}
    assert desk.gone() == set()


@pytest.mark.slow
def test_a_clip_with_two_holds_is_kept_until_both_are_ended(desk: Desk) -> None:
    desk.assign("4411")
    clip = desk.dock()
    desk.say(hold(officer="4411"), hold("h-2", camera=SERIAL))
    desk.say(ClipHeld(clip=clip, reason="inquiry", actor=ACTOR))
    for fact in (ended(), ClipUnheld(clip=clip, reason="over", actor=ACTOR)):
        desk.say(fact)
        desk.pass_days(40)
        assert desk.gone() == set()
        assert desk.holds_of(clip) == {"h-2": True}
    desk.say(ended("h-2"))
    desk.pass_days(1)
    assert desk.gone() == {clip}


@pytest.mark.slow
def test_a_persons_own_hold_outlasts_a_standing_one(desk: Desk) -> None:
    clip = desk.dock()
    desk.say(hold(camera=SERIAL), ClipHeld(clip=clip, reason="inquiry", actor=ACTOR))
    desk.say(ended())
    desk.pass_days(40)
    assert desk.gone() == set()
    assert desk.holds_of(clip) == {}


@pytest.mark.slow
def test_a_clip_that_a_person_took_out_goes_and_is_not_taken_in_again(desk: Desk) -> None:
    first, second = desk.dock(), desk.dock()
    desk.say(hold(camera=SERIAL))
    desk.say(ClipHoldExcepted(clip=first, hold="h-1", reason="not the incident", actor=ACTOR))
    desk.assign("4411")
    desk.station.restart()
    desk.pass_days(40)
    assert desk.gone() == {first}
    assert desk.holds_of(second) == {"h-1": True}


@pytest.mark.slow
def test_a_dock_that_starts_again_compares_what_was_left(desk: Desk) -> None:
    clip = desk.dock()
    desk.station.ledger.record([hold(camera=SERIAL)])
    desk.station.restart()
    desk.station.turn()
    assert desk.holds_of(clip) == {"h-1": True}
    desk.station.ledger.record([ended()])
    desk.station.restart()
    desk.station.turn()
    assert desk.holds_of(clip) == {}
    assert [fact for fact in desk.station.facts if isinstance(fact, ClipHoldOver)]


@pytest.mark.slow
def test_the_unit_with_which_a_camera_is_enrolled_counts_from_when_it_is_known(desk: Desk) -> None:
    clip = desk.dock()
    desk.say(CameraEnrolled(camera=SERIAL, model="", unit="Dogs", actor="0:root"))
    desk.say(hold(unit="Taskforce"))
    assert desk.holds_of(clip) == {}
    desk.say(CameraEnrolled(camera=SERIAL, model="", unit="Taskforce", actor="0:root"))
    assert desk.holds_of(clip) == {"h-1": True}


def test_a_clip_that_was_never_dated_is_kept_whatever_the_time(desk: Desk) -> None:
    desk.station.clock.is_synchronised = False
    clip = desk.dock()
    desk.say(hold(since="2001-01-01T00:00:00.000Z", until="2001-01-02T00:00:00.000Z"))
    assert desk.holds_of(clip) == {"h-1": False}


def test_a_hold_is_refused_while_a_copy_that_it_is_about_is_being_disposed_of(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "dispose spool")
    clip = desk.dock()
    desk.pass_days(40)
    disposal = desk.station.schedule.disposal
    assert disposal.in_hand(clip) == ["spool"]
    with pytest.raises(UsageError, match="at this moment"):
        disposal.require_free([hold(camera=SERIAL)])
    disposal.require_free([hold(camera="ANOTHER")])
    desk.end()


@pytest.mark.slow
def test_a_hold_reaches_the_stores_by_the_document_that_each_is_owed(desk: Desk) -> None:
    clip = desk.dock()
    described = desk.station.kinds().count("clip_described")
    desk.say(hold(camera=SERIAL))
    assert desk.station.kinds().count("clip_described") == described + 1
    document = next((desk.root / "vault").rglob(f"{clip}*.custody.json")).read_text(encoding="utf-8")
    assert '"held":"true"' in document


@pytest.mark.slow
def test_what_was_certain_once_is_not_made_uncertain(desk: Desk) -> None:
    desk.dock()
    desk.say(hold(camera=SERIAL))
    matched = [fact for fact in desk.station.facts if isinstance(fact, ClipHoldMatched)]
    desk.assign("4411")
    desk.pass_days(1)
    assert [fact for fact in desk.station.facts if isinstance(fact, ClipHoldMatched)] == matched
