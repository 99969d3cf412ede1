"""Which events does a camera send on its own?

Events are only hints to look again: they come late, twice or not at all. A thread of their own waits for
them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from bwvdock.edges.cameras.mtp import wire
from bwvdock.edges.cameras.mtp.transport import Pipe
from bwvdock.errors import CameraGoneError, UnreadableError

_WAIT_MS: Final = 1_000
_FAILURES: Final = 3


class Hint(IntEnum):
    """The events that are used here."""

    OBJECT_ADDED = 0x4002
    OBJECT_REMOVED = 0x4003
    STORE_ADDED = 0x4004
    STORE_REMOVED = 0x4005
    DEVICE_RESET = 0x400B


class Listener:
    """Waits for events until the camera is gone or `stop` is called.

    Args:
        pipe: the camera.
        tell: called in the listener's thread with each hint; must be quick.
    """

    def __init__(self, pipe: Pipe, tell: Callable[[Hint], None]) -> None:
        self._pipe = pipe
        self._tell = tell
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="mtp-events", daemon=True)

    def start(self) -> None:
        """Start to listen, if the camera has events."""
        if self._pipe.has_events:
            self._thread.start()

    def stop(self) -> None:
        """End; returns when the thread has ended, within about a second."""
        self._stopped.set()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _listen(self) -> None:
        failures = 0
        while failures < _FAILURES and not self._stopped.is_set():
            try:
                data = self._pipe.event(timeout_ms=_WAIT_MS)
                hint = Hint(wire.event(data).code) if data else None
            except CameraGoneError:
                return
            except wire.WireError:
                continue  # not MTP, and only a hint
            except UnreadableError:
                failures += 1  # an endpoint that does not work: polling must do
                continue
            except ValueError:
                continue  # an event of no interest
            failures = 0
            if hint is not None and not self._stopped.is_set():
                self._tell(hint)
