"""Keys and signatures for tests of notes: real Ed25519."""

from __future__ import annotations

from bwvdock.core.custody.c2sp.signed_note import COSIGNATURE, ED25519, Sign, VerifierKey
from bwvdock.edges import ed25519

ORIGIN = "example.police.uk/dock-7/0123456789abcdef"
WITNESS = "witness.example.police.uk/hq"


def seed(number: int) -> bytes:
    return bytes([number]) * 32


def signer(number: int) -> Sign:
    return lambda message: ed25519.sign(seed(number), message)


def log_key(number: int = 1, name: str = ORIGIN) -> VerifierKey:
    return VerifierKey(name, ED25519, ed25519.public(seed(number)))


def witness_key(number: int = 2, name: str = WITNESS) -> VerifierKey:
    return VerifierKey(name, COSIGNATURE, ed25519.public(seed(number)))
