"""What a network does to a connection, as values: a matrix lists them, a relay performs them.

A byte is counted from 0, in its direction, over all connections since the faults were armed: a client that
opens a new connection for each request meets the same fault as one that keeps its own. A fault that may come
`times` times comes again after as many further bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Direction(Enum):
    """Which way bytes go."""

    UP = "up"  # from the client to the server
    DOWN = "down"


UP, DOWN = Direction.UP, Direction.DOWN


@dataclass(frozen=True)
class AtByte:
    """Something that happens instead of passing on byte `at` of a direction."""

    at: int
    direction: Direction = UP
    times: int = 1


@dataclass(frozen=True)
class Cut(AtByte):
    """Both sides get a reset; what came before may still be lost on its way, as in life."""


@dataclass(frozen=True)
class HalfClose(AtByte):
    """The receiver is told that the sender has ended; the other direction goes on."""


@dataclass(frozen=True)
class Flip(AtByte):
    """The byte arrives with its lowest bit inverted. Everything else arrives as it was sent."""


@dataclass(frozen=True)
class Stall(AtByte):
    """From this byte on nothing is read any more in this direction; the connection stays open."""


@dataclass(frozen=True)
class BlackHole(AtByte):
    """From this byte on nothing passes in either direction; the connection stays open."""


@dataclass(frozen=True)
class Mark(AtByte):
    """Nothing: it is only noted that the byte has come."""


@dataclass(frozen=True)
class LostResponse:
    """The server has got the whole request and has answered; the client gets a reset instead of the answer.

    Counted from 1 among the requests of this method, over all connections, since the faults were armed.
    A request with a chunked body is not recognised.
    """

    request: int
    method: str = "PATCH"
    times: int = 1  # as many requests in a row


@dataclass(frozen=True)
class Latency:
    """Every byte arrives so many seconds later, in each direction."""

    seconds: float


@dataclass(frozen=True)
class Bandwidth:
    """No more than so many bytes per second pass, on each connection."""

    bytes_per_second: float
    direction: Direction = UP


Fault = Cut | HalfClose | Flip | Stall | BlackHole | Mark | LostResponse | Latency | Bandwidth
