"""When is each clip proven in every required store?

Each store takes clips in the order in which they reached the dock's disk, so many at once. All transfers to
stores behind the uplink share it equally; a store that is read back has a clip's bytes pass it twice. What a
clip takes beside its bytes is done by the dock's one thread, clip after clip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from bwvdock.core.planning import capacity, figures
from bwvdock.core.planning.copying import Lump
from bwvdock.core.planning.sharing import NEVER
from bwvdock.core.planning.station import DAY, MICRO, Hours, Station

_SEND, _READ_BACK = 0, 1
_MONTH = 30 * DAY


@dataclass(slots=True)
class _Store:
    """A store: the next lump that it takes, how many more it may take now, and how often bytes pass."""

    passes: int
    free: int
    taken: int = 0


class Sending:
    """One run of the model: lumps are sent to stores that share a line."""

    def __init__(self, lumps: Sequence[Lump], passes: Sequence[int], *, parallel: int, most: int) -> None:
        """Prepare it.

        Args:
            lumps: in the order in which they reach the disk.
            passes: for each store, how often bytes pass the line.
            parallel: how many clips each store takes at once.
            most: what one transfer gets at the most, in bytes per second.
        """
        self._lumps = lumps
        self._stores = [_Store(passes=times, free=parallel) for times in passes]
        self._most = most
        self._clock = 0  # what each transfer has moved, in millionths of a byte
        self._moving: list[tuple[int, int, int, int]] = []  # due at this clock: store, lump, step
        self._thread_free = 0
        self._at_thread: list[tuple[int, int, int]] = []  # due at this microsecond: store, lump
        self._left = [len(passes)] * len(lumps)
        self.proven = [lump.at for lump in lumps]

    def run(self, hours: Sequence[Hours]) -> None:
        """Send all; `proven` has the microsecond at which each lump is proven in the last of the stores."""
        now = 0
        while True:
            self._take(now)
            rate, until = rate_at(hours, now)
            each = self._each(rate)
            moved = now - (self._clock - self._moving[0][0]) // each if each else NEVER
            timer = self._at_thread[0][0] if self._at_thread else NEVER
            then = min(moved, timer, self._next_lump(), until if self._moving else NEVER)
            if then >= NEVER:
                return
            self._clock += each * (then - now)
            now = then
            while self._moving and self._moving[0][0] <= self._clock:
                self._moved(*heappop(self._moving)[1:], now)
            while self._at_thread and self._at_thread[0][0] <= now:
                self._served(*heappop(self._at_thread)[1:], now)

    def _each(self, rate: int) -> int:
        if not self._moving or not rate:
            return 0
        return max(1, min(self._most, rate // len(self._moving)))

    def _next_lump(self) -> int:
        coming = [s.taken for s in self._stores if s.free and s.taken < len(self._lumps)]
        return min((self._lumps[number].at for number in coming), default=NEVER)

    def _take(self, now: int) -> None:
        for number, store in enumerate(self._stores):
            while store.free and store.taken < len(self._lumps) and self._lumps[store.taken].at <= now:
                self._move(number, store.taken, _SEND)
                store.free -= 1
                store.taken += 1

    def _move(self, store: int, lump: int, step: int) -> None:
        heappush(self._moving, (self._clock + self._lumps[lump].size * MICRO, store, lump, step))

    def _moved(self, store: int, lump: int, step: int, now: int) -> None:
        if step == _READ_BACK:
            self._proven(store, lump, now)
            return
        self._thread_free = max(self._thread_free, now) + self._lumps[lump].clips * figures.SEND_CLIP.value
        heappush(self._at_thread, (self._thread_free, store, lump))

    def _served(self, store: int, lump: int, now: int) -> None:
        if self._stores[store].passes > 1:
            self._move(store, lump, _READ_BACK)
        else:
            self._proven(store, lump, now)

    def _proven(self, store: int, lump: int, now: int) -> None:
        self._stores[store].free += 1
        self._left[lump] -= 1
        if not self._left[lump]:
            self.proven[lump] = now


def rate_at(hours: Sequence[Hours], now: int) -> tuple[int, int]:
    """Return what may pass at a microsecond, in bytes per second, and the microsecond at which that ends."""
    if len(hours) == 1:
        return hours[0].rate, NEVER
    day, second = divmod(now, DAY * MICRO)
    for part in hours:
        if second < part.end * MICRO:
            return part.rate, day * DAY * MICRO + part.end * MICRO
    raise ValueError("the hours do not cover the day")


def hours_of(station: Station) -> Sequence[Hours]:
    """Return the hours of the day; their average where a day's footage takes a month."""
    if capacity.uplink_seconds(station) < _MONTH:
        return station.hours
    rate = capacity.supply(station) // DAY
    return [Hours(start=0, end=DAY, rate=max(1, rate), limit=rate)]


def proven(station: Station, lumps: Sequence[Lump]) -> list[int]:
    """Return when each lump is proven in all stores, in microseconds."""
    runs = []
    if station.remote:
        passes = [store.passes for store in station.remote]
        runs.append(Sending(lumps, passes, parallel=station.parallel, most=station.upload_rate))
        runs[-1].run(hours_of(station))
    vaults = len(station.stores) - len(station.remote)
    if vaults:
        rate = station.acquire_rate
        runs.append(Sending(lumps, [1] * vaults, parallel=station.parallel, most=rate))
        runs[-1].run([Hours(start=0, end=DAY, rate=rate, limit=rate)])
    return [max(times) for times in zip(*(run.proven for run in runs), strict=True)]
