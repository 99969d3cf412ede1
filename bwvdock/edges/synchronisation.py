"""Is the clock kept right, where the kernel may not be asked?

The unit forbids adjtimex(2) with all that could set a clock. systemd's timedated may call it, and says on
D-Bus what came of it, whichever time service is at work (org.freedesktop.timedate1, NTPSynchronized: by the
kernel, the clock is off by less than 16 s). timedatectl asks it for us, now and then, in a thread of its own:
nobody who wants to know ever waits, but for the very first answer.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable

MOST_US = 16_000_000  # NTP_PHASE_MAX of linux/timex.h: what "synchronised" means there
EVERY_SECONDS = 20.0  # timedated ends by itself after 30 s that nobody asked
_FIRST_SECONDS = 5.0
_ASK = ("/usr/bin/timedatectl", "show", "--property=NTPSynchronized", "--value")


def timedated_says() -> bool:
    """Return whether timedated calls the clock synchronised; False too where it cannot be asked."""
    try:
        asked = subprocess.run(
            _ASK,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_FIRST_SECONDS,
            check=False,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return asked.stdout.strip() == b"yes"


class SynchronisationWatch:
    """Knows the last answer."""

    def __init__(self, ask: Callable[[], bool] = timedated_says, *, every_s: float = EVERY_SECONDS) -> None:
        """Nothing is asked yet.

        Args:
            ask: asks once; may take its time.
            every_s: seconds between two questions.
        """
        self._ask = ask
        self._every_s = every_s
        self._synchronised = False
        self._known = threading.Event()
        self._ended = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def synchronised(self) -> bool:
        """Return what was answered last; wait for the first answer only."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="clock", daemon=True)
                self._thread.start()
        self._known.wait(_FIRST_SECONDS)
        return self._synchronised

    def stop(self) -> None:
        """Ask no more."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(_FIRST_SECONDS)

    def _watch(self) -> None:
        while not self._ended.is_set():
            self._synchronised = self._ask()
            self._known.set()
            self._ended.wait(self._every_s)
