"""When does a dock set a camera's clock, what is recorded, and which date has footage of before and after?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bwvdock.core.clips.admission import Admission
from bwvdock.core.clips.dates.dating import DateRule
from bwvdock.core.facts import ClipDated, ClipQuarantined, ClipRecalled, ClockSetEnded, ClockSetIntended
from bwvdock.core.media.profile import Profile
from bwvdock.core.media.self_reported.clock_setting import SetClock
from bwvdock.core.moments import nanoseconds
from bwvdock.core.ports import FileStatus
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import CameraGoneError, UnreadableError
from tests.extent import EXTENT, Extent
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.camera_clock import FakeCameraClock
from tests.fakes.station import SERIAL, Station

OWN = Profile(name="own", contains=("DCIM/**",), set_clock=SetClock.AFTER_COPY)
HOUR = timedelta(hours=1)
BAY = "/sys/2-1"


def station_with(root: Path, ahead: timedelta, profile: Profile = OWN, zone: str = "UTC") -> Station:
    station = Station(root, zone=ZoneInfo(zone))
    station.dockings.reload(mode=Admission.ENROLLED, profiles=(profile,), non_evidential_days=31)
    station.enrol()
    station.camera_clocks[SERIAL] = FakeCameraClock(ahead=ahead, zone=ZoneInfo(zone))
    return station


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return station_with(tmp_path, HOUR)


def clip(station: Station, ago: timedelta, status: FileStatus = FileStatus.READY) -> FakeFile:
    """Return footage as the camera's clock dates it."""
    recorded = station.clock.now() - ago
    shown = station.camera_clocks[SERIAL].shows(recorded)
    return FakeFile(data=recorded.isoformat().encode(), mtime_ns=nanoseconds(shown), status=status)


def card(station: Station, *agos: timedelta) -> FakeVolume:
    return FakeVolume(
        name="store-1", files={f"DCIM/100TEST/{n}.MP4": clip(station, ago) for n, ago in enumerate(agos)}
    )


def dock(station: Station, volume: FakeVolume) -> None:
    station.plug_mtp(volume)
    station.turn()
    wait(station, 20)


def undock(station: Station) -> None:
    station.pull(BAY)
    station.turn()
    station.clock.pass_ms(4 * 3600 * 1000)


def wait(station: Station, seconds: int) -> None:
    for _ in range(seconds):
        station.clock.pass_ms(1000)
        station.turn()


def ended(station: Station) -> list[ClockSetEnded]:
    return [fact for fact in station.facts if isinstance(fact, ClockSetEnded)]


def dates(station: Station) -> list[ClipDated]:
    return [fact for fact in station.facts if isinstance(fact, ClipDated)]


@pytest.mark.slow
def test_footage_first_then_the_intention_then_what_the_clock_shows(station: Station) -> None:
    dock(station, card(station, 3 * HOUR, 2 * HOUR))
    kinds = station.kinds()
    [intended] = [fact for fact in station.facts if isinstance(fact, ClockSetIntended)]
    [end] = ended(station)
    assert (intended.profile, intended.ahead_ms) == ("own", 3_600_000)
    assert (end.intended_in, end.failure, end.understood) == (intended.docking, "", True)
    assert abs(end.ahead_ms) <= 1000
    order = ["camera_clock_read", "clip_acquired", "camera_settled", "clock_set_intended", "clock_set_ended"]
    assert [kind for kind in kinds if kind in order] == [order[0], order[1], order[1], *order[2:]]
    wait(station, 300)
    assert len(station.camera_clocks[SERIAL].given) == 1


def without_leave(station: Station) -> None:
    station.camera_clocks[SERIAL].settable = False


def nearly_right(station: Station) -> None:
    station.camera_clocks[SERIAL].ahead = timedelta(seconds=-2)


def no_time(station: Station) -> None:
    station.clock.is_synchronised = False


def by_default(station: Station) -> None:
    own = replace(OWN, set_clock=Profile(name="own").set_clock)
    station.dockings.reload(mode=Admission.ENROLLED, profiles=(own,), non_evidential_days=31)


