"""Who sets the lights, and who waits for nothing? A thread for each kind of light.

It asks the dock what a screen shows, once a second, and sets what differs from what a light shows. So one
that is slow misses what was in between, and no signals queue up. The dock's thread only reads which kind
fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from bwvdock.core.ports.light import Light, Signal
from bwvdock.errors import BwvdockError, LightError
from bwvdock.lights.wanted import wanted
from bwvdock.runtime.jobs import Unexpected
from bwvdock.runtime.own_threads import OwnThread, end_all
from bwvdock.status.for_screen import ForScreen

_EVERY_SECONDS = 1.0
_AGAIN_SECONDS = 10.0  # after which a bay is tried again whose light could not be set
_TRACEBACK = "journalctl -u bwvdock EVENT=job_failed has the traceback: report it to the maintainers"
_STOP_SECONDS = 1.0  # for all together: a dock ends within 5 s

Ask = Callable[[], ForScreen]
"""Asks the dock what a screen shows; raises BwvdockError or ValueError where it does not answer."""


class Bays:
    """What one kind of light shows, and what it is to show: one signal for each bay. For one thread."""

    def __init__(self, light: Light, ask: Ask, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Take its parts; nothing is asked or shown yet."""
        self._light = light
        self._ask = ask
        self._monotonic = monotonic
        self._wanted: dict[str, Signal] = {}
        self._shown: dict[str, Signal] = {}
        self._failed: dict[str, tuple[float, LightError]] = {}
        self._dark: LightError | None = None

    @property
    def error(self) -> LightError | None:
        """Why something could not be shown the last time; None where all is shown."""
        return next((error for _, error in self._failed.values()), self._dark)

    def reset(self) -> None:
        """Show nothing that may be taken for advice."""
        self._shown.clear()
        try:
            self._light.reset()
        except LightError as error:
            self._dark = error
        else:
            self._dark = None

    def round(self) -> None:
        """Ask what is to be shown, and show it; what takes more than a second waits for the next round."""
        began = self._monotonic()
        try:
            told: ForScreen | None = self._ask()
        except (BwvdockError, ValueError):
            told = None
        self._wanted = wanted(told, self._wanted)
        for bay, signal in self._due():
            self._show(bay, signal)
            if self._monotonic() - began >= _EVERY_SECONDS:
                return

    def _due(self) -> list[tuple[str, Signal]]:
        """Return what is to be shown now: first where a light may show that a camera may be taken."""
        now = self._monotonic()
        due = [
            (bay, signal)
            for bay, signal in self._wanted.items()
            if (self._shown.get(bay) is not signal or (self._light.blinks and signal is Signal.TAKE))
            and now >= self._failed.get(bay, (now,))[0]
        ]
        return sorted(due, key=lambda one: (self._shown.get(one[0]) not in {Signal.SAFE, Signal.TAKE}, one))

    def _show(self, bay: str, signal: Signal) -> None:
        self._shown.pop(bay, None)  # while it is set, and if that fails, nobody knows what it shows
        try:
            self._light.show(bay, signal)
        except LightError as error:
            self._failed[bay] = (self._monotonic() + _AGAIN_SECONDS, error)
        except Exception:
            odd = LightError("an error that nobody was prepared for.", remedy=_TRACEBACK)
            self._failed[bay] = (self._monotonic() + _AGAIN_SECONDS, odd)
            raise
        else:
            self._dark = None
            self._failed.pop(bay, None)
            self._shown[bay] = signal


class Lights:
    """The lights at the bays, from `start` to `stop`."""

    def __init__(self, lights: Mapping[str, Light], ask: Ask, unexpected: Unexpected) -> None:
        """Take the lights by their kind, and what asks the dock; nothing is shown yet."""
        self._kinds = [_Kind(kind, Bays(light, ask), unexpected) for kind, light in lights.items()]

    def start(self) -> None:
        """Begin: nothing from before is shown any more."""
        for kind in self._kinds:
            kind.thread.start()

    def stop(self) -> None:
        """End, after nothing is shown any more; a light that hangs is waited for a moment, and no longer."""
        end_all([kind.thread for kind in self._kinds], seconds=_STOP_SECONDS)

    def failing(self) -> Sequence[tuple[str, str, str]]:
        """Return the kinds of light that cannot be set: the kind, why, what to do. From any thread."""
        return [kind.failing for kind in self._kinds if kind.failing is not None]


class _Kind:
    """One kind of light, and its thread."""

    def __init__(self, name: str, bays: Bays, unexpected: Unexpected) -> None:
        self._name, self._bays = name, bays
        self.failing: tuple[str, str, str] | None = None
        self.thread = OwnThread(f"light-{name}", self._work, unexpected)

    def _work(self) -> None:
        self._attempt(self._bays.reset)
        while not self.thread.ended.wait(_EVERY_SECONDS):
            self._attempt(self._bays.round)
        self._attempt(self._bays.reset)

    def _attempt(self, what: Callable[[], None]) -> None:
        self.thread.attempt(what)
        failed = self._bays.error
        self.failing = None if failed is None else (self._name, failed.message, failed.remedy)
