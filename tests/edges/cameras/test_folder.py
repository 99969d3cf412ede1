"""A folder's file is taken only when nobody seems to write it any more, and never lost for that."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bwvdock.core.ports import FileStatus
from bwvdock.edges.cameras.folder import FolderVolume, Settling
from bwvdock.edges.cameras.folder_watch import (
    CALM_MS,
    POLL_MS,
    FolderNews,
    FolderSeen,
    FolderWatch,
    Watching,
)
from bwvdock.errors import CameraGoneError
from tests.fakes.clock import FakeClock

_LOOKS = 500  # more than there are between two looks in calm times


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


class ConfiguredDock:
    """A watched folder with everything round it in a test's hands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock, self.inotify = FakeClock(), Inotify()
        self.changes: list[FolderSeen] = []
        self.polled: list[str] = []
        self.local = True
        self.watch = FolderWatch(
            str(path),
            FolderNews(changed=self.changes.append, polled=self.polled.append),
            clock=self.clock,
            observe=self.inotify.observe,
            tells_inotify=lambda _: self.local,
        )

    def look(self, *, after_ms: int = 0) -> int:
        """Let time pass, and have the watch look once."""
        self.clock.pass_ms(after_ms)
        return self.watch.look()

    def statuses(self) -> dict[str, FileStatus]:
        volume = self.watch.volume()
        try:
            return {file.path: file.status for file in volume.list()}
        finally:
            volume.close()


@pytest.fixture
def house(tmp_path: Path) -> ConfiguredDock:
    (tmp_path / "export").mkdir()
    return ConfiguredDock(tmp_path / "export")


def test_a_file_is_not_ready_until_it_stood_still(house: ConfiguredDock) -> None:
    clip = house.path / "clip.mp4"
    clip.write_bytes(b"one")
    assert house.statuses() == {"clip.mp4": FileStatus.NOT_READY}
    house.clock.pass_ms(1999)
    assert house.statuses() == {"clip.mp4": FileStatus.NOT_READY}
    house.clock.pass_ms(1)
    assert house.statuses() == {"clip.mp4": FileStatus.READY}


def test_growing_starts_the_wait_anew(house: ConfiguredDock) -> None:
    clip = house.path / "clip.mp4"
    clip.write_bytes(b"one")
    house.statuses()
    house.clock.pass_ms(2000)
    clip.write_bytes(b"one two")
    assert house.statuses() == {"clip.mp4": FileStatus.NOT_READY}
    house.clock.pass_ms(2000)
    assert house.statuses() == {"clip.mp4": FileStatus.READY}


def test_a_changed_time_alone_starts_the_wait_anew(house: ConfiguredDock) -> None:
    clip = house.path / "clip.mp4"
    clip.write_bytes(b"one")
    house.statuses()
    house.clock.pass_ms(2000)
    os.utime(clip, ns=(1, 1))
    assert house.statuses() == {"clip.mp4": FileStatus.NOT_READY}


def test_a_file_that_left_and_came_back_waits_again(house: ConfiguredDock) -> None:
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


def test_one_growing_file_does_not_hold_up_another(house: ConfiguredDock) -> None:
    (house.path / "done.mp4").write_bytes(b"done")
    for n in range(4):
        (house.path / "growing.mp4").write_bytes(b"x" * n)
        house.statuses()
        house.clock.pass_ms(1000)
    (house.path / "growing.mp4").write_bytes(b"grown")
    assert house.statuses() == {"done.mp4": FileStatus.READY, "growing.mp4": FileStatus.NOT_READY}


def test_a_refused_entry_is_refused_at_once(house: ConfiguredDock) -> None:
    (house.path / "link.mp4").symlink_to("/etc/passwd")
    assert house.statuses() == {"link.mp4": FileStatus.REFUSED}


def test_a_new_file_is_told_of_at_once_and_again_when_it_stands_still(house: ConfiguredDock) -> None:
    (house.path / "clip.mp4").write_bytes(b"one")
    assert house.look() == 2000
    assert house.look(after_ms=2000) == POLL_MS
    assert house.changes == [FolderSeen(there=True), FolderSeen(there=True)]
    house.look(after_ms=2000)
    assert len(house.changes) == 2


