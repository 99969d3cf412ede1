"""How many pieces are on their way to a store at once? No more than its destination has uploaders.

A long clip uses the uploaders that have nothing to do, one piece each: a store that needs a moment to answer
is kept busy meanwhile. Only as long as a piece takes little time: what is under way when a line breaks has to
be sent again, so a slow line carries one piece after the other, of all clips together.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from bwvdock.core.ports import TransferControl

_QUICK = 1.5  # seconds for a piece: then another may be sent beside it
_SLOW = 3.0  # then one fewer, and clips take turns
_LOOK = 0.25  # seconds between two looks at whether one that waits for its turn is to stop


One = TypeVar("One")
Other = TypeVar("Other")


class Share:
    """The uploaders of one destination, and which of them work. May be used from several threads."""

    def __init__(self, most: int) -> None:
        """Share so many among all uploads."""
        self._most, self._busy = most, 0
        self._lock = threading.Lock()
        self._line = threading.Lock()
        self._slow = False

    @contextmanager
    def working(self) -> Iterator[None]:
        """Count an uploader as one that works; it is never made to wait."""
        with self._lock:
            self._busy += 1
        try:
            yield
        finally:
            self.give_back()

    def take_spare(self) -> bool:
        """Take one that has nothing to do, to be given back; return whether there was any."""
        with self._lock:
            if self._busy >= self._most:
                return False
            self._busy += 1
            return True

    def give_back(self) -> None:
        """Return one that was taken, or has ended its work."""
        with self._lock:
            self._busy -= 1

    @contextmanager
    def turn(self, look: Callable[[], object]) -> Iterator[None]:
        """Send a piece now; where pieces took long, once no other one is under way.

        `look` is called while it waits, and raises to give up.
        """
        if not self._slow:
            yield
            return
        while not self._line.acquire(timeout=_LOOK):
            look()
        try:
            yield
        finally:
            self._line.release()

    def took(self, seconds: float, *, arrived: bool = True) -> None:
        """Note for how long a piece was under way; one that is lost at once does not show a fast line."""
        if seconds > _SLOW:
            self._slow = True
        elif arrived and seconds < _QUICK:
            self._slow = False

    @property
    def crowded(self) -> bool:
        """Whether more are at work than there are: one that was spare has work of its own again."""
        return self._busy > self._most


class SharedTransfer:
    """A clip's transfer, for the threads that carry its pieces: it is used by one at a time."""

    def __init__(self, transfer: TransferControl) -> None:
        """Share this one."""
        self._transfer = transfer
        self._lock = threading.Lock()

    def take(self, count: int) -> None:
        """Wait until `count` more bytes may pass; raises as the transfer does."""
        with self._lock:
            self._transfer.take(count)

    def reached(self, held: int) -> None:
        """Note what the store has."""
        with self._lock:
            self._transfer.reached(held)


def send_all(
    numbers: Iterable[int],
    send: Callable[[int], object],
    share: Share,
    *,
    look: Callable[[], object] = lambda: None,
    monotonic: Callable[[], float] = time.monotonic,
) -> None:
    """Call `send` with each number: in this thread, and in others while there are spare uploaders.

    It raises what `send` raised first. What was under way beside it has then ended, and nothing else begins.

    Args:
        numbers: of the pieces.
        send: sends one; called in several threads at once.
        share: the destination's uploaders; the caller is one that works.
        look: called while a piece waits for its turn; raises to give up.
        monotonic: seconds of a clock that never goes back.
    """
    work = _Work(numbers, send, share, look, monotonic)
    work.carry_on()
    work.end()


def at_once(one: Callable[[], One], other: Callable[[], Other], share: Share) -> tuple[One, Other]:
    """Return what two functions give, called at once if an uploader is spare; raises as `send_all` does."""
    ones: list[One] = []
    others: list[Other] = []
    both = (lambda: ones.append(one()), lambda: others.append(other()))
    work = _Work(range(2), lambda number: both[number](), share, lambda: None, time.monotonic)
    if share.take_spare():
        work.call_for_help()
    work.carry_on()
    work.end()
    return ones[0], others[0]


class _Work:
    def __init__(
        self,
        numbers: Iterable[int],
        send: Callable[[int], object],
        share: Share,
        look: Callable[[], object],
        monotonic: Callable[[], float],
    ) -> None:
        self._left, self._send, self._share = deque(numbers), send, share
        self._look, self._monotonic = look, monotonic
        self._helpers: list[threading.Thread] = []
        self._failures: list[BaseException] = []

    def carry_on(self) -> None:
        while self._next():
            pass

    def end(self) -> None:
        for helper in self._helpers:  # each may have added another before it ended
            helper.join()
        if self._failures:
            raise self._failures[0]

    def _help(self) -> None:
        try:
            while not self._share.crowded and self._next(longest=_SLOW):
                pass
        finally:
            self._share.give_back()

    def _next(self, *, longest: float = float("inf")) -> bool:
        """Send the next; return whether to send more."""
        if self._failures:
            return False
        try:
            number = self._left.popleft()
        except IndexError:
            return False
        try:
            with self._share.turn(self._look):
                took = self._timed(number)
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits for all
            self._failures.append(error)
            return False
        if took < _QUICK and self._left and self._share.take_spare():
            self.call_for_help()
        return took < longest

    def _timed(self, number: int) -> float:
        """Send a piece; return for how many seconds it was under way."""
        began, arrived = self._monotonic(), False
        try:
            self._send(number)
            arrived = True
        finally:
            took = self._monotonic() - began
            self._share.took(took, arrived=arrived)
        return took

    def call_for_help(self) -> None:
        helper = threading.Thread(target=self._help, name="upload piece", daemon=True)
        self._helpers.append(helper)
        helper.start()
