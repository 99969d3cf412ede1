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


class Subtrees:
    """Remembers roots of complete subtrees of one journal's tree, so that many proofs compute each once.

    Such a root never changes, whatever is appended. May be used from several threads. When it has `most` of
    them it forgets all.
    """

    def __init__(self, most: int = 8_192) -> None:
        """Know none yet; 8,192 take two megabytes."""
        self._most = most
        self._known: dict[tuple[int, int], bytes] = {}

    def root(self, height: int, number: int, fetch: Fetch) -> bytes:
        """Return the root of the subtree of 2^height leaves with that number."""
        level, above = divmod(height, TILE_HEIGHT)
        if not above:
            return fetch(level, number, 1)[0]
        known = self._known.get((height, number))
        if known is None:
            known = self._compute(height, number, fetch(level, number << above, 1 << above))
        return known

    def _compute(self, height: int, number: int, hashes: Sequence[bytes]) -> bytes:
        """Compute a root, and remember it with those below it."""
        if len(self._known) > self._most:
            self._known.clear()
        below = len(hashes).bit_length() - 1
        while len(hashes) > 1:
            hashes = _folded(hashes)
            below -= 1
            first = number << below
            self._known |= {(height - below, first + at): one for at, one in enumerate(hashes)}
        return hashes[0]


def inclusion_proof(index: int, size: int, fetch: Fetch, known: Subtrees | None = None) -> tuple[bytes, ...]:
    """Return the audit path of a leaf: its siblings from the leaf upwards.

    Args:
        index: the leaf's number, from 0.
        size: for the tree of the first `size` leaves.
        fetch: returns stored hashes.
        known: what was computed for other proofs in the same tree, at this or an earlier size.

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
            path.append(range_root(middle, end, fetch, known))
            end = middle
        else:
            path.append(range_root(begin, middle, fetch, known))
            begin = middle
    return tuple(reversed(path))


def split(count: int) -> int:
    """Return the largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def range_root(begin: int, end: int, fetch: Fetch, known: Subtrees | None = None) -> bytes:
    """Return the tree hash of the leaves from `begin` up to `end`; see `inclusion_proof` for the others.

    `begin` must be the beginning of a subtree of that many leaves: 0, or a multiple of a power of two that is
    at least `end - begin`.
    """
    subtrees: list[bytes] = []
    root_of = _subtree_root if known is None else known.root
    while begin < end:
        height = (end - begin).bit_length() - 1
        subtrees.append(root_of(height, begin >> height, fetch))
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
        hashes = _folded(hashes)
    return hashes[0]


def _folded(hashes: Sequence[bytes]) -> Sequence[bytes]:
    return [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]


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
