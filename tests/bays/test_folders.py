"""A folder that is treated as a camera goes, comes back, and is another: is everything in it taken?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.bays.bay import display_state
from bwvdock.core.facts import CameraRevoked
from bwvdock.core.media.sightings import CameraLeft, FolderChanged, Sighting, Transport
from bwvdock.core.ports import FileStatus
from bwvdock.service.assemble import live_view
from bwvdock.status.values import CameraState
from tests.fakes.camera import FakeFile, camera_with
from tests.fakes.station import Station

KEY = "/srv/cam"
FOLDER = Sighting(key=KEY, bay=f"folder {KEY}", serial="CAM-17", transport=Transport.FOLDER)


@pytest.mark.slow
@pytest.mark.parametrize("status", FileStatus)
def test_another_folder_in_its_place_is_listed_whatever_was_in_the_first(
    tmp_path: Path, status: FileStatus
) -> None:
    """Its watch reports that the first is gone and that one is there, at once."""
    station = Station(tmp_path)
    station.volumes[KEY] = first = camera_with({})
    first.files["A.MP4"] = FakeFile(data=b"a", status=status, reason="drawn")
    station.inbox.put(FolderChanged(sighting=FOLDER))
    station.turn()
    first.yank()
    station.volumes[KEY] = camera_with({"B.MP4": b"b"})
    station.inbox.put(CameraLeft(key=KEY))
    station.inbox.put(FolderChanged(sighting=FOLDER))
    station.turn()
    assert b"b" in station.vault_files()


def test_a_file_of_unknown_kind_that_comes_later_is_named_and_the_docking_is_not_complete(
    tmp_path: Path,
) -> None:
    """It came while another was written, and may be footage: "safe to remove" must not pass it over."""
    station = Station(tmp_path)
    station.volumes[KEY] = folder = camera_with({"OLD.BIN": b"x"})
    folder.files["A.MP4"] = FakeFile(data=b"a", status=FileStatus.NOT_READY, reason="still being written")
    station.inbox.put(FolderChanged(sighting=FOLDER))
    station.turn()
    folder.files["A.MP4"] = FakeFile(data=b"a, whole")
    folder.files["NEW.BIN"] = FakeFile(data=b"y")
    station.inbox.put(FolderChanged(sighting=FOLDER))
    station.turn()
    shown = display_state(station.bay(KEY), paused=False)
    assert shown == ("safe-to-remove", "2 files of unknown kind were NOT taken")
    station.inbox.put(CameraLeft(key=KEY))
    station.turn()
    sheet = station.sheet()
    assert (sheet.unknown, sheet.complete, sheet.copied) == (2, False, 1)


def test_what_was_named_once_is_not_counted_again(tmp_path: Path) -> None:
    station = Station(tmp_path)
    station.volumes[KEY] = folder = camera_with({"OLD.BIN": b"x"})
    folder.files["A.MP4"] = FakeFile(data=b"a", status=FileStatus.NOT_READY, reason="still being written")
    for _ in range(3):
        station.inbox.put(FolderChanged(sighting=FOLDER))
        station.turn()
    assert station.bay(KEY).tally.files_unknown == 1
    assert station.sheet().unknown == 1


def test_a_folder_that_changed_is_not_safe_before_it_was_listed_again(tmp_path: Path) -> None:
    """However long its thread takes: the file system below may hang."""
    station = Station(tmp_path, held_up=[f"bay {FOLDER.bay}"])
    thread = station.held_up[f"bay {FOLDER.bay}"]
    station.volumes[KEY] = folder = camera_with({"A.MP4": b"a"})
    station.inbox.put(FolderChanged(sighting=FOLDER))
    for _ in range(3):
        station.turn()
        thread.go_on(station.inbox.put)
    station.turn()
    assert display_state(station.bay(KEY), paused=False) == ("safe-to-remove", "")
    folder.files["B.MP4"] = FakeFile(data=b"b")
    station.inbox.put(FolderChanged(sighting=FOLDER))
    for _ in range(4):
        station.turn()
        assert (display_state(station.bay(KEY), paused=False)[0] == "safe-to-remove") == (
            b"b" in station.vault_files()
        )
        thread.go_on(station.inbox.put)
    station.turn()
    assert display_state(station.bay(KEY), paused=False) == ("safe-to-remove", "")
    assert station.vault_files() == [b"a", b"b"]


def test_a_folder_that_could_not_be_listed_is_listed_once_it_changed(tmp_path: Path) -> None:
    """It was gone just then, or its file system gave an error."""
    station = Station(tmp_path)
    station.inbox.put(FolderChanged(sighting=FOLDER))
    station.turn()
    assert display_state(station.bay(KEY), paused=False)[0] == "waiting"
    station.volumes[KEY] = camera_with({"A.MP4": b"a"})
    station.inbox.put(FolderChanged(sighting=FOLDER))
    station.turn()
    assert station.vault_files() == [b"a"]
    assert display_state(station.bay(KEY), paused=False) == ("safe-to-remove", "")


def test_what_came_into_a_folder_while_it_was_refused_is_taken_once_it_is_admitted(tmp_path: Path) -> None:
    station = Station(tmp_path)
    station.volumes[KEY] = folder = camera_with({"A.MP4": b"a"})
    station.inbox.put(FolderChanged(sighting=FOLDER))
    station.turn()
    station.ledger.record([CameraRevoked(camera=FOLDER.serial, reason="lost", actor="0:root")])
    station.dockings.judge_again(FOLDER.serial)
    assert display_state(station.bay(KEY), paused=False)[0] == "refused"
    folder.files["B.MP4"] = FakeFile(data=b"b")
    station.inbox.put(FolderChanged(sighting=FOLDER))
    station.turn()
    assert display_state(station.bay(KEY), paused=False)[0] == "refused"
    station.enrol(FOLDER.serial)
    station.turn()
    assert station.vault_files() == [b"a", b"b"]
    assert display_state(station.bay(KEY), paused=False) == ("safe-to-remove", "")


def test_a_folder_that_does_not_answer_is_not_called_safe_to_remove(tmp_path: Path) -> None:
    """It was safe when it was last seen; what came into it since then, nobody knows."""
    station = Station(tmp_path)
    station.volumes[KEY] = camera_with({"A.MP4": b"a"})
    station.inbox.put(FolderChanged(sighting=FOLDER))
    station.turn()
    view, silent = live_view(station.dock, station.spool, station.clock), list[str]()
    view.silent_folders = lambda: silent
    [shown] = view.live().cameras
    assert shown.state is CameraState.SAFE_TO_REMOVE
    silent.append(FOLDER.serial)
    [shown] = view.live().cameras
    assert (shown.state, shown.reason) == (CameraState.WAITING, "its folder does not answer")
