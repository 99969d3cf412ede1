"""Does a folder's file system answer? A call that hangs cannot say so; others see since when it waits."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from bwvdock.core.ports import Clock

T = TypeVar("T")
SILENT_MS = 30_000  # after so long without an answer, the folder's file system hangs


class Pulse:
    """The calls on one folder's file system that are under way. Used from several threads."""

    def __init__(self, clock: Clock) -> None:
        """Start with none."""
        self._clock = clock
        self._since: dict[int, int] = {}  # by the thread that waits: since when, in ms since boot

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Count what is done inside as one call, to which the file system owes an answer."""
        thread = threading.get_ident()
        outer = thread in self._since
        self._since[thread] = self._clock.boottime_ms()
        try:
            yield
        finally:
            if outer:
                self._since[thread] = self._clock.boottime_ms()
            else:
                del self._since[thread]

    def heard(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items; each of them is an answer. Many calls are not taken for one that hangs."""
        for item in items:
            if (thread := threading.get_ident()) in self._since:
                self._since[thread] = self._clock.boottime_ms()
            yield item

    def silent(self) -> bool:
        """Return whether a call has not been answered for a while; the file system is not touched."""
        now = self._clock.boottime_ms()
        return any(now - since > SILENT_MS for since in list(self._since.values()))
