"""Under which name and with which key does this witness sign?

The key is a file of one line, in the form in which Go's notes keep theirs:
PRIVATE+KEY+NAME+KEYID+BASE64 (type and seed). It is made once and serves no other purpose: the message of a
cosignature does not name the witness, so one key may never sign under two names.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bwvdock.core.custody.c2sp.cosignature import cosign
from bwvdock.core.custody.c2sp.encoding import read_base64, write_base64
from bwvdock.core.custody.c2sp.signed_note import COSIGNATURE, Signature, VerifierKey, check_name
from bwvdock.core.visible_text import quoted
from bwvdock.edges import durable, ed25519
from bwvdock.errors import StorageError, UsageError, words_of

KEY_FILE = "witness.key"
_PREFIX = "PRIVATE+KEY+"
_MOST_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Identity:
    """The witness's name and key. Its seed is not shown."""

    key: VerifierKey
    cosign: Callable[[str, int], Signature]
    """A function: (text of a checkpoint, seconds since 1970) -> the line of the cosignature."""


def _identity(name: str, seed: bytes) -> Identity:
    key = VerifierKey(check_name(name), COSIGNATURE, ed25519.public(seed))
    return Identity(
        key, lambda text, time: cosign(text, key, time, lambda message: ed25519.sign(seed, message))
    )


def make_identity(folder: Path, name: str) -> Identity:
    """Make a key under this name, in a file that its owner alone can read; return it once it is on the disk.

    Raises:
        UsageError: the name cannot be used, or there is a key already.
        StorageError: the file cannot be written.
    """
    seed = ed25519.generate()
    try:
        made = _identity(name, seed)
    except ValueError as error:
        raise UsageError(
            f"A witness cannot have this name: {error}.",
            remedy="Use a name such as witness.example.police.uk/hq",
        ) from error
    line = f"{_PREFIX}{name}+{made.key.id.hex()}+{write_base64(bytes([COSIGNATURE]) + seed)}\n"
    with _opened(folder) as held:
        if durable.exists(held, KEY_FILE):
            raise UsageError(
                f"{folder} has the key of a witness already; nothing was changed.",
                remedy="A new witness needs a directory and a name of its own.",
            )
        durable.replace(held, KEY_FILE, line.encode(), mode=0o600)
    return made


def read_identity(folder: Path) -> Identity:
    """Return the witness's name and key.

    Raises:
        StorageError: the file is not there, is open to others or has another form.
    """
    with _opened(folder) as held:
        found = durable.exists(held, KEY_FILE)
        if found is None:
            raise StorageError(
                f"There is no witness in {folder}.",
                remedy="bwvdock witness init --name NAME makes one, once.",
            )
        if stat.S_IMODE(found.st_mode) & 0o077:
            raise StorageError(
                f"{folder / KEY_FILE} can be read by others, so it may have been copied.",
                remedy=f"chmod 600 {quoted(str(folder / KEY_FILE))}; if it was copied, make a new witness",
            )
        octets = durable.read_small(KEY_FILE, _MOST_BYTES, below=held)
    try:
        return _parsed(octets.decode("utf-8"))
    except ValueError as error:
        raise StorageError(
            f"{folder / KEY_FILE} is not the key of a witness.", remedy="Restore the file from its backup."
        ) from error


def _parsed(line: str) -> Identity:
    name, key_id, material = line.removesuffix("\n").removeprefix(_PREFIX).split("+", 2)
    octets = read_base64(material)
    identity = _identity(name, octets[1:])
    if not line.startswith(_PREFIX) or octets[0] != COSIGNATURE or identity.key.id.hex() != key_id:
        raise ValueError("another kind of key")
    return identity


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    """Hold the witness's folder open; what the system reports becomes a StorageError."""
    held = -1
    try:
        held = durable.open_directory(str(folder))
        yield held
    except OSError as error:
        raise StorageError(
            f"The directory of the witness cannot be used: {words_of(error)}.",
            remedy=f"Check it: ls -ld {quoted(str(folder))}; --state names another",
        ) from error
    finally:
        if held >= 0:
            os.close(held)
