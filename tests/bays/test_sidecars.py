"""No camera is called safe to remove without a word while a sidecar on it was not copied."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from bwvdock.bays.bay import display_state
from bwvdock.bays.erasing import EraseRules
from bwvdock.core.ports import CameraFile
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import UnreadableError
from tests.fakes.camera import FakeFile, FakeSource, FakeVolume, camera_with
from tests.fakes.station import Station

FOOTAGE, SIDECAR = "DCIM/100/A.MP4", "DCIM/100/A.GPS"


@dataclass(kw_only=True, slots=True)
class Hesitating(FakeVolume):
    """Its sidecar cannot be read the first time."""

    opened: int = 0

    def open(self, file: CameraFile, *, offset: int = 0) -> FakeSource:
        self.opened += file.path == SIDECAR
        if file.path == SIDECAR and self.opened == 1:
            raise UnreadableError("The card gives an error.", remedy="Dock it again.")
        return FakeVolume.open(self, file, offset=offset)


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
    assert display_state(station.bay(key), paused=False) == ("safe-to-remove", "")
    assert b"track" in station.vault_files()
    station.pull(key)
    station.turn()
    sheet = station.sheet()
    assert (sheet.seen, sheet.copied, sheet.residual, sheet.complete) == (2, 2, 0, True)


@pytest.mark.slow
def test_a_sidecar_that_became_unreadable_after_its_clip_was_found_is_copied_when_it_can_be_read(
    station: Station,
) -> None:
    camera = camera_with({FOOTAGE: b"footage", SIDECAR: b"track"})
    camera.files[FOOTAGE].yank_at = 0
    station.visit(camera)
    camera.files[FOOTAGE].yank_at, camera.files[SIDECAR].bad_at = None, 0
    key = station.plug(camera)
    station.turn()
    assert display_state(station.bay(key), paused=False) == ("safe-to-remove", "1 file was NOT taken")
    station.pull(key)
    station.turn()
    sheet = station.sheet()
    assert (sheet.seen, sheet.unreadable, sheet.residual, sheet.complete) == (2, 1, 0, False)
    camera.files[SIDECAR].bad_at = None
    key = station.plug(camera)
    station.turn()
    assert display_state(station.bay(key), paused=False) == ("safe-to-remove", "")
    assert b"track" in station.vault_files()


@pytest.mark.slow
@pytest.mark.few(1)
@pytest.mark.parametrize("later", [False, True])
def test_a_sidecar_that_cannot_be_read_with_its_clip_is_not_taken_and_said_so(
    station: Station, *, later: bool
) -> None:
    """Its ends can be read, so that it is found, and a sector between them cannot."""
    camera = camera_with({FOOTAGE: b"footage", SIDECAR: b"track" * 60_000})
    camera.files[SIDECAR].bad_at = 100_000
    if later:
        station.visit(camera)
    key = station.plug(camera)
    station.turn()
    assert display_state(station.bay(key), paused=False) == ("safe-to-remove", "1 file was NOT taken")
    station.pull(key)
    station.turn()
    sheet = station.sheet()
    assert (sheet.seen, sheet.unreadable, sheet.residual, sheet.complete) == (2, 1, 0, False)
    camera.files[SIDECAR].bad_at = None
    key = station.plug(camera)
    station.turn()
    assert display_state(station.bay(key), paused=False) == ("safe-to-remove", "")
    assert b"track" * 60_000 in station.vault_files()
    assert verify_journal(station.root / "journal.sqlite3").ok


def test_a_sidecar_that_is_read_the_second_time_is_taken_in_the_same_docking(station: Station) -> None:
    camera = Hesitating(files=camera_with({FOOTAGE: b"footage", SIDECAR: b"track"}).files)
    key = station.plug(camera)
    station.turn()
    assert display_state(station.bay(key), paused=False) == ("safe-to-remove", "")
    assert b"track" in station.vault_files()
    station.pull(key)
    station.turn()
    sheet = station.sheet()
    assert (sheet.seen, sheet.copied, sheet.residual, sheet.complete) == (2, 2, 0, True)


@pytest.mark.slow
def test_a_sidecar_that_was_not_copied_is_not_erased_with_its_footage(tmp_path: Path) -> None:
    station = Station(tmp_path, erases=True)
    station.enrol()
    station.dockings.erasing.rules = EraseRules(erase=True, reread=False)
    camera = camera_with({FOOTAGE: b"footage", SIDECAR: b"track" * 60_000})
    camera.files[SIDECAR].bad_at = 100_000
    station.plug(camera)
    station.turn()
    assert set(camera.files) == {FOOTAGE, SIDECAR}
