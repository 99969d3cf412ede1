"""When is a checkpoint stamped with the time by an authority?

At most once an hour, and only if there is a newer one. A dock without network stamps later: the time stamp
says only that the journal existed by then. `status` says when the oldest checkpoint without one has waited
for more than a day, whether the dock ran all that time or not.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from bwvdock.core.custody.checkpoints import StoredCheckpoint
from bwvdock.core.custody.time_stamp import query, read_answer
from bwvdock.core.moments import iso
from bwvdock.core.ports import Clock
from bwvdock.core.ports.signing import TimeStamper
from bwvdock.errors import BwvdockError, DestinationUnavailableError, JournalFullError
from bwvdock.log import Events, Say, say_nothing
from bwvdock.runtime.jobs import Post
from bwvdock.runtime.workers import Worker
from bwvdock.upkeep.messages import CheckpointStamped

_HOUR_MS = 3_600_000
_SHORT_MS = 120_000  # after the start, and after an attempt that failed
_LATE = timedelta(days=1)
_NONCE_BITS = 64


class StampJournal(Protocol):
    """The part of the journal that keeps time stamps."""

    def keep_time_stamp(self, size: int, url: str, token: bytes, at: str) -> None:
        """Store the answer of an authority about the checkpoint of a size; it is not an entry."""
        ...

    def stamped(self, url: str) -> int:
        """Return the size of the latest checkpoint that this authority stamped, 0 where there is none."""
        ...

    def first_checkpoint_after(self, size: int) -> str:
        """Return when the first checkpoint of more entries was stored, "" where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class StampCheckpoint:
    """Have a checkpoint stamped, and see that the answer is about it."""

    checkpoint: StoredCheckpoint
    stamper: TimeStamper
    nonce: Callable[[int], int] = secrets.randbits

    def work(self, _: Post) -> CheckpointStamped:
        """Ask, and check what the answer states as `custody verify` will."""
        note, nonce = self.checkpoint.note.encode(), self.nonce(_NONCE_BITS)
        answer = self.stamper.stamp(query(note, nonce))
        try:
            stated = read_answer(answer)
        except ValueError as error:
            raise _useless(str(error)) from error
        if stated.digest != sha256(note).digest() or stated.nonce != nonce:
            raise _useless("it is about something else")
        return CheckpointStamped(size=self.checkpoint.size, token=answer)

    def failed(self, error: BwvdockError) -> CheckpointStamped:
        """Report why there is no time stamp."""
        return CheckpointStamped(error=error)


def _useless(why: str) -> DestinationUnavailableError:
    return DestinationUnavailableError(
        f"The answer of the time-stamping authority cannot be used: {why}.",
        remedy="Check timestamp_url under [custody]: openssl ts -query and curl show what it answers",
    )


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamping authority, and the address that its answers are stored under."""

    url: str
    stamper: TimeStamper


class TimeStamps:
    """Has a worker stamp checkpoints; owned by the thread that owns the journal. `error` is the last one."""

    def __init__(
        self,
        worker: Worker,
        journal: StampJournal,
        clock: Clock,
        authority: Authority,
        *,
        say: Say = say_nothing,
    ) -> None:
        """Connect the parts.

        Args:
            worker: asks the authority.
            journal: keeps its answers.
            clock: the dock's clocks.
            authority: is asked.
            say: logs what went wrong, once.
        """
        self.worker = worker
        self.error: BwvdockError | None = None
        self._journal = journal
        self._clock = clock
        self._authority = authority
        self._say = say
        self._has = journal.stamped(authority.url)
        self._busy = False
        self._asked_ms = 0
        self._next_ms = clock.boottime_ms() + _SHORT_MS
        self._waits_since: datetime | None = None  # of the oldest checkpoint that is not stamped

    def turn(self, last: StoredCheckpoint) -> None:
        """Have the latest checkpoint stamped if it is time for that."""
        now_ms = self._clock.boottime_ms()
        if last.size <= self._has:
            return
        if self._waits_since is None:
            self._waits_since = datetime.fromisoformat(self._journal.first_checkpoint_after(self._has))
        if not self._busy and now_ms >= self._next_ms:
            self._busy = True
            self._asked_ms = now_ms
            self.worker.submit(StampCheckpoint(last, self._authority.stamper))

    @property
    def late(self) -> bool:
        """Whether a checkpoint has waited for its time stamp for a day, and asking for one was in vain."""
        if self._waits_since is None or self._clock.now() - self._waits_since < _LATE:
            return False
        hangs = self._busy and self._clock.boottime_ms() - self._asked_ms >= _SHORT_MS
        return self.error is not None or hangs

    def hear(self, message: CheckpointStamped) -> None:
        """Store a time stamp, or wait before the next attempt.

        Raises:
            JournalError: the journal cannot be written.
        """
        self._busy = False
        error = message.error or self._keep(message)
        if error is not None and self.error is None:
            self._say(Events.TIME_STAMP_FAILED, reason=error.message, remedy=error.remedy)
        self.error = error
        self._next_ms = self._clock.boottime_ms() + (_SHORT_MS if error else _HOUR_MS)

    def _keep(self, message: CheckpointStamped) -> BwvdockError | None:
        try:
            self._journal.keep_time_stamp(
                message.size, self._authority.url, message.token, iso(self._clock.now())
            )
        except JournalFullError as error:
            return error
        self._has = message.size
        self._waits_since = None
        return None
