"""No camera is called safe to remove without a word while a sidecar on it was not copied."""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.bays.bay import display_state
from tests.fakes.camera import FakeFile, FakeVolume, camera_with
from tests.fakes.station import Station

FOOTAGE, SIDECAR = "DCIM/100/A.MP4", "DCIM/100/A.GPS"


@pytest.fixture
def station(tmp_path: Path) -> Station:
    here = Station(tmp_path)
    here.enrol()
    return here


def pulled_out_at_once(station: Station) -> FakeVolume:
    """Return a camera that left before its clip was copied: the journal knows the clip, and no sidecar."""
    camera = camera_with({FOOTAGE: b"footage"})
    camera.files[FOOTAGE].yank_at = 0
    station.visit(camera)
    camera.files[FOOTAGE].yank_at = None
    return camera


def test_a_sidecar_that_a_clip_found_before_does_not_have_is_copied_before_it_is_safe(
    station: Station,
) -> None:
    camera = pulled_out_at_once(station)
    camera.files[SIDECAR] = FakeFile(data=b"track")
    key = station.plug(camera)
    station.turn()
    assert display_state(station.bay(key), paused=False) == ("safe-to-remove", "")
    assert sorted(station.vault_files()) == [b"footage", b"track"]
    station.pull(key)
    station.turn()
    sheet = station.sheet()
    assert (sheet.seen, sheet.copied, sheet.residual, sheet.complete) == (2, 2, 0, True)


def test_a_sidecar_that_could_not_be_read_the_first_time_is_copied_the_second_time(station: Station) -> None:
    """As seed 45 of the simulation had it, with every store asked again: its clip was known without it."""
    camera = camera_with({FOOTAGE: b"footage", SIDECAR: b"track"})
    camera.files[FOOTAGE].yank_at = camera.files[SIDECAR].bad_at = 0
    station.visit(camera)
    camera.files[FOOTAGE].yank_at = camera.files[SIDECAR].bad_at = None
    key = station.plug(camera)
    station.turn()
    assert display_state(station.bay(key), paused=False) == ("safe-to-remove", "")
    assert sorted(station.vault_files()) == [b"footage", b"track"]


def test_a_sidecar_that_grew_since_its_clip_was_found_is_copied_whole(station: Station) -> None:
    camera = camera_with({FOOTAGE: b"footage", SIDECAR: b"tra"})
    camera.files[FOOTAGE].yank_at = 0
    station.visit(camera)
    camera.files[FOOTAGE].yank_at = None
    camera.files[SIDECAR] = FakeFile(data=b"track")
    key = station.plug(camera)
    station.turn()
    assert display_state(station.bay(key), paused=False)[0] == "safe-to-remove"
    assert b"track" in station.vault_files()
