"""Does the journal say what kept the dock's clock, each day and whenever that changed?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bwvdock.core.facts import DockClockSeen
from bwvdock.edges.journal.verify.verify import verify_journal
from tests.fakes.station import Station

MINUTE = 60_000
DAY = 24 * 3600 * 1000


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return Station(tmp_path)


def after(station: Station, ms: int) -> list[DockClockSeen]:
    """Let time pass; give what has been recorded of the clock since the start."""
    station.clock.pass_ms(ms)
    station.turn()
    return [fact for fact in station.facts if isinstance(fact, DockClockSeen)]


def test_a_clock_that_stays_as_it_is_is_one_entry_a_day(station: Station) -> None:
    assert after(station, MINUTE) == [], "the entry of the start says it"
    assert after(station, DAY - 2 * MINUTE) == []
    [entry] = after(station, MINUTE)
    assert (entry.source, entry.synchronised, entry.stepped_ms) == ("chrony", True, 0)
    assert (entry.error_ms, entry.most_ms) == (1, 20)
    assert len(after(station, DAY - MINUTE)) == 1
    assert len(after(station, MINUTE)) == 2


def test_one_that_loses_its_time_service_and_finds_it_again_is_an_entry_each(station: Station) -> None:
    station.clock.is_synchronised = False
    assert [entry.synchronised for entry in after(station, MINUTE)] == [False]
    assert len(after(station, MINUTE)) == 1
    station.clock.is_synchronised = True
    assert [entry.synchronised for entry in after(station, MINUTE)] == [False, True]
    station.clock.source = "systemd-timesyncd"
    assert [entry.source for entry in after(station, MINUTE)][-1] == "systemd-timesyncd"


@pytest.mark.parametrize("step", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=9_000)])
def test_one_that_is_set_is_an_entry_with_how_far(station: Station, step: timedelta) -> None:
    """By the clock since boot, which nobody sets."""
    station.clock.wrong_by = step
    [entry] = after(station, MINUTE)
    assert entry.stepped_ms == step // timedelta(milliseconds=1)
    assert len(after(station, MINUTE)) == 1


def test_one_that_is_slewed_is_none(station: Station) -> None:
    for _ in range(20):
        station.clock.wrong_by += timedelta(milliseconds=300)
        assert after(station, MINUTE) == []


def test_the_journal_still_verifies(station: Station) -> None:
    station.clock.wrong_by = timedelta(hours=1)
    after(station, MINUTE)
    station.journal.close()
    assert verify_journal(station.root / "journal.sqlite3").problems == ()
