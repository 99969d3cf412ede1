"""Is a lost copy made good from another store where the spool has none, and from a proven copy alone?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.facts import ClipRetrieved, VerificationFailed
from bwvdock.edges.journal.verify.verify import verify_journal
from tests.fakes.station import Station
from tests.holdings.test_rounds import lose, loss, only_clip, pass_days, pass_hours, station_with

HOUR = 3_600_000

pytestmark = pytest.mark.slow


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A dock whose copy went early, after both stores were asked again."""
    here = station_with(tmp_path)
    pass_hours(here, 27)
    here.schedule.disposal.free()
    here.turn()
    assert only_clip(here).disposed == {SPOOL}
    assert spooled(here) == []
    return here


def spooled(station: Station) -> list[str]:
    return sorted(path.name for path in (station.root / "spool").iterdir())


def test_it_is_read_from_the_other_store_compared_and_uploaded(station: Station) -> None:
    clip = only_clip(station)
    lose(station.stores[0], clip)
    pass_days(station, 12)
    assert [fact.finding for fact in station.facts if isinstance(fact, VerificationFailed)] == ["missing"]
    [read] = [fact for fact in station.facts if isinstance(fact, ClipRetrieved)]
    assert (read.destination, read.sha256) == ("county", clip.sha256)
    assert station.stores[0].objects == station.stores[1].objects
    after = only_clip(station)
    assert (after.failed, after.state) == ({}, ClipState.RELEASED)
    assert verify_journal(station.root / "journal.sqlite3").ok
    pass_days(station, 25)
    assert only_clip(station).state is ClipState.RETIRED, "at its date it goes as any other"
    assert spooled(station) == []


def test_nothing_is_taken_from_a_copy_that_is_not_what_was_taken(station: Station) -> None:
    clip = only_clip(station)
    lose(station.stores[0], clip)
    station.stores[1].objects[f"{clip.id}.1"] = b"HERE"  # a sidecar, and nobody has noticed yet
    pass_days(station, 12)
    assert not [fact for fact in station.facts if isinstance(fact, ClipRetrieved)]
    assert spooled(station) == []
    assert set(only_clip(station).failed) == {"nas", "county"}
    assert loss(station) is not None


def test_a_cut_between_the_file_and_its_entry_is_made_good(station: Station) -> None:
    clip = only_clip(station)
    lose(station.stores[0], clip)
    while not spooled(station):
        station.clock.pass_ms(HOUR)
        station.dock.turn(timeout=0)
    assert "clip_retrieved" not in station.kinds(), "the power fails before that is recorded"
    station.restart()
    pass_days(station, 1)
    assert station.kinds().count("clip_retrieved") == 1
    assert only_clip(station).failed == {}


def test_past_its_date_a_lost_copy_is_not_made_good_and_no_longer_an_error(station: Station) -> None:
    lose(station.stores[0], only_clip(station))
    station.stores[1].reachable = False  # the only other copy
    pass_days(station, 12)
    assert loss(station) is not None
    pass_days(station, 24)
    assert "loss_closed" in station.kinds()
    assert loss(station) is None
    assert only_clip(station).failed == {}


def test_a_source_that_is_away_is_waited_for(station: Station) -> None:
    lose(station.stores[0], only_clip(station))
    station.stores[1].reachable = False
    pass_days(station, 12)
    assert only_clip(station).failed == {"nas": "missing"}
    assert "clip_retrieved" not in station.kinds()
    station.stores[1].reachable = True
    pass_days(station, 1)
    assert only_clip(station).failed == {}


def test_a_loss_that_shows_when_room_is_to_be_made_is_made_good_too_and_nothing_goes(tmp_path: Path) -> None:
    station = station_with(tmp_path)
    pass_hours(station, 27)
    lose(station.stores[0], only_clip(station))
    station.schedule.disposal.free()
    station.turn()
    after = only_clip(station)
    assert (after.disposed, after.state, after.failed) == (frozenset(), ClipState.VERIFIED, {})
    assert station.kinds().count("verification_failed") == 1
    assert station.stores[0].objects == station.stores[1].objects
