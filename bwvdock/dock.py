"""The one thread that owns the journal: it takes a message, records what follows, and goes on.

Level-triggered: beside messages there is only the passing of time, on which everything is asked
again. So a restart, an undocking and an outage all look the same from here.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from bwvdock.core.facts import DockStarted, DockStopped
from bwvdock.core.sightings import BayEvent
from bwvdock.delivery import Delivery
from bwvdock.edges.requests import Request
from bwvdock.errors import BwvdockError
from bwvdock.keeping import Keeping
from bwvdock.ledger import Ledger
from bwvdock.messages import (
    Acquired,
    Assessed,
    BatchEnded,
    Begun,
    Closed,
    Delivered,
    Disposed,
    Listed,
    Opened,
    Probed,
    SerialRead,
    Unlocked,
    UnlockReady,
)
from bwvdock.pipeline import Pipeline
from bwvdock.releasing import Erased, Reread
from bwvdock.workers import Crashed, Worker

TICK_SECONDS = 1.0
_MOST_AT_ONCE = 512  # messages recorded before the world is looked at again
_STOP_SECONDS = 3.0  # for copies in hand to come to a halt; systemd is promised 5 s in all

Answer = Mapping[str, Any] | BwvdockError


@dataclass(frozen=True, slots=True)
class Asked:
    """An operator asks, through the control socket; what is to be said goes to `answer`."""

    request: Request
    actor: str
    answer: Callable[[Answer], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """The spool's copy that an operator's order depends on was read; `error` says it is not whole."""

    asked: Asked
    error: BwvdockError | None


@dataclass(frozen=True, slots=True)
class Stop:
    """End in an orderly way."""


@dataclass(frozen=True, slots=True)
class Reload:
    """Read the configuration again."""


@dataclass(kw_only=True)
class Dock:
    """The house at work. Everything in it is reached from this thread only, but `inbox.put`.

    `desk` reads what the answer to an operator depends on.
    """

    inbox: queue.SimpleQueue[object]
    ledger: Ledger
    pipeline: Pipeline
    delivery: Delivery
    keeping: Keeping
    desk: Worker
    answer: Callable[[Asked], None]
    checked: Callable[[Checked], None] = field(default=lambda _: None)
    reload: Callable[[], None] = field(default=lambda: None)
    stopping: bool = False

    def start(self, started: DockStarted) -> None:
        """Say in the journal that the dock came up, and end the dockings a crash left open."""
        self.ledger.record([started])
        self.pipeline.end_dockings_left_open()

    def turn(self, timeout: float = TICK_SECONDS) -> None:
        """Take what came in, up to `timeout` seconds of waiting; then ask what is to be done.

        Raises:
            JournalError: the journal cannot be written. Nothing may go on then.
            RuntimeError: a bug, here or in a worker.
        """
        for kind, messages in groupby(self._arrivals(timeout), key=type):
            self._take(kind, list(messages))
        self.pipeline.go_on()
        paused = self.pipeline.paused or self.stopping
        self.delivery.pump(paused=paused)
        self.keeping.turn(paused=paused)

    def _arrivals(self, timeout: float) -> list[object]:
        arrivals: list[object] = []
        try:
            arrivals.append(self.inbox.get(timeout=timeout))
            while len(arrivals) < _MOST_AT_ONCE:
                arrivals.append(self.inbox.get_nowait())
        except queue.Empty:
            pass
        return arrivals

    def _take(self, kind: type, messages: Sequence[Any]) -> None:
        # What the workers have to record comes in bursts: a burst is one commit.
        if kind is Acquired:
            self.pipeline.acquired(messages)
        elif kind is Delivered:
            self.delivery.delivered(messages)
        else:
            for message in messages:
                self._take_one(message)

    def _take_one(self, message: object) -> None:
        if isinstance(message, BayEvent):
            self.pipeline.see(message)
        elif isinstance(message, Reread | Erased):
            self.pipeline.releasing.heard(message, paused=self.pipeline.paused)
        elif isinstance(message, Disposed):
            self.keeping.disposing.disposed(message)
        elif not self._take_workers_word(message):
            self._take_order(message)

    def _take_workers_word(self, message: object) -> bool:
        match message:
            case Opened():
                self.pipeline.opened(message)
            case UnlockReady():
                self.pipeline.unlocking.ready(message)
            case Unlocked():
                self.pipeline.unlocking.ended(message)
            case SerialRead():
                self.pipeline.serial_read(message)
            case Listed():
                self.pipeline.listed(message)
            case BatchEnded():
                self.pipeline.batch_ended(message)
            case Closed():
                self.pipeline.closed(message)
            case Crashed():
                raise RuntimeError(f"{message.job} crashed: a bug") from message.error
            case Begun() | Assessed() | Probed():
                self.delivery.hear(message)
            case _:
                return False
        return True

    def _take_order(self, message: object) -> None:
        match message:
            case Asked():
                self.answer(message)
            case Checked():
                self.checked(message)
            case Reload():
                self.reload()
            case Stop():
                self.stopping = True
            case _:
                raise RuntimeError(f"nobody knows this message: {message!r}")

    def stop(self) -> None:
        """Halt the copies, hear out the workers, and say in the journal that the dock stopped.

        What is on the disk of a halted copy is kept; what a worker could not say in time is asked
        again at the next start.
        """
        self.stopping = True
        self.pipeline.dismiss_all("the dock was stopped")
        self.delivery.halt()
        deadline = time.monotonic() + _STOP_SECONDS
        while (self.pipeline.bays or self.delivery.busy) and time.monotonic() < deadline:
            self.turn(timeout=0.1)
        for worker in (*self.delivery.workers(), *self.keeping.disposing.workers(), self.desk):
            worker.finish(max(0.0, deadline - time.monotonic()))
        self.turn(timeout=0)
        self.ledger.record([DockStopped()])
