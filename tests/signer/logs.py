"""A log to be signed: its leaves, its checkpoints, and proofs between any two of its sizes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from bwvdock.core.custody.c2sp.checkpoint import Checkpoint
from bwvdock.core.custody.c2sp.submission import Submission
from bwvdock.core.custody.consistency import consistency_proof
from bwvdock.core.custody.inclusion_proofs import range_root
from bwvdock.core.custody.merkle import leaf_hash, node_hash

ORIGIN = "bwvdock/LEW-03/0123456789abcdef"


@dataclass(kw_only=True)
class Log:
    """Leaves in memory. Two logs with different words differ from their first leaf on."""

    origin: str = ORIGIN
    words: str = "leaf"
    leaves: list[bytes] = field(default_factory=list)

    def grow(self, count: int) -> Log:
        self.leaves += [leaf_hash(f"{self.words} {len(self.leaves) + n}") for n in range(count)]
        return self

    def fetch(self, level: int, first: int, count: int) -> Sequence[bytes]:
        hashes = self.leaves
        for _ in range(8 * level):
            hashes = [node_hash(*hashes[i : i + 2]) for i in range(0, len(hashes) - 1, 2)]
        return hashes[first : first + count]

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        size = len(self.leaves) if size is None else size
        return Checkpoint(self.origin, size, range_root(0, size, self.fetch))

    def submission(self, old: int, new: int | None = None) -> bytes:
        """Return what is sent to have a size signed, after another one."""
        head = self.checkpoint(new)
        proof = consistency_proof(old, head.size, self.fetch) if old <= head.size else ()
        return Submission(old, proof, str(head).encode()).encoded()


def evil_root(head: Checkpoint) -> Checkpoint:
    """Return the checkpoint with another root."""
    return Checkpoint(head.origin, head.size, hashlib.sha256(head.root).digest())
