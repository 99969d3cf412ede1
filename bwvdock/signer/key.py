"""Where is the private key, how is it written down, and when is a new one made?

One line of base64 for the 32 bytes of an Ed25519 seed.
"""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

from bwvdock.edges import durable, ed25519
from bwvdock.errors import DurabilityError, SignerUnavailableError

KEY = "custody.key"
SIGNED = "signed.sqlite3"
"""The files in the signer's folder: the key, and what was signed last (memory.py)."""

_MOST_BYTES = 4096


def written(seed: bytes) -> bytes:
    """Return a key as its file has it."""
    return base64.b64encode(seed) + b"\n"


def parsed(content: bytes, where: str) -> bytes:
    """Return the seed that a key's file has.

    Args:
        content: what is in the file.
        where: its name, for the error.

    Raises:
        SignerUnavailableError: it is not a key. No byte of it is in the error.
    """
    try:
        seed = base64.b64decode(content.strip(), validate=True)
    except ValueError:
        seed = b""
    if len(seed) != ed25519.SEED_BYTES:
        raise SignerUnavailableError(
            f"{where} is not a signing key: one line of base64 for {ed25519.SEED_BYTES} bytes.",
            remedy="Restore it from a backup. If it is lost, see docs/explanation/signed-checkpoints.md.",
        )
    return seed


def read_key(path: Path, *, guarded: bool = False) -> bytes:
    """Return the seed in a file that nobody but its owner can read.

    Args:
        path: the file.
        guarded: systemd sees to who can read it: the mode of a credential says less.

    Raises:
        SignerUnavailableError: it is missing, cannot be read, is open to others, or is not a key.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
        with open(fd, "rb") as file:
            about = os.fstat(fd)
            if not stat.S_ISREG(about.st_mode) or (about.st_mode & 0o077 and not guarded):
                raise SignerUnavailableError(
                    f"{path} must be a plain file that only its owner can read.", remedy=f"chmod 0400 {path}"
                )
            return parsed(file.read(_MOST_BYTES), str(path))
    except OSError as error:
        raise SignerUnavailableError(
            f"The signing key {path} cannot be read: {error.strerror}.",
            remedy="Check who owns it, and that the disk is whole: ls -l; journalctl -k -p err.",
        ) from error


def own_key(folder: Path) -> bytes:
    """Return the seed in the signer's own folder; make it where nothing was signed yet.

    Raises:
        SignerUnavailableError: it cannot be read or made, or is missing although it has signed something.
    """
    if not (folder / KEY).exists():
        _make(folder)
    return read_key(folder / KEY)


def _make(folder: Path) -> None:
    if (folder / SIGNED).exists():
        raise SignerUnavailableError(
            f"The signing key {folder / KEY} is missing, and something was signed with it.",
            remedy="Restore it from a backup. If it is lost, see docs/explanation/signed-checkpoints.md.",
        )
    try:
        opened = durable.open_directory(str(folder))
        try:
            durable.replace(opened, KEY, written(ed25519.generate()), mode=0o400)
        finally:
            os.close(opened)
    except (OSError, DurabilityError) as error:
        raise SignerUnavailableError(
            f"No signing key can be made in {folder}: {error}.", remedy=f"ls -ld {folder}; df -h {folder}"
        ) from error