@pytest.mark.parametrize("why", [without_leave, nearly_right, no_time, by_default])
def test_no_clock_is_set_otherwise(station: Station, why: Callable[[Station], None]) -> None:
    why(station)
    dock(station, card(station, 3 * HOUR))
    assert station.camera_clocks[SERIAL].given == []
    assert "clock_set_intended" not in station.kinds()


@pytest.mark.slow
@pytest.mark.parametrize("status", [FileStatus.NOT_READY, FileStatus.UNREADABLE, FileStatus.REFUSED])
def test_no_clock_is_set_while_footage_is_left_on_the_camera(station: Station, status: FileStatus) -> None:
    volume = card(station, 3 * HOUR)
    volume.files["DCIM/100TEST/LEFT.MP4"] = clip(station, 2 * HOUR, status=status)
    dock(station, volume)
    wait(station, 700)
    assert station.camera_clocks[SERIAL].given == []


@pytest.mark.slow
@pytest.mark.parametrize("sets_first", [False, True])
def test_a_failure_is_recorded_with_what_the_clock_shows(station: Station, *, sets_first: bool) -> None:
    clock = station.camera_clocks[SERIAL]
    clock.fails, clock.sets_first = UnreadableError("The camera refused.", remedy="None."), sets_first
    dock(station, card(station, 3 * HOUR))
    [end] = ended(station)
    assert (end.failure, end.understood) == ("The camera refused.", True)
    assert abs(end.ahead_ms - (0 if sets_first else 3_600_000)) <= 1000
    wait(station, 300)
    assert len(clock.given) == 1


def test_a_camera_that_only_pretends_is_told_of(station: Station) -> None:
    station.camera_clocks[SERIAL].ignores = True
    dock(station, card(station, 3 * HOUR))
    [end] = ended(station)
    assert (end.failure, abs(end.ahead_ms - 3_600_000) <= 1000) == ("", True)


def test_one_that_is_unplugged_meanwhile_leaves_it_unknown(station: Station) -> None:
    clock = station.camera_clocks[SERIAL]
    clock.fails, clock.sets_first = CameraGoneError("The camera was unplugged.", remedy="Dock it."), True
    dock(station, card(station, 3 * HOUR))
    [end] = ended(station)
    assert end.failure == "The camera was unplugged. (whether its clock was set is not known)"
    assert (end.raw, end.understood) == ("", False)


