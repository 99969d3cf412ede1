"""What a dock does as time passes: are clips dated late, and are people told of what they must know?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bwvdock.core.facts import ClipDated
from bwvdock.core.moments import iso, nanoseconds
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.status.alerts import AlertCode, Severity
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.destination import FakeDestination
from tests.fakes.station import SERIAL, Station

MINUTE = 60_000
DAY = 24 * 3600 * 1000
KEPT = timedelta(days=31)


@pytest.fixture
def station(tmp_path: Path) -> Station:
    here = Station(tmp_path)
    here.enrol()
    return here


def dock_one(station: Station, *, ago: timedelta = timedelta(hours=1)) -> None:
    recorded = nanoseconds(station.clock.now() - ago)
    files = {"DCIM/100TEST/A.MP4": FakeFile(data=b"x", mtime_ns=recorded)}
    station.visit(FakeVolume(name="lun0-part1", files=files))


def dates(station: Station) -> list[ClipDated]:
    return [fact for fact in station.facts if isinstance(fact, ClipDated)]


# --- dated late -----------------------------------------------------------------------------------------


def test_in_the_same_boot_the_clock_since_boot_tells_when_it_was_docked(station: Station) -> None:
    station.clock.is_synchronised = False
    docked_at = station.clock.now()
    dock_one(station)
    station.clock.pass_ms(3 * DAY)
    station.turn()
    assert len(dates(station)) == 1
    station.clock.is_synchronised = True
    station.clock.pass_ms(MINUTE)
    station.turn()
    late = dates(station)[-1]
    assert late.retain_until == iso(docked_at + KEPT)
    assert "dated later" in late.basis
    assert "since boot" in late.basis


def test_the_wall_clock_of_that_time_is_not_believed(station: Station) -> None:
    """The dock came up in 1999; the clock since boot says that the camera came an hour before the truth."""
    station.clock.is_synchronised = False
    station.clock.wrong_by = timedelta(days=-10_000)
    dock_one(station, ago=timedelta(days=-10_000))
    station.clock.pass_ms(60 * MINUTE)
    station.clock.wrong_by, station.clock.is_synchronised = timedelta(0), True
    station.turn()
    [_, late] = dates(station)
    assert late.retain_until == iso(station.clock.now() - timedelta(hours=1) + KEPT)


def test_after_another_boot_it_is_kept_from_when_the_time_was_known_again(station: Station) -> None:
    station.clock.is_synchronised = False
    dock_one(station)
    station.clock.boot = "22222222-2222-4333-8444-555555555555"
    station.clock.is_synchronised = True
    station.clock.pass_ms(5 * DAY)
    station.turn()
    late = dates(station)[-1]
    assert late.retain_until == iso(station.clock.now() + KEPT)
    assert "so the time of this entry is used" in late.basis


@pytest.mark.slow
def test_once_dated_it_is_left_alone_and_goes_when_it_is_due(station: Station) -> None:
    station.clock.is_synchronised = False
    dock_one(station)
    station.clock.is_synchronised = True
    station.clock.pass_ms(MINUTE)
    station.turn()
    station.clock.pass_ms(DAY)
    station.turn()
    assert len(dates(station)) == 2
    station.clock.pass_ms(31 * DAY)
    station.turn()
    assert "clip_retired" in station.kinds()
    assert verify_journal(station.root / "journal.sqlite3").ok


def test_a_longer_time_counts_for_what_is_dated_from_then_on(station: Station) -> None:
    station.schedule.change(non_evidential_days=90)
    station.dockings.reload(mode=station.dockings.mode, profiles=station.profiles, non_evidential_days=90)
    dock_one(station)
    assert dates(station)[0].retain_until == iso(station.clock.now() + timedelta(days=90))


# --- alerts ---------------------------------------------------------------------------------------------


def test_footage_that_no_store_has_is_told_of_a_week_before_its_limit_and_after_it(tmp_path: Path) -> None:
    away = FakeDestination(lambda clip, number: b"x")
    away.reachable = False
    here = Station(tmp_path, destinations=[away])
    here.enrol()
    dock_one(here)
    here.clock.pass_ms(23 * DAY)
    assert AlertCode.FOOTAGE_NEAR_LIMIT not in here.alerts()
    here.clock.pass_ms(2 * DAY)
    assert here.alerts()[AlertCode.FOOTAGE_NEAR_LIMIT].severity is Severity.WARNING
    here.clock.pass_ms(7 * DAY)
    here.turn()
    alert = here.alerts()[AlertCode.FOOTAGE_NEAR_LIMIT]
    assert alert.severity is Severity.ERROR
    assert "--evidence" in alert.remedy
    assert "disposal_intended" not in here.kinds()


@pytest.mark.slow
def test_a_vault_that_is_away_when_footage_is_due_is_told_of(station: Station) -> None:
    dock_one(station)
    (station.root / "vault").rename(station.root / "elsewhere")
    station.clock.pass_ms(32 * DAY)
    station.turn()
    alert = station.alerts()[AlertCode.DISPOSAL_FAILED]
    assert "vault" in alert.message
    (station.root / "elsewhere").rename(station.root / "vault")
    station.clock.pass_ms(MINUTE)
    station.turn()
    assert AlertCode.DISPOSAL_FAILED not in station.alerts()


def test_disposal_that_waits_for_the_time_is_told_of(station: Station) -> None:
    dock_one(station)
    station.clock.is_synchronised = False
    station.clock.pass_ms(32 * DAY)
    station.turn()
    assert AlertCode.DISPOSAL_WAITS in station.alerts()
    assert "disposal_intended" not in station.kinds()
    station.clock.is_synchronised = True
    station.clock.pass_ms(MINUTE)
    station.turn()
    assert AlertCode.DISPOSAL_WAITS not in station.alerts()


def test_a_camera_that_does_not_come_any_more_is_told_of(station: Station) -> None:
    dock_one(station)
    station.enrol("BWV-NEVER")
    station.clock.pass_ms(6 * DAY)
    station.turn()
    assert AlertCode.CAMERAS_ABSENT not in station.alerts()
    station.clock.pass_ms(2 * DAY)
    station.turn()
    assert "BWV-NEVER" in station.alerts()[AlertCode.CAMERAS_ABSENT].message
    assert station.alerts()[AlertCode.CAMERAS_ABSENT].message.startswith("2 enrolled cameras")
    station.surveys.change(absence_days=0)
    station.turn()
    assert AlertCode.CAMERAS_ABSENT not in station.alerts()


def dock_files(station: Station, files: dict[str, FakeFile]) -> None:
    key = station.plug(FakeVolume(name="lun0-part1", files=files))
    station.turn()
    station.pull(key)
    station.turn()
    station.clock.pass_ms(60 * MINUTE)
    station.turn()


def named(*numbers: int) -> dict[str, FakeFile]:
    return {f"DCIM/100TEST/VID_{n:04}.MP4": FakeFile(data=b"%d" % n) for n in numbers}


@pytest.mark.slow
def test_a_clip_that_was_seen_and_is_gone_from_its_camera_is_told_of_for_a_week(station: Station) -> None:
    """It was torn out before that clip was copied, and somebody deleted it meanwhile."""
    torn = named(1, 2)
    torn["DCIM/100TEST/VID_0002.MP4"].yank_at = 0
    dock_files(station, torn)
    assert AlertCode.CLIPS_LOST not in station.alerts(), "it may come yet"
    dock_files(station, named(1))
    alert = station.alerts()[AlertCode.CLIPS_LOST]
    assert alert.severity is Severity.ERROR
    assert alert.message.startswith("1 clip ")
    assert SERIAL in alert.message
    station.clock.pass_ms(8 * DAY)
    station.turn()
    assert AlertCode.CLIPS_LOST not in station.alerts(), "the report has it still"


@pytest.mark.slow
def test_one_that_comes_at_the_next_docking_is_not_lost(station: Station) -> None:
    torn = named(1, 2)
    torn["DCIM/100TEST/VID_0002.MP4"].yank_at = 0
    dock_files(station, torn)
    dock_files(station, named(1, 2))
    assert AlertCode.CLIPS_LOST not in station.alerts()


@pytest.mark.slow
@pytest.mark.parametrize("sector", [0, 100_000], ids=["at its beginning", "in its middle"])
def test_one_that_the_camera_has_and_cannot_give_is_not_lost(station: Station, sector: int) -> None:
    """The docking's balance says so; it is a card to be read elsewhere, not a clip that somebody deleted."""
    torn = named(1, 2)
    second = torn["DCIM/100TEST/VID_0002.MP4"]
    second.data, second.yank_at = b"footage" * 50_000, 0
    dock_files(station, torn)
    second.yank_at, second.bad_at = None, sector
    dock_files(station, torn)
    assert station.sheet().unreadable == 1
    assert station.sheet().residual == 0
    assert AlertCode.CLIPS_LOST not in station.alerts()


@pytest.mark.slow
def test_a_gap_in_a_camera_s_numbering_is_told_of_for_a_week(station: Station) -> None:
    dock_files(station, named(41, 42))
    assert AlertCode.NUMBERS_MISSING not in station.alerts()
    dock_files(station, named(41, 42, 44))
    assert SERIAL in station.alerts()[AlertCode.NUMBERS_MISSING].message
    station.clock.pass_ms(8 * DAY)
    station.turn()
    assert AlertCode.NUMBERS_MISSING not in station.alerts()
