"""How fast is each camera read while ports, hubs and the disk are shared?

Every camera on a hub gets the same share of it, never more than its port gives; all together get what disk
and dock take, in equal shares, and nobody more than port and hub give.

So hubs on which the same number of cameras is read are alike, and share one clock: the bytes that a camera on
such a hub has read. A step costs as much as there are different numbers, not as many as there are cameras.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush

from bwvdock.core.planning.station import MICRO, Station

NEVER = 1 << 200
"""A microsecond that never comes."""


@dataclass(slots=True)
class _Hub:
    """A hub, its ports, and how many of these are taken and read.

    `read` is what each camera on it had read, in millionths of a byte, when the clock of its class was
    `joined`; `waits` what is due next, in the same measure, and for whom.
    """

    number: int
    ports: int
    taken: int = 0
    reading: int = 0
    read: int = 0
    joined: int = 0
    version: int = 0
    waits: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Class:
    """All hubs on which one number of cameras is read: `clock` is what one of these has read."""

    hubs: int = 0
    clock: int = 0
    rate: int = 0
    due: list[tuple[int, int, int]] = field(default_factory=list)  # clock, hub, version of the hub


class Sharing:
    """The ports of a dock."""

    def __init__(self, station: Station) -> None:
        """Connect as many ports as the station has, to as many hubs as these need."""
        each = station.hub_ports or station.ports
        full, rest = divmod(station.ports, each)
        self._hubs = [_Hub(n, each) for n in range(full)] + ([_Hub(full, rest)] if rest else [])
        self._shared = bool(station.hub_ports)
        self._station = station
        self._classes: dict[int, _Class] = {}
        self._free = [(0, hub.number) for hub in self._hubs]  # a heap; the least used hub is taken first

    def take_port(self) -> int | None:
        """Take a port on the hub that has the fewest in use; return the hub, None if no port is free."""
        while self._free:
            taken, number = heappop(self._free)
            hub = self._hubs[number]
            if taken == hub.taken:  # else it has changed since, and was put in again
                hub.taken += 1
                self._offer(hub)
                return number
        return None

    def free_port(self, number: int) -> None:
        """Free a port of a hub."""
        hub = self._hubs[number]
        hub.taken -= 1
        self._offer(hub)

    def _offer(self, hub: _Hub) -> None:
        if hub.taken < hub.ports:
            heappush(self._free, (hub.taken, hub.number))

    def begin(self, number: int, reader: int, size: int) -> None:
        """Begin to read a camera on a hub; `due` names it when so many bytes were read."""
        hub = self._hubs[number]
        self._leave(hub)
        hub.reading += 1
        heappush(hub.waits, (hub.read + size * MICRO, reader))
        self._join(hub)

    def advance(self, span: int) -> None:
        """Add what is read in so many microseconds."""
        for alike in self._classes.values():
            alike.clock += alike.rate * span

    def due(self) -> list[int]:
        """Return the readers that have read what they were to; they read no more."""
        found: list[int] = []
        for alike in list(self._classes.values()):
            while self._first(alike) <= alike.clock:
                hub = self._hubs[alike.due[0][1]]
                self._leave(hub)
                while hub.waits and hub.waits[0][0] <= hub.read:
                    found.append(heappop(hub.waits)[1])
                    hub.reading -= 1
                self._join(hub)
        return sorted(found)

    def wait(self) -> int:
        """Return the microseconds until the next one is due, NEVER if none is read."""
        self._share()
        spans = [
            -((alike.clock - first) // alike.rate)
            for alike in self._classes.values()
            if (first := self._first(alike)) < NEVER
        ]
        return min(spans, default=NEVER)

    def _first(self, alike: _Class) -> int:
        """Return the clock at which the first of a class is due."""
        while alike.due:
            clock, number, version = alike.due[0]
            if self._hubs[number].version == version:
                return clock
            heappop(alike.due)
        return NEVER

    def _leave(self, hub: _Hub) -> None:
        """Take a hub out of its class, with what was read on it."""
        if hub.reading:
            alike = self._classes[hub.reading]
            alike.hubs -= 1
            hub.read += alike.clock - hub.joined
            if not alike.hubs:
                del self._classes[hub.reading]
        hub.version += 1

    def _join(self, hub: _Hub) -> None:
        if not hub.reading:
            return
        alike = self._classes.setdefault(hub.reading, _Class())
        alike.hubs += 1
        hub.joined = alike.clock
        heappush(alike.due, (alike.clock + hub.waits[0][0] - hub.read, hub.number, hub.version))

    def _share(self) -> None:
        """Set the rate of each class: what disk and dock take, in equal shares, within port and hub."""
        busy = sorted((self._most(k), k) for k in self._classes)
        left, readers = self._station.acquire_rate, sum(k * self._classes[k].hubs for _, k in busy)
        for most, k in busy:
            rate = max(1, min(most, left // readers))
            self._classes[k].rate = rate
            here = k * self._classes[k].hubs
            left, readers = left - rate * here, readers - here

    def _most(self, reading: int) -> int:
        """Return what port and hub give each of so many cameras on a hub."""
        port = self._station.port_rate
        return min(port, self._station.hub_rate // reading) if self._shared else port
