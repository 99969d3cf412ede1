"""What goes wrong between a client and a server, as values: the rows of the matrix.

Bytes of a fault are counted from the moment at which the client begins to upload.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bwvdock.core.ports import PIECE_BYTES
from tests.servers.faults import (
    Bandwidth,
    BlackHole,
    Cut,
    Fault,
    Flip,
    HalfClose,
    Latency,
    LostResponse,
    Mark,
    Stall,
)

MIB = 1 << 20
SIZE = 2 * PIECE_BYTES + 3 * MIB + 123  # bytes: two whole pieces and a torn one
SMALL = 7 * MIB + 45
_HALF = PIECE_BYTES + 5 * MIB


class Then(Enum):
    """What is done when the first armed fault has come."""

    NOTHING = "nothing"
    KILL_SERVER = "SIGKILL to the server, which is started again"
    KILL_CLIENT = "SIGKILL to the client, which is started again"
    FREEZE_SERVER = "SIGSTOP to the server until the client comes again, ten seconds at the most"
    LINK_DOWN = "nothing gets through for a second"
    TAKE_AWAY = "somebody takes the unfinished upload away"
    EXPIRE = "nothing gets through until the unfinished upload has expired"
    FREE_DISK = "the server's disk is made larger after a second"
    ROT = "the sender's own file loses a bit that has not been sent yet"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """One row.

    Attributes:
        name: for people.
        faults: armed on the relay.
        then: done when the first of them has come.
        size: of the file, in bytes.
        twin: there is a second file, of the same size and beginning; the first is cut, then comes the second.
        nginx: options of an nginx before the server.
        disk: bytes of the server's disk; 0 for the machine's own.
        expires: seconds that an unfinished upload is kept; 0 for ever.
        passes: it comes to an end, and who goes on gets through.
    """

    name: str
    faults: tuple[Fault, ...] = ()
    then: Then = Then.NOTHING
    size: int = SIZE
    twin: bool = False
    nginx: Mapping[str, int | bool] = field(default_factory=dict)
    disk: int = 0
    expires: int = 0
    passes: bool = True


def _lost(request: int, *, times: int = 1) -> tuple[Fault, ...]:
    return tuple(LostResponse(request, method, times=times) for method in ("PATCH", "PUT"))


TROUBLES: tuple[Trouble, ...] = (
    Trouble(name="nothing"),
    Trouble(name="a file of one byte", size=1),
    Trouble(name="a file of exactly two pieces", size=2 * PIECE_BYTES),
    Trouble(name="the answer to bytes that were taken is lost, twice", faults=_lost(1, times=2)),
    Trouble(name="the answer to the creation is lost", faults=(LostResponse(1, "POST"),)),
    Trouble(name="reset in mid-body, four times", faults=(Cut(5 * MIB, times=4),)),
    Trouble(name="the sender's end is closed in mid-body", faults=(HalfClose(_HALF),)),
    Trouble(name="stalled: the connection stays open and takes no more", faults=(Stall(_HALF),)),
    Trouble(name="black hole: nothing passes either way", faults=(BlackHole(_HALF),)),
    Trouble(name="link down for a second", faults=(Cut(_HALF),), then=Then.LINK_DOWN),
    Trouble(
        name="slow link with latency, cut every 2 MiB",
        faults=(Bandwidth(4 * MIB), Latency(0.02), Cut(2 * MIB, times=4)),
        size=SMALL,
    ),
    Trouble(name="a bit flips on its way", faults=(Flip(_HALF),)),
    Trouble(name="a bit flips on its way, again and again", faults=(Flip(12 * MIB, times=3),)),
    Trouble(name="a bit of the sender's file flips before it is sent", faults=(Mark(MIB),), then=Then.ROT),
    Trouble(
        name="another file that begins alike and is as long, after a cut", faults=(Cut(_HALF),), twin=True
    ),
    Trouble(
        name="the server is stopped for a while (SIGSTOP)", faults=(Mark(_HALF),), then=Then.FREEZE_SERVER
    ),
    Trouble(name="the unfinished upload is deleted", faults=(Cut(_HALF),), then=Then.TAKE_AWAY),
    Trouble(
        name="the unfinished upload expires", faults=(Cut(5 * MIB),), then=Then.EXPIRE, size=SMALL, expires=4
    ),
    Trouble(
        name="the server's disk is full, then grows",
        faults=(Mark(20 * MIB),),
        then=Then.FREE_DISK,
        disk=24 * MIB,
    ),
    Trouble(name="a proxy takes no more than 1 MiB at once (413)", nginx={"body_limit": MIB}, size=SMALL),
    Trouble(name="a proxy lets one request a second through (429)", nginx={"rate": 1}, size=2 * PIECE_BYTES),
    Trouble(
        name="a proxy collects requests before it passes them on; reset twice",
        nginx={"buffering": True},
        faults=(Cut(PIECE_BYTES, times=2),),
    ),
)


def moments(what: Then, count: int, *, seed: str) -> list[Trouble]:
    """Return a death at each of so many seeded moments: bytes that had passed when it came."""
    draw = random.Random(seed)
    points = sorted(draw.randrange(1000, SIZE) for _ in range(count))
    name = "SIGKILL to the server" if what is Then.KILL_SERVER else "SIGKILL to the client"
    return [Trouble(name=name, faults=(Stall(at),), then=what) for at in points]


def of_name(name: str) -> Trouble:
    """Return a row."""
    return next(trouble for trouble in TROUBLES if trouble.name == name)
