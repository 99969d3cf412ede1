"""How do a simulated dock's threads take turns, all in one, and what goes on while it waits?"""

from __future__ import annotations

import queue
from collections.abc import Callable

from bwvdock.runtime.jobs import Job, Post, Unexpected
from tests.fakes.worker import HeldWorker


class DrawnWorker(HeldWorker):
    """A thread whose turn comes when the history says so, or at once while the dock stops."""

    def __init__(self, name: str, post: Post, *, unexpected: Unexpected, at_once: Callable[[], bool]) -> None:
        super().__init__(unexpected=unexpected)
        self.name = name
        self._post = post
        self._at_once = at_once

    def submit(self, job: Job) -> None:
        super().submit(job)
        while self.jobs and self._at_once():
            self.go_on_once()

    def go_on_once(self) -> None:
        """Do the oldest job."""
        self.do_next(self._post)

    def finish(self, timeout: float) -> bool:
        return True


class DrawnInbox:
    """The dock's messages; where it waits for one, `meanwhile` is called with the seconds that pass."""

    def __init__(self, meanwhile: Callable[[float], None]) -> None:
        self._messages: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._meanwhile = meanwhile

    def put(self, message: object, /) -> None:
        self._messages.put(message)

    def get(self, *, timeout: float) -> object:
        if self._messages.empty():
            self._meanwhile(timeout)
        return self._messages.get_nowait()

    def get_nowait(self) -> object:
        return self._messages.get_nowait()

    def empty(self) -> bool:
        return self._messages.empty()
