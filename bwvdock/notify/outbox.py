"""What is still to be sent to a target, and what was sent: kept over a restart.

One small file for each target in the state directory, replaced as a whole: what was decided and the message
that follows are kept together or not at all. It holds so many messages and no more; the oldest is given up
for a new one, and counted. Where the file cannot be written, because its disk is full perhaps, messages are
sent from memory: a restart would lose them, and nobody would hear of the disk otherwise.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bwvdock.core.plain_json import plain, restored
from bwvdock.edges import durable
from bwvdock.errors import DurabilityError, StorageError, words_of
from bwvdock.notify.values import Message, State

FOLDER = "notify"
MOST_MESSAGES = 100
MOST_BYTES = 1024 * 1024  # of messages
_MOST_FILE = 16 * 1024 * 1024
_MOST_MS = 10**12  # 30 years


@dataclass(frozen=True, kw_only=True, slots=True)
class Outbox:
    """What is remembered of a target; the oldest of `messages` is sent first.

    `dropped` counts messages that were given up where none waits that could say so, `refusals` how often the
    oldest was refused.
    """

    state: State = State()  # noqa: RUF009 - frozen
    messages: tuple[Message, ...] = ()
    dropped: int = 0
    refusals: int = 0

    def with_message(self, message: Message, state: State) -> Outbox:
        """Return it with one more message; the oldest are given up where there are too many."""
        fuller = replace(
            self,
            state=state,
            messages=(*self.messages, replace(message, dropped=self.dropped)),
            dropped=0,
        )
        sizes = [len(json.dumps(plain(one))) for one in fuller.messages]
        while len(sizes) > MOST_MESSAGES or (len(sizes) > 1 and sum(sizes) > MOST_BYTES):
            fuller = fuller.given_up()
            del sizes[0]
        return fuller

    def without_oldest(self) -> Outbox:
        """Return it once the oldest message was taken."""
        return replace(self, messages=self.messages[1:], refusals=0)

    def given_up(self) -> Outbox:
        """Return it without the oldest message; the next one says how many were given up before it."""
        lost, *others = self.messages
        count = 1 + lost.dropped
        if not others:
            return replace(self, messages=(), refusals=0, dropped=self.dropped + count)
        first = replace(others[0], dropped=others[0].dropped + count)
        return replace(self, messages=(first, *others[1:]), refusals=0)


def _require_usable(outbox: Outbox) -> None:
    """Check what types do not say: with a moment that is none, the target would never be notified again.

    Raises:
        ValueError: no dock remembers this.
    """
    state = outbox.state
    known = [state.ms, state.sent_ms]
    known += [ms for one in state.standing for ms in (one.since_ms, one.absent_ms, one.notified_ms)]
    if any(ms is not None and not -_MOST_MS < ms <= min(state.ms, _MOST_MS) for ms in known):
        raise ValueError("a moment that has not been yet, or before any dock")
    if not all(message.notices for message in outbox.messages):
        raise ValueError("a message of nothing")
    moments = [message.at for message in outbox.messages]
    moments += [notice.since for message in outbox.messages for notice in message.notices]
    for moment in moments:
        datetime.fromisoformat(moment)


class OutboxFile:
    """The file of one target. Belongs to that target's thread."""

    def __init__(self, state_dir: Path, name: str) -> None:
        """Name it; the folder is made when something is written."""
        self._state_dir = state_dir
        self._name = f"{name}.json"

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._state_dir / FOLDER / self._name

    def read(self) -> Outbox:
        """Return what was kept; nothing, where there is no file.

        Raises:
            StorageError: it cannot be read, or is not such a file. What was sent is then not known.
        """
        try:
            content = durable.read_small(str(self.path), _MOST_FILE)
        except FileNotFoundError:
            return Outbox()
        except OSError as error:
            raise self._failed("read", words_of(error)) from error
        try:
            outbox = restored(Outbox, json.loads(content))
            _require_usable(outbox)
        except (ValueError, RecursionError) as error:
            raise self._failed("read", str(error)) from error
        return outbox

    def write(self, outbox: Outbox) -> None:
        """Replace it durably.

        Raises:
            StorageError: it cannot be written.
        """
        content = json.dumps(plain(outbox), ensure_ascii=False).encode("utf-8", "backslashreplace")
        try:
            above = durable.open_directory(str(self._state_dir))
            try:
                folder = durable.make_directory(FOLDER, below=above)
            finally:
                os.close(above)
            try:
                durable.replace(folder, self._name, content)
            finally:
                os.close(folder)
        except (OSError, DurabilityError) as error:
            words = words_of(error) if isinstance(error, OSError) else error.message
            raise self._failed("written", words) from error

    def _failed(self, what: str, why: str) -> StorageError:
        return StorageError(
            f"What is to be sent of alerts, {self.path}, cannot be {what}: {why}.",
            remedy=f"ls -l {self.path}; df -h {self._state_dir}",
        )
