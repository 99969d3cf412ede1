"""Is notice given before footage goes that nobody has reviewed: in time, once, after months without power?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bwvdock.core.clips.classes.given import classify
from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules
from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import (
    BY_PERSON,
    ClipFlagged,
    ClipFound,
    ClipHeld,
    ClipUnflagged,
    ClipUnheld,
    DisposalNoticed,
    Fact,
)
from bwvdock.core.moments import iso
from bwvdock.edges.journal.verify.verify import verify_journal
from tests.fakes.camera import camera_with
from tests.fakes.station import Station

DAY = 24 * 3600 * 1000
WEEK = RetentionRules(days=31, notice_days=7)


def station_with(root: Path, rules: RetentionRules = WEEK) -> Station:
    here = Station(root, retention=rules)
    here.enrol()
    here.visit(camera_with({"DCIM/100TEST/A.MP4": b"footage"}))
    return here


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A dock that holds one clip, verified, and gives a week's notice."""
    return station_with(tmp_path)


def the_clip(station: Station) -> Clip:
    [found] = [fact for fact in station.facts if isinstance(fact, ClipFound)]
    clip = station.journal.clip(found.clip)
    assert clip is not None
    return clip


def notices(station: Station) -> list[DisposalNoticed]:
    return [fact for fact in station.facts if isinstance(fact, DisposalNoticed)]


def after(station: Station, days: int) -> None:
    """Let days pass, one at a time, as they do while a dock is on."""
    for _ in range(days):
        station.clock.pass_ms(DAY)
        station.turn()


def say(station: Station, fact: Fact) -> None:
    station.ledger.record([fact])
    station.turn()  # every store gets a new document, and until it has nothing is taken from there


def copies(station: Station) -> int:
    vault = [path for path in (station.root / "vault").rglob("*.0.mp4") if path.is_file()]
    return len(vault) + len(list((station.root / "spool").glob("*.0.mp4")))


@pytest.mark.slow
def test_a_dock_that_is_on_gives_notice_a_week_before_and_then_disposes_on_the_day(station: Station) -> None:
    after(station, 23)
    assert notices(station) == []
    after(station, 2)
    [notice] = notices(station)
    clip = the_clip(station)
    assert (notice.due, notice.days, clip.noticed) == (clip.retain_until, 7, notice)
    after(station, 6)
    assert copies(station) == 2
    after(station, 2)
    assert copies(station) == 0
    assert len(notices(station)) == 1, "once"
    assert verify_journal(station.root / "journal.sqlite3").ok


@pytest.mark.slow
def test_a_dock_that_was_off_for_months_gives_notice_first(station: Station) -> None:
    """Surrey, Kansas City: what nobody had looked at went because a date had passed."""
    station.clock.pass_ms(90 * DAY)
    station.restart()
    station.turn()
    assert len(notices(station)) == 1
    assert copies(station) == 2
    after(station, 6)
    assert copies(station) == 2, "it was on for six days since"
    station.restart()
    after(station, 2)
    assert copies(station) == 0


def test_what_was_reviewed_needs_no_notice(station: Station) -> None:
    nothing = RetentionClass(name="", days=31)
    say(station, classify(the_clip(station).id, nothing, basis=BY_PERSON, actor="1000:sgt"))
    station.clock.pass_ms(90 * DAY)
    station.turn()
    assert notices(station) == []
    assert copies(station) == 0


@pytest.mark.slow
def test_whoever_takes_a_mark_away_has_reviewed_it(station: Station) -> None:
    clip = the_clip(station).id
    say(station, ClipFlagged(clip=clip, reason="r", case="", actor="1000:sgt"))
    station.clock.pass_ms(90 * DAY)
    station.turn()
    say(station, ClipUnflagged(clip=clip, reason="r", actor="1000:sgt"))
    after(station, 1)
    assert copies(station) == 0


@pytest.mark.slow
def test_after_a_hold_notice_is_given_anew(station: Station) -> None:
    """A standing hold may cover what nobody looked at: when it ends, people are told before anything goes."""
    after(station, 30)
    clip = the_clip(station).id
    say(station, ClipHeld(clip=clip, reason="r", actor="1000:sgt"))
    after(station, 60)
    say(station, ClipUnheld(clip=clip, reason="r", actor="1000:sgt"))
    after(station, 6)
    assert (copies(station), len(notices(station))) == (2, 2)
    after(station, 2)
    assert copies(station) == 0


@pytest.mark.slow
def test_no_notice_is_given_by_a_clock_that_nobody_set_nor_does_anything_go(station: Station) -> None:
    station.clock.is_synchronised = False
    station.clock.wrong_by = timedelta(days=400)
    after(station, 3)
    assert (notices(station), copies(station)) == ([], 2)
    station.clock.is_synchronised = True
    station.clock.wrong_by = timedelta(0)
    after(station, 30)
    assert len(notices(station)) == 1
    assert copies(station) == 0


@pytest.mark.slow
def test_a_shorter_notice_in_the_configuration_shortens_none_that_was_given(station: Station) -> None:
    after(station, 25)
    station.schedule.change(non_evidential_days=31, rules=RetentionRules(days=31, notice_days=1))
    station.clock.pass_ms(30 * DAY)
    station.turn()
    assert copies(station) == 0
    [notice] = notices(station)
    assert notice.days == 7


@pytest.mark.slow
def test_a_longer_one_counts_for_notice_that_was_given_already(station: Station) -> None:
    after(station, 25)
    station.schedule.change(non_evidential_days=31, rules=RetentionRules(days=31, notice_days=14))
    after(station, 10)
    assert copies(station) == 2
    after(station, 5)
    assert copies(station) == 0


def test_without_notice_days_it_is_as_it_was(tmp_path: Path) -> None:
    station = station_with(tmp_path, RetentionRules(days=31))
    station.clock.pass_ms(40 * DAY)
    station.turn()
    assert (notices(station), copies(station)) == ([], 0)


@pytest.mark.slow
def test_what_is_kept_until_it_is_reviewed_goes_by_its_class_then(tmp_path: Path) -> None:
    """Kansas City: the default was "not evidence". Here it is "nobody has looked", with a ceiling."""
    ceiling = RetentionClass(name="not-looked-at", days=365, until_reviewed=True)
    station = station_with(tmp_path, RetentionRules(days=31, unreviewed=ceiling, notice_days=7))
    after(station, 60)
    assert copies(station) == 2
    clip = the_clip(station)
    nothing = RetentionClass(name="", days=31)
    say(station, classify(clip.id, nothing, basis=BY_PERSON, actor="1000:sgt"))
    after(station, 1)
    assert copies(station) == 0
    assert clip.retain_until > iso(station.clock.now()), "before somebody reviewed it"