def test_a_clock_that_is_set_after_summer_time_began_is_compared_with_that(tmp_path: Path) -> None:
    """It was docked hours before: then the same clock would have been an hour ahead."""
    station = station_with(tmp_path, timedelta(minutes=-5), zone="Europe/London")
    begins = datetime(2026, 3, 29, 1, tzinfo=UTC)
    station.clock.pass_ms((begins - 3 * HOUR - station.clock.now()) // timedelta(milliseconds=1))
    volume = card(station, 3 * HOUR)
    volume.files["DCIM/100TEST/LAST.MP4"] = clip(station, HOUR, status=FileStatus.NOT_READY)
    dock(station, volume)
    station.dockings.set_paused(paused=True)
    station.clock.pass_ms(4 * 3600 * 1000)
    volume.files["DCIM/100TEST/LAST.MP4"] = clip(station, 4 * HOUR)
    station.dockings.set_paused(paused=False)
    wait(station, 20)
    [end] = ended(station)
    assert abs(station.camera_clocks[SERIAL].ahead) <= timedelta(seconds=1)
    assert (end.understood, abs(end.ahead_ms) <= 1000) == (True, True)


class _PowerCutError(BaseException):
    """Nothing after it is done."""


def allow(station: Station) -> None:
    station.dockings.reload(mode=Admission.ENROLLED, profiles=(OWN,), non_evidential_days=31)


@pytest.mark.slow
def test_after_a_power_cut_the_next_docking_says_that_nobody_saw_the_end(station: Station) -> None:
    clock = station.camera_clocks[SERIAL]
    clock.fails, clock.sets_first = _PowerCutError(), True
    with pytest.raises(_PowerCutError):
        dock(station, card(station, 3 * HOUR))
    [intended] = [fact for fact in station.facts if isinstance(fact, ClockSetIntended)]
    assert ended(station) == []
    clock.fails = None
    station.restart()
    allow(station)
    dock(station, card(station, 2 * HOUR))
    [end] = ended(station)
    assert end.intended_in == intended.docking != end.docking
    assert end.failure == "the dock did not see how that ended; whether its clock was set is not known"
    undock(station)
    dock(station, card(station, HOUR))
    assert len(ended(station)) == 1  # it is said once
    assert len(clock.given) == 1  # the clock is right: nothing more is set
    assert verify_journal(station.root / "journal.sqlite3").ok


# --- dates -----------------------------------------------------------------------------------------------


@pytest.mark.slow
@settings(max_examples=8 if EXTENT is not Extent.NIGHTLY else 200)
@given(
    ahead_s=st.integers(30, 4 * 3600) | st.integers(-400 * 86_400, -30) | st.integers(30, 400 * 86_400),
    agos=st.lists(st.integers(1, 200), min_size=1, max_size=3),
    later=st.lists(st.integers(1, 230), min_size=1, max_size=3),
    zone=st.sampled_from(["UTC", "Europe/London", "America/New_York"]),
    sets=st.booleans(),
)
def test_no_footage_is_corrected_by_what_a_clock_shows_on_the_other_side_of_a_setting(
    ahead_s: int, agos: list[int], later: list[int], zone: str, sets: bool
) -> None:
    """Minutes before two dockings, four hours apart; a clip of the first is copied again in the second."""
    with TemporaryDirectory() as folder:
        station = station_with(Path(folder), timedelta(seconds=ahead_s), zone=zone)
        clock = station.camera_clocks[SERIAL]
        clock.fails = None if sets else UnreadableError("The camera refused.", remedy="None.")
        recorded = [station.clock.now() - timedelta(minutes=ago) for ago in sorted(set(agos))]
        first = card(station, *(station.clock.now() - moment for moment in recorded))
        dock(station, first)
        before = dates(station)
        _corrected(before, recorded)
        assert len(clock.given) == 1
        [again, *_] = [dated.clip for dated in before]
        undock(station)
        station.ledger.record(
            [ClipQuarantined(clip=again, reason="lost"), ClipRecalled(clip=again, actor="1000:ann")]
        )
        now = station.clock.now()
        new = [now - timedelta(minutes=ago) for ago in sorted(set(later))]
        files = {f"DCIM/100TEST/L{n}.MP4": clip(station, now - moment) for n, moment in enumerate(new)}
        dock(station, FakeVolume(name="store-1", files=first.files | files))
        after = dates(station)[len(before) :]
        _corrected([dated for dated in after if dated.clip != again], new)
        [copied_again] = [dated for dated in after if dated.clip == again]
        assert copied_again.rule not in {DateRule.CLOCK_READ, DateRule.BETWEEN_DOCKINGS}


def _corrected(dated: list[ClipDated], recorded: list[datetime]) -> None:
    """Check that each date is the true one, as well as the clock was read."""
    assert {fact.rule for fact in dated} == {DateRule.CLOCK_READ}
    assert len(dated) == len(recorded)
    for told, true in zip(sorted(fact.recorded_at for fact in dated), sorted(recorded), strict=True):
        assert abs(datetime.fromisoformat(told) - true) <= timedelta(seconds=3)


def test_what_comes_after_the_setting_in_the_same_docking_is_not_corrected(station: Station) -> None:
    volume = card(station, 3 * HOUR)
    dock(station, volume)
    assert len(ended(station)) == 1
    volume.files["DCIM/100TEST/NEW.MP4"] = clip(station, timedelta(seconds=5))
    bay = station.bay(BAY)
    for medium in bay.media.values():
        medium.recall()
    wait(station, 20)
    rules = [dated.rule for dated in dates(station)]
    assert rules[0] == DateRule.CLOCK_READ
    assert rules[1:] == [DateRule.CAMERA_TIME]
