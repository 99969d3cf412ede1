"""What is a message about alerts, and what must be remembered of those that were notified?

Values, which are kept in a file as JSON. Moments are milliseconds since the boot that the state names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, Self

from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.status.alerts import Alert, Severity

NOTIFY_TEST = "notify-test"
"""What a command asks the daemon for a test."""

Key = tuple[str, str]
"""What makes an alert the same one, whatever its words: its code, and what it is about."""


class What(StrEnum):
    """Why an alert is notified."""

    RAISED = "raised"
    CHANGED = "changed"  # it became an error, or there are more of its kind
    REPEATED = "repeated"
    CLEARED = "cleared"
    TEST = "test"


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What is sent of one alert. `since` is when it was first seen, as ISO 8601 in UTC."""

    what: What
    code: str
    subject: str
    severity: Severity
    message: str
    remedy: str
    since: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """What is sent at once. Who gets it twice sees that by its `id`.

    `at` is when it was made. `dropped` counts the messages before it that were given up.
    """

    id: str
    at: str
    dock: str
    site: str
    notices: tuple[Notice, ...]
    dropped: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """What the dock's clocks said at once. `ms` never goes back within a boot."""

    at: datetime
    ms: int
    boot: str

    @classmethod
    def read(cls, clock: Clock) -> Self:
        """Read the clocks."""
        return cls(at=clock.now(), ms=clock.boottime_ms(), boot=clock.boot_id())


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """The alerts at one moment; others may be there where the look was not `complete`."""

    alerts: tuple[Alert, ...]
    moment: Moment
    complete: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class OngoingAlert:
    """What is known of alerts with one key.

    Attributes:
        code: their code.
        subject: what they are about.
        severity: the gravest at present.
        count: how many there are at present.
        message: their words.
        remedy: what to do.
        since_ms: since when they are there.
        absent_ms: since when they are not; None while they are.
        notified_ms: when they were notified last; None if they were not.
        notified_severity: the gravest that was notified.
        notified_count: the most that were notified.
    """

    code: str
    subject: str
    severity: Severity
    count: int
    message: str
    remedy: str
    since_ms: int
    absent_ms: int | None = None
    notified_ms: int | None = None
    notified_severity: Severity = Severity.WARNING
    notified_count: int = 0

    @property
    def key(self) -> Key:
        """What makes them the same."""
        return self.code, self.subject


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """What is remembered of a target: `boot`, `ms` and `at` are when that was, `sent_ms` its last message."""

    boot: str = ""
    ms: int = 0
    at: str = ""
    sent_ms: int | None = None
    standing: tuple[OngoingAlert, ...] = ()


class Sender(Protocol):
    """A way to a target. Used from one thread."""

    def send(self, message: Message) -> str:
        """Send a message; return what the other side said of it, for a person.

        Raises:
            DestinationUnavailableError: it was not taken; it may be later.
            DestinationRefusedError: this very message was refused.
            BwvdockError: it was not taken for another reason.
        """
        ...


def sample_message(identifier: str, moment: datetime, *, dock: str, site: str) -> Message:
    """Return a message that says that it is a test."""
    notice = Notice(
        what=What.TEST,
        code="test",
        subject="",
        severity=Severity.WARNING,
        message=f"This is a test from dock {dock}: nothing is wrong.",
        remedy="Nothing is to be done",
        since=iso(moment),
    )
    return Message(id=identifier, at=iso(moment), dock=dock, site=site, notices=(notice,))


def document(message: Message) -> dict[str, Any]:
    """Return a message as the JSON that webhooks and commands are given."""
    return {
        "id": message.id,
        "type": "dock.test" if is_test(message.notices) else "dock.alerts",
        "timestamp": message.at,
        "data": {
            "dock": message.dock,
            "site": message.site,
            "dropped": message.dropped,
            "alerts": [
                {
                    "event": str(notice.what),
                    "code": notice.code,
                    "subject": notice.subject,
                    "severity": str(notice.severity),
                    "message": notice.message,
                    "remedy": notice.remedy,
                    "since": notice.since,
                }
                for notice in message.notices
            ],
        },
    }


def is_test(notices: Sequence[Notice]) -> bool:
    """Return whether these are not of alerts."""
    return any(notice.what is What.TEST for notice in notices)
