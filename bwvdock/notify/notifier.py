"""Who works on messages, and who waits for nothing? A thread for each target, and what the dock looks at.

A target that hangs delays its own messages alone. The dock's thread only reads which targets fail.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable, Sequence

from bwvdock.core.ports import Clock
from bwvdock.notify.target import Target
from bwvdock.notify.values import Look, Moment
from bwvdock.runtime.jobs import Unexpected
from bwvdock.status.alerts import Alert

_STOP_SECONDS = 0.2  # for all together: a dock ends within 5 s, and what is under way is sent again
_AGAIN_SECONDS = 1.0  # between two looks whether a wait is over
_MOST_LOOKS = 100  # that wait for a target, in which no message takes more than some minutes


class Notifier:
    """Notifies targets of alerts, from `start` to `stop`."""

    def __init__(self, targets: Iterable[Target], clock: Clock, unexpected: Unexpected) -> None:
        """Take the targets; nothing is read or sent yet."""
        self._clock = clock
        self._works = [_Work(target, unexpected) for target in targets]

    def start(self) -> None:
        """Begin: what was kept for a target is sent first."""
        for work in self._works:
            work.thread.start()

    def stop(self) -> None:
        """End; a message under way is waited for a moment, and no longer."""
        for work in self._works:
            work.stop()
        until = time.monotonic() + _STOP_SECONDS
        for work in self._works:
            work.thread.join(max(0.0, until - time.monotonic()))

    def hear(self, alerts: Sequence[Alert], *, complete: bool) -> None:
        """Take the alerts of this moment; there may be others if they are not `complete`."""
        look = Look(alerts=tuple(alerts), moment=Moment.read(self._clock), complete=complete)
        for work in self._works:
            work.put(look)

    def failing(self) -> Sequence[tuple[str, str, str]]:
        """Return the targets that take nothing: the name, why, and what to do. From any thread."""
        return [work.failing for work in self._works if work.failing is not None]


class _Work:
    """One target's thread."""

    def __init__(self, target: Target, unexpected: Unexpected) -> None:
        self._target, self._unexpected = target, unexpected
        self._looks: queue.Queue[Look | None] = queue.Queue(_MOST_LOOKS)
        self._ended = threading.Event()
        self.failing: tuple[str, str, str] | None = None
        self.thread = threading.Thread(target=self._work, name=f"notify-{target.name}", daemon=True)

    def put(self, look: Look) -> None:
        """Hand over a look."""
        if not self._looks.full():
            self._looks.put(look)

    def stop(self) -> None:
        """Have the thread end after what it does."""
        self._ended.set()
        if not self._looks.full():
            self._looks.put(None)

    def _work(self) -> None:
        self._target.open()
        while not self._ended.is_set():
            try:
                self._round()
            except Exception as error:  # noqa: BLE001 - notifying must never end a dock
                self._unexpected(self._round, error)

    def _round(self) -> None:
        self._target.deliver()
        error = self._target.failing
        self.failing = None if error is None else (self._target.name, error.message, error.remedy)
        try:
            look = self._looks.get(timeout=_AGAIN_SECONDS if self._target.waiting else None)
        except queue.Empty:
            return
        if look is not None:
            self._target.hear(look)
