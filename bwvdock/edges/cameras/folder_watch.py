"""When is a folder worth listing again?

When what has settled in it has changed, or another file has begun to move. A file that keeps growing is
reported when it begins and when it settles, however long that takes: `looks` counts what was seen in between.

Changes are noticed by inotify. A network or FUSE file system does not report what others write, and
inotify's limits are small on some machines: there, and now and then everywhere, the folder is looked through.

Every call that touches the folder is made in the watch's own thread: a share whose server hangs holds up that
thread alone.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from bwvdock.core.ports import CameraFile, Clock, FileStatus
from bwvdock.edges.cameras.folder import SETTLE_MS, FolderVolume, Settling
from bwvdock.edges.cameras.pulse import Pulse
from bwvdock.edges.cameras.walk import FOLDER, Limits, TreeWalk, close_fd
from bwvdock.mounts import mount_of

POLL_MS = 10_000  # between two looks where inotify does not report changes
CALM_MS = 60_000  # where it does: it may have been told of more than it keeps
_SOON_MS = 50  # between two looks at a folder in which nothing moves
_SHARE = 9  # such looks take a tenth of the time at the most

# Reading a folder causes events as well; reacting to those would never end. "closed" is that of a
# file that was open for writing.
_CHANGES = frozenset({"created", "modified", "moved", "deleted", "closed"})


class Watching(Protocol):
    """A running watch for changes."""

    def stop(self) -> None:
        """End it."""
        ...


Observe = Callable[[str, Callable[[], None]], Watching]
"""Calls a function at each change in a folder or below; raises OSError where it cannot."""


def observe(path: str, touched: Callable[[], None]) -> Watching:
    """Call `touched` at each change in the folder or below.

    Raises:
        OSError: the folder does not exist, or inotify's limits are used up.
    """
    observer = Observer()
    observer.schedule(ChangeHandler(touched), path, recursive=True)
    observer.start()
    return observer


class ChangeHandler(FileSystemEventHandler):
    """Passes on events that change a folder's content, and no others."""

    def __init__(self, touched: Callable[[], None]) -> None:
        self._touched = touched

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Pass on one event, or ignore it."""
        if event.event_type in _CHANGES:
            self._touched()


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderSeen:
    """Whether the folder is there; `looks`: how often it was looked at in vain since it was last reported."""

    there: bool
    looks: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderNews:
    """What a watch reports, from its own thread: of the folder, and once why it is polled."""

    changed: Callable[[FolderSeen], None]
    polled: Callable[[str], None]


class FolderWatch:
    """Watches one folder that is treated as a camera, for as long as the daemon runs."""

    def __init__(
        self,
        path: str,
        news: FolderNews,
        *,
        clock: Clock,
        settle_ms: int = SETTLE_MS,
        observe: Observe = observe,
        tells_inotify: Callable[[str], bool] = lambda path: mount_of(path).is_local,
    ) -> None:
        self._path = path
        self._news = news
        self._clock = clock
        self._settle_ms = settle_ms
        self._observe = observe
        self._tells_inotify = tells_inotify
        self._settling = Settling(clock, settle_ms=settle_ms)
        self._touched = threading.Event()
        self._ended = threading.Event()
        self._pulse = Pulse(clock)  # of the watch's thread and of the bay's
        self._missing = False
        self._thread: threading.Thread | None = None
        # Of the watch's own thread:
        self._folder: tuple[int, int] | None = None
        self._watching: Watching | None = None
        self._said_polled = False
        self._told: object = None
        self._looks = 0
        self._moves = False
        self._due_ms = 0  # when it is looked through, whether or not it was touched

    def volume(self) -> FolderVolume:
        """Open the folder as a camera's volume; called in the bay's own thread.

        Raises:
            CameraGoneError: it does not exist.
        """
        return FolderVolume(self._path, settling=self._settling, pulse=self._pulse)

    # --- from other threads: none of these touches the folder ---

    def start(self) -> None:
        """Begin to watch."""
        self._thread = threading.Thread(target=self._work, name=f"watch {self._path}", daemon=True)
        self._thread.start()

    def silent(self) -> bool:
        """Return whether the folder's file system has not answered a call for a while."""
        return self._pulse.silent()

    def missing(self) -> bool:
        """Return whether the folder was not there when it was last looked for."""
        return self._missing

    def stop(self, timeout: float = 0.5) -> None:
        """End the watch, and wait for it for so many seconds; one whose file system hangs is left behind."""
        self._ended.set()
        self._touched.set()
        if self._thread is not None:
            self._thread.join(timeout)

    # --- in the watch's own thread ---

    def _work(self) -> None:
        while not self._ended.is_set():
            began = self._clock.boottime_ms()
            with self._pulse.asking():
                wait_ms = self.look()
            took_ms = self._clock.boottime_ms() - began
            if self._touched.wait(wait_ms / 1000):
                self._ended.wait(self._rest_ms(took_ms) / 1000)
        self._unwatch()

    def _rest_ms(self, took_ms: int) -> int:
        """Return how long to wait before the folder is looked at because it changed.

        A file is written many times: looking at each write would never end. But where nothing
        moves, the camera is shown as safe to remove, and the first write ends that.
        """
        return self._settle_ms if self._moves else min(self._settle_ms, max(_SOON_MS, _SHARE * took_ms))

    def look(self) -> int:
        """Report what is new in the folder; return the milliseconds until it is worth another look."""
        folder, touched = _identity(self._path), self._touched.is_set()
        self._missing = folder is None
        self._touched.clear()
        if folder != self._folder:
            was, self._folder, self._told, self._looks, touched = self._folder, folder, None, 0, True
            self._unwatch()
            if folder is None or was is not None:  # another one is there: whoever has it open must let it go
                self._news.changed(FolderSeen(there=False))
        if folder is None:
            return POLL_MS
        touched |= self._watch()
        now = self._clock.boottime_ms()
        if touched or now >= self._due_ms:
            self._due_ms = now + self._look_through()
        return min(max(self._due_ms - now, 1), POLL_MS)

    def _look_through(self) -> int:
        """Compare the folder with what was reported; return after how many ms it is worth doing again."""
        self._moves, seen, wait_ms = self._seen()
        if seen == self._told:
            self._looks += 1
        else:
            self._told, looks, self._looks = seen, self._looks, 0
            self._news.changed(FolderSeen(there=True, looks=looks))
        calm_ms = POLL_MS if self._watching is None else CALM_MS
        return calm_ms if wait_ms is None else min(wait_ms, calm_ms)

    def _seen(self) -> tuple[bool, object, int | None]:
        """Return whether something moves, what does and what has settled, and when that may be otherwise."""
        try:
            files, wait_ms = self._settling.judge(self._files())
        except OSError as error:
            return False, error.errno, None  # whoever lists it says what that means
        still = hash(frozenset((f.path, f.size, f.mtime_ns, f.status) for f in files if not _moves(f)))
        moving = frozenset(f.path for f in files if _moves(f))
        return bool(moving), (still, moving), wait_ms

    def _files(self) -> list[CameraFile]:
        fd = os.open(self._path, FOLDER)
        try:
            return list(self._pulse.heard(TreeWalk(fd, Limits()).files()))
        finally:
            close_fd(fd)

    def _watch(self) -> bool:
        """Have inotify report changes, where it can; return whether it does only now."""
        if self._watching is not None:
            return False
        why = "its file system does not report changes that others make"
        try:
            if self._tells_inotify(self._path):
                self._watching = self._observe(self._path, self._touched.set)
                return True
        except OSError as error:
            why = os.strerror(error.errno or 0)
        if not self._said_polled:
            self._said_polled = True
            self._news.polled(why)
        return False

    def _unwatch(self) -> None:
        if self._watching is not None:
            self._watching.stop()
            self._watching = None


def _moves(file: CameraFile) -> bool:
    return file.status is FileStatus.NOT_READY


def _identity(path: str) -> tuple[int, int] | None:
    with contextlib.suppress(OSError):
        found = os.stat(path)
        return (found.st_dev, found.st_ino)
    return None
