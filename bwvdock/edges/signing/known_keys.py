"""With which public keys were the journal's checkpoints signed? A file in the state directory says so.

One C2SP verifier key on a line, the latest last. It lets `bwvdock custody verify` check signatures without
the signer. Outside the dock the key counts that was handed over when the dock was set up, not this file.
"""

from __future__ import annotations

import os
from pathlib import Path

from bwvdock.core.custody.c2sp.signed_note import VerifierKey, read_verifier_key
from bwvdock.edges import durable
from bwvdock.errors import DurabilityError, StorageError

NAME = "log.vkey"
_MOST_BYTES = 64 * 1024


class KeyFile:
    """The file (KnownKeys). Written in one worker's thread."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when the first key is learnt."""
        self._folder = folder
        self._latest = ""

    def learn(self, key: str) -> str:
        """Add a key if it is not the latest in the file, which may be gone; return the latest before.

        That is "" if there was none.
        """
        try:
            above = durable.open_directory(str(self._folder.parent))
            try:
                folder = durable.make_directory(self._folder.name, below=above)
            finally:
                os.close(above)
            try:
                return self._add(folder, key)
            finally:
                os.close(folder)
        except (OSError, DurabilityError) as error:
            raise StorageError(
                f"The public key of the journal's signer cannot be noted in {self._folder / NAME}: {error}.",
                remedy=f"ls -ld {self._folder}; df -h {self._folder.parent}",
            ) from error

    def known(self) -> list[VerifierKey]:
        """Return the keys that were learnt, the latest last; none where they cannot be read."""
        try:
            return read_keys(self._folder)
        except OSError:
            return []

    def _add(self, folder: int, key: str) -> str:
        lines = _lines(folder)
        before = lines[-1] if lines else self._latest
        if not lines or lines[-1] != key:
            content = "".join(f"{line}\n" for line in (*(line for line in lines if line != key), key))
            durable.replace(folder, NAME, content.encode(), mode=0o600)
        self._latest = key
        return before


def read_keys(folder: Path) -> list[VerifierKey]:
    """Return the keys that the file names, the latest last; none where there is no file.

    Lines that are not keys are left out.

    Raises:
        OSError: it cannot be read, or is not a plain file.
    """
    try:
        opened = durable.open_directory(str(folder))
    except FileNotFoundError:
        return []
    try:
        lines = _lines(opened)
    finally:
        os.close(opened)
    keys = []
    for line in lines:
        try:
            keys.append(read_verifier_key(line))
        except ValueError:
            continue
    return keys


def _lines(folder: int) -> list[str]:
    try:
        content = durable.read_small(NAME, _MOST_BYTES, below=folder)
    except FileNotFoundError:
        return []
    return content.decode("utf-8", "replace").splitlines()
