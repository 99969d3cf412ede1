"""How fast may footage be transferred to and from the stores, and when must a transfer stop?

`TokenBucket` is the arithmetic, `RateLimit` shares one bucket among threads and keeps the hours, `Transfer`
is what goes with one clip.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time

from bwvdock.config.settings import UploadSettings, Window
from bwvdock.errors import HaltedError

_LEAST_BURST = 64 * 1024  # bytes; less would only mean more rounds
_BURST_SECONDS = 0.25
_SHORTEST_WAIT = 0.001  # seconds; otherwise rounding causes rounds without progress
_LONGEST_WAIT = 5.0  # seconds; then the time of day is checked again


def limit_at(upload: UploadSettings, now: time) -> int | None:
    """Return the limit at a time of day, in bytes per second; the first window that includes it counts.

    Args:
        upload: what the configuration says.
        now: the time of day, local to the dock.
    """
    return next((w.limit for w in upload.windows if _is_within(w, now)), upload.limit)


def _is_within(window: Window, now: time) -> bool:
    if window.start < window.end:
        return window.start <= now < window.end
    return now >= window.start or now < window.end  # it spans midnight


@dataclass(kw_only=True, slots=True)
class TokenBucket:
    """In any t seconds it allows at most burst + rate * t bytes.

    It starts empty, so that changing the limit allows no burst.
    """

    rate: int
    now: float
    tokens: float = 0.0

    @property
    def burst(self) -> int:
        """The most that it allows at once, in bytes."""
        return max(_LEAST_BURST, int(self.rate * _BURST_SECONDS))

    def draw(self, count: int, now: float) -> float:
        """Take `count` bytes if available; return 0.0, or the seconds until they are.

        Args:
            count: no more than `burst`.
            now: seconds of a clock that never goes back.
        """
        self.tokens = min(self.burst, self.tokens + (now - self.now) * self.rate)
        self.now = now
        if self.tokens >= count:
            self.tokens -= count
            return 0.0
        return (count - self.tokens) / self.rate


Wait = Callable[[threading.Event, float], object]


class RateLimit:
    """The rate limit of all uploads together. Any thread may `take`; the dock's own thread changes it."""

    def __init__(
        self,
        upload: UploadSettings,
        *,
        monotonic: Callable[[], float],
        local_time: Callable[[], time],
        wait: Wait = threading.Event.wait,
    ) -> None:
        """Start with the configured limits.

        Args:
            upload: limit and windows.
            monotonic: seconds of a clock that never goes back.
            local_time: the time of day, local to the dock.
            wait: waits for the event, up to so many seconds.
        """
        self._upload = upload
        self._monotonic = monotonic
        self._local_time = local_time
        self._wait = wait
        self._turnstile = (
            threading.Lock()
        )  # one waits for bytes, the others for their turn, so that none starves
        self._lock = threading.Lock()
        self._stir = threading.Event()
        self._bucket: TokenBucket | None = None

    def change(self, upload: UploadSettings) -> None:
        """Use another limit; waiting threads check it at once."""
        with self._lock:
            self._upload = upload
        self.stir()

    def stir(self) -> None:
        """Wake waiting threads: a limit has changed, or they must stop."""
        with self._lock:
            before, self._stir = self._stir, threading.Event()
        before.set()

    def take(self, count: int, halt: threading.Event) -> None:
        """Wait until `count` more bytes may pass.

        Raises:
            HaltedError: `halt` was set; noticed at the latest when it is woken.
        """
        with self._turnstile:
            while count > 0:
                passed, seconds, stir = self._draw(count)
                raise_if_halted(halt)  # after reading the event: a later order sets it
                count -= passed
                if seconds:
                    self._wait(stir, min(max(seconds, _SHORTEST_WAIT), _LONGEST_WAIT))

    def _draw(self, count: int) -> tuple[int, float, threading.Event]:
        # The event belongs to the state seen here: a later change sets this event.
        with self._lock:
            limit, now = limit_at(self._upload, self._local_time()), self._monotonic()
            if limit is None:
                self._bucket = None
                return count, 0.0, self._stir
            if self._bucket is None or self._bucket.rate != limit:
                self._bucket = TokenBucket(rate=limit, now=now)
            share = min(count, self._bucket.burst)
            seconds = self._bucket.draw(share, now)
            return (0 if seconds else share), seconds, self._stir


def limit_for(kind: str, uploads: RateLimit | None) -> RateLimit | None:
    """Return the limit of what a store of this kind is sent and read back; None for a vault.

    A vault's disk takes nothing from the uplink.
    """
    return None if kind == "directory" else uploads


def raise_if_halted(halt: threading.Event) -> None:
    """Raise an error if the transfer was halted.

    Raises:
        HaltedError: it was.
    """
    if halt.is_set():
        raise HaltedError("The upload was halted; it will resume from where it stopped.")


@dataclass(kw_only=True, slots=True)
class Transfer:
    """The TransferControl port for one clip: written by the thread that carries it, read by the dock's own.

    `before` is what the destination was last known to hold, `held` what it holds now, `passed` what went
    either way since; all in bytes. `confirmed_at` is what had passed when it was last known what is held:
    what passed since is sent and not confirmed. `begun` is set once it is really on its way. `gives_way` is
    set where a hurried clip waits for its thread: it ends between two pieces, when nothing is sent that is
    not confirmed.
    """

    halt: threading.Event
    gives_way: threading.Event = field(default_factory=threading.Event)
    rate_limit: RateLimit | None = None
    size: int = 0
    before: int = 0
    held: int = 0
    passed: int = 0
    confirmed_at: int = 0
    begun: bool = field(default=False)

    @property
    def moved(self) -> bool:
        """Whether the destination has more than ever before."""
        return self.held > self.before

    @property
    def sent(self) -> int:
        """Bytes that were sent: those that the destination holds, and those of the request under way."""
        return min(self.size, self.held + self.passed - self.confirmed_at)

    def take(self, count: int) -> None:
        """Wait until `count` more bytes may pass.

        Raises:
            HaltedError: it was halted, or gives way.
        """
        raise_if_halted(self.halt)
        if self.passed == self.confirmed_at:
            self.make_way()
        if self.rate_limit is not None:
            self.rate_limit.take(count, self.halt)
        self.passed += count

    def make_way(self) -> None:
        """Raise an error if a hurried clip waits for the thread.

        Raises:
            HaltedError: one does.
        """
        if self.gives_way.is_set():
            raise HaltedError("The upload made way for a hurried clip; it will resume from where it stopped.")

    def reached(self, held: int) -> None:
        """Note what the destination holds."""
        self.held, self.confirmed_at = held, self.passed
