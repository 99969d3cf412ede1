"""A hundred strangers are a few entries and a count, and none that an operator knows is among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.core.facts import CameraEnrolled, CameraRefused, CameraRevoked, RefusalsCounted
from tests.fakes.camera import camera_with
from tests.fakes.station import Station

_OVER_MS = 600_000


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return Station(tmp_path)


def visit(station: Station, serial: str) -> None:
    """Dock a camera and take it away again."""
    key = station.plug(camera_with({"DCIM/100TEST/A.MP4": b"footage"}), serial=serial)
    station.turn()
    station.pull(key)
    station.turn()


def entries_of(station: Station, kind: type) -> list[object]:
    return [fact for fact in station.facts if isinstance(fact, kind)]


@pytest.mark.slow
def test_a_hundred_strangers_are_a_few_entries_and_a_count(station: Station) -> None:
    for number in range(100):
        visit(station, f"STRANGER-{number:03}")
    station.clock.pass_ms(_OVER_MS)
    station.turn()
    assert len([f for f in station.facts if f.kind.startswith(("camera_", "refusals_"))]) == 3 * 3 + 1
    [counted] = entries_of(station, RefusalsCounted)
    assert isinstance(counted, RefusalsCounted)
    assert counted.count == 97
    assert counted.cameras.split()[0] == "STRANGER-003"
    assert len(counted.cameras.split()) == 20


def test_a_loose_stranger_is_recorded_once_and_counted(station: Station) -> None:
    for _ in range(50):
        visit(station, "STRANGER-1")
    assert len(entries_of(station, CameraRefused)) == 1
    station.clock.pass_ms(_OVER_MS)
    station.turn()
    [counted] = entries_of(station, RefusalsCounted)
    assert isinstance(counted, RefusalsCounted)
    assert counted.count == 49


def test_the_count_is_recorded_when_the_dock_stops(station: Station) -> None:
    for _ in range(5):
        visit(station, "STRANGER-1")
    station.dockings.dismiss_all("the dock was stopped")
    assert len(entries_of(station, RefusalsCounted)) == 1


def test_a_camera_that_an_operator_revoked_is_recorded_each_time(station: Station) -> None:
    station.enrol()
    serial = next(f.camera for f in station.facts if isinstance(f, CameraEnrolled))
    station.ledger.record([CameraRevoked(camera=serial, reason="reported lost", actor="0:root")])
    for _ in range(10):
        visit(station, serial)
    assert len(entries_of(station, CameraRefused)) == 10


def test_a_counted_stranger_that_is_enrolled_where_it_sits_is_taken_and_recorded(station: Station) -> None:
    for number in range(4):
        visit(station, f"STRANGER-{number:03}")
    key = station.plug(camera_with({"DCIM/100TEST/A.MP4": b"footage"}), serial="STRANGER-009")
    station.turn()
    assert "STRANGER-009" not in {getattr(f, "camera", "") for f in station.facts}
    station.enrol("STRANGER-009")
    station.dockings.judge_again("STRANGER-009")
    station.turn()
    station.pull(key)
    station.turn()
    kinds = [f.kind for f in station.facts]
    assert kinds.count("clip_acquired") == 1
    assert "camera_detached" in kinds[kinds.index("clip_acquired") :]
