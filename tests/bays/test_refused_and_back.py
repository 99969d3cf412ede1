"""A camera that is refused and admitted again, or gone and back in one bay, is copied after all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from bwvdock.bays.bay import display_state
from bwvdock.bays.jobs import CloseVolume
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import CameraRevoked
from bwvdock.core.ports import CameraFile
from tests.fakes.camera import FakeSource, FakeVolume, camera_with
from tests.fakes.station import SERIAL, Station
from tests.fakes.worker import HeldWorker

CLIPS = {f"DCIM/100TEST/{name}.MP4": name.encode() * 1000 for name in "ABC"}


@pytest.mark.slow
@pytest.mark.few(4)
@pytest.mark.parametrize("mtp", [False, True])
@pytest.mark.parametrize("jobs", range(4))
def test_a_camera_that_is_revoked_and_enrolled_again_is_copied_after_all(
    tmp_path: Path, jobs: int, *, mtp: bool
) -> None:
    """It is refused after so many jobs of its bay: before it is opened or listed, after it, in mid-copy."""
    station = Station(tmp_path, held_up=["bay 1-1"])
    station.enrol()
    camera = camera_with(CLIPS)
    key = station.plug_mtp(camera, bay="1-1") if mtp else station.plug(camera)
    station.turn()
    bay = station.held_up["bay 1-1"]
    for _ in range(min(jobs, len(bay.jobs))):
        bay.do_next(station.inbox.put)
        station.turn()
    station.ledger.record([CameraRevoked(camera=SERIAL, reason="lost", actor="0:root")])
    station.dockings.judge_again(SERIAL)
    assert display_state(station.bay(key), paused=False)[0] == "refused"
    bay.go_on(station.inbox.put)
    station.turn()
    station.enrol()
    assert len(station.states()) == 3 or display_state(station.bay(key), paused=False)[0] != "safe-to-remove"
    for _ in range(4):
        station.turn()
        if display_state(station.bay(key), paused=False)[0] == "safe-to-remove":
            break
        bay.go_on(station.inbox.put)
        station.clock.pass_ms(20_000)
    assert display_state(station.bay(key), paused=False) == ("safe-to-remove", "")
    assert list(station.states().values()) == [ClipState.VERIFIED] * 3
    station.pull(key)
    bay.go_on(station.inbox.put)
    station.turn()
    bay.go_on(station.inbox.put)
    station.turn()
    assert (station.sheet().seen, station.sheet().copied, station.sheet().residual) == (3, 3, 0)


@dataclass(kw_only=True)
class _Unreadable(FakeVolume):
    """Raises what nobody is prepared for, as often as a file is opened, `times` times."""

    times: int

    def open(self, file: CameraFile, *, offset: int = 0) -> FakeSource:
        if self.times:
            self.times -= 1
            raise MemoryError
        return super().open(file, offset=offset)


def test_a_copy_that_fails_after_the_camera_was_revoked_gives_nothing_up(tmp_path: Path) -> None:
    """Nothing can be skipped on a camera that is refused; it is tried again if the camera is admitted."""
    station = Station(tmp_path, held_up=["bay 1-1"], unexpected=lambda job, error: None)
    station.enrol()
    bay = station.held_up["bay 1-1"] = HeldWorker(unexpected=lambda job, error: None)
    camera = _Unreadable(files=camera_with({"DCIM/100TEST/A.MP4": b"a"}).files, times=1)
    key = station.plug(camera)
    station.turn()
    while not station.bay(key).in_hand:
        bay.do_next(station.inbox.put)
        station.turn()
    station.ledger.record([CameraRevoked(camera=SERIAL, reason="lost", actor="0:root")])
    station.dockings.judge_again(SERIAL)
    bay.go_on(station.inbox.put)
    station.turn()
    assert display_state(station.bay(key), paused=False)[0] == "refused"
    station.enrol()
    for _ in range(4):
        station.clock.pass_ms(20_000)
        station.turn()
        bay.go_on(station.inbox.put)
    station.turn()
    assert display_state(station.bay(key), paused=False) == ("safe-to-remove", "")
    assert list(station.states().values()) == [ClipState.VERIFIED]


def test_the_end_of_a_docking_closes_nothing_of_the_next_one(tmp_path: Path) -> None:
    """It left while it was listed, and is back in its socket; the thread of the first docking is slower."""
    station = Station(tmp_path, held_up=["bay 1-1"])
    station.enrol()
    camera = camera_with(CLIPS)
    key = station.plug(camera)
    station.turn()
    bay = station.held_up["bay 1-1"]  # of both dockings
    station.pull(key)
    station.turn()
    station.plug(camera)
    bay.go_on(station.inbox.put)
    station.turn()
    bay.jobs.sort(key=lambda job: isinstance(job, CloseVolume))
    for _ in range(4):
        bay.go_on(station.inbox.put)
        station.clock.pass_ms(20_000)
        station.turn()
    assert display_state(station.bay(key), paused=False) == ("safe-to-remove", "")
    assert list(station.states().values()) == [ClipState.VERIFIED] * 3
