"""Does a consistency proof show that a tree was only appended to, as the RFCs say, and nothing else?"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.custody.consistency import consistency_proof, verify_consistency
from bwvdock.core.custody.inclusion_proofs import TILE_WIDTH, range_root
from bwvdock.core.custody.merkle import EMPTY_ROOT, leaf_hash, node_hash
from tests.core.custody.test_inclusion_proofs import MOST, by_definition, leaf_of, tiles

VECTORS = json.loads((Path(__file__).parent / "consistency-vectors.json").read_text())["vectors"]

NOTHING_TO_PROVE = {"additional/size1-is-zero-and-size2-is-not-zero"}
"""Their verifier refuses a proof from the empty tree as useless; in tlog-witness it is the first request."""


def root_of(size: int) -> bytes:
    return by_definition(0, size) if size else EMPTY_ROOT


def by_the_rfc(old: int, begin: int, end: int, *, whole: bool) -> list[bytes]:
    """RFC 6962 section 2.1.2, word for word: SUBPROOF(m, D[n], b)."""
    count = end - begin
    if old == count:
        return [] if whole else [by_definition(begin, end)]
    k = 1 << ((count - 1).bit_length() - 1)
    if old <= k:
        return [*by_the_rfc(old, begin, begin + k, whole=whole), by_definition(begin + k, end)]
    return [*by_the_rfc(old - k, begin + k, end, whole=False), by_definition(begin, begin + k)]


def verifies(old: int, new: int, proof: Sequence[bytes], **roots: bytes) -> bool:
    given_roots = {"old_root": root_of(max(old, 0)), "new_root": root_of(max(new, 0))} | roots
    return verify_consistency(old=old, new=new, proof=proof, **given_roots)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_vectors_of_another_implementation(vector: dict[str, object]) -> None:
    proof = vector["proof"]
    assert isinstance(proof, list)
    valid = verify_consistency(
        old=int(str(vector["old"])),
        new=int(str(vector["new"])),
        proof=[b64decode(node) for node in proof],
        old_root=b64decode(str(vector["old_root"])),
        new_root=b64decode(str(vector["new_root"])),
    )
    assert valid == (vector["valid"] or vector["name"] in NOTHING_TO_PROVE)


def test_the_example_of_the_rfc() -> None:
    """RFC 6962 section 2.1.3: from trees of three, four and six leaves to one of seven."""
    a, b, c, d, e, f, j = map(leaf_of, range(7))
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, length = node_hash(g, h), node_hash(i, j)
    assert consistency_proof(3, 7, tiles) == (c, d, g, length)
    assert consistency_proof(4, 7, tiles) == (length,)
    assert consistency_proof(6, 7, tiles) == (i, j, k)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[int, int]:
    """Draw an old size and a later one, small and large ones alike."""
    new = draw(st.one_of(st.integers(1, 20), st.integers(1, 700), st.integers(1, MOST)))
    return draw(st.integers(0, new)), new


@given(pairs())
def test_a_proof_is_that_of_the_rfc_and_verifies(pair: tuple[int, int]) -> None:
    old, new = pair
    proof = consistency_proof(old, new, tiles)
    assert list(proof) == (by_the_rfc(old, 0, new, whole=True) if old else [])
    assert len(proof) <= new.bit_length() + 1
    assert verifies(old, new, proof)


@pytest.mark.slow
@given(pairs(), st.data())
def test_a_proof_that_was_changed_anywhere_does_not_verify(
    pair: tuple[int, int], data: st.DataObject
) -> None:
    old, new = pair
    proof, other = list(consistency_proof(old, new, tiles)), leaf_hash("other")
    assert not verifies(old, new, proof, old_root=other)
    assert not verifies(old, new, [*proof, other])
    assert not verifies(old, new, [other, *proof])
    assert not verifies(-1, new, proof)
    assert not verifies(new + 1, new, proof)
    if old:
        assert not verifies(old, new, proof, new_root=other)
    if proof:
        wrong = data.draw(st.integers(0, len(proof) - 1))
        assert not verifies(old, new, [*proof[:wrong], other, *proof[wrong + 1 :]])
        assert not verifies(old, new, proof[:-1])
        assert not verifies(old, new, proof[1:])


@given(st.integers(1, 200), st.data())
def test_a_tree_that_was_changed_within_what_was_seen_is_not_an_extension(
    new: int, data: st.DataObject
) -> None:
    old = data.draw(st.integers(1, new))
    changed = data.draw(st.integers(0, old - 1))
    leaves = [leaf_hash("other") if n == changed else leaf_of(n) for n in range(new)]

    def fetch(level: int, first: int, count: int) -> list[bytes]:
        assert level == 0
        return leaves[first : first + count]

    forged = range_root(0, new, fetch)
    assert verify_consistency(
        old=old,
        new=new,
        proof=consistency_proof(old, new, fetch),
        old_root=range_root(0, old, fetch),
        new_root=forged,
    )
    for proof in (consistency_proof(old, new, fetch), consistency_proof(old, new, tiles)):
        assert not verifies(old, new, proof, new_root=forged)


def test_the_empty_tree_is_consistent_with_any_but_has_one_root() -> None:
    assert verifies(0, 0, ())
    assert verifies(0, 7, ())
    assert not verifies(0, 0, (), new_root=leaf_hash("other"))
    assert not verifies(0, 7, (), old_root=leaf_hash("other"))


@pytest.mark.parametrize("old,new", [(-1, 1), (2, 1), (1, 0)])
def test_a_tree_that_shrank_has_no_proof(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="does not extend"):
        consistency_proof(old, new, tiles)


@given(st.integers(1, 50_000_000), st.data())
def test_a_proof_in_a_journal_of_millions_reads_hundreds_of_hashes(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    read = []

    def count(level: int, first: int, wanted: int) -> Sequence[bytes]:
        assert (first + wanted) * TILE_WIDTH**level <= new  # never what is not complete
        read.append(wanted)
        return [EMPTY_ROOT] * wanted

    consistency_proof(old, new, count)
    assert sum(read) <= 4 * TILE_WIDTH * 4
