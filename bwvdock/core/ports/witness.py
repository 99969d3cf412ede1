"""The port of a witness, as the log's side sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """A status of HTTP and the beginning of a body. Nothing of it is to be believed."""

    status: int
    body: bytes


class Witness(Protocol):
    """Confirms checkpoints (C2SP tlog-witness). Called from workers' threads.

    Each call ends within two minutes, whatever the witness does, and takes a bounded amount of memory.
    """

    def add_checkpoint(self, body: bytes) -> WitnessAnswer:
        """Submit a checkpoint with its proof; return the answer, whatever it is. Redirects are not followed.

        Raises:
            DestinationUnavailableError: there was none.
        """
        ...

    def latest(self, origin: str) -> bytes:
        """Return what it publishes as the latest checkpoint of a log, b"" if nothing was to be had."""
        ...
