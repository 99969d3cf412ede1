"""Are signatures those of RFC 8032, and is nothing else taken for one?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.edges import ed25519

# RFC 8032, section 7.1, tests 1 to 3: seed, public key, message, signature.
PUBLISHED = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize("seed,public,message,signature", PUBLISHED)
def test_the_published_vectors_hold(seed: str, public: str, message: str, signature: str) -> None:
    key = bytes.fromhex(seed)
    assert ed25519.public(key).hex() == public
    assert ed25519.sign(key, bytes.fromhex(message)).hex() == signature
    assert ed25519.verify(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


@given(message=st.binary(max_size=200), bit=st.integers(0, ed25519.SIGNATURE_BYTES * 8 - 1))
def test_a_changed_signature_message_or_key_is_not_valid(message: bytes, bit: int) -> None:
    seed = bytes(range(32))
    public, signature = ed25519.public(seed), bytearray(ed25519.sign(seed, message))
    assert ed25519.verify(public, message, bytes(signature))
    assert not ed25519.verify(public, message + b"\n", bytes(signature))
    assert not ed25519.verify(ed25519.public(bytes(32)), message, bytes(signature))
    signature[bit // 8] ^= 1 << bit % 8
    assert not ed25519.verify(public, message, bytes(signature))


def test_what_is_neither_key_nor_signature_is_not_valid() -> None:
    public = ed25519.public(bytes(32))
    assert not ed25519.verify(b"short", b"", bytes(64))
    assert not ed25519.verify(public, b"", b"")
    assert not ed25519.verify(public, b"", bytes(65))


def test_new_keys_differ() -> None:
    assert len({ed25519.generate() for _ in range(3)}) == 3
    assert len(ed25519.generate()) == ed25519.SEED_BYTES
