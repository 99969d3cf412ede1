"""Which thread computes first where several want to? The one that owns the journal.

Python runs one thread at a time. One that computes keeps every other waiting for 5 ms
(`sys.getswitchinterval`), each time that the other comes back from the disk; one turn of the dock goes there
some hundred times. So a job that computes for long gives way between two files while a turn is under way.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from threading import Event, get_ident

from bwvdock.runtime.turn_times import TurnTimes

_MOST_SECONDS = 0.02  # for which one file waits: a dock that is never idle lists all the same
_OBJECTS = 10_000, 10, 100  # made before garbage is looked for among the youngest, the next, all


class TurnPriority:
    """Says whether a turn is under way. Only the thread that owns the journal begins and ends one.

    `turns` has how long they took.
    """

    def __init__(
        self,
        *,
        most_seconds: float = _MOST_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with no turn; one call of `give_way` waits for `most_seconds` at most."""
        self.turns = TurnTimes()
        self._most_seconds = most_seconds
        self._monotonic = monotonic
        self._began: float | None = None
        self._owner = 0
        self._idle = Event()
        self._idle.set()

    def begin(self) -> None:
        """Note that a turn is under way, in this thread: there is something to do."""
        self._owner = get_ident()
        self._began = self._monotonic()
        self._idle.clear()

    def end(self) -> None:
        """Note that it is over."""
        self._idle.set()
        if self._began is not None:
            self.turns.add(self._monotonic() - self._began)
            self._began = None

    @property
    def under_way(self) -> bool:
        """Whether a turn is under way."""
        return not self._idle.is_set()

    def give_way(self) -> None:
        """Wait while a turn of another thread is under way, but not for long."""
        if self.under_way and get_ident() != self._owner:
            self._idle.wait(self._most_seconds)


def look_for_garbage_rarely() -> None:
    """Have Python look through all objects for garbage a hundred times less often.

    No thread runs while it looks: for a quarter of a second where a full card was listed, and listing one
    made it look a dozen times. What is not part of a cycle is freed at once in any case.
    """
    gc.freeze()
    gc.set_threshold(*_OBJECTS)
