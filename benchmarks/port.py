"""A USB port, for cameras that are not there: how fast may bytes come through it?"""

from __future__ import annotations

import time

USB_2, USB_3 = 40_000_000, 300_000_000  # bytes a second, as cameras give them


class Port:
    """Lets through so many bytes a second. Used by one thread at a time."""

    def __init__(self, rate: float, *, ahead: float) -> None:
        """Let through nothing yet.

        Args:
            rate: bytes a second.
            ahead: seconds' worth of bytes that have come through before they are asked for: what the kernel
                reads ahead, or what a busy machine that woke up too late finds in the port's queue.
        """
        self._rate = rate
        self._ahead = ahead
        self._free_at = 0.0

    def let_through(self, size: int) -> None:
        """Return when so many more bytes have come through."""
        earliest = time.monotonic() - self._ahead
        self._free_at = max(self._free_at, earliest) + size / self._rate
        if (wait := self._free_at - time.monotonic()) > 0:
            time.sleep(wait)
