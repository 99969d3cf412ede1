"""Who works on messages, and who waits for nothing? A thread for each target, and what the dock looks at.

A target that hangs delays its own messages alone. The dock's thread only reads which targets fail.
"""

from __future__ import annotations

import queue
from collections.abc import Iterable, Sequence
from functools import partial

from bwvdock.core.ports import Clock
from bwvdock.notify.target import Target
from bwvdock.notify.values import Look, Moment
from bwvdock.runtime.jobs import Unexpected
from bwvdock.runtime.own_threads import OwnThread, end_all
from bwvdock.status.alerts import Alert

_STOP_SECONDS = 0.2  # for all together: a dock ends within 5 s, and what is under way is sent again
_AGAIN_SECONDS = 1.0  # between two looks whether a wait is over
_MOST_LOOKS = 100  # that wait for a target, in which no message takes more than some minutes


class Notifier:
    """Notifies targets of alerts, from `start` to `stop`."""

    def __init__(self, targets: Iterable[Target], clock: Clock, unexpected: Unexpected) -> None:
        """Take the targets; nothing is read or sent yet."""
        self._clock = clock
        self._targets = [_Notified(target, unexpected) for target in targets]

    def start(self) -> None:
        """Begin: what was kept for a target is sent first."""
        for target in self._targets:
            target.thread.start()

    def stop(self) -> None:
        """End; a message under way is waited for a moment, and no longer."""
        end_all([target.thread for target in self._targets], seconds=_STOP_SECONDS)

    def hear(self, alerts: Sequence[Alert], *, complete: bool) -> None:
        """Take the alerts of this moment; there may be others if they are not `complete`."""
        look = Look(alerts=tuple(alerts), moment=Moment.read(self._clock), complete=complete)
        for target in self._targets:
            target.put(look)

    def failing(self) -> Sequence[tuple[str, str, str]]:
        """Return the targets that take nothing: the name, why, and what to do. From any thread."""
        return [target.failing for target in self._targets if target.failing is not None]


class _Notified:
    """One target, what it is to look at, and its thread."""

    def __init__(self, target: Target, unexpected: Unexpected) -> None:
        self._target = target
        self._looks: queue.Queue[Look | None] = queue.Queue(_MOST_LOOKS)
        self.failing: tuple[str, str, str] | None = None
        self.thread = OwnThread(f"notify-{target.name}", self._work, unexpected, wake=partial(self.put, None))

    def put(self, look: Look | None) -> None:
        """Hand over a look, if the thread is not far behind; None has it look whether it is to end."""
        if not self._looks.full():
            self._looks.put(look)

    def _work(self) -> None:
        self.thread.attempt(self._target.open)
        while not self.thread.ended.is_set():
            self.thread.attempt(self._deliver)
            look = self._next_look()  # also after a mistake: it would be made again at once, without end
            if look is not None:
                self.thread.attempt(partial(self._target.hear, look))

    def _deliver(self) -> None:
        self._target.deliver()
        error = self._target.failing
        self.failing = None if error is None else (self._target.name, error.message, error.remedy)

    def _next_look(self) -> Look | None:
        try:
            return self._looks.get(timeout=_AGAIN_SECONDS if self._target.waiting else None)
        except queue.Empty:
            return None
