"""What stands on a server's own disk, read past the server."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

_BLOCK = 1 << 20


class Stored:
    """Mixin of a server that knows the files in which it keeps an object.

    An object is named as its client knows it: by a tus upload's URL, or by an S3 bucket and key.
    """

    def pieces(self, *name: str) -> Sequence[Path]:
        """Return the files whose bytes in this order are the object; FileNotFoundError if there is none."""
        raise TypeError(f"{type(self).__name__} does not say where {name} stands")

    def stored(self, *name: str) -> bytes:
        """Return the object's bytes as they stand on the server's disk."""
        return b"".join(piece.read_bytes() for piece in self.pieces(*name))

    def stored_size(self, *name: str) -> int:
        """Return how many bytes stand there."""
        return sum(piece.stat().st_size for piece in self.pieces(*name))

    def stored_sha256(self, *name: str) -> str:
        """Return their SHA-256 in hex, without holding them all in memory."""
        digest = hashlib.sha256()
        for piece in self.pieces(*name):
            with piece.open("rb") as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
        return digest.hexdigest()
