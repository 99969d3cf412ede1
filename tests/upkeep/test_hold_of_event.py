"""Is nothing disposed of that is, or may be, of an event which a standing hold is about?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bwvdock.core.facts import ClipMatched, EventMatch, HoldEnded, HoldOpened
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.operators.holds.decide import decide_on_holds
from bwvdock.operators.holds.requests import OpenHold
from tests.fakes.matching_station import ACTOR, DAY, Duty, call

pytestmark = pytest.mark.slow

DAYS = 31


@pytest.fixture
def duty(tmp_path: Path) -> Iterator[Duty]:
    duty = Duty(tmp_path)
    yield duty
    assert verify_journal(tmp_path / "journal.sqlite3").problems == ()
    duty.station.journal.close()


def recorded_at(duty: Duty) -> datetime:
    return duty.station.clock.now() - timedelta(minutes=30)


def freeze(duty: Duty, event: str) -> HoldOpened:
    """Place a hold as `clips hold --event` does."""
    with JournalReader(duty.root / "journal.sqlite3") as reader:
        [fact] = decide_on_holds(
            OpenHold(event=event, reason="inquest"), duty.station.journal, reader, ACTOR
        ).facts
    assert isinstance(fact, HoldOpened)
    duty.say(fact)
    return fact


def test_a_hold_of_an_event_keeps_what_is_matched_with_it_before_and_after(duty: Duty) -> None:
    at = recorded_at(duty)
    duty.assign("4411", since=at - timedelta(days=1))
    before, other = duty.dock(), duty.dock(minutes_ago=600)
    duty.say(call("E-1", "4411", at))
    hold = freeze(duty, "E-1")
    assert duty.clip(before).standing == {hold.hold: True}
    after = duty.dock(minutes_ago=31)
    duty.let_work()
    assert duty.clip(after).standing == {hold.hold: True}
    duty.pass_days(DAYS + 2)
    assert [duty.gone(clip) for clip in (before, after, other)] == [False, False, True]
    duty.say(HoldEnded(hold=hold.hold, reason="over", actor=ACTOR))
    duty.pass_days(2)
    assert [duty.gone(clip) for clip in (before, after)] == [True, True]


def test_a_match_that_is_withdrawn_later_ends_no_hold(duty: Duty) -> None:
    at = recorded_at(duty)
    duty.assign("4411", since=at - timedelta(days=1))
    clip = duty.dock()
    duty.say(call("E-1", "4411", at))
    hold = freeze(duty, "E-1")
    duty.assign("7714", since=at - timedelta(days=1))
    assert not duty.clip(clip).matched
    assert hold.hold in duty.clip(clip).standing


@pytest.mark.parametrize("sent", ["4411", "5512"])
def test_nothing_goes_before_it_was_compared_with_an_event_that_is_held(duty: Duty, sent: str) -> None:
    """Import, hold and due date fall into one minute: then it may be of the event, whoever was sent there."""
    at = recorded_at(duty)
    duty.assign("4411", since=at - timedelta(days=1))
    clip = duty.dock()
    duty.pass_days(DAYS - 1)
    duty.station.dock.surveys.matching = None  # it does not get to it
    duty.say(call("E-1", sent, at))
    hold = freeze(duty, "E-1")
    duty.station.clock.pass_ms(3 * DAY)
    duty.station.turn()
    assert not duty.gone(clip)
    duty.station.restart()
    duty.let_work()
    assert duty.clip(clip).standing == ({hold.hold: True} if sent == "4411" else {})
    duty.pass_days(2)
    assert duty.gone(clip) is (sent == "5512")


def test_a_clip_of_nobody_may_be_of_an_event_of_its_time_until_somebody_says_whose_it_is(duty: Duty) -> None:
    at = recorded_at(duty)
    duty.say(call("E-1", "4411", at))
    clip, other = duty.dock(), duty.dock(minutes_ago=3000)
    hold = freeze(duty, "E-1")
    duty.pass_days(DAYS + 3)
    assert [duty.gone(one) for one in (clip, other)] == [False, True]
    assert duty.clip(clip).standing == {hold.hold: False}
    duty.assign("4411", since=at - timedelta(days=1))
    assert duty.clip(clip).standing == {hold.hold: True}


def test_a_clip_that_may_be_of_more_events_than_its_entry_names_may_be_of_the_one_that_is_held(
    duty: Duty,
) -> None:
    at = recorded_at(duty)
    duty.assign("4411", since=at - timedelta(days=1))
    clip = duty.dock()
    named = EventMatch(event="E-2", basis="possible", role="officer", overlap_ms=1, uncertainty_ms=-1)
    duty.station.dock.surveys.matching = None
    duty.say(ClipMatched(clip=clip, events=(named,), more=3))
    hold = freeze(duty, "E-1")
    assert duty.clip(clip).standing == {hold.hold: False}


@pytest.mark.parametrize("corrected", ["the roster", "the list"])
def test_what_may_be_of_an_event_that_comes_after_its_hold_stays_on_it(duty: Duty, corrected: str) -> None:
    """Nobody had the camera, so no match says so: the hold's own entry must, before anything is corrected."""
    at = recorded_at(duty)
    hold, clip = freeze(duty, "E-1"), duty.dock()
    duty.say(call("E-1", "4411", at))
    assert duty.clip(clip).standing == {hold.hold: False}
    if corrected == "the roster":
        duty.assign("5512", since=at - timedelta(days=1))
    else:
        duty.say(call("E-1", "4411", at - timedelta(days=3)))
    duty.pass_days(DAYS + 3)
    assert not duty.gone(clip)


def test_what_a_roster_makes_uncertain_is_put_on_the_hold_of_an_event(duty: Duty) -> None:
    """Its officer stays the same; another had the camera when it may still have been recording."""
    at = recorded_at(duty)
    duty.assign("5512", since=at - timedelta(days=1))
    duty.say(call("E-1", "4411", at))
    clip, hold = duty.dock(), freeze(duty, "E-1")
    duty.let_work()
    assert duty.clip(clip).standing == {}
    duty.assign("4411", since=at + timedelta(minutes=20))
    assert duty.clip(clip).officer == "5512"
    assert duty.clip(clip).standing == {hold.hold: False}


def test_an_event_that_is_corrected_before_its_hold_was_compared_lets_nothing_go(duty: Duty) -> None:
    """Hold and corrected list are recorded in one turn: what the list said before is compared first."""
    at = recorded_at(duty)
    clip = duty.dock()
    duty.say(call("E-1", "4411", at))
    with JournalReader(duty.root / "journal.sqlite3") as reader:
        order = OpenHold(event="E-1", reason="inquest")
        [opened] = decide_on_holds(order, duty.station.journal, reader, ACTOR).facts
    duty.station.ledger.record([opened])
    duty.say(call("E-1", "4411", at - timedelta(days=3)))
    assert len(duty.clip(clip).standing) == 1
