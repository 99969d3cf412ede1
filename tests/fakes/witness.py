"""A witness in memory's reach, and what a lying one does in its place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from bwvdock.core.ports.witness import WitnessAnswer
from bwvdock.errors import DestinationUnavailableError
from bwvdock.witness.service import Witness
from bwvdock.witness.store import Store
from tests.witness.logs import Station

Lie = Callable[[bytes, WitnessAnswer], WitnessAnswer]
"""A function: (request, true answer) -> what is answered instead; or it raises what the client would."""


@dataclass(slots=True)
class FakeWitness:
    """Answers as `bwvdock witness serve` does, without a network; `lie` changes what it answers."""

    station: Station
    store: Store
    lie: Lie | None = None
    asked: list[bytes] = field(default_factory=list)

    @property
    def served(self) -> Witness:
        return self.station.witness(self.store)

    def add_checkpoint(self, body: bytes) -> WitnessAnswer:
        self.asked.append(body)
        answer = self.served.add_checkpoint(body, "192.0.2.1")
        true = WitnessAnswer(int(answer.status), answer.body)
        return self.lie(body, true) if self.lie else true

    def latest(self, origin: str) -> bytes:
        answer = self.served.checkpoint(hashlib.sha256(origin.encode()).hexdigest())
        return answer.body if answer.status is HTTPStatus.OK else b""


def away(_body: bytes, _true: WitnessAnswer) -> WitnessAnswer:
    """Lose the answer on its way."""
    raise DestinationUnavailableError("store witness hq gave no answer: the connection broke")


def by_version_1_0_0(body: bytes, true: WitnessAnswer) -> WitnessAnswer:
    """Answer 409, with the size, where the later text has 422 for another root of the same size."""
    if true.status == 422 and b"same size" in true.body:
        return WitnessAnswer(409, f"{body.split(b' ')[1].split()[0].decode()}\n".encode())
    return true


def by_version_1_0_0_in_words(body: bytes, true: WitnessAnswer) -> WitnessAnswer:
    """As above, in words."""
    return WitnessAnswer(409, true.body) if true.status == 422 and b"same size" in true.body else true
