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


def make_id(unix_ms: int, randomness: bytes) -> str:
    """Return an id that sorts by time: 10 digits of milliseconds, 8 of randomness (5 bytes).

    Args:
        unix_ms: milliseconds since 1970, from 0 to 2^50 - 1.
        randomness: 5 bytes from the kernel's generator.
    """
    return _base32(unix_ms, 10) + _base32(int.from_bytes(randomness[:5], "big"), 8)


def _base32(number: int, digits: int) -> str:
    return "".join(_DIGITS[(number >> (5 * i)) & 31] for i in reversed(range(digits)))
