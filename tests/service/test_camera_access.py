"""What the daemon opens, and what a configured folder makes known."""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.config.settings import FolderSource
from bwvdock.core.media.sightings import BayEvent, CameraLeft, FolderChanged, VolumeArrived
from bwvdock.errors import CameraGoneError
from bwvdock.service.camera_access import HardwareAccess
from tests.fakes.clock import FakeClock


def test_a_configured_folder_is_announced_opened_and_missed_when_it_goes(tmp_path: Path) -> None:
    """From the first look to its disappearance."""
    folder = tmp_path / "cam-17"
    folder.mkdir()
    access = HardwareAccess([FolderSource(path=folder, serial="CAM-17")], FakeClock())
    said: list[BayEvent] = []
    access.watch(said.append)
    try:
        [changed] = said
        assert isinstance(changed, FolderChanged)
        assert (changed.sighting.serial, changed.sighting.transport) == ("CAM-17", "folder")
        arrival = VolumeArrived(key=str(folder), device=str(folder), name="folder")
        volume = access.open_volume(changed.sighting, arrival)
        assert volume.present()
        volume.close()
        folder.rmdir()
        access.check()
        assert said[-1] == CameraLeft(key=str(folder))
        with pytest.raises(CameraGoneError):
            access.open_volume(changed.sighting, arrival)
    finally:
        access.close()


def test_a_folder_that_is_not_there_yet_is_taken_when_it_comes(tmp_path: Path) -> None:
    """A share that is mounted later."""
    folder = tmp_path / "later"
    access = HardwareAccess([FolderSource(path=folder, serial="CAM-18")], FakeClock())
    said: list[BayEvent] = []
    access.watch(said.append)
    try:
        assert not any(isinstance(event, FolderChanged) for event in said)
        folder.mkdir()
        access.check()
        assert isinstance(said[-1], FolderChanged)
    finally:
        access.close()
