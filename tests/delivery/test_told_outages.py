"""What does the journal say about outages and failed attempts, and is that bounded however long they last?"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import DockStopped, Fact, StoreBack, StoreLost, UploadAttempts
from bwvdock.errors import DestinationUnavailableError
from tests.delivery.test_destination_queue import POISON, Trouble, a_docked, a_station
from tests.fakes.station import Station

MINUTE, HOUR = 60_000, 3_600_000
_MONTH_DAYS = 30


def told(station: Station, *kinds: type[Fact]) -> list[Fact]:
    return [fact for fact in station.facts if isinstance(fact, kinds)]


def wait(station: Station, ms: int, *, step: int = MINUTE) -> None:
    for _ in range(ms // step):
        station.clock.pass_ms(step)
        station.delivery.probe()
        station.turn()


def away(station: Station) -> None:
    station.stores[0].reachable = False
    station.delivery.probe()
    station.turn()


def back(station: Station) -> None:
    station.stores[0].reachable = True
    station.clock.pass_ms(MINUTE)
    station.delivery.probe()
    station.turn()


def test_an_outage_is_two_entries_with_their_times(tmp_path: Path) -> None:
    station = a_station(tmp_path, True)
    wait(station, MINUTE)
    away(station)
    [lost] = told(station, StoreLost, StoreBack)
    assert isinstance(lost, StoreLost)
    assert lost.destination == "store0"
    assert lost.reason
    wait(station, HOUR)
    back(station)
    assert told(station, StoreLost, StoreBack) == [lost], "it may fail again at once"
    wait(station, 11 * MINUTE)
    [_, ended] = told(station, StoreLost, StoreBack)
    assert isinstance(ended, StoreBack)
    assert (ended.destination, ended.lost_since, ended.times) == ("store0", lost.since, 1)
    lasted = datetime.fromisoformat(ended.since) - datetime.fromisoformat(lost.since)
    assert timedelta(hours=1, minutes=1) <= lasted < timedelta(hours=1, minutes=2)


@pytest.mark.slow
def test_a_store_that_comes_and_goes_is_one_outage_until_it_has_answered_for_ten_minutes(
    tmp_path: Path,
) -> None:
    station = a_station(tmp_path, True)
    for _ in range(20):
        away(station)
        wait(station, 2 * MINUTE)
        back(station)
        wait(station, 2 * MINUTE)
    wait(station, 12 * MINUTE)
    [_, ended] = told(station, StoreLost, StoreBack)
    assert isinstance(ended, StoreBack)
    assert ended.times == 20


def test_a_dock_that_stops_says_that_a_store_was_back(tmp_path: Path) -> None:
    station = a_station(tmp_path, True)
    away(station)
    back(station)
    station.dock.stop()
    assert [fact.kind for fact in station.facts[-2:]] == [StoreBack.kind, DockStopped.kind]


def test_an_upload_that_succeeds_at_once_has_no_sum(tmp_path: Path) -> None:
    station = a_docked(a_station(tmp_path, True))
    assert set(station.states().values()) == {ClipState.VERIFIED}
    assert told(station, UploadAttempts, StoreLost, StoreBack) == []


@pytest.mark.slow
def test_attempts_are_summed_up_at_their_end(tmp_path: Path) -> None:
    station = a_station(tmp_path, True)
    trouble = Trouble(DestinationUnavailableError("no route"), path=POISON, held=(600, 400))
    station.stores[0].on_store = trouble
    a_docked(station)
    wait(station, 30 * MINUTE)
    trouble.path = "none"
    wait(station, 30 * MINUTE)
    [attempts] = told(station, UploadAttempts)
    assert isinstance(attempts, UploadAttempts)
    failed = len([path for path in trouble.tries if path == POISON]) - 1
    assert failed >= 2
    assert attempts.attempts == failed + 1
    assert attempts.causes == (f"upload unavailable: {failed}",)
    assert (attempts.last_reason, attempts.outcome) == ("no route", "succeeded")
    assert attempts.first_at < attempts.last_at
    assert station.states()[POISON] is ClipState.VERIFIED


@pytest.mark.slow
def test_attempts_that_last_are_summed_up_each_hour(tmp_path: Path) -> None:
    station = a_station(tmp_path, True)
    trouble = Trouble(DestinationUnavailableError("no route"), path=POISON)
    station.stores[0].on_store = trouble
    a_docked(station)
    wait(station, 5 * HOUR + 30 * MINUTE)
    sums = told(station, UploadAttempts)
    assert 3 <= len(sums) <= 6
    assert not any(isinstance(fact, UploadAttempts) and fact.outcome != "pending" for fact in sums)
    assert sum(fact.attempts for fact in sums if isinstance(fact, UploadAttempts)) <= len(trouble.tries)
    station.dock.stop()
    tried = len([path for path in trouble.tries if path == POISON])
    everything = [fact for fact in told(station, UploadAttempts) if isinstance(fact, UploadAttempts)]
    assert sum(fact.attempts for fact in everything) == tried, "no attempt is left out"


@pytest.mark.slow
def test_a_dock_that_is_offline_for_a_month_writes_no_entry_a_minute(tmp_path: Path) -> None:
    station = a_station(tmp_path, True)
    station.stores[0].reachable = False
    a_docked(station)
    before = station.journal.size()
    wait(station, _MONTH_DAYS * 24 * HOUR, step=10 * MINUTE)
    assert len(told(station, StoreLost)) == 1
    assert (
        station.journal.size() - before <= _MONTH_DAYS * 24 * 4
    )  # three clips, at most one entry an hour each
