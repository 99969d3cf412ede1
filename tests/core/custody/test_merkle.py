"""Are entries hashed as RFC 6962 and the canonical profile say, whatever our own code thinks?"""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.canonical import canonical
from bwvdock.core.custody.merkle import Tree, commitment, leaf_hash, node_hash

# The test vectors of the Certificate Transparency project: eight leaves, the root after each.
VECTOR_LEAVES = ("", "\x00", "\x10", " !", "01", "@ABC", "PQRSTUVW", "`abcdefghijklmno")
VECTOR_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


@pytest.mark.parametrize("size", range(9))
def test_the_tree_gives_the_published_roots(size: int) -> None:
    tree = Tree().extend(leaf_hash(leaf) for leaf in VECTOR_LEAVES[:size])
    assert tree.size == size
    assert tree.root().hex() == VECTOR_ROOTS[size]


def _by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word: split at the largest power of two below n."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(_by_definition(leaves[:split]), _by_definition(leaves[split:]))


@given(st.integers(1, 300))
def test_appending_gives_the_root_of_the_definition(size: int) -> None:
    leaves = [leaf_hash(str(number)) for number in range(size)]
    tree = Tree().extend(leaves)
    assert tree.root() == _by_definition(leaves)
    assert len(tree.edge) == size.bit_count()


def test_a_leaf_is_not_a_node() -> None:
    left, right = leaf_hash("a"), leaf_hash("b")
    assert node_hash(left, right) != hashlib.sha256(left + right).digest()
    assert leaf_hash("") == bytes.fromhex(VECTOR_ROOTS[1])


def test_canonical_text_is_sorted_tight_and_unescaped() -> None:
    document = {"b": [1, True, None, "é\n\u2028"], "a": {"z": -1, "y": '\\"'}}
    assert canonical(document) == '{"a":{"y":"\\\\\\"","z":-1},"b":[1,true,null,"é\\n\u2028"]}'


@pytest.mark.parametrize(
    "value", [1.0, 2**53, -(2**53), "\ud800", {"Key": 1}, {"ä": 1}, {"": 1}, b"x", {1, 2}, [2.5]]
)
def test_what_the_profile_excludes_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        canonical({"value": value})


def test_a_commitment_is_the_hash_of_tag_salt_and_value() -> None:
    salt = bytes(range(32))
    by_hand = hashlib.sha256(b"\x0ebwvdock/camera" + salt + b"CAM-17").hexdigest()
    assert commitment("camera", salt, "CAM-17") == by_hand


def test_a_commitment_opens_only_as_what_it_was_made_for() -> None:
    salt = bytes(32)
    made = commitment("camera", salt, "CAM-17")
    assert made != commitment("actor", salt, "CAM-17")
    assert made != commitment("camera", bytes([1] * 32), "CAM-17")
    assert made != commitment("camera", salt, "CAM-18")


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_short_salt_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        commitment("camera", bytes(length), "CAM-17")
