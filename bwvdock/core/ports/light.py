"""What does the dock ask of the lights at its bays? Nothing depends on them."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Signal(StrEnum):
    """What a light shows of a bay: what the screen advises there, or that nobody knows, or no camera."""

    SAFE = "safe"
    DO_NOT_REMOVE = "do-not-remove"
    SETTLING = "settling"
    REFUSED = "refused"
    TAKE = "take"
    NOT_KNOWN = "not-known"
    EMPTY = "empty"


class Light(Protocol):
    """The lights at the bays, used from one thread. What was shown stays until something else is.

    Both methods return within some seconds, and raise LightError, and no other error, where nothing could be
    shown: what a light shows then is not known.
    """

    blinks: bool
    """Whether TAKE is to be shown again and again while it lasts, because that makes it blink."""

    def show(self, bay: str, signal: Signal) -> bool:
        """Show a signal at a bay; return False where the bay has no light. The same may be shown again."""
        ...

    def reset(self) -> None:
        """Show nothing at any bay that may be taken for advice: at the start, and when the dock stops."""
        ...
