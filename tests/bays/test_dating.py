"""Is every clip dated when it is taken, by what is known of time around its docking?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bwvdock.core.clips.admission import Admission
from bwvdock.core.facts import CameraClockRead, ClipDated
from bwvdock.core.media.clock_file import ClockRule
from bwvdock.core.media.profile import Profile
from bwvdock.core.moments import iso, nanoseconds
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
    station.visit(FakeVolume(name="lun0-part1", files={path: FakeFile(data=b"x", mtime_ns=recorded)}))


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


def writes_its_clock(station: Station, footage: timedelta, *, written: timedelta, ahead: timedelta) -> None:
    """Dock a camera whose clock is ahead, with a file that it wrote so long before it was docked."""
    shown = station.clock.now() + ahead
    files = {
        "DCIM/100TEST/A.MP4": FakeFile(data=b"x", mtime_ns=nanoseconds(shown - footage)),
        "DCIM/USB.LOG": FakeFile(data=b"", mtime_ns=nanoseconds(shown - written)),
    }
    station.visit(FakeVolume(name="lun0-part1", files=files))


@pytest.fixture
def logs_its_dockings(station: Station) -> Station:
    """A station whose cameras write a file when they are plugged in."""
    clock = ClockRule(file="DCIM/USB.LOG", within_s=60)
    profile = Profile(name="logs", contains=("DCIM/**",), clock=clock)
    station.dockings.reload(mode=Admission.ENROLLED, profiles=[profile], non_evidential_days=31)
    return station


HOUR_BEHIND, YEAR_AHEAD = timedelta(hours=-1), timedelta(days=365)


@pytest.mark.few(2)
@pytest.mark.parametrize("ahead", [timedelta(0), HOUR_BEHIND, timedelta(hours=1), YEAR_AHEAD, -YEAR_AHEAD])
def test_a_file_that_the_camera_wrote_puts_its_times_right(
    logs_its_dockings: Station, ahead: timedelta
) -> None:
    """However far it is off; and it may be off by as long as the file may be old."""
    writes_its_clock(logs_its_dockings, timedelta(hours=3), written=timedelta(seconds=30), ahead=ahead)
    [fact] = dates(logs_its_dockings)
    assert fact.recorded_at == iso(logs_its_dockings.clock.now() - timedelta(hours=3))
    assert fact.uncertainty_ms == 31_000
    assert "clock file" in fact.basis


@pytest.mark.slow
def test_a_file_that_it_did_not_write_at_this_docking_puts_nothing_right(logs_its_dockings: Station) -> None:
    """As it was left by the docking before: the same time again says nothing of today's."""
    station = logs_its_dockings
    writes_its_clock(station, timedelta(hours=3), written=timedelta(seconds=30), ahead=timedelta(0))
    station.clock.pass_ms(24 * 3600 * 1000)
    yesterday = timedelta(days=1, seconds=30)
    writes_its_clock(station, timedelta(days=2), written=yesterday, ahead=timedelta(0))
    first, second = dates(station)
    assert "clock file" in first.basis
    assert "clock file" not in second.basis
    assert kept_from(second, station)
    reads = [fact for fact in station.facts if isinstance(fact, CameraClockRead)]
    assert [fact.understood for fact in reads] == [True, False]
