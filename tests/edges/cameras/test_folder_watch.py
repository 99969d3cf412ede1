"""The real inotify tells of what vendors' tools do, and not of our own reading."""

from __future__ import annotations

import queue
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from watchdog.events import (
    DirCreatedEvent,
    FileClosedEvent,
    FileClosedNoWriteEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileOpenedEvent,
    FileSystemEvent,
)

from bwvdock.edges.cameras.folder_watch import ChangeHandler, FolderNews, FolderSeen, FolderWatch, observe
from bwvdock.edges.system import SystemClock

SOON = 10.0  # seconds to wait for an event at the most; it comes within milliseconds


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "export/DCIM").mkdir(parents=True)
    (tmp_path / "export/DCIM/old.mp4").write_bytes(b"old")
    return tmp_path / "export"


@pytest.fixture
def touches(folder: Path) -> Iterator[queue.SimpleQueue[str]]:
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    watching = observe(str(folder), lambda: told.put("touched"))
    yield told
    watching.stop()


def test_a_new_file_in_a_new_folder_is_told(folder: Path, touches: queue.SimpleQueue[str]) -> None:
    (folder / "new").mkdir()
    (folder / "new/clip.mp4").write_bytes(b"footage")
    assert touches.get(timeout=SOON)


def test_a_file_moved_in_is_told(folder: Path, touches: queue.SimpleQueue[str], tmp_path: Path) -> None:
    (tmp_path / "made.mp4").write_bytes(b"footage")
    shutil.copyfile(tmp_path / "made.mp4", tmp_path / "copy.mp4")
    (tmp_path / "copy.mp4").rename(folder / "DCIM/clip.mp4")
    assert touches.get(timeout=SOON)


@pytest.mark.parametrize(
    "event,told",
    [
        (FileOpenedEvent("clip.mp4"), 0),
        (FileClosedNoWriteEvent("clip.mp4"), 0),
        (FileClosedEvent("clip.mp4"), 1),
        (FileModifiedEvent("clip.mp4"), 1),
        (FileMovedEvent("a.mp4", "b.mp4"), 1),
        (FileDeletedEvent("clip.mp4"), 1),
        (DirCreatedEvent("DCIM"), 1),
    ],
)
def test_our_own_reading_is_no_change(event: FileSystemEvent, told: int) -> None:
    calls: list[str] = []
    ChangeHandler(lambda: calls.append("touched")).dispatch(event)
    assert len(calls) == told


def test_a_folder_that_is_not_there_cannot_be_observed(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        observe(str(tmp_path / "none"), lambda: None)


@pytest.mark.slow
def test_the_first_write_after_a_rest_is_reported_at_once(folder: Path) -> None:
    """Until then the camera is shown as safe to remove: that must not last as long as a file settles."""
    told: queue.SimpleQueue[FolderSeen] = queue.SimpleQueue()
    watch = FolderWatch(
        str(folder),
        FolderNews(changed=told.put, polled=lambda _: None),
        clock=SystemClock(),
        settle_ms=int(4 * SOON * 1000),
        observe=observe,
        tells_inotify=lambda _: True,
    )
    (folder / "DCIM/old.mp4").unlink()
    watch.start()
    try:
        assert told.get(timeout=SOON).there
        (folder / "DCIM/new.mp4").write_bytes(b"footage")
        assert told.get(timeout=SOON).there
    finally:
        watch.stop()
