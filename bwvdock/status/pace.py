"""How fast is footage copied and sent, and how much longer will it take, where that is known?

Made from the daemon's own figures, which come about once a second. They are smoothed, so that what is shown
can be read; where they do not say how long something takes, nothing is said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bwvdock.status.values import CameraState, LiveCamera, LiveDestination

_WINDOW_S = 15.0  # over which a rate is taken
_LEAST_S = 4.0  # of seeing bytes come, before a rate is known
_STALLED_S = 6.0  # without a byte; how long it takes is not known then
_KEPT = 0.8  # of what was shown before, counted down; the rest is the new estimate
_MOST_LEFT_S = 30 * 86400.0  # more means nothing


@dataclass(kw_only=True, slots=True)
class Pace:
    """How fast one amount grows. Times are seconds of a clock that does not jump."""

    total: int = 0
    _seen: deque[tuple[float, int]] = field(default_factory=deque)
    _moved_at: float = 0.0
    _left_s: float | None = None

    def note(self, now: float, amount: int, total: int) -> None:
        """Take in how many bytes of how many there are at a time."""
        if not self._seen or amount < self._seen[-1][1]:  # a copy was begun again
            self._seen.clear()
            self._left_s = None
            self._moved_at = now
        elif amount > self._seen[-1][1]:
            self._moved_at = now
        before = self._seen[-1][0] if self._seen else now
        self._seen.append((now, amount))
        while now - self._seen[0][0] > _WINDOW_S:
            self._seen.popleft()
        self.total = total
        self._left_s = self._estimate(now, now - before)

    @property
    def rate(self) -> int | None:
        """Bytes a second of late; None while that is not known."""
        (first_s, first), (last_s, last) = self._seen[0], self._seen[-1]
        return None if last_s - first_s < _LEAST_S else int((last - first) / (last_s - first_s))

    @property
    def left_s(self) -> float | None:
        """Seconds until all is there, at this rate; None where that is not known."""
        return self._left_s

    def _estimate(self, now: float, elapsed: float) -> float | None:
        missing = self.total - self._seen[-1][1]
        if not self.rate or missing <= 0 or now - self._moved_at > _STALLED_S:
            return None
        new = missing / self.rate
        if self._left_s is not None:
            new = _KEPT * max(0.0, self._left_s - elapsed) + (1 - _KEPT) * new
        return new if new <= _MOST_LEFT_S else None


@dataclass(slots=True)
class Paces:
    """The paces of all cameras that are docked, and the smoothed rates of all stores."""

    _cameras: dict[str, Pace] = field(default_factory=dict)
    _stores: dict[str, float] = field(default_factory=dict)

    def note(self, now: float, cameras: Sequence[LiveCamera], stores: Sequence[LiveDestination] = ()) -> None:
        """Take in what the daemon said at a time; cameras that left are forgotten.

        The rate of a store changes slowly, but one that stopped sending has none at once.
        """
        known = {_key(camera): camera for camera in cameras}
        self._cameras = {key: self._cameras.get(key) or Pace() for key in known}
        for key, camera in known.items():
            self._cameras[key].note(now, camera.bytes_copied, camera.bytes_total)
        before = self._stores
        self._stores = {
            store.name: before.get(store.name, rate) * _KEPT + rate * (1 - _KEPT)
            for store in stores
            if (rate := store.bytes_per_second)
        }

    def smoothed(self, stores: Sequence[LiveDestination]) -> tuple[LiveDestination, ...]:
        """Return the stores with their smoothed rates."""
        return tuple(
            replace(store, bytes_per_second=int(self._stores.get(store.name, 0))) for store in stores
        )

    def of(self, camera: LiveCamera) -> Pace | None:
        """Return the pace of a camera that is being copied: of others nothing is said."""
        return self._cameras.get(_key(camera)) if camera.state is CameraState.COPYING else None

    def of_all(self, cameras: Sequence[LiveCamera]) -> tuple[int | None, float | None]:
        """Return how fast all cameras together are copied, and when the last of them is done, if known."""
        paces = [pace for camera in cameras if (pace := self.of(camera))]
        rates = [pace.rate for pace in paces if pace.rate is not None]
        known = [pace.left_s for pace in paces if pace.left_s is not None]
        all_known = paces and len(known) == len(paces)
        return (sum(rates) if rates else None), (max(known) if all_known else None)


def _key(camera: LiveCamera) -> str:
    return f"{camera.bay}\0{camera.docking}"


def said_left(seconds: float) -> str:
    """Return a time left, rounded up: "10 s", "4 min", "3 h", "5 days"."""
    if seconds <= 90:
        return f"{max(1, -(-int(seconds) // 10)) * 10} s"
    minutes = int(-(-seconds // 60))
    if minutes <= 90:
        return f"{minutes} min"
    hours = -(-minutes // 60)
    return f"{hours} h" if hours <= 72 else f"{-(-hours // 24)} days"
