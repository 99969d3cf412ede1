"""Does a proof show what RFC 6962 says it shows, and nothing else, and is it cheap in a large tree?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.custody.inclusion_proofs import (
    TILE_WIDTH,
    Subtrees,
    fold,
    inclusion_proof,
    range_root,
    verify_inclusion,
)
from bwvdock.core.custody.merkle import EMPTY_ROOT, leaf_hash, node_hash
from tests.core.custody.test_merkle import VECTOR_LEAVES, VECTOR_ROOTS

MOST = 2**16 + 700  # leaves: a tree of three levels of tiles


@cache
def leaf_of(number: int) -> bytes:
    return leaf_hash(str(number))


@cache
def by_definition(begin: int, end: int) -> bytes:
    """RFC 6962 section 2.1, word for word: split at the largest power of two below n."""
    if end - begin == 1:
        return leaf_of(begin)
    split = begin + (1 << ((end - begin - 1).bit_length() - 1))
    return node_hash(by_definition(begin, split), by_definition(split, end))


def path_by_definition(index: int, begin: int, end: int) -> list[bytes]:
    """RFC 6962 section 2.1.1, word for word."""
    if end - begin == 1:
        return []
    split = begin + (1 << ((end - begin - 1).bit_length() - 1))
    if index < split:
        return [*path_by_definition(index, begin, split), by_definition(split, end)]
    return [*path_by_definition(index, split, end), by_definition(begin, split)]


def tiles(level: int, first: int, count: int) -> list[bytes]:
    """Return what tiles hold, computed by the definition."""
    assert first // TILE_WIDTH == (first + count - 1) // TILE_WIDTH
    width = TILE_WIDTH**level
    return [by_definition(n * width, (n + 1) * width) for n in range(first, first + count)]


# Published with the Certificate Transparency project's implementations: leaf, size, path.
VECTORS = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


@pytest.mark.parametrize("index,size,path", VECTORS)
def test_the_published_proofs_are_ours(index: int, size: int, path: list[str]) -> None:
    hashes = [leaf_hash(leaf) for leaf in VECTOR_LEAVES]

    def fetch(level: int, first: int, count: int) -> Sequence[bytes]:
        assert level == 0
        return hashes[first : first + count]

    proof = inclusion_proof(index, size, fetch)
    assert [node.hex() for node in proof] == path
    assert verify_inclusion(hashes[index], index, size, proof, bytes.fromhex(VECTOR_ROOTS[size]))


def test_the_example_of_the_rfc() -> None:
    """RFC 6962 section 2.1.3: a tree of seven leaves, its nodes named by letters, and four paths in it."""
    a, b, c, d, e, f, j = map(leaf_of, range(7))
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, whole = node_hash(g, h), node_hash(node_hash(g, h), node_hash(i, j))
    length = node_hash(i, j)
    expected = {0: (b, h, length), 3: (c, g, length), 4: (f, j, k), 6: (i, k)}
    for index, path in expected.items():
        assert inclusion_proof(index, 7, tiles) == path
        assert verify_inclusion(leaf_of(index), index, 7, path, whole)


@st.composite
def places(draw: st.DrawFn, most: int = MOST) -> tuple[int, int]:
    """Draw a leaf and a size of a tree that has it, small and large ones alike."""
    size = draw(st.one_of(st.integers(1, 20), st.integers(1, 700), st.integers(1, most)))
    return draw(st.integers(0, size - 1)), size


@given(places())
def test_a_proof_is_the_path_of_the_definition_and_verifies(place: tuple[int, int]) -> None:
    index, size = place
    proof = inclusion_proof(index, size, tiles)
    assert list(proof) == path_by_definition(index, 0, size)
    assert verify_inclusion(leaf_of(index), index, size, proof, by_definition(0, size))


@given(places(), st.data())
def test_a_proof_that_was_changed_anywhere_does_not_verify(
    place: tuple[int, int], data: st.DataObject
) -> None:
    index, size = place
    proof = list(inclusion_proof(index, size, tiles))
    root, leaf, other = by_definition(0, size), leaf_of(index), leaf_hash("other")
    assert not verify_inclusion(other, index, size, proof, root)
    assert not verify_inclusion(leaf, index, size, proof, other)
    assert not verify_inclusion(leaf, index, size, [*proof, other], root)
    assert not verify_inclusion(leaf, index, index, proof, root)
    assert not verify_inclusion(leaf, -1, size, proof, root)
    if proof:
        wrong = data.draw(st.integers(0, len(proof) - 1))
        assert not verify_inclusion(leaf, index, size, [*proof[:wrong], other, *proof[wrong + 1 :]], root)
        assert not verify_inclusion(leaf, index, size, proof[:-1], root)
        elsewhere = data.draw(st.integers(0, size - 1).filter(lambda other: other != index))
        assert not verify_inclusion(leaf, elsewhere, size, proof, root)


def test_a_proof_that_ends_below_the_root_does_not_pass_for_a_whole_one() -> None:
    whole = inclusion_proof(0, 8, tiles)
    for height in range(3):
        assert not verify_inclusion(leaf_of(0), 0, 8, whole[:height], by_definition(0, 1 << height))


@given(st.integers(0, 700))
def test_a_range_s_root_is_that_of_the_definition(size: int) -> None:
    assert range_root(0, size, tiles) == (by_definition(0, size) if size else EMPTY_ROOT)


@pytest.mark.parametrize("index,size", [(-1, 1), (0, 0), (1, 1), (7, 7)])
def test_a_leaf_that_is_not_in_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, size, tiles)


@given(st.integers(1, 50_000_000), st.data())
def test_a_proof_in_a_journal_of_millions_reads_hundreds_of_hashes(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    read = []

    def count(level: int, first: int, wanted: int) -> Sequence[bytes]:
        assert (first + wanted) * TILE_WIDTH**level <= size  # never what is not complete
        read.append(wanted)
        return [EMPTY_ROOT] * wanted

    proof = inclusion_proof(index, size, count)
    assert len(proof) <= size.bit_length()
    assert sum(read) <= 2 * TILE_WIDTH * 4


def test_folding_is_the_tree_over_a_full_tile() -> None:
    assert fold([leaf_of(number) for number in range(TILE_WIDTH)]) == by_definition(0, TILE_WIDTH)


@given(st.data(), st.sampled_from([1, 700, 8_192]))
def test_proofs_that_share_what_they_compute_are_those_of_the_definition(
    data: st.DataObject, most: int
) -> None:
    """Whatever was proven before, in a tree of any size, and however much of it was forgotten."""
    known = Subtrees(most)
    for _ in range(6):
        size = data.draw(st.integers(1, 3_000))
        index = data.draw(st.integers(0, size - 1))
        proof = inclusion_proof(index, size, tiles, known)
        assert list(proof) == path_by_definition(index, 0, size)


def test_a_second_proof_beside_the_first_reads_a_few_hashes() -> None:
    read: list[int] = []

    def counting(level: int, first: int, count: int) -> list[bytes]:
        read.append(count)
        return tiles(level, first, count)

    known = Subtrees()
    inclusion_proof(1_000, 2_900, counting, known)
    assert sum(read) > 200
    read.clear()
    inclusion_proof(1_001, 2_900, counting, known)
    assert sum(read) < 20
