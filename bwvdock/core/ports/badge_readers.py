"""What does a process that listens to badge readers need of them?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

RELEASED, PRESSED = 0, 1


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """A key by its scan code; `value`: 0 released, 1 pressed, 2 held down; `at`: seconds that never jump."""

    code: int
    value: int
    at: float


class BadgeReader(Protocol):
    """A reader that nobody else hears, until it is closed."""

    def fileno(self) -> int:
        """Return the descriptor that can be read when keys were pressed."""
        ...

    def events(self) -> list[KeyEvent | None]:
        """Return what was typed since, without waiting; None in the place of keys that were lost.

        Raises:
            ReaderUnavailableError: the reader was unplugged.
        """
        ...

    def close(self) -> None:
        """Close it: what it types then reaches other programs. May be called again."""
        ...


class BadgeReaders(Protocol):
    """The readers that are plugged in."""

    def found(self) -> frozenset[str]:
        """Return the name of each that is there now. It is the same name until the reader is unplugged."""
        ...

    def open(self, name: str) -> BadgeReader:
        """Return a reader that no other program hears any more.

        Raises:
            ReaderUnavailableError: it is gone, may not be opened, or another program has it.
        """
        ...
