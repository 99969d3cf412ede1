"""How does a part of the daemon work in a thread of its own, so that it delays and ends nothing else?

A light, a feed and a target of notifications each have one. What goes wrong there is logged, and the thread
works on; a dock that ends waits for them a moment, for all together, and not for one that hangs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from bwvdock.runtime.jobs import Unexpected

T = TypeVar("T")


class OwnThread:
    """A thread of one part of the daemon; `ended` is set once it is asked to end."""

    def __init__(
        self,
        name: str,
        work: Callable[[], None],
        unexpected: Unexpected,
        *,
        wake: Callable[[], None] | None = None,
    ) -> None:
        """Take what it does until `ended` is set; `wake` ends what it waits for, where it is not that."""
        self.ended = threading.Event()
        self._wake = wake
        self._unexpected = unexpected
        self._thread = threading.Thread(target=work, name=name, daemon=True)

    def start(self) -> None:
        """Begin the work."""
        self._thread.start()

    def end(self) -> None:
        """Ask it to end after what it does now."""
        self.ended.set()
        if self._wake is not None:
            self._wake()

    def join(self, seconds: float) -> None:
        """Wait for its end, but not for longer."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def attempt(self, do: Callable[[], T]) -> T | None:
        """Return what part of the work returns; None where it raised something, which is reported."""
        try:
            return do()
        except Exception as error:  # noqa: BLE001 - the boundary: one part of the work fails, the dock continues
            self._unexpected(do, error)
            return None


def end_all(threads: Sequence[OwnThread], *, seconds: float) -> None:
    """Ask threads to end, and wait `seconds` for all together: for one that hangs no longer."""
    for thread in threads:
        thread.end()
    until = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
