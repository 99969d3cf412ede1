"""Who sends to evidence systems, and who waits for nothing? A thread for each, and what the dock looks at.

A system that hangs delays its own entries alone. The dock's thread only reads how far each is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bwvdock.feeds.feed import Feed
from bwvdock.runtime.jobs import Unexpected
from bwvdock.runtime.own_threads import OwnThread, end_all
from bwvdock.status.values import LiveFeed

_STOP_SECONDS = 0.2  # for all together: a dock ends within 5 s, and what is under way is sent again
_IDLE_SECONDS = 5.0  # between two looks whether there are new entries
_AGAIN_SECONDS = 1.0  # between two looks whether a wait is over


class Feeds:
    """Sends the journal to evidence systems, from `start` to `stop`."""

    def __init__(self, feeds: Iterable[Feed], unexpected: Unexpected, *, idle: float = _IDLE_SECONDS) -> None:
        """Take the feeds; nothing is read or sent yet. `idle`: seconds between two looks for new entries."""
        self._systems = [_System(feed, unexpected, idle) for feed in feeds]

    def start(self) -> None:
        """Begin, each where it was."""
        for system in self._systems:
            system.thread.start()

    def stop(self) -> None:
        """End; a batch under way is waited for a moment, and no longer."""
        end_all([system.thread for system in self._systems], seconds=_STOP_SECONDS)

    def states(self) -> Sequence[LiveFeed]:
        """Return how far each feed is. From any thread."""
        return tuple(system.feed.state for system in self._systems)


class _System:
    """One evidence system's feed, and its thread."""

    def __init__(self, feed: Feed, unexpected: Unexpected, idle: float) -> None:
        self.feed, self._idle = feed, idle
        self.thread = OwnThread(f"feed-{feed.name}", self._work, unexpected)

    def _work(self) -> None:
        self.thread.attempt(self.feed.open)
        while not self.thread.ended.is_set():
            if not self.thread.attempt(self.feed.round):
                self.thread.ended.wait(_AGAIN_SECONDS if self.feed.resting else self._idle)
        self.thread.attempt(self.feed.close)
