"""Is every clip dated when it is taken, by what is known of time around its docking?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bwvdock.core.facts import ClipDated
from bwvdock.core.records import iso, nanoseconds
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.station import Station


@pytest.fixture
def station(tmp_path: Path) -> Station:
    here = Station(tmp_path)
    here.enrol()
    return here


def dock_camera(station: Station, name: str, *, ago: timedelta) -> None:
    """Dock a camera with one clip, recorded so long ago by its own clock, and take it out again."""
    recorded = nanoseconds(station.clock.now() - ago)
    path = f"DCIM/100TEST/{name}.MP4"
    key = station.plug(FakeVolume(name="lun0-part1", files={path: FakeFile(data=b"x", mtime_ns=recorded)}))
    station.turn()
    station.pull(key)
    station.turn()


def dates(station: Station) -> list[ClipDated]:
    return [fact for fact in station.facts if isinstance(fact, ClipDated)]


def kept_from(fact: ClipDated, station: Station) -> bool:
    return fact.retain_until == iso(station.clock.now() + timedelta(days=31))


def test_a_first_docking_dates_by_the_camera_and_keeps_from_the_docking(station: Station) -> None:
    dock_camera(station, "A", ago=timedelta(days=20))
    [fact] = dates(station)
    assert fact.recorded_at == iso(station.clock.now() - timedelta(days=20))
    assert kept_from(fact, station)


def test_between_two_dockings_the_camera_is_believed(station: Station) -> None:
    dock_camera(station, "A", ago=timedelta(hours=1))
    station.clock.pass_ms(24 * 3600 * 1000)
    dock_camera(station, "B", ago=timedelta(hours=3))
    last = dates(station)[-1]
    assert "between its last docking and this one" in last.basis
    assert last.retain_until == iso(station.clock.now() - timedelta(hours=3) + timedelta(days=31))


def test_a_time_before_the_last_docking_is_not_believed(station: Station) -> None:
    dock_camera(station, "A", ago=timedelta(hours=1))
    station.clock.pass_ms(24 * 3600 * 1000)
    dock_camera(station, "B", ago=timedelta(days=365))
    last = dates(station)[-1]
    assert last.recorded_at == iso(station.clock.now())
    assert kept_from(last, station)


def test_a_dock_without_the_time_sets_no_date(station: Station) -> None:
    station.clock.is_synchronised = False
    dock_camera(station, "A", ago=timedelta(hours=1))
    [fact] = dates(station)
    assert fact.retain_until == ""
