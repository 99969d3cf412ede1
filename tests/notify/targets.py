"""A target over a fake clock, with a file on a real disk and a receiver that fails when it is told to."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bwvdock.config.notify.targets import Rules
from bwvdock.core.ports import Clock
from bwvdock.delivery.backoff import Backoff, DecorrelatedJitter
from bwvdock.log import Events
from bwvdock.notify.outbox import outbox_file
from bwvdock.notify.target import Dock, Target
from bwvdock.notify.values import Look, Message, Moment
from bwvdock.status.alerts import Alert, AlertCode
from tests.fakes.clock import FakeClock

NAME = "duty"
RULES = Rules(name=NAME, delay_seconds=0, repeat_hours=1)


def never(_: datetime) -> bool:
    return False


@dataclass
class Receiver:
    """Takes messages; raises what `fails` says, once each, and `always` as long as that is set."""

    taken: list[Message] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    always: Exception | None = None
    lost_answers: int = 0  # so many messages it takes, and its answer does not come

    def send(self, message: Message) -> str:
        if self.fails:
            raise self.fails.pop(0)
        if self.always is not None:
            raise self.always
        self.taken.append(message)
        if self.lost_answers:
            self.lost_answers -= 1
            raise TimeoutError
        return "taken"


@dataclass
class Place:
    """Where a target is, over several starts of its dock."""

    folder: Path
    rules: Rules = RULES
    clock: FakeClock = field(default_factory=FakeClock)
    receiver: Receiver = field(default_factory=Receiver)
    said: list[tuple[Events, dict[str, object]]] = field(default_factory=list)
    unexpected: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ids = itertools.count(1)
        self.target = self.started()

    def started(self) -> Target:
        """Return the target after a start."""
        clock: Clock = self.clock
        target = Target(
            rules=self.rules,
            sender=self.receiver,
            file=outbox_file(self.folder, NAME),
            dock=Dock(id="LEW-03", site="Lewisham"),
            clock=clock,
            quiet=never,
            new_id=lambda: f"msg{next(self._ids)}",
            say=self._say,
            unexpected=lambda _, error: self.unexpected.append(error),
            backoff=Backoff(clock, DecorrelatedJitter(lambda least, _: least)),
        )
        target.open()
        self.target = target
        return target

    def look(self, *subjects: str, after: int = 60) -> None:
        """Let so many seconds pass, see cameras that failed, and send what is to be sent."""
        self.clock.pass_ms(after * 1000)
        alerts = tuple(failed(subject) for subject in subjects)
        self.target.hear(Look(alerts=alerts, moment=Moment.read(self.clock)))
        self.target.deliver()

    def events(self) -> Sequence[Events]:
        """Return what was logged."""
        return [event for event, _ in self.said]

    def _say(self, event: Events, /, **told: object) -> None:
        self.said.append((event, told))


def failed(subject: str) -> Alert:
    """Return the alert that a camera failed."""
    return Alert.error(AlertCode.CAMERA_FAILED, f"Camera {subject} failed.", "Dock it again", subject=subject)


def told(messages: Sequence[Message]) -> list[tuple[str, str]]:
    """Return what messages say, and of which camera."""
    return [(notice.what, notice.subject) for message in messages for notice in message.notices]
