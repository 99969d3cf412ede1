"""What does a witness sign, and which witnesses signed a checkpoint, when?

C2SP tlog-cosignature v1 with Ed25519 (type 0x04), read at commit 5ba5ee8. A cosignature says:
at this time, the largest tree of this log that the witness had seen, all of them consistent, had this root.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bwvdock.core.custody.c2sp.encoding import LARGEST
from bwvdock.core.custody.c2sp.signed_note import (
    COSIGNATURE,
    SIGNATURE_BYTES,
    Note,
    Sign,
    Signature,
    VerifierKey,
    Verify,
    signatures_of,
)

_TIME_BYTES = 8


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A verified cosignature: by which key, and the time that it states (seconds since 1970, UTC)."""

    key: VerifierKey
    time: int
    line: Signature


def message(text: str, time: int) -> bytes:
    """Return the bytes that a witness signs at a time (seconds since 1970) for a checkpoint's text."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosign(text: str, key: VerifierKey, time: int, sign: Sign) -> Signature:
    """Return the signature line of a witness on a checkpoint's text at a time (seconds since 1970).

    Raises:
        ValueError: the key is not one for cosignatures, or the time is not from 1 to 2^63 - 1.
    """
    if key.kind != COSIGNATURE or not 0 < time <= LARGEST:
        raise ValueError("a cosignature has a key of type 0x04 and a time from 1 to 2^63 - 1")
    return Signature(key.name, key.id, time.to_bytes(_TIME_BYTES, "big") + sign(message(text, time)))


def read_time(signature: Signature) -> int:
    """Return the time (seconds since 1970) that a cosignature states.

    Raises:
        ValueError: the signature does not have the form of a cosignature by an Ed25519 key.
    """
    if len(signature.octets) != _TIME_BYTES + SIGNATURE_BYTES:
        raise ValueError("a cosignature has a time of 8 bytes and a signature of 64")
    time = int.from_bytes(signature.octets[:_TIME_BYTES], "big")
    if not 0 < time <= LARGEST:
        raise ValueError("the time of a cosignature is from 1 to 2^63 - 1")
    return time


def verify_cosignature(text: str, signature: Signature, key: VerifierKey, verify: Verify) -> Cosignature:
    """Return the cosignature that a key made on a checkpoint's text.

    Raises:
        ValueError: the line is not one by this key on this text.
    """
    if key.kind != COSIGNATURE or (signature.name, signature.key_id) != (key.name, key.id):
        raise ValueError(f"the line is not a cosignature by {key.name}")
    time = read_time(signature)
    if not verify(key.public, message(text, time), signature.octets[_TIME_BYTES:]):
        raise ValueError(f"the cosignature of {key.name} is wrong")
    return Cosignature(key, time, signature)


def cosignatures(
    note: Note,
    keys: Iterable[VerifierKey],
    verify: Verify,
    refused: Callable[[VerifierKey, ValueError], None] = lambda _key, _why: None,
) -> list[Cosignature]:
    """Return the cosignatures on a checkpoint by these keys; of several by one key, the latest.

    A wrong one is handed to `refused` and does not count: one witness must not make those of others useless.
    """
    found: dict[VerifierKey, Cosignature] = {}
    for key in keys:
        for line in signatures_of(note, key):
            try:
                made = verify_cosignature(note.text, line, key, verify)
            except ValueError as error:
                refused(key, error)
                continue
            if key not in found or made.time > found[key].time:
                found[key] = made
    return list(found.values())
