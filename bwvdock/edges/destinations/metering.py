"""How is what another side sends kept within bounds, of bytes and of time?

Python's clients of HTTP and SMTP read whatever is sent for as long as it is sent. Their sockets are put
behind a meter that ends a reading which takes too long or brings too much, wherever in an answer that is.
"""

from __future__ import annotations

import io
import socket
import time
from typing import Any

MOST_HEAD = 64 * 1024  # bytes of status lines and headers, interim answers included


class TooMuchError(RuntimeError):
    """An answer is longer than any answer should be; caught by the caller."""


class Meter:
    """What a reading may still take."""

    def __init__(self, seconds: float) -> None:
        self.allow(seconds, MOST_HEAD)

    def allow(self, seconds: float, count: int) -> None:
        """Allow so many bytes, and so many seconds."""
        self.until, self.left = time.monotonic() + seconds, count


class _Metered(io.RawIOBase):
    """What a socket gives, within what the meter allows."""

    def __init__(self, connected: socket.socket, meter: Meter) -> None:
        self._socket, self._meter = connected, meter
        self._raw = connected.makefile("rb", buffering=0)

    def readable(self) -> bool:
        """Return that it is."""
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - the base class takes any buffer
        """Read once."""
        seconds = self._meter.until - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the answer was not complete in time")
        if self._meter.left <= 0:
            raise TooMuchError("its answer is longer than any answer should be")
        self._socket.settimeout(seconds)
        got = self._raw.readinto(memoryview(buffer)[: self._meter.left])
        self._meter.left -= got or 0
        return got or 0

    def close(self) -> None:
        """Close the socket."""
        self._raw.close()
        super().close()


class MeteredSocket:
    """A socket as http.client wants it to read from."""

    def __init__(self, connected: socket.socket, meter: Meter) -> None:
        self._socket, self._meter = connected, meter

    def makefile(self, _: str) -> io.BufferedReader:
        """Return it for reading."""
        return io.BufferedReader(self.raw())

    def raw(self) -> io.RawIOBase:
        """Return it for reading no more than is asked for."""
        return _Metered(self._socket, self._meter)
