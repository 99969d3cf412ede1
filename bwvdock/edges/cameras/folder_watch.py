"""When is a folder worth listing again?

After something in it changed, and once more when files that were still being written may be stable. Without
inotify (its limits are small on some machines) every `check` counts as a change.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Protocol

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from bwvdock.core.ports import Clock
from bwvdock.edges.cameras.folder import SETTLE_MS, FolderVolume, Settling

# Reading a folder causes events as well; reacting to those would never end. "closed" is that of a
# file that was open for writing.
_CHANGES = frozenset({"created", "modified", "moved", "deleted", "closed"})

Cancel = Callable[[], None]
Timer = Callable[[float, Callable[[], None]], Cancel]
"""A function that calls another after so many seconds in its own thread; returns how to cancel it."""


class Watching(Protocol):
    """A running watch for changes."""

    def stop(self) -> None:
        """End it."""
        ...


def observe(path: str, touched: Callable[[], None]) -> Watching:
    """Call `touched` at each change in the folder or below.

    Raises:
        OSError: the folder does not exist, or inotify's limits are used up.
    """
    observer = Observer()
    observer.schedule(ChangeHandler(touched), path, recursive=True)
    observer.start()
    return observer


def after(seconds: float, call: Callable[[], None]) -> Cancel:
    """Call a function after a while."""
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()
    return timer.cancel


class ChangeHandler(FileSystemEventHandler):
    """Passes on events that change a folder's content, and no others."""

    def __init__(self, touched: Callable[[], None]) -> None:
        self._touched = touched

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Pass on one event, or ignore it."""
        if event.event_type in _CHANGES:
            self._touched()


class FolderWatch:
    """Watches one folder that is treated as a camera, as long as the daemon runs.

    `changed` is called with the folder's path, from any thread, never more often than once in the
    settling time. Call `check` from time to time: it starts the watch, notices that the folder disappeared or
    came back, and starts it again.
    """

    def __init__(
        self,
        path: str,
        changed: Callable[[str], None],
        *,
        clock: Clock,
        settle_ms: int = SETTLE_MS,
        timer: Timer = after,
        observe: Callable[[str, Callable[[], None]], Watching] = observe,
    ) -> None:
        self._path = path
        self._changed = changed
        self._settle_ms = settle_ms
        self._settling = Settling(clock, settle_ms=settle_ms)
        self._timer = timer
        self._observe = observe
        self._lock = threading.Lock()
        self._cancel: Cancel | None = None
        self._watching: Watching | None = None
        self._folder: tuple[int, int] | None = None

    def volume(self) -> FolderVolume:
        """Open the folder as a camera's volume.

        Raises:
            CameraGoneError: it does not exist.
        """
        return FolderVolume(self._path, settling=self._settling, again=self._again)

    def check(self) -> bool:
        """Return whether the folder exists; call `changed` if that has changed."""
        folder = _folder(self._path)
        if folder != self._folder:
            self._folder = folder
            self._unwatch()
            if folder is not None:
                self._watch()
            self._changed(self._path)
        elif folder is not None and self._watching is None:
            self._watch()
            self._changed(self._path)
        return folder is not None

    def stop(self) -> None:
        """End the watch."""
        self._unwatch()
        with self._lock:
            cancel, self._cancel = self._cancel, None
        if cancel is not None:
            cancel()

    def _watch(self) -> None:
        try:
            self._watching = self._observe(self._path, self._touched)
        except OSError:
            self._watching = None

    def _unwatch(self) -> None:
        if self._watching is not None:
            self._watching.stop()
            self._watching = None

    def _touched(self) -> None:
        self._again(self._settle_ms)

    def _again(self, wait_ms: int) -> None:
        # One pending call is enough: a file that is not stable by then causes the next.
        with self._lock:
            if self._cancel is None:
                self._cancel = self._timer(wait_ms / 1000, self._due)

    def _due(self) -> None:
        with self._lock:
            self._cancel = None
        self._changed(self._path)


def _folder(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_dev, found.st_ino)
