"""Is the clock kept right, where the kernel may not be asked?

The unit forbids adjtimex(2) with all that could set a clock. systemd's timedated may call it, and says on
D-Bus what came of it, whichever time service is at work (org.freedesktop.timedate1, NTPSynchronized: by the
kernel, the clock is off by less than 16 s). timedatectl asks it for us, now and then, in a thread of its own:
nobody who wants to know ever waits, but for the very first answer.

A machine that is busy may not answer in time. That says nothing of the clock, which keeps time by itself: the
last answer counts for some minutes more, unless the clock has been set since.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable

MOST_US = 16_000_000  # NTP_PHASE_MAX of linux/timex.h: what "synchronised" means there
EVERY_SECONDS = 20.0  # timedated ends by itself after 30 s that nobody asked
KEPT_SECONDS = 600.0  # a quartz clock loses less than 0.1 s in that time
_FIRST_SECONDS = 5.0
_ANSWER_SECONDS = 20.0
_AGAIN_SECONDS = 5.0  # after no answer
_END_SECONDS = 1.0
_SET_SECONDS = 1.0  # a time service corrects less by slewing; a larger jump means that the clock was set
_ASK = ("/usr/bin/timedatectl", "show", "--property=NTPSynchronized", "--value")


def timedated_says() -> bool | None:
    """Return whether timedated calls the clock synchronised; None where it does not answer."""
    try:
        asked = subprocess.run(
            _ASK,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ANSWER_SECONDS,
            check=False,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return {b"yes": True, b"no": False}.get(asked.stdout.strip())


def wall_ahead() -> float:
    """Return the seconds from the clock since boot to the wall clock; they change when it is set."""
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)


class SynchronisationWatch:
    """Knows the last answer."""

    def __init__(
        self,
        ask: Callable[[], bool | None] = timedated_says,
        *,
        every_s: float = EVERY_SECONDS,
        first_s: float = _FIRST_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
        ahead: Callable[[], float] = wall_ahead,
    ) -> None:
        """Take the way to ask; the first call of `synchronised` starts the thread.

        Args:
            ask: asks once; may take its time. None if there was no answer.
            every_s: seconds between two questions.
            first_s: for how many seconds the first answer is waited for, once.
            monotonic: seconds that pass, whatever the clock is set to.
            ahead: as `wall_ahead`.
        """
        self._ask = ask
        self._every_s = every_s
        self._first_s = first_s
        self._monotonic, self._ahead = monotonic, ahead
        self._answered: tuple[float, float] | None = None  # when, and `ahead` then
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
        self._known.wait(self._first_s)
        self._known.set()  # nobody waits a second time
        return self._synchronised

    def stop(self) -> None:
        """Ask no more."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(_END_SECONDS)  # it is a daemon: one that hangs holds nobody up

    def _watch(self) -> None:
        while not self._ended.is_set():
            before = self._monotonic(), self._ahead()
            answer = self._ask()
            if answer is not None:
                self._synchronised, self._answered = answer, before
            elif not self._still_counts():
                self._synchronised = False
            self._known.set()
            self._ended.wait(self._every_s if answer is not None else min(_AGAIN_SECONDS, self._every_s))

    def _still_counts(self) -> bool:
        """Return whether the last answer still says something of the clock."""
        if self._answered is None:
            return False
        when, ahead = self._answered
        return self._monotonic() - when < KEPT_SECONDS and abs(self._ahead() - ahead) < _SET_SECONDS
