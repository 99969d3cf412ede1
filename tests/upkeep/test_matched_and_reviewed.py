"""Is a clip reviewed while it is certain to be of an event, and is notice given anew after that?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bwvdock.core.clips.classes.rules import RetentionRules
from bwvdock.edges.journal.verify.verify import verify_journal
from tests.fakes.matching_station import DAY, Duty, call

pytestmark = pytest.mark.slow

DAYS, NOTICE = 31, 7


@pytest.fixture
def duty(tmp_path: Path) -> Iterator[Duty]:
    duty = Duty(tmp_path, RetentionRules(days=DAYS, notice_days=NOTICE))
    yield duty
    assert verify_journal(tmp_path / "journal.sqlite3").problems == ()
    duty.station.journal.close()


def recorded_at(duty: Duty) -> datetime:
    return duty.station.clock.now() - timedelta(minutes=30)


def test_what_is_certain_to_be_of_an_event_is_reviewed_until_the_match_is_withdrawn(duty: Duty) -> None:
    at = recorded_at(duty)
    duty.assign("4411", since=at - timedelta(days=1))
    clip = duty.dock()
    duty.say(call("E-1", "5512", at), call("E-2", "6613", at))
    assert not duty.clip(clip).reviewed, "its officer was not sent"
    duty.say(call("E-3", "4411", at))
    assert duty.clip(clip).matched
    assert duty.clip(clip).reviewed
    duty.assign("7714", since=at - timedelta(days=1))  # it was somebody else's camera
    assert not duty.clip(clip).matched
    assert not duty.clip(clip).reviewed


def test_a_match_that_came_after_the_notice_lets_it_go_on_its_day(duty: Duty) -> None:
    at = recorded_at(duty)
    duty.assign("4411", since=at - timedelta(days=1))
    clip = duty.dock()
    duty.pass_days(DAYS - 3)
    [notice] = duty.notices()
    assert notice.clip == clip
    duty.say(call("E-1", "4411", at))
    assert duty.clip(clip).reviewed
    assert duty.clip(clip).retain_until == notice.due, "a match changes no date"
    duty.pass_days(4)
    assert duty.gone(clip)
    assert duty.notices() == [notice]


def test_what_was_withdrawn_after_its_notice_is_given_notice_anew(duty: Duty) -> None:
    """The roster was mended on the last day: whoever read the list a week before saw a clip of a call."""
    at = recorded_at(duty)
    duty.assign("4411", since=at - timedelta(days=1))
    clip = duty.dock()
    duty.pass_days(DAYS - 3)
    duty.say(call("E-1", "4411", at))
    duty.pass_days(1)
    duty.assign("7714", since=at - timedelta(days=1))
    duty.pass_days(1)
    assert len(duty.notices()) == 2, "that of before the match says nothing any more"
    duty.pass_days(NOTICE - 2)
    assert not duty.gone(clip)
    duty.pass_days(2)
    assert duty.gone(clip)


def test_a_match_says_nothing_while_what_may_withdraw_it_was_not_compared(duty: Duty) -> None:
    """The list is corrected while the dock is busy, and the clip's date passes in the same minute."""
    at = recorded_at(duty)
    duty.assign("4411", since=at - timedelta(days=1))
    clip, other = duty.dock(), duty.dock(minutes_ago=31)
    duty.say(call("E-1", "4411", at))
    duty.pass_days(DAYS - 1)
    duty.station.clock.pass_ms(3 * DAY)
    matching, duty.station.dock.surveys.matching = duty.station.dock.surveys.matching, None
    duty.station.ledger.record([call("E-1", "4411", at - timedelta(days=3))])
    duty.station.turn()
    assert duty.clip(clip).matched, "it was not compared yet"
    assert not duty.gone(clip)
    assert not duty.gone(other)
    duty.station.dock.surveys.matching = matching
    duty.let_work()
    assert [notice.clip for notice in duty.notices()] == [clip, other]
    duty.pass_days(NOTICE + 1)
    assert duty.gone(clip)
