"""What does a dock know of the batteries in its bays, and how often does it ask for that?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.core.clips.admission import Admission
from bwvdock.core.facts import CameraBatteryRead
from bwvdock.core.media.profile import Profile
from bwvdock.core.media.self_reported.battery import BatteryRule, BatterySource
from bwvdock.core.moments import nanoseconds
from bwvdock.service.assemble import live_view
from bwvdock.status.values import LiveCamera
from tests.fakes.camera import FakeFile, FakeVolume, camera_with
from tests.fakes.station import Station

CLIPS = {"DCIM/100TEST/A.MP4": b"x" * 1000}
RULE = BatteryRule(file="STATUS.JSON", key="battery")


@pytest.fixture
def station(tmp_path: Path) -> Station:
    here = Station(tmp_path)
    own = Profile(name="own", contains=("DCIM/**",), battery=RULE)
    here.dockings.reload(mode=Admission.ENROLLED, profiles=(own,), non_evidential_days=31)
    here.enrol()
    return here


def shown(station: Station) -> LiveCamera:
    [camera] = live_view(station.dock, station.spool, station.clock).live().cameras
    return camera


def wait(station: Station, seconds: int) -> None:
    for _ in range(seconds):
        station.clock.pass_ms(1000)
        station.turn()


def test_a_camera_that_charges_is_asked_once_a_minute(station: Station) -> None:
    key = station.plug_mtp(camera_with(CLIPS))
    station.batteries[key] = 40
    station.turn()
    assert (shown(station).battery, shown(station).battery_source) == (40, BatterySource.CAMERA)
    station.batteries[key] = 41
    asked = station.battery_asked
    wait(station, 50)
    assert shown(station).battery == 40
    wait(station, 20)
    assert shown(station).battery == 41
    assert station.battery_asked == asked + 1
    station.batteries[key] = None
    wait(station, 70)
    assert (shown(station).battery, shown(station).battery_source) == (None, BatterySource.NONE)


def recorded(station: Station) -> list[tuple[str, int]]:
    return [(fact.source, fact.percent) for fact in station.facts if isinstance(fact, CameraBatteryRead)]


def test_what_a_camera_says_as_it_comes_is_recorded_once_in_each_docking(station: Station) -> None:
    for level in (40, 30):
        key = station.plug_mtp(card(station, b'{"battery": 63}'))
        station.batteries[key] = level
        station.turn()
        station.batteries[key] = 90
        wait(station, 70)
        station.pull(key)
        station.turn()
    station.plug(card(station, b'{"battery": 0}'))
    station.turn()
    assert recorded(station) == [("camera", 40), ("camera", 30), ("file", 0)]


def test_what_it_says_only_later_is_not_what_it_had_when_it_came(station: Station) -> None:
    key = station.plug_mtp(camera_with(CLIPS))
    station.turn()
    station.batteries[key] = 90
    wait(station, 70)
    assert (shown(station).battery, recorded(station)) == (90, [])


def test_a_camera_that_never_says_it_is_copied_as_any_other(station: Station) -> None:
    station.plug_mtp(camera_with(CLIPS))
    station.turn()
    assert (shown(station).battery, shown(station).clips_copied) == (None, 1)


def card(station: Station, said: bytes, *, later_s: int = 60) -> FakeVolume:
    now = nanoseconds(station.clock.now())
    return FakeVolume(
        files={
            "DCIM/100TEST/A.MP4": FakeFile(data=b"x" * 1000, mtime_ns=now - later_s * 10**9),
            "STATUS.JSON": FakeFile(data=said, mtime_ns=now),
        }
    )


def test_a_file_says_it_of_a_disk(station: Station) -> None:
    station.plug(card(station, b'{"battery": 63}'))
    station.turn()
    assert (shown(station).battery, shown(station).battery_source) == (63, BatterySource.FILE)


@pytest.mark.parametrize("said,later_s", [(b'{"battery": 163}', 60), (b"\0", 60), (b'{"battery": 63}', -60)])
def test_a_file_that_lies_or_is_old_says_nothing(station: Station, said: bytes, later_s: int) -> None:
    station.plug(card(station, said, later_s=later_s))
    station.turn()
    assert (shown(station).battery, shown(station).clips_copied) == (None, 1)


def test_what_a_camera_answers_counts_before_its_file(station: Station) -> None:
    key = station.plug_mtp(card(station, b'{"battery": 63}'))
    station.batteries[key] = 12
    station.turn()
    assert (shown(station).battery, shown(station).battery_source) == (12, BatterySource.CAMERA)
