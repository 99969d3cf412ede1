"""Badge readers that type what a test wants; each is a pipe, so that it can be waited for."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from contextlib import suppress

from bwvdock.core.ports.badge_readers import KeyEvent
from bwvdock.errors import ReaderUnavailableError

_EVENT = struct.Struct("iid?")


class FakeReader:
    """A reader that was opened."""

    def __init__(self, readers: FakeReaders, name: str) -> None:
        """Begin with nothing typed."""
        self._readers = readers
        self._name = name
        self._read, self._write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def fileno(self) -> int:
        """Return the end that is read."""
        return self._read

    def events(self) -> list[KeyEvent | None]:
        """Return what was typed since.

        Raises:
            ReaderUnavailableError: it was unplugged.
        """
        read = b""
        with suppress(BlockingIOError):
            read = os.read(self._read, 65536 - 65536 % _EVENT.size)
        if not read and self._write == -1:
            raise ReaderUnavailableError(f"{self._name} was unplugged.", remedy="Plug it in again")
        return [
            None if lost else KeyEvent(code, value, at) for code, value, at, lost in _EVENT.iter_unpack(read)
        ]

    def close(self) -> None:
        """Give it back."""
        if self._readers.opened.get(self._name) is self:
            del self._readers.opened[self._name]
        for descriptor in (self._read, self._write):
            with suppress(OSError):
                os.close(descriptor)
        self._read = self._write = -1

    def press(self, keys: Iterable[KeyEvent | None]) -> None:
        """Type; None in the place of keys that are lost."""
        for key in keys:
            event = (0, 0, 0.0, True) if key is None else (key.code, key.value, key.at, False)
            os.write(self._write, _EVENT.pack(*event))

    def unplug(self) -> None:
        """Have whoever waits for it notice."""
        os.close(self._write)
        self._write = -1


class FakeReaders:
    """Readers that a test plugs in, unplugs, and has somebody else take."""

    def __init__(self, *names: str) -> None:
        """Take the names of those that are there."""
        self.plugged = set(names)
        self.taken: set[str] = set()
        self.opened: dict[str, FakeReader] = {}

    def found(self) -> frozenset[str]:
        """Return those that are there."""
        return frozenset(self.plugged)

    def open(self, name: str) -> FakeReader:
        """Return one, from now on heard by us alone.

        Raises:
            ReaderUnavailableError: it is gone, or taken.
        """
        if name not in self.plugged or name in self.taken or name in self.opened:
            raise ReaderUnavailableError(f"{name} cannot be used.", remedy="Look at it")
        self.opened[name] = FakeReader(self, name)
        return self.opened[name]

    def press(self, name: str, keys: Iterable[KeyEvent | None]) -> None:
        """Have one type; where nobody has opened it, nobody hears it."""
        if name in self.opened:
            self.opened[name].press(keys)

    def unplug(self, name: str) -> None:
        """Take one away."""
        self.plugged.discard(name)
        if name in self.opened:
            self.opened[name].unplug()
