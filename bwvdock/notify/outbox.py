"""What is still to be sent to a target, and what was sent: kept over a restart.

One small file for each target in the state directory, replaced as a whole: what was decided and the message
that follows are kept together or not at all. It holds so many messages and no more; the oldest is given up
for a new one, and counted. Where the file cannot be written, because its disk is full perhaps, messages are
sent from memory: a restart would lose them, and nobody would hear of the disk otherwise.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bwvdock.core.plain_json import plain
from bwvdock.notify.values import Message, State
from bwvdock.runtime.kept_file import KeptFile

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


def outbox_file(state_dir: Path, name: str) -> KeptFile[Outbox]:
    """Return the file of one target; without one, nothing was sent and nothing waits."""
    return KeptFile(
        state_dir=state_dir,
        folder=FOLDER,
        name=name,
        nothing=Outbox(),
        require=_require_usable,
        what="What is to be sent of alerts",
        most=_MOST_FILE,
    )
