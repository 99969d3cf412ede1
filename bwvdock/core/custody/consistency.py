"""How is it proven that a tree was only appended to?

Consistency proofs, RFC 6962 section 2.1.2 (RFC 9162 section 2.1.4 says the same): from the tree of the first
`old` leaves to that of the first `new`. Like inclusion proofs they are made from stored roots of complete
subtrees (inclusion_proofs.py), and have at most one hash for each doubling of the tree.
"""

from __future__ import annotations

from collections.abc import Sequence

from bwvdock.core.custody.inclusion_proofs import Fetch, Subtrees, range_root, split
from bwvdock.core.custody.merkle import EMPTY_ROOT, node_hash


def consistency_proof(old: int, new: int, fetch: Fetch, known: Subtrees | None = None) -> tuple[bytes, ...]:
    """Return the proof that the tree of `new` leaves begins with that of `old` leaves.

    It is empty where nothing is to be proven: from the empty tree, and where both are the same.

    Args:
        old: a tree of that many leaves.
        new: the later tree.
        fetch: returns stored hashes.
        known: what was computed for other proofs in the same tree.

    Raises:
        ValueError: the later tree has fewer leaves.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves does not extend one of {old}")
    if old == 0:
        return ()
    path: list[bytes] = []
    begin, end = 0, new
    while end > old:
        middle = begin + split(end - begin)
        if old <= middle:
            path.append(range_root(middle, end, fetch, known))
            end = middle
        else:
            path.append(range_root(begin, middle, fetch, known))
            begin = middle
    if begin > 0:
        path.append(range_root(begin, end, fetch, known))
    return tuple(reversed(path))


def verify_consistency(
    *, old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """Return whether a proof shows that the tree of `new` leaves begins with that of `old` leaves.

    RFC 9162 section 2.1.4.2, step by step; from the empty tree and to the same size, the proof is empty.
    """
    if not 0 <= old <= new:
        return False
    if old in {0, new}:
        same = old_root == (new_root if old else EMPTY_ROOT) and (new > 0 or new_root == EMPTY_ROOT)
        return same and not proof
    if not proof:
        return False
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    was = now = path[0]
    for node in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            was, now = node_hash(node, was), node_hash(node, now)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            now = node_hash(now, node)
        position, last = position >> 1, last >> 1
    return last == 0 and was == old_root and now == new_root
