"""How is a message signed, and a signature checked (Ed25519, RFC 8032)?

The one module that knows the library. Keys are bytes: a private key is its seed of 32 bytes, a public key
has 32.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SEED_BYTES = 32
PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64


def generate() -> bytes:
    """Return the seed of a new private key, from the system's random numbers."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public(seed: bytes) -> bytes:
    """Return the public key of a private one.

    Raises:
        ValueError: the seed does not have 32 bytes.
    """
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign(seed: bytes, message: bytes) -> bytes:
    """Return the signature of a message, 64 bytes; the same message and key give the same signature.

    Raises:
        ValueError: the seed does not have 32 bytes.
    """
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether a signature is that of a message under a public key; False for other bytes too."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
