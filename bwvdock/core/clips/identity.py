"""How is a file on a camera identified, and how does a clip get its id?"""

from __future__ import annotations

import hashlib

from bwvdock.core.canonical import canonical
from bwvdock.core.facts.clip import BY_CONTENT, BY_VOLUME, SourceFile

# Crockford's base 32: no letters that resemble digits, and texts sort like their numbers.
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def identity(camera: str, file: SourceFile, known_by: str = BY_VOLUME) -> str:
    """Return the identity of a camera's file: hexadecimal SHA-256.

    Camera serial, path, size, modification time and the fingerprint of the first and last 64 KiB: the
    same file docked again is recognised, in whichever slot its card is, and a counter that wrapped round
    to the same name makes a new clip. A file without a fingerprint is identified by its volume instead.

    Args:
        camera: the camera's serial.
        file: the file as it was found.
        known_by: the field of the clip's first entry; in earlier versions the volume always counted.
    """
    document = {
        "camera": camera,
        "fingerprint": file.fingerprint,
        "mtime_ns": str(file.mtime_ns),
        "path": file.path,
        "size": file.size,
    }
    if known_by != BY_CONTENT or not file.fingerprint:
        document["volume"] = file.volume
    return hashlib.sha256(canonical(document).encode()).hexdigest()


ID_BYTES = 10
"""Random bytes of an id: with 80 bits nobody finds an id from the hash of an entry that names it."""

ID_FORM = "(?:[0-9a-z]{26}|[0-9a-z]{18})"
"""A regular expression for ids: of this version, and of earlier ones."""

_TIME_DIGITS, _RANDOM_DIGITS = 10, 16


def make_id(unix_ms: int, randomness: bytes) -> str:
    """Return an id that sorts by time: 10 digits of milliseconds, 16 of randomness (10 bytes).

    Earlier versions made ids of 18 digits, 8 of them of randomness; they stay what they are, and sort with
    the new ones.

    Args:
        unix_ms: milliseconds since 1970, from 0 to 2^50 - 1.
        randomness: 10 bytes from the kernel's generator.

    Raises:
        ValueError: it is not of that length.
    """
    if len(randomness) != ID_BYTES:
        raise ValueError(f"an id has {ID_BYTES} random bytes, not {len(randomness)}")
    return _base32(unix_ms, _TIME_DIGITS) + _base32(int.from_bytes(randomness, "big"), _RANDOM_DIGITS)


def made_at(made: str) -> int:
    """Return when an id, of this version or an earlier one, was made: milliseconds since 1970.

    Raises:
        ValueError: it is not an id.
    """
    unix_ms = 0
    for digit in made[:_TIME_DIGITS]:
        unix_ms = unix_ms * 32 + _DIGITS.index(digit)
    return unix_ms


def _base32(number: int, digits: int) -> str:
    return "".join(_DIGITS[(number >> (5 * i)) & 31] for i in reversed(range(digits)))
