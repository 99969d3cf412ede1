"""How is the power of a camera's socket switched off and on? The last measure against one that hangs.

From Linux 6.0 on each port of a hub has an attribute `disable`; our udev rule gives that of a camera's own
socket to the group bwvdock, and of no other. Whether the power really goes is the hub's affair: many only cut
the data lines, which the camera takes for being unplugged, and that often helps as well.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Final

from bwvdock.core.ports import Clock
from bwvdock.errors import UnreadableError

_OFF_SECONDS: Final = 2
_ONCE_IN_MS: Final = 3_600_000
_AGAIN: Final = "Unplug the camera, switch it off and on, and dock it again."


class PortPower:
    """Switches sockets off and on, each at most once an hour, so that a camera cannot cause constant resets.

    Args:
        clock: the dock's clocks.
        sleep: waits for so many seconds.
    """

    def __init__(self, clock: Clock, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._last_ms: dict[str, int] = {}

    def of(self, device: str, before: Callable[[], None]) -> Callable[[], None] | None:
        """Return what switches a device's socket off and on; None where this dock may not, or cannot.

        The device leaves by that, and comes back as if it had been unplugged and docked again.

        Args:
            device: its folder in sysfs.
            before: is called each time just before its socket is switched off.
        """
        switch = os.path.realpath(f"{device}/port/disable")
        return (lambda: self._cycle(switch, before)) if os.access(switch, os.W_OK) else None

    def _cycle(self, switch: str, before: Callable[[], None]) -> None:
        """Switch off and on.

        Raises:
            UnreadableError: it was done within the hour, or the kernel does not.
        """
        now = self._clock.boottime_ms()
        last = self._last_ms.get(switch)
        if last is not None and now - last < _ONCE_IN_MS:
            raise UnreadableError(
                "Its socket was already switched off and on in the last hour.", remedy=_AGAIN
            )
        self._last_ms[switch] = now
        before()
        try:
            try:
                _write(switch, b"1")
                self._sleep(_OFF_SECONDS)
            finally:
                _write(switch, b"0")
        except OSError as error:
            raise UnreadableError(
                f"Its socket cannot be switched: {os.strerror(error.errno or 0)}.", remedy=_AGAIN
            ) from error


def _write(path: str, data: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, data)
    finally:
        os.close(fd)
