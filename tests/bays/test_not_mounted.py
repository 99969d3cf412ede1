"""When is a camera tried again that the mounter does not mount?"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from bwvdock.bays.bay import display_state
from bwvdock.errors import BwvdockError, MounterUnavailableError, NotPermittedError, VolumeRefusedError
from bwvdock.mounter.__main__ import IDLE_SECONDS
from tests.fakes.camera import camera_with
from tests.fakes.station import Station

CLIPS = {"DCIM/100TEST/A.MP4": b"x" * 1000}
HOUR_S = 3600


@pytest.fixture
def station(tmp_path: Path) -> Station:
    here = Station(tmp_path)
    here.enrol()
    return here


def wait(station: Station, seconds: int) -> None:
    for _ in range(seconds // 5):
        station.clock.pass_ms(5000)
        station.turn()


@pytest.mark.slow
@pytest.mark.parametrize(
    "why", [MounterUnavailableError("Silent.", remedy="-"), NotPermittedError("No.", remedy="-")]
)
def test_soon_then_later_so_that_a_mounter_that_may_not_is_started_anew(
    station: Station, why: BwvdockError
) -> None:
    """It ends once nobody has asked it for so long; the next question starts it."""
    station.not_mounted = why
    key = station.plug(camera_with(CLIPS))
    station.turn()
    wait(station, HOUR_S)
    pauses = [(later - one) // 1000 for one, later in pairwise(station.mounts)]
    assert pauses[:4] == [10, 20, 40, 80]
    assert set(pauses[4:]) == {90}
    assert max(pauses) > IDLE_SECONDS
    assert display_state(station.bay(key), paused=False) == ("waiting", why.message)
    station.not_mounted = None
    wait(station, 90)
    assert station.bay(key).tally.clips_copied == 1


def test_once_it_was_listed_it_is_tried_soon_again(station: Station) -> None:
    station.not_mounted = MounterUnavailableError("Silent.", remedy="-")
    key = station.plug(camera_with(CLIPS))
    station.turn()
    wait(station, 30)
    station.not_mounted = None
    wait(station, 40)
    [medium] = station.bay(key).media.values()
    assert (medium.listed, medium.failed) == (True, 0)


def test_one_that_is_refused_for_good_is_not_tried_again(station: Station) -> None:
    station.not_mounted = VolumeRefusedError("It is NTFS.", remedy="-")
    station.plug(camera_with(CLIPS))
    station.turn()
    wait(station, 100)
    assert len(station.mounts) == 1
