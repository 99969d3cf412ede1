"""A folder's file is taken only when nobody seems to write it any more, and never lost for that."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bwvdock.core.ports import FileStatus
from bwvdock.edges.cameras.folder import FolderVolume, Settling
from bwvdock.edges.cameras.folder_watch import FolderWatch, Watching
from bwvdock.errors import CameraGoneError
from tests.fakes.clock import FakeClock


class Timers:
    """Timers that run when a test says so."""

    def __init__(self) -> None:
        self.due: list[tuple[float, Callable[[], None]]] = []

    def after(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        entry = (seconds, call)
        self.due.append(entry)
        return lambda: self.due.remove(entry)

    def run(self) -> None:
        entries, self.due = self.due, []
        for _, call in entries:
            call()


class Inotify:
    """A look-out whose events a test makes."""

    def __init__(self) -> None:
        self.touched: Callable[[], None] | None = None
        self.works = True

    def observe(self, path: str, touched: Callable[[], None]) -> Watching:
        if not self.works:
            raise OSError(28, "inotify's limit is used up")
        self.touched = touched
        return self

    def stop(self) -> None:
        self.touched = None

    def event(self) -> None:
        assert self.touched is not None
        self.touched()


class ComposedDock:
    """A watched folder with everything round it in a test's hands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock, self.timers, self.inotify = FakeClock(), Timers(), Inotify()
        self.changes: list[str] = []
        self.watch = FolderWatch(
            str(path),
            self.changes.append,
            clock=self.clock,
            timer=self.timers.after,
            observe=self.inotify.observe,
        )

    def statuses(self) -> dict[str, FileStatus]:
        volume = self.watch.volume()
        try:
            return {file.path: file.status for file in volume.list()}
        finally:
            volume.close()


@pytest.fixture
def house(tmp_path: Path) -> ComposedDock:
    (tmp_path / "export").mkdir()
    return ComposedDock(tmp_path / "export")


def test_a_file_is_not_ready_until_it_stood_still(house: ComposedDock) -> None:
    clip = house.path / "clip.mp4"
    clip.write_bytes(b"one")
    assert house.statuses() == {"clip.mp4": FileStatus.NOT_READY}
    house.clock.pass_ms(1999)
    assert house.statuses() == {"clip.mp4": FileStatus.NOT_READY}
    house.clock.pass_ms(1)
    assert house.statuses() == {"clip.mp4": FileStatus.READY}


def test_growing_starts_the_wait_anew(house: ComposedDock) -> None:
    clip = house.path / "clip.mp4"
    clip.write_bytes(b"one")
    house.statuses()
    house.clock.pass_ms(2000)
    clip.write_bytes(b"one two")
    assert house.statuses() == {"clip.mp4": FileStatus.NOT_READY}
    house.clock.pass_ms(2000)
    assert house.statuses() == {"clip.mp4": FileStatus.READY}


def test_a_changed_time_alone_starts_the_wait_anew(house: ComposedDock) -> None:
    clip = house.path / "clip.mp4"
    clip.write_bytes(b"one")
    house.statuses()
    house.clock.pass_ms(2000)
    os.utime(clip, ns=(1, 1))
    assert house.statuses() == {"clip.mp4": FileStatus.NOT_READY}


def test_a_file_that_left_and_came_back_waits_again(house: ComposedDock) -> None:
    clip = house.path / "clip.mp4"
    clip.write_bytes(b"one")
    os.utime(clip, ns=(1, 1))
    house.statuses()
    clip.unlink()
    house.statuses()
    house.clock.pass_ms(2000)
    clip.write_bytes(b"one")
    os.utime(clip, ns=(1, 1))
    assert house.statuses() == {"clip.mp4": FileStatus.NOT_READY}


def test_one_growing_file_does_not_hold_up_another(house: ComposedDock) -> None:
    (house.path / "done.mp4").write_bytes(b"done")
    for n in range(4):
        (house.path / "growing.mp4").write_bytes(b"x" * n)
        house.statuses()
        house.clock.pass_ms(1000)
    (house.path / "growing.mp4").write_bytes(b"grown")
    assert house.statuses() == {"done.mp4": FileStatus.READY, "growing.mp4": FileStatus.NOT_READY}


def test_a_refused_entry_is_refused_at_once(house: ComposedDock) -> None:
    (house.path / "link.mp4").symlink_to("/etc/passwd")
    assert house.statuses() == {"link.mp4": FileStatus.REFUSED}
    assert house.timers.due == []


def test_a_listing_with_moving_files_asks_for_another_in_time(house: ComposedDock) -> None:
    (house.path / "clip.mp4").write_bytes(b"one")
    house.statuses()
    assert [seconds for seconds, _ in house.timers.due] == [2.0]
    house.timers.run()
    assert house.changes == [str(house.path)]
    house.clock.pass_ms(2000)
    house.statuses()
    assert house.timers.due == []


def test_many_events_make_one_change(house: ComposedDock) -> None:
    house.watch.check()
    house.changes.clear()
    for _ in range(100):
        house.inotify.event()
    assert len(house.timers.due) == 1
    house.timers.run()
    assert house.changes == [str(house.path)]
    house.inotify.event()
    assert len(house.timers.due) == 1


def test_coming_and_going_of_the_folder_is_news_once(house: ComposedDock) -> None:
    assert house.watch.check()
    assert house.watch.check()
    assert len(house.changes) == 1
    house.path.rename(house.path.with_name("elsewhere"))
    assert not house.watch.check()
    assert not house.watch.check()
    assert len(house.changes) == 2
    assert house.inotify.touched is None
    house.path.mkdir()
    assert house.watch.check()
    assert len(house.changes) == 3
    assert house.inotify.touched is not None


def test_without_inotify_every_check_is_a_change(house: ComposedDock) -> None:
    house.inotify.works = False
    house.watch.check()
    house.watch.check()
    assert len(house.changes) == 2
    house.inotify.works = True
    house.watch.check()
    house.watch.check()
    assert len(house.changes) == 3


def test_stopping_calls_off_what_is_under_way(house: ComposedDock) -> None:
    house.watch.check()
    house.inotify.event()
    house.watch.stop()
    assert house.timers.due == []
    assert house.inotify.touched is None


def test_a_folder_that_is_not_there_is_a_camera_that_is_not_docked(tmp_path: Path) -> None:
    with pytest.raises(CameraGoneError, match="No such file"):
        FolderVolume(str(tmp_path / "none"), settling=Settling(FakeClock()))
    (tmp_path / "file").touch()
    with pytest.raises(CameraGoneError, match="Not a directory"):
        FolderVolume(str(tmp_path / "file"), settling=Settling(FakeClock()))


def test_another_folder_under_the_same_path_is_not_this_one(house: ComposedDock) -> None:
    volume = house.watch.volume()
    house.path.rename(house.path.with_name("unmounted"))
    house.path.mkdir()
    with pytest.raises(CameraGoneError):
        volume.list()
    volume.close()
