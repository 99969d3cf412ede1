"""Is the refusal of a camera that nobody enrolled an entry of its own?

The first few in an hour are, each with its docking. A loose cable, or a box of another force's cameras, would
write thousands: those that follow are counted, and the count is one entry when no more come.
"""

from __future__ import annotations

from bwvdock.core.custody.records import Enrolment
from bwvdock.core.facts import RefusalsCounted
from bwvdock.core.ports import Clock
from bwvdock.runtime.ledger import Ledger

_IN_FULL = 3  # in an hour, each of another camera
_HOUR_MS = 3_600_000
_OVER_MS = 600_000  # after so long without another one the count is recorded
_NAMED = 20  # cameras in one entry


class Refusals:
    """Counts refusals. Owned by the thread that owns the ledger."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        """Nobody was refused yet."""
        self._ledger = ledger
        self._clock = clock
        self._in_full: dict[str, int] = {}
        self._count = 0
        self._cameras: dict[str, None] = {}
        self._since_ms = self._last_ms = 0

    def counted(self, camera: Enrolment) -> bool:
        """Return whether a refusal was only counted; if not, it is to be recorded.

        That of a camera about which an operator has decided something always is.
        """
        serial = camera.serial
        if camera.enrolled or camera.revoked is not None:
            return False
        now = self._clock.boottime_ms()
        self._in_full = {s: at for s, at in self._in_full.items() if now - at < _HOUR_MS}
        if serial not in self._in_full and len(self._in_full) < _IN_FULL:
            self._in_full[serial] = now
            return False
        if not self._count:
            self._since_ms = now
        self._count += 1
        self._last_ms = now
        if len(self._cameras) < _NAMED:
            self._cameras[serial] = None
        return True

    def turn(self) -> None:
        """Record the count when no more come, and once an hour while they do."""
        now = self._clock.boottime_ms()
        if now - self._last_ms >= _OVER_MS or now - self._since_ms >= _HOUR_MS:
            self.close()

    def close(self) -> None:
        """Record the count, if there is one."""
        if not self._count:
            return
        minutes = (self._last_ms - self._since_ms) // 60_000
        cameras = " ".join(serial for serial in self._cameras if serial)
        self._ledger.record([RefusalsCounted(count=self._count, minutes=minutes, cameras=cameras)])
        self._count, self._cameras = 0, {}
