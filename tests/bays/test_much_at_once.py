"""However much a camera shows at once: does the thread that owns the journal do a little at a time?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bwvdock.core.facts import CameraAttached, ClipFound, Fact
from tests.fakes.camera import FakeVolume, camera_with
from tests.fakes.station import Station

pytestmark = pytest.mark.slow

MANY = 600
PART = 256


class Counting:
    """A journal that remembers how much it was given and asked at once."""

    def __init__(self, station: Station) -> None:
        self._journal = station.journal
        self.largest = 0
        self.asked = 0
        journal = station.journal
        self._append, self._clip = journal.append, journal.clip
        setattr(station.ledger, "_journal", self)  # noqa: B010

    def append(self, facts: Sequence[Fact]) -> object:
        self.largest = max(self.largest, len(facts))
        return self._append(facts)

    def clip(self, clip_id: str) -> object:
        self.asked += 1
        return self._clip(clip_id)

    def __getattr__(self, name: str) -> object:
        return getattr(self._journal, name)


def empty_clips(count: int) -> FakeVolume:
    return camera_with({f"DCIM/100TEST/{n:06}.MP4": b"" for n in range(count)})


@pytest.fixture
def station(tmp_path: Path) -> Station:
    made = Station(tmp_path, destinations=[])
    made.enrol()
    return made


def test_what_is_found_is_recorded_part_by_part(station: Station) -> None:
    journal = Counting(station)
    station.plug(empty_clips(MANY))
    station.turn()
    assert sum(isinstance(fact, ClipFound) for fact in station.facts) == MANY
    assert journal.largest <= PART + 2
    assert journal.asked < MANY * 12  # a few questions a clip, whatever their number


def test_a_camera_that_leaves_meanwhile_is_no_longer_recorded_and_its_docking_is_not_complete(
    station: Station,
) -> None:
    """The clock moves at each look, so that one part fills a turn."""
    station.clock.step_ms = 200
    key = station.plug(empty_clips(MANY))
    for _ in range(10):
        station.dock.turn(timeout=0)
        if any(isinstance(fact, ClipFound) for fact in station.facts):
            break
    assert 0 < sum(isinstance(fact, ClipFound) for fact in station.facts) < MANY
    station.pull(key)
    station.clock.step_ms = 0
    station.turn()
    assert sum(isinstance(fact, ClipFound) for fact in station.facts) < MANY
    [sheet] = [s for s in [station.journal.docking(d) for d in dockings(station)] if s]
    assert not sheet.complete
    station.plug(empty_clips(MANY))
    station.turn()
    assert sum(isinstance(fact, ClipFound) for fact in station.facts) == MANY


class Commits:
    """A journal that counts the commits of groups."""

    def __init__(self, station: Station) -> None:
        self._journal = station.journal
        self._waits = False
        self.made = 0
        setattr(station.ledger.group, "_journal", self)  # noqa: B010

    def append(self, facts: Sequence[Fact]) -> object:
        self._waits = True
        return self._journal.append(facts)

    def settle(self) -> None:
        self.made += self._waits
        self._waits = False
        self._journal.settle()

    def __getattr__(self, name: str) -> object:
        return getattr(self._journal, name)


@pytest.mark.parametrize("cameras", [1, 3])
def test_whatever_is_found_a_turn_waits_for_the_disk_once(station: Station, cameras: int) -> None:
    """Beside forty copies the disk is busy: a commit may take longer than the rest of a turn."""
    for number in range(cameras):
        station.enrol(f"CAM-{number}")
        station.plug(empty_clips(MANY), serial=f"CAM-{number}", bay=f"1-{number}")
    commits, busy = Commits(station), 0
    for _ in range(100):
        commits.made = 0
        station.dock.turn(timeout=0)
        assert commits.made <= 1
        busy += commits.made
    assert sum(isinstance(fact, ClipFound) for fact in station.facts) == MANY * cameras
    assert busy > MANY * cameras // 512


def dockings(station: Station) -> list[str]:
    return [fact.docking for fact in station.facts if isinstance(fact, CameraAttached)]
