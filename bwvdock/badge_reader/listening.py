"""How are readers followed that come and go, and what happens with a badge that one of them typed?

One thread, one turn after another. A badge is kept nowhere, and is in no log and no error.
"""

from __future__ import annotations

import logging
import select
import time
from collections.abc import Callable
from dataclasses import dataclass

from bwvdock.badge_reader.keys import Line
from bwvdock.core.ports.badge_readers import BadgeReader, BadgeReaders
from bwvdock.errors import BwvdockError, ReaderUnavailableError

LOOK_SECONDS = 1.0
TAP_SECONDS = 0.5
"""For so long after a badge another one of the same reader is dropped: nobody shows two so soon."""
SAY_SECONDS = 10.0
"""For so long it is not said again that the daemon did not act on a badge."""

Tap = Callable[[str], None]
"""A function that has the daemon act on a badge, and may wait for it; it raises a BwvdockError."""

_LOG = logging.getLogger("bwvdock-badge-reader")


@dataclass(kw_only=True, slots=True)
class _Open:
    reader: BadgeReader
    line: Line
    deaf_until: float


class Listening:
    """Listens to every reader that is there, each with a line of its own, so that two do not mix."""

    def __init__(
        self,
        readers: BadgeReaders,
        tap: Tap,
        *,
        say: Callable[[str], None] = _LOG.warning,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take where readers come from, who acts on badges, where troubles are said, and a clock."""
        self._readers = readers
        self._tap = tap
        self._say = say
        self._now = now
        self._open: dict[str, _Open] = {}
        self._said: dict[str, str] = {}
        self._looked = self._silent_until = float("-inf")

    def turn(self, wait: float = LOOK_SECONDS) -> None:
        """Look which readers are there, then act on what they type in the next `wait` seconds."""
        if self._now() - self._looked >= LOOK_SECONDS:  # not for each key
            self._looked = self._now()
            self._look()
        poller = select.poll()
        names = {}
        for name, opened in self._open.items():
            names[opened.reader.fileno()] = name
            poller.register(opened.reader.fileno(), select.POLLIN)
        for descriptor, _ in poller.poll(wait * 1000):
            self._read(names[descriptor])

    def close(self) -> None:
        """Close every reader."""
        for name in [*self._open]:
            self._leave(name)

    def _look(self) -> None:
        there = self._readers.found()
        for name in [*self._open]:
            if name not in there:
                self._leave(name)
        self._said = {name: said for name, said in self._said.items() if name in there}
        for name in sorted(there - set(self._open)):
            try:
                reader = self._readers.open(name)
            except ReaderUnavailableError as error:
                self._say_once(name, error)
                continue
            self._open[name] = _Open(reader=reader, line=Line(self._now()), deaf_until=0.0)
            self._said.pop(name, None)

    def _read(self, name: str) -> None:
        opened = self._open[name]
        try:
            keys = opened.reader.events()
        except ReaderUnavailableError:
            self._leave(name)
            return
        for key in keys:
            if key is None:
                opened.line.lose(self._now())
                continue
            badge = opened.line.typed(key)
            if badge is not None and self._now() >= opened.deaf_until:
                self._act(badge)
                opened.deaf_until = self._now() + TAP_SECONDS

    def _act(self, badge: str) -> None:
        try:
            self._tap(badge)
        except BwvdockError as error:
            if self._now() < self._silent_until:
                return
            self._silent_until = self._now() + SAY_SECONDS
            # Not what the error says: an answer might repeat what it was asked.
            self._say(f"A badge was shown, and the daemon did not act on it ({type(error).__name__}).")

    def _leave(self, name: str) -> None:
        self._open.pop(name).reader.close()

    def _say_once(self, name: str, error: ReaderUnavailableError) -> None:
        if self._said.get(name) != error.message:
            self._said[name] = error.message
            self._say(f"{error.message}\n  -> {error.remedy}")
