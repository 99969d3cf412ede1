"""How does a command show lights? It is run with a bay and a signal, once for each change.

As a command that is notified of alerts is: without a shell, with nothing of the daemon's environment, for so
many seconds, then it and what it started are killed. It gets the same as JSON on its standard input.
"""

from __future__ import annotations

from collections.abc import Sequence

from bwvdock.core.ports.light import Signal
from bwvdock.edges.notifying.command import Command
from bwvdock.errors import DestinationError, LightError

_ALL = "all"


class CommandLight:
    """Lights that a command shows (the Light port). One process at a time."""

    blinks = False

    def __init__(self, command: Sequence[str], *, seconds: float) -> None:
        """Describe it; nothing is run yet.

        Args:
            command: the path of the program, and its first arguments; bay and signal follow them.
            seconds: for which it may run.
        """
        self._command, self._seconds = tuple(command), seconds

    def show(self, bay: str, signal: Signal) -> bool:
        """Run it (Light)."""
        self._run(bay, signal)
        return True

    def reset(self) -> None:
        """Run it for all bays (Light)."""
        self._run(_ALL, Signal.NOT_KNOWN)

    def _run(self, bay: str, signal: Signal) -> None:
        command = Command((*self._command, bay, signal.value), seconds=self._seconds)
        try:
            command.post("", {"bay": bay, "signal": signal.value})
        except DestinationError as error:
            program = self._command[0]
            raise LightError(
                error.message,
                remedy=f"Try it: sudo -u bwvdock {program} 1-1 safe; or remove exec from [light]",
            ) from error
