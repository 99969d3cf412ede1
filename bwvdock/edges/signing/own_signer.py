"""How are checkpoints signed where no signer runs beside the daemon: in its own process, by the same rule?

For development, `bwvdock demo`, and docks whose configuration names a key. Where none is named, one is made
in the state directory, at the first signature. Anyone who can write that directory can sign too.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

from bwvdock.edges import durable, ed25519
from bwvdock.errors import DurabilityError, SignerUnavailableError
from bwvdock.signer.key import SIGNED, own_key, parsed
from bwvdock.signer.memory import FileMemory
from bwvdock.signer.notary import Notary

ReadKey = Callable[[], bytes]
# What the signer says to its service's log has no reader here: Python would print it among other output.
logging.getLogger("bwvdock-signer").addHandler(logging.NullHandler())


class OwnSigner:
    """Signs in this process (a CheckpointSigner), with a key that is read for each signature."""

    def __init__(self, folder: Path, *, key: ReadKey | None = None) -> None:
        """Prepare; nothing is read or made yet.

        Args:
            folder: has the key, and what was signed last.
            key: returns the content of the key's file, where it is elsewhere.
        """
        self._folder = folder
        self._key = key

    def public_key(self) -> bytes:
        """Return the public key; make the key where there is none."""
        return ed25519.public(self._seed())

    def sign(self, submission: bytes) -> str:
        """Return the signed note."""
        seed = self._seed()
        notary = Notary(
            ed25519.public(seed),
            lambda message: ed25519.sign(seed, message),
            FileMemory(self._folder / SIGNED),
        )
        return notary.sign(submission)

    def _seed(self) -> bytes:
        try:
            above = durable.open_directory(str(self._folder.parent))
            try:
                os.close(durable.make_directory(self._folder.name, below=above))
            finally:
                os.close(above)
        except (OSError, DurabilityError) as error:
            raise SignerUnavailableError(
                f"The folder {self._folder} cannot be made or opened: {error}.",
                remedy=f"ls -ld {self._folder}; df -h {self._folder.parent}",
            ) from error
        return own_key(self._folder) if self._key is None else parsed(self._key(), "The signing key")
