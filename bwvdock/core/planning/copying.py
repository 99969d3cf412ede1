"""When is each camera safe to remove, and when is each clip on the dock's disk?

Cameras wait for a free port in the order of their arrival. One that is safe leaves its port at once: somebody
takes it out and docks the next. Time is in microseconds since the first day's midnight.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

from bwvdock.core.planning import figures
from bwvdock.core.planning.sharing import NEVER, Sharing
from bwvdock.core.planning.station import DAY, MICRO, Station

_BATCH_CLIPS, _BATCH_BYTES = 64, 64 * 1024 * 1024


@dataclass(slots=True)
class Visit:
    """One camera that comes with a shift of a day: when it arrives, is docked, is safe to remove.

    `batches` are committed, `read` says that the next is read and not committed.
    """

    day: int
    shift: int
    arrived: int
    docked: int = -1
    safe: int = -1
    hub: int = -1
    batches: int = 0
    read: bool = False


@dataclass(frozen=True, slots=True)
class Lump:
    """Clips of one camera that are taken for one: when they were on the disk, how many, how many bytes."""

    at: int
    day: int
    shift: int
    clips: int
    size: int


def visits(station: Station, days: int) -> list[Visit]:
    """Return all cameras of so many days, in the order in which they arrive."""
    found = [
        Visit(day=day, shift=number, arrived=day * DAY * MICRO + at)
        for day in range(days)
        for number, shift in enumerate(station.shifts)
        for at in shift.arrivals()
    ]
    return sorted(found, key=lambda visit: visit.arrived)


@dataclass(frozen=True, slots=True)
class Batch:
    """Clips of one camera that are read, and then made durable and journalled together.

    `parts` are clips and bytes. What is one here may be several clips that are taken for one; `commits` is
    the number of batches.
    """

    parts: tuple[tuple[int, int], ...]
    commits: int

    @property
    def work(self) -> int:
        """The bytes that are read, and those that could be in the time of the rest."""
        return sum(size + clips * figures.ACQUIRE_CLIP.value for clips, size in self.parts)


def batches_of(station: Station, most: int) -> list[Batch]:
    """Return the batches of one camera, as the dock makes them (bwvdock/bays/copying.py).

    Args:
        station: what arrives.
        most: how many parts there may be in a day; there is at least one for each camera.
    """
    number, together = station.clips_per_camera, max(1, min(_BATCH_CLIPS, _BATCH_BYTES // station.clip))
    each = -(-number // max(1, min(number, most // station.cameras)))
    parts = [(min(each, number - n), station.clip * min(each, number - n)) for n in range(0, number, each)]
    last = parts[-1][0], station.per_shift - sum(size for _, size in parts[:-1])
    parts[-1] = last
    side_by_side = max(1, together // each)
    grouped = [tuple(parts[n : n + side_by_side]) for n in range(0, len(parts), side_by_side)]
    if each == 1 and len(grouped) > 1 and _fits(grouped[-2], grouped[-1]):
        grouped[-2:] = [grouped[-2] + grouped[-1]]
    return [Batch(group, 1 if len(group) > 1 else -(-group[0][0] // together)) for group in grouped]


def _fits(batch: tuple[tuple[int, int], ...], last: tuple[tuple[int, int], ...]) -> bool:
    """Return whether a camera's last clip, the shortest, goes into the batch before it."""
    alone = len(last) == 1 and len(batch) < _BATCH_CLIPS
    return alone and sum(size for _, size in (*batch, *last)) <= _BATCH_BYTES


class Copying:
    """One run of the model, for so many days."""

    def __init__(self, station: Station, *, days: int, most_lumps: int) -> None:
        """Prepare it; nothing has arrived yet."""
        self.visits = visits(station, days)
        self.lumps: list[Lump] = []
        self._station = station
        self._each = batches_of(station, most_lumps)
        self._sharing = Sharing(station)
        self._timers: list[tuple[int, int]] = []  # microsecond, visit: of its next turn
        self._waiting: deque[int] = deque()

    def run(self) -> None:
        """Simulate until every camera is safe."""
        now, coming = 0, 0
        while True:
            arrival = self.visits[coming].arrived if coming < len(self.visits) else NEVER
            timer = self._timers[0][0] if self._timers else NEVER
            then = min(arrival, timer, now + self._sharing.wait())
            if then >= NEVER:
                return
            self._sharing.advance(then - now)
            now = then
            for number in self._sharing.due():
                self._read(number, now)
            while self._timers and self._timers[0][0] <= now:
                self._turn(heappop(self._timers)[1], now)
            while coming < len(self.visits) and self.visits[coming].arrived <= now:
                self._waiting.append(coming)
                coming += 1
            self._dock(now)

    def _dock(self, now: int) -> None:
        while self._waiting and (hub := self._sharing.take_port()) is not None:
            number = self._waiting.popleft()
            visit = self.visits[number]
            visit.docked, visit.hub = now, hub
            heappush(self._timers, (now + self._station.attach, number))

    def _turn(self, number: int, now: int) -> None:
        """Commit the batch that was read; begin to read the next, or call the camera safe."""
        visit = self.visits[number]
        if visit.read:
            self._commit(visit, now)
        if visit.batches < len(self._each):
            self._sharing.begin(visit.hub, number, self._each[visit.batches].work)
        else:
            visit.safe = now
            self._sharing.free_port(visit.hub)

    def _commit(self, visit: Visit, now: int) -> None:
        for clips, size in self._each[visit.batches].parts:
            self.lumps.append(Lump(at=now, day=visit.day, shift=visit.shift, clips=clips, size=size))
        visit.batches, visit.read = visit.batches + 1, False

    def _read(self, number: int, now: int) -> None:
        visit = self.visits[number]
        visit.read = True
        heappush(self._timers, (now + self._station.commit * self._each[visit.batches].commits, number))


def unsafe(visits: list[Visit]) -> Iterator[tuple[int, int]]:
    """Yield the microseconds at which the number of cameras that are not safe changes, and by how much."""
    for visit in visits:
        yield visit.arrived, 1
        yield visit.safe, -1
