"""How is one target notified? Each message is kept first, then sent until it is taken.

Belongs to one thread. A message may be sent twice: after a restart, or where the answer was lost. It has the
same id then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bwvdock.config.notify.targets import Rules
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.delivery.backoff import Backoff
from bwvdock.errors import BwvdockError, DestinationRefusedError, StorageError, UnexpectedError
from bwvdock.log import Events, Say
from bwvdock.notify.decide import Quiet, decide
from bwvdock.notify.outbox import Outbox
from bwvdock.notify.values import Look, Message, Notice, Sender, State
from bwvdock.runtime.jobs import Unexpected
from bwvdock.runtime.kept_file import KeptFile

FAILURES = 3  # one after the other: then there is an alert
MOST_REFUSALS = 5  # of one message: then it is given up, so that the next gets through


@dataclass(frozen=True, kw_only=True, slots=True)
class Dock:
    """What a message says of the dock that sends it."""

    id: str
    site: str


@dataclass(kw_only=True)
class Target:
    """One target and what is on its way to it.

    Attributes:
        rules: of what it is notified, and when.
        sender: the way to it.
        file: what is kept for it.
        dock: who sends.
        clock: the dock's clocks.
        quiet: whether nobody is to be woken.
        new_id: makes the id of a message.
        say: logs what becomes of messages.
        unexpected: logs an exception that nobody was prepared for.
        backoff: the wait after failures.
    """

    rules: Rules
    sender: Sender
    file: KeptFile[Outbox]
    dock: Dock
    clock: Clock
    quiet: Quiet
    new_id: Callable[[], str]
    say: Say
    unexpected: Unexpected
    backoff: Backoff
    _outbox: Outbox = Outbox()  # noqa: RUF009 - frozen
    _kept: bool = True  # whether the file has what is in memory
    _trouble: BwvdockError | None = None

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        return self.rules.name

    def open(self) -> None:
        """Read what was kept. Where that cannot be read, what lasts is sent once more."""
        try:
            self._outbox = self.file.read()
        except StorageError as error:
            self.say(Events.NOTIFY_NOT_KEPT, target=self.name, reason=error.message, remedy=error.remedy)

    @property
    def waiting(self) -> int:
        """How many messages were not taken yet."""
        return len(self._outbox.messages)

    @property
    def failing(self) -> BwvdockError | None:
        """Why it has taken no message for a while; None if it takes them."""
        return self._trouble if self.backoff.failures >= FAILURES else None

    def hear(self, look: Look) -> None:
        """Take note of the alerts at a moment; what is to be sent is kept before this returns."""
        before = self._outbox.state
        decision = decide(self.rules, before, look, self.quiet)
        if decision.notices:
            waiting = self.waiting
            message = self._message(look.moment.at, decision.notices)
            self._keep(self._outbox.with_message(message, decision.state))
            if lost := waiting + 1 - self.waiting:
                self._say_dropped(lost, "too many messages wait for it")
        else:
            same = _lasting(decision.state) == _lasting(before)
            self._outbox = replace(self._outbox, state=decision.state)
            if not same or not self._kept:
                self._keep(self._outbox)

    def deliver(self) -> None:
        """Send what waits, oldest first, until it is all taken or one is not; then not before a wait."""
        while self._outbox.messages and not self.backoff.resting:
            message = self._outbox.messages[0]
            try:
                words = self.sender.send(message)
            except BwvdockError as error:
                self._failed(error.without_frames())
            except Exception as error:  # noqa: BLE001 - the boundary: one target fails, the dock continues
                self.unexpected(self.sender.send, error)
                self._failed(UnexpectedError(f"{type(error).__name__} ({self.name})."))
            else:
                self._taken(message, words)

    def _message(self, at: datetime, notices: tuple[Notice, ...]) -> Message:
        return Message(id=self.new_id(), at=iso(at), dock=self.dock.id, site=self.dock.site, notices=notices)

    def _taken(self, message: Message, words: str) -> None:
        if self.failing:
            self.say(Events.NOTIFY_BACK, target=self.name)
        self.backoff.clear()
        self._trouble = None
        self._keep(self._outbox.without_oldest())
        self.say(
            Events.NOTIFIED,
            target=self.name,
            message_id=message.id,
            alerts=len(message.notices),
            answer=words,
        )

    def _failed(self, error: BwvdockError) -> None:
        was_failing = self.failing
        self.backoff.fail(error)
        self._trouble = error
        if self.failing and not was_failing:
            self.say(Events.NOTIFY_FAILED, target=self.name, reason=error.message, remedy=error.remedy)
        if not isinstance(error, DestinationRefusedError):
            return
        refused = replace(self._outbox, refusals=self._outbox.refusals + 1)
        given_up = refused.refusals >= MOST_REFUSALS
        self._keep(refused.given_up() if given_up else refused)
        if given_up:
            self._say_dropped(1, error.message)

    def _say_dropped(self, count: int, why: str) -> None:
        self.say(Events.NOTIFY_DROPPED, target=self.name, messages=count, reason=why)

    def _keep(self, outbox: Outbox) -> None:
        self._outbox = outbox
        try:
            self.file.write(outbox)
        except StorageError as error:
            if self._kept:
                self.say(Events.NOTIFY_NOT_KEPT, target=self.name, reason=error.message, remedy=error.remedy)
            self._kept = False
        else:
            self._kept = True


def _lasting(state: State) -> tuple[object, ...]:
    """Return what of a state is worth a write: not the words, which may change with each look."""
    return state.boot, state.sent_ms, *(replace(one, message="", remedy="") for one in state.standing)