def test_a_file_that_is_written_for_hours_is_told_of_when_it_begins_and_ends(
    house: ConfiguredDock,
) -> None:
    clip = house.path / "clip.mp4"
    for n in range(_LOOKS):
        if n % 100 == 0:
            clip.write_bytes(b"x" * n)
        os.utime(clip, ns=(n, n))
        house.inotify.event() if n else None
        house.look(after_ms=2000)
    assert house.changes == [FolderSeen(there=True)]
    for _ in range(2):
        house.look(after_ms=2000)
    assert house.changes == [FolderSeen(there=True), FolderSeen(there=True, looks=_LOOKS - 1)]


def test_a_file_that_pauses_again_and_again_is_waited_for_longer_each_time(house: ConfiguredDock) -> None:
    clip, taken = house.path / "clip.mp4", 0
    for n in range(200):
        os.utime(clip, ns=(n, n)) if clip.exists() else clip.write_bytes(b"x")
        house.inotify.event() if n else None
        house.look()
        house.inotify.event()
        house.look(after_ms=10_000)
        taken += house.statuses() == {"clip.mp4": FileStatus.READY}
    assert taken < 10
    assert len(house.changes) < 20


def test_other_files_are_told_of_beside_one_that_is_written_all_day(house: ConfiguredDock) -> None:
    for n in range(10):
        os.utime(house.path / "log.txt", ns=(n, n)) if n else (house.path / "log.txt").write_bytes(b"x")
        house.inotify.event() if n else None
        house.look(after_ms=1000)
    (house.path / "clip.mp4").write_bytes(b"footage")
    house.inotify.event()
    house.look()
    assert len(house.changes) == 2


def test_a_folder_in_which_nothing_happens_is_quiet(house: ConfiguredDock) -> None:
    (house.path / "clip.mp4").write_bytes(b"one")
    for _ in range(_LOOKS):
        house.look(after_ms=10_000)
    assert len(house.changes) == 2


def test_coming_and_going_of_the_folder_is_news_once(house: ConfiguredDock) -> None:
    house.look()
    house.look()
    house.path.rename(house.path.with_name("elsewhere"))
    house.look()
    house.look()
    assert house.changes == [FolderSeen(there=True), FolderSeen(there=False)]
    assert house.inotify.touched is None
    house.path.mkdir()
    house.look()
    assert house.changes[2:] == [FolderSeen(there=True)]
    assert house.inotify.touched is not None


@pytest.mark.parametrize("why", ["limits", "share"])
def test_without_inotify_the_folder_is_looked_through_quietly_and_that_is_said_once(
    house: ConfiguredDock, why: str
) -> None:
    house.inotify.works = why != "limits"
    house.local = why != "share"
    for _ in range(3):
        assert house.look(after_ms=POLL_MS) == POLL_MS
    assert house.changes == [FolderSeen(there=True)]
    (house.path / "clip.mp4").write_bytes(b"one")
    house.look(after_ms=POLL_MS)
    house.look(after_ms=2000)
    assert len(house.changes) == 3
    for _ in range(_LOOKS):
        house.look(after_ms=POLL_MS)
    assert len(house.changes) == 3
    assert len(house.polled) == 1


def test_what_inotify_never_told_of_is_found_all_the_same(house: ConfiguredDock) -> None:
    house.look()
    (house.path / "clip.mp4").write_bytes(b"one")
    house.look(after_ms=CALM_MS)
    house.look(after_ms=2000)
    assert len(house.changes) == 3


def test_a_folder_that_is_not_there_is_a_camera_that_is_not_docked(tmp_path: Path) -> None:
    with pytest.raises(CameraGoneError, match="No such file"):
        FolderVolume(str(tmp_path / "none"), settling=Settling(FakeClock()))
    (tmp_path / "file").touch()
    with pytest.raises(CameraGoneError, match="Not a directory"):
        FolderVolume(str(tmp_path / "file"), settling=Settling(FakeClock()))


def test_another_folder_under_the_same_path_is_not_this_one(house: ConfiguredDock) -> None:
    volume = house.watch.volume()
    house.path.rename(house.path.with_name("unmounted"))
    house.path.mkdir()
    with pytest.raises(CameraGoneError):
        volume.list()
    volume.close()
