"""How does the screen learn what the dock says? It asks, twice a second, as long as somebody looks.

However many pages are open, the daemon is asked once. Each answer bears the moment before it was asked for,
by a clock that does not jump, and is at most so old.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from bwvdock.errors import BwvdockError, NotRunningError, SilentError
from bwvdock.status.for_screen import ForScreen

EVERY_SECONDS = 0.5
ANSWER_SECONDS = 3.0

Ask = Callable[[], ForScreen]
"""A function that returns what the daemon reports to a screen, and may wait for it.

It raises a BwvdockError, or a ValueError where the answer cannot be understood.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came of asking. `asked_ms` is when that began; `silence` says why there is none."""

    asked_ms: float
    report: ForScreen | None = None
    silence: str = ""


def boottime_ms() -> float:
    """Return milliseconds of a clock that never jumps and counts the time in which the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) * 1000


class Asking:
    """Asks while somebody follows it. Belongs to one event loop."""

    def __init__(self, ask: Ask, *, every: float = EVERY_SECONDS) -> None:
        """Take the function that asks; nobody is asked yet."""
        self._ask = ask
        self._every = every
        self._followers = 0
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Condition()
        self._number = 0
        self._latest = Answer(asked_ms=0.0)

    async def answers(self) -> AsyncGenerator[Answer]:
        """Return answers as they come; who is slow gets the latest and none before it."""
        async with self._followed():
            seen = self._number
            while True:
                async with self._changed:
                    while self._number == seen:
                        await self._changed.wait()
                    seen, latest = self._number, self._latest
                yield latest

    @asynccontextmanager
    async def _followed(self) -> AsyncIterator[None]:
        self._followers += 1
        if self._task is None:
            self._task = asyncio.create_task(self._ask_on())
        try:
            yield
        finally:
            self._followers -= 1
            if not self._followers and self._task is not None:
                self._task.cancel()
                with suppress(asyncio.CancelledError):
                    await self._task
                self._task = None

    async def _ask_on(self) -> None:
        while True:
            begun = time.monotonic()
            answer = await asyncio.to_thread(self._once)
            async with self._changed:
                self._number += 1
                self._latest = answer
                self._changed.notify_all()
            await asyncio.sleep(max(0.0, begun + self._every - time.monotonic()))

    def _once(self) -> Answer:
        asked_ms = boottime_ms()
        try:
            return Answer(asked_ms=asked_ms, report=self._ask())
        except SilentError:
            return Answer(asked_ms=asked_ms, silence="no-answer")
        except NotRunningError:
            return Answer(asked_ms=asked_ms, silence="not-running")
        except (BwvdockError, ValueError):
            return Answer(asked_ms=asked_ms, silence="not-understood")
