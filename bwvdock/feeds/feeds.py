"""Who sends to evidence systems, and who waits for nothing? A thread for each, and what the dock looks at.

A system that hangs delays its own entries alone. The dock's thread only reads how far each is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence

from bwvdock.feeds.feed import Feed
from bwvdock.runtime.jobs import Unexpected
from bwvdock.status.values import LiveFeed

_STOP_SECONDS = 0.2  # for all together: a dock ends within 5 s, and what is under way is sent again
_IDLE_SECONDS = 5.0  # between two looks whether there are new entries
_AGAIN_SECONDS = 1.0  # between two looks whether a wait is over


class Feeds:
    """Sends the journal to evidence systems, from `start` to `stop`."""

    def __init__(self, feeds: Iterable[Feed], unexpected: Unexpected, *, idle: float = _IDLE_SECONDS) -> None:
        """Take the feeds; nothing is read or sent yet. `idle`: seconds between two looks for new entries."""
        self._works = [_Work(feed, unexpected, idle) for feed in feeds]

    def start(self) -> None:
        """Begin, each where it was."""
        for work in self._works:
            work.thread.start()

    def stop(self) -> None:
        """End; a batch under way is waited for a moment, and no longer."""
        for work in self._works:
            work.ended.set()
        until = time.monotonic() + _STOP_SECONDS
        for work in self._works:
            work.thread.join(max(0.0, until - time.monotonic()))

    def states(self) -> Sequence[LiveFeed]:
        """Return how far each feed is. From any thread."""
        return tuple(work.feed.state for work in self._works)


class _Work:
    """One feed's thread."""

    def __init__(self, feed: Feed, unexpected: Unexpected, idle: float) -> None:
        self.feed, self._unexpected, self._idle = feed, unexpected, idle
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._work, name=f"feed-{feed.name}", daemon=True)

    def _work(self) -> None:
        self._safely(self.feed.open)
        while not self.ended.is_set():
            if not self._safely(self.feed.round):
                self.ended.wait(_AGAIN_SECONDS if self.feed.resting else self._idle)
        self._safely(self.feed.close)

    def _safely(self, work: Callable[[], bool | None]) -> bool:
        try:
            return bool(work())
        except Exception as error:  # noqa: BLE001 - a feed must never end a dock
            self._unexpected(work, error)
            return False
