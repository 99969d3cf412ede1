"""What does a dock do in one turn? It records what was reported, then takes every clip one step further.

This is the thread that owns the journal. `Dock.turn` is called without end; the life of a clip, from docking
to disposal, is `Dock._take_next_steps`. What a turn records of cameras and stores is one commit, and what
follows from it is done after that (runtime/group_commit.py).
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from bwvdock.bays.bay import Bay
from bwvdock.bays.docking import Dockings
from bwvdock.bays.messages import (
    Acquired,
    BatchEnded,
    Closed,
    Erased,
    Listed,
    Opened,
    Reread,
    SerialRead,
    Unlocked,
    UnlockReady,
)
from bwvdock.bays.setting.messages import ClockAsked, ClockWritten
from bwvdock.core.facts import DockStarted, DockStopped
from bwvdock.core.media.sightings import BayEvent
from bwvdock.core.ports import Clock
from bwvdock.delivery.delivery import Delivery
from bwvdock.delivery.messages import Assessed, Begun, Delivered, Probed, in_bursts
from bwvdock.errors import JournalDamagedError, JournalError, JournalFullError
from bwvdock.holdings.messages import OfHoldings
from bwvdock.holdings.rounds import Holdings
from bwvdock.log import Events, Say, say_nothing
from bwvdock.operators.messages import Asked, Checked, nobody_answers
from bwvdock.operators.requests import Screen, Status
from bwvdock.runtime.inbox import Inbox
from bwvdock.runtime.jobs import Unexpected
from bwvdock.runtime.ledger import Ledger
from bwvdock.runtime.turn_priority import TurnPriority
from bwvdock.runtime.workers import Crashed, Worker, log_traceback
from bwvdock.service.messages import BY_THEMSELVES, PagesChecked, Reload, Stop, may_concern_footage
from bwvdock.upkeep.checkpoints import Checkpoints, OfCheckpoint
from bwvdock.upkeep.messages import CopyRead, Disposed, OfSurvey, Proven, Restored
from bwvdock.upkeep.rechecks import Rechecks
from bwvdock.upkeep.schedule import Schedule
from bwvdock.upkeep.surveys import Surveys
from bwvdock.witnessing.messages import Fed
from bwvdock.witnessing.witnesses import Witnesses

TICK_SECONDS = 1.0
_MOST_AT_ONCE = 512  # messages recorded before everything is checked again
_MOST_IN_ONE = 16  # messages recorded before the time is looked at
_TURN_MS = 100  # of messages in one turn; then comes its commit
_BAYS_MS = 50  # more, until no further bay is asked in it
_ROOM_MS = 2_000  # between two attempts to record where the journal's disk was full
_SIGN_SECONDS = 1.0  # for the last checkpoint
_STOP_SECONDS = 3.0  # for running copies to halt; shutting down must take no more than 5 s


@dataclass(kw_only=True)
class Dock:
    """A dock at work. Everything in it is reached from this thread only, but `inbox.put`.

    `desk` reads files that the answer to an operator depends on.
    """

    inbox: Inbox
    ledger: Ledger
    dockings: Dockings
    delivery: Delivery
    schedule: Schedule
    rechecks: Rechecks
    surveys: Surveys
    desk: Worker
    clock: Clock
    checkpoints: Checkpoints | None = None
    witnesses: Witnesses | None = None
    holdings: Holdings | None = None
    answer: Callable[[Asked], None] = field(default=nobody_answers)
    checked: Callable[[Checked], None] = field(default=lambda _: None)
    reload: Callable[[], None] = field(default=lambda: None)
    alive: Callable[[], None] = field(default=lambda: None)
    unexpected: Unexpected = log_traceback
    say: Say = say_nothing
    turn_priority: TurnPriority = field(default_factory=TurnPriority)
    stopping: bool = False
    halted: threading.Event = field(default_factory=threading.Event)  # no more is read of the journal's pages
    trouble: JournalFullError | JournalDamagedError | None = None
    _later: deque[object] = field(default_factory=deque)
    _recording: bool = False  # what was reported of footage is being recorded
    _asked: int = 0
    _hurry: bool = False

    def __post_init__(self) -> None:
        """Wait for room where the journal has none."""
        self.ledger.group.when_full = self._wait_for_room

    def start(self, started: DockStarted) -> None:
        """Record the start of the dock, whether it had stopped before, and the end of dockings left open."""
        unclean = self.ledger.unclean_start()
        self.ledger.record([started, *([unclean] if unclean else [])])
        self.dockings.end_dockings_left_open()
        self._hurry = True  # what is left from before waits for no report

    def turn(self, timeout: float = TICK_SECONDS) -> None:
        """Record what was reported; then take every clip one step further, if it can be.

        Args:
            timeout: for how many seconds a report is waited for.

        Raises:
            JournalFullError: the dock was asked to stop while the journal had no room.
            JournalError: the journal cannot be written. The daemon must end then.
            RuntimeError: a bug, here or in a worker.
        """
        if isinstance(self.trouble, JournalDamagedError):
            self._stand_still(timeout)
            return
        try:
            if self.trouble is not None:
                self.say(Events.JOURNAL_BACK)
                self.trouble = None
            self.ledger.group.hold()
            until = self._record_reports(timeout)
            self._take_next_steps(until)
            self.ledger.group.settle()
            self._have_it_attested()
        except JournalDamagedError as error:
            self._recording |= self.ledger.group.waits  # likewise
            self.ledger.group.drop()
            self.journal_damaged(error)
        except JournalError:
            raise
        except Exception:  # a bug: what was observed is recorded; what follows from it the next start does
            self.ledger.group.keep()
            raise
        finally:
            self.turn_priority.end()

    def _take_next_steps(self, until: int) -> None:
        """Ask what comes next for every clip, from docking to disposal, and hand that to the workers.

        Nothing here remembers what it was doing: after a restart, an undocking or an outage the same
        questions are asked again. What a worker did comes back as a report, and a later turn records it.
        """
        # detect, authorise: a sighting was among the reports, and Dockings.see decided on its camera.
        self.dockings.record_more()  # find: the rest of a long listing
        for bay in self._next_bays(until):  # only cameras that were authorised: others are never touched
            self.dockings.open(bay)  # have its card mounted, or its MTP session opened
            self.dockings.list_media(bay)  # find: what is on it, and what of that is new
            self.dockings.copy(bay)  # acquire: into the spool, read back; then the camera is safe to remove
            self.dockings.erase(bay)  # release: only what every required store has proven
        self.rechecks.turn()  # copies in doubt that could not be read a while ago
        paused = self.dockings.paused or self.stopping
        copying = any(bay.in_hand for bay in self.dockings.docked())
        self.delivery.pump(paused=paused, copying=copying)  # upload, verify, describe: each store by itself
        self.schedule.turn(paused=paused)  # dispose: what is past its retention date; date what has no date
        if self.holdings:
            self.holdings.turn(paused=paused)  # are the copies still there? stores are asked again
        self._hurry |= self.ledger.standing.busy  # standing holds: compare clips that were here already
        self.surveys.turn()  # what is missing, and how full the spool is: workers find out

    def _have_it_attested(self) -> None:
        """Have what is recorded signed by a worker, if something is new, and confirmed by others."""
        if self.checkpoints:
            self.checkpoints.turn(paused=self.dockings.paused or self.stopping)
        if self.witnesses:
            self.witnesses.turn()

    def _record_reports(self, timeout: float) -> int:
        """Record what workers, cameras and operators reported; return until when, in ms, that may take."""
        if self.dockings.recording or self._hurry:
            timeout = 0  # a listing is recorded part by part, and some bays are to be asked yet
        self._hurry = False
        arrivals = deque(list(alike) for _, alike in groupby(in_bursts(self._arrivals(timeout)), key=type))
        # Stays so where the journal's damage ends it: then the report is lost.
        self._recording = any(may_concern_footage(messages[0]) for messages in arrivals)
        self.turn_priority.begin()
        until = self.clock.boottime_ms() + _TURN_MS  # from when there is something to do
        while arrivals:  # one at the least, however slow the machine
            messages = arrivals.popleft()
            most = _MOST_IN_ONE if isinstance(messages[0], Acquired | Delivered) else 1
            self._take(type(messages[0]), messages[:most])
            if messages[most:]:
                arrivals.appendleft(messages[most:])
            if self.clock.boottime_ms() >= until or self.ledger.group.is_full:
                break
        self._later.extendleft(message for group in reversed(arrivals) for message in reversed(group))
        self._recording = False
        return until

    def _next_bays(self, until: int) -> Iterator[Bay]:
        """Return the bays that are asked in this turn: all of them, or as many as there is time for."""
        bays = list(self.dockings.docked())
        start = self._asked % len(bays) if bays else 0
        for bay in (*bays[start:], *bays[:start]):
            self._asked += 1
            yield bay
            if self.clock.boottime_ms() >= until + _BAYS_MS:
                self._hurry = True
                return

    def _arrivals(self, timeout: float) -> list[object]:
        arrivals = [self._later.popleft() for _ in range(min(len(self._later), _MOST_AT_ONCE))]
        if arrivals:
            return arrivals
        try:
            arrivals.append(self.inbox.get(timeout=timeout) if timeout else self.inbox.get_nowait())
            while len(arrivals) < _MOST_AT_ONCE:
                arrivals.append(self.inbox.get_nowait())
        except queue.Empty:
            pass
        return arrivals

    def _take(self, kind: type, messages: Sequence[Any]) -> None:
        if issubclass(kind, BY_THEMSELVES):
            self.ledger.group.settle()
        self._take_all(kind, messages)
        if issubclass(kind, BY_THEMSELVES):
            self.ledger.group.hold()

    def _take_all(self, kind: type, messages: Sequence[Any]) -> None:
        for message in messages:
            # The journal's damage is no failure of the camera or destination whose job met it.
            if isinstance(error := getattr(message, "error", None), JournalDamagedError):
                raise error
        # Facts from the workers come in bursts; a burst is one commit.
        if kind is Acquired:
            self.dockings.acquired(messages)
        elif kind is Delivered:
            self.delivery.delivered(messages)
        else:
            for message in messages:
                self._take_one(message)

    def _take_one(self, message: object) -> None:
        if isinstance(message, BayEvent):
            self.dockings.see(message)
        elif isinstance(message, Reread | Erased):
            self.dockings.erasing.heard(message, paused=self.dockings.paused)
        elif isinstance(message, Proven | Disposed | Restored):
            self.schedule.disposal.hear(message)
        elif isinstance(message, CopyRead):
            self.rechecks.hear(message)
        elif isinstance(message, OfSurvey):
            self.surveys.hear(message)
        elif isinstance(message, OfHoldings) and self.holdings:
            self.holdings.hear(message)
        elif isinstance(message, OfCheckpoint) and self.checkpoints:
            self.checkpoints.hear(message)
        elif isinstance(message, Fed) and self.witnesses:
            self.witnesses.hear(message)
        elif not self._take_workers_word(message):
            self._take_order(message)

    def _take_workers_word(self, message: object) -> bool:
        match message:
            case Opened():
                self.dockings.opened(message)
            case UnlockReady() | Unlocked():
                self.dockings.unlocking.heard(message)
            case ClockAsked() | ClockWritten():
                self.dockings.mtp_sessions.clocks.heard(self.dockings.bays.get(message.key), message)
            case SerialRead():
                self.dockings.serial_read(message)
            case Listed():
                self.dockings.listed(message)
            case BatchEnded():
                self.dockings.batch_ended(message)
            case Closed():
                self.dockings.closed(message)
            case Crashed():
                raise RuntimeError(f"the thread {message.thread} ended: a bug") from message.error
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
            case PagesChecked():
                return
            case _:
                raise RuntimeError(f"unexpected message: {message!r}")

    # --- a journal that takes nothing ---

    @property
    def knows_all_reports(self) -> bool:
        """Whether no report waits to be recorded that may unsay what was said of a camera."""
        known = not self._recording and not self.ledger.group.waits
        return known and not any(map(may_concern_footage, self._later))

    def _wait_for_room(self, error: JournalFullError) -> None:
        """Report to operators for a while, and reject their orders; all else is taken later, in its order.

        Raises:
            JournalFullError: the dock is to stop.
        """
        if self.stopping:
            raise error
        if self.trouble is None:
            self.say(Events.JOURNAL_FULL, reason=error.message, remedy=error.remedy)
        self.trouble = error
        self.turn_priority.end()  # nobody need wait for a turn that waits itself
        until = self.clock.boottime_ms() + _ROOM_MS
        while (left_ms := until - self.clock.boottime_ms()) > 0:
            self.alive()
            message = self._next(min(left_ms / 1000, TICK_SECONDS))
            if isinstance(message, Asked) and isinstance(message.request, Status | Screen):
                self.answer(message)
            elif isinstance(message, Asked):
                message.answer(error)  # its entry would come before facts that were decided on before it
            elif isinstance(message, Stop):
                self.stopping = True
                raise error
            elif message is not None:
                self._later.append(message)

    def journal_damaged(self, error: JournalDamagedError) -> None:
        """Record nothing more, and have everybody stop: what the journal says may be wrong."""
        if not isinstance(self.trouble, JournalDamagedError):
            self.say(Events.JOURNAL_DAMAGED, reason=error.message, remedy=error.remedy)
        self.trouble = error
        self._halt()
        for bay in self.dockings.bays.values():
            bay.stop()

    def _halt(self) -> None:
        for part in (self.delivery, self.schedule.disposal, self.surveys, self.holdings):
            if part:
                part.halt()

    def _stand_still(self, timeout: float) -> None:
        """Answer operators; whatever else comes in would lead to entries, and there can be none."""
        message = self._next(timeout)
        if isinstance(message, Asked):
            self.answer(message)
        elif isinstance(message, Stop):
            self.stopping = True
        elif message is not None and may_concern_footage(message):
            self._recording = True  # it never will be recorded

    def _next(self, timeout: float) -> object | None:
        try:
            return self.inbox.get(timeout=timeout)
        except queue.Empty:
            return None

    def stop(self) -> None:
        """Halt the copies, wait for the workers, and record that the dock stopped.

        The bytes of a halted copy are kept; what a worker could not report in time is found out again at the
        next start.
        """
        self.stopping = True
        self.halted.set()
        if isinstance(self.trouble, JournalDamagedError):
            return
        self.dockings.dismiss_all("dock stopped while docked")
        self._halt()
        asking = self.holdings.workers() if self.holdings else ()
        deadline = time.monotonic() + _STOP_SECONDS
        while (self.dockings.bays or self.delivery.busy) and time.monotonic() < deadline:
            self.turn(timeout=0.1)
        others = self.rechecks.worker, self.surveys.worker, self.desk
        for worker in (*self.delivery.workers(), *self.schedule.disposal.workers(), *asking, *others):
            worker.finish(max(0.0, deadline - time.monotonic()))
        self.turn(timeout=0)
        self.ledger.record([*self.delivery.stopped(), DockStopped()])
        self._sign_the_end()

    def _sign_the_end(self) -> None:
        """Have the end of the journal signed, if the signer answers at once; else the next start does."""
        deadline = time.monotonic() + _SIGN_SECONDS
        while self.checkpoints and self.checkpoints.finish() and (left := deadline - time.monotonic()) > 0:
            message = self._next(left)
            if isinstance(message, OfCheckpoint):
                self.checkpoints.hear(message)
