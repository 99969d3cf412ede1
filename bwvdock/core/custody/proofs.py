"""How is one entry proven to be in the tree without showing the others?

Inclusion proofs, RFC 6962 section 2.1.1 (RFC 9162 section 2.1.3 says the same). A proof is for one tree size,
the present one or any earlier one, and has at most one hash for each doubling of it.

Roots of complete subtrees are stored for the heights 0, 8, 16, ...: level n has one hash for every
256^n leaves, as in the tiles of C2SP's tlog-tiles. So a proof in a tree of five million reads a few hundred
hashes instead of five million.

edges/journal/tiles.py stores the hashes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bwvdock.core.custody.merkle import EMPTY_ROOT, node_hash

TILE_HEIGHT = 8
TILE_WIDTH = 2**TILE_HEIGHT

Fetch = Callable[[int, int, int], Sequence[bytes]]
"""A function: (level, first, count) -> `count` roots of complete subtrees of 256^level leaves.

It is only asked for subtrees that are complete in the tree of that size, within one run of 256.
"""


def inclusion_proof(index: int, size: int, fetch: Fetch) -> tuple[bytes, ...]:
    """Return the audit path of a leaf: its siblings from the leaf upwards.

    Args:
        index: the leaf's number, from 0.
        size: for the tree of the first `size` leaves.
        fetch: returns stored hashes.

    Raises:
        ValueError: the tree of that size has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + split(end - begin)
        if index < middle:
            path.append(range_root(middle, end, fetch))
            end = middle
        else:
            path.append(range_root(begin, middle, fetch))
            begin = middle
    return tuple(reversed(path))


def split(count: int) -> int:
    """Return the largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def range_root(begin: int, end: int, fetch: Fetch) -> bytes:
    """Return the tree hash of the leaves from `begin` up to `end`.

    `begin` must be the beginning of a subtree of that many leaves: 0, or a multiple of a power of two that is
    at least `end - begin`.
    """
    subtrees: list[bytes] = []
    while begin < end:
        height = (end - begin).bit_length() - 1
        subtrees.append(_subtree_root(height, begin >> height, fetch))
        begin += 1 << height
    root = subtrees.pop() if subtrees else EMPTY_ROOT
    while subtrees:
        root = node_hash(subtrees.pop(), root)
    return root


def _subtree_root(height: int, number: int, fetch: Fetch) -> bytes:
    level, above = divmod(height, TILE_HEIGHT)
    return fold(fetch(level, number << above, 1 << above))


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over roots of the same height, whose number is a power of two."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether a proof shows that leaf `index` of the tree with that size and root has this hash.

    RFC 9162 section 2.1.3.2, step by step.
    """
    if not 0 <= index < size:
        return False
    position, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and node == root
