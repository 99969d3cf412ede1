"""What the daemon opens, and what a configured folder makes known."""

from __future__ import annotations

import os
import queue
import signal
import time
from pathlib import Path

import pytest

from bwvdock.config.footage.sources import FolderSource
from bwvdock.core.media.sightings import BayEvent, CameraLeft, FolderChanged, VolumeArrived
from bwvdock.errors import CameraGoneError
from bwvdock.service.camera_access import HardwareAccess
from tests.fakes.clock import FakeClock
from tests.fakes.fuse import hanging_folder
from tests.service.daemons import bwvdock, configure, daemon, process

pytestmark = pytest.mark.slow

SOON = 30.0  # seconds to wait for an event at the most


def test_a_configured_folder_is_announced_opened_and_missed_when_it_goes(tmp_path: Path) -> None:
    """From the first look to its disappearance."""
    folder = tmp_path / "cam-17"
    folder.mkdir()
    access = HardwareAccess([FolderSource(path=folder, serial="CAM-17")], FakeClock())
    said: queue.SimpleQueue[BayEvent] = queue.SimpleQueue()
    access.watch(said.put)
    try:
        changed = said.get(timeout=SOON)
        assert isinstance(changed, FolderChanged)
        assert (changed.sighting.serial, changed.sighting.transport) == ("CAM-17", "folder")
        arrival = VolumeArrived(key=str(folder), device=str(folder), name="folder")
        volume = access.open_volume(changed.sighting, arrival)
        assert volume.present()
        volume.close()
        assert access.missing() == []
        folder.rmdir()
        assert said.get(timeout=SOON) == CameraLeft(key=str(folder))
        assert access.missing() == [("CAM-17", str(folder))]
        with pytest.raises(CameraGoneError):
            access.open_volume(changed.sighting, arrival)
    finally:
        access.close()


def test_a_folder_that_is_not_there_yet_is_taken_when_it_comes(tmp_path: Path) -> None:
    """A share that is mounted later."""
    folder = tmp_path / "later"
    access = HardwareAccess([FolderSource(path=folder, serial="CAM-18")], FakeClock())
    said: queue.SimpleQueue[BayEvent] = queue.SimpleQueue()
    access.watch(said.put)
    try:
        folder.mkdir()
        assert isinstance(said.get(timeout=SOON), FolderChanged)
        assert access.missing() == []
    finally:
        access.close()


# --- a share whose server hangs ----------------------------------------------------------------------


@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0 or not os.path.exists("/dev/fuse"), reason="needs to mount FUSE")
def test_twenty_sources_that_hang_keep_nobody_waiting_longer_than_one(tmp_path: Path) -> None:
    with hanging_folder(tmp_path / "hangs") as hangs:
        sources = [FolderSource(path=hangs / str(n), serial=f"CAM-{n}") for n in range(20)]
        access = HardwareAccess(sources, FakeClock())
        access.watch(lambda _: None)
        began = time.monotonic()
        access.close()
        assert time.monotonic() - began < 5


@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0 or not os.path.exists("/dev/fuse"), reason="needs to mount FUSE")
def test_a_source_that_hangs_fails_alone(tmp_path: Path) -> None:
    """Its program answers nothing, as one that was stopped; the rest of the dock does not notice."""
    good = tmp_path / "good"
    good.mkdir()
    (good / "A.MP4").write_bytes(b"footage" * 1000)
    with hanging_folder(tmp_path / "hangs") as hangs:
        config = configure(
            tmp_path,
            camera=good,
            more=f'[[source]]\nkind = "folder"\npath = "{hangs}"\nserial = "CAM-HANGS"\n',
        )
        with daemon(config) as running:
            running.wait_for_event("clip_verified")
            running.wait_for_event("folder_silent")
            status = running.status()
            assert "folder-silent" in {alert["code"] for alert in status["alerts"]}
            assert bwvdock("cameras", "enrol", "CAM-99", config=config).returncode == 0
            checked = process("config", "check", config=config)
            assert "source[2].path" in checked.stderr
            assert "does not answer" in checked.stderr
            (good / "B.MP4").write_bytes(b"more footage" * 1000)
            running.wait_for_event("clip_verified", 2)
            running.signal(signal.SIGTERM)
            assert running.process.wait(60) == 0
