"""How is a witness reached? Over HTTP, within the bounds that hold for every store (destinations/http.py).

Nothing of ours goes with it but the checkpoint and a proof: no secret, no name of a person.
"""

from __future__ import annotations

import hashlib

from bwvdock.core.custody.c2sp.signed_note import MOST_NOTE_BYTES
from bwvdock.core.ports.witness import WitnessAnswer
from bwvdock.edges.destinations.access import Access
from bwvdock.edges.destinations.connections import Patience
from bwvdock.edges.destinations.http import Web
from bwvdock.errors import BwvdockError

_PATIENCE = Patience(connect=10.0, stall=20.0, answer=30.0)
_BODY_SECONDS = 10.0


class HttpWitness:
    """A witness at an address. Used from one worker's thread."""

    def __init__(self, url: str, *, name: str, patience: Patience = _PATIENCE) -> None:
        """Describe it; nothing is connected yet.

        Args:
            url: the submission prefix, with or without a "/" at its end.
            name: as the policy has it.
            patience: how long to wait for what.
        """
        self._prefix = url.rstrip("/")
        self._web = Web(self._prefix, Access(), name=f"witness {name}", patience=patience)

    def add_checkpoint(self, body: bytes) -> WitnessAnswer:
        """Submit a checkpoint (Witness)."""
        return self._ask("POST", "add-checkpoint", body)

    def latest(self, origin: str) -> bytes:
        """Return what it publishes of a log (Witness): witnesses may publish elsewhere, or nothing."""
        name = hashlib.sha256(origin.encode()).hexdigest()
        try:
            answer = self._ask("GET", f"{name}/checkpoint", None)
        except BwvdockError:
            return b""
        return answer.body if answer.status == 200 else b""

    def close(self) -> None:
        """Close idle connections."""
        self._web.close()

    def _ask(self, method: str, path: str, body: bytes | None) -> WitnessAnswer:
        headers = {} if body is None else {"Content-Type": "text/plain; charset=utf-8"}
        reply = self._web.send(method, f"{self._prefix}/{path}", headers, body)
        with self._web.reading(reply):
            return WitnessAnswer(reply.status, reply.words(MOST_NOTE_BYTES, seconds=_BODY_SECONDS))
