"""How are numbers, hashes and bytes written in the formats of C2SP, and read again in one way only?

C2SP at commit 5ba5ee8: base64 of RFC 4648 section 4, decimal numbers without leading
zeros. What has two spellings is refused in all but one, so that equal values are equal bytes.
"""

from __future__ import annotations

import base64
import re

HASH_BYTES = 32
LARGEST = 2**63 - 1
"""The largest number that is read: what fits into SQLite, and into the time of a cosignature."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def read_base64(text: str) -> bytes:
    """Return the bytes that a base64 text encodes.

    Raises:
        ValueError: it is not base64 with padding as RFC 4648 section 4 writes it.
    """
    try:
        octets = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ValueError("not base64 of RFC 4648 section 4") from error
    if write_base64(octets) != text:
        raise ValueError("base64 that is not written as RFC 4648 section 4 writes these bytes")
    return octets


def write_base64(octets: bytes) -> str:
    """Return bytes in base64, with padding."""
    return base64.b64encode(octets).decode("ascii")


def read_hash(text: str) -> bytes:
    """Return the SHA-256 hash that a base64 text encodes.

    Raises:
        ValueError: it is not the base64 of 32 bytes.
    """
    octets = read_base64(text)
    if len(octets) != HASH_BYTES:
        raise ValueError(f"a hash has {HASH_BYTES} bytes, not {len(octets)}")
    return octets


def read_decimal(text: str) -> int:
    """Return the number, from 0 to 2^63 - 1, that a text writes in decimal without leading zeros.

    Raises:
        ValueError: it does not.
    """
    if not _DECIMAL.fullmatch(text) or (number := int(text)) > LARGEST:
        raise ValueError("not a decimal number from 0 to 2^63 - 1 without leading zeros")
    return number
