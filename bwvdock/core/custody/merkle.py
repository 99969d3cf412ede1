"""What are the exact bytes of a journal entry, and how do they prove each other?

Entries are canonical JSON texts: RFC 8785 limited to ASCII keys, no floats, integers within
2^53 - 1 and no lone surrogates, a profile in which the standard library's encoder gives the same
bytes. They are the leaves of one Merkle tree, RFC 6962 section 2.1. Personal values are in an entry only as
commitments: SHA-256 over a tag, a 32-byte salt and the value. Emptying the table of salts and values leaves
every proof valid.

edges/journal/ stores the leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

SALT_BYTES = 32
_LEAF, _NODE = b"\x00", b"\x01"  # RFC 6962: the first byte distinguishes leaves from nodes
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf: str | bytes) -> bytes:
    """Return the hash of a leaf (RFC 6962 section 2.1: SHA-256 over 0x00 and the leaf, a text in UTF-8)."""
    return hashlib.sha256(_LEAF + (leaf.encode() if isinstance(leaf, str) else leaf)).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node (RFC 6962 section 2.1: SHA-256 over 0x01, left and right)."""
    return hashlib.sha256(_NODE + left + right).digest()


@dataclass(frozen=True, slots=True)
class Tree:
    """The right edge of a Merkle tree: enough to append to it and to compute its root.

    `edge` has the roots of the complete subtrees, largest first: one for each bit set in `size`.
    Appending costs O(1) amortised; a million entries keep at most twenty hashes here.
    """

    size: int = 0
    edge: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> Tree:
        """Return the tree with one more leaf hash."""
        subtrees = self.completed_by(leaf)
        return Tree(self.size + 1, (*self.edge[: len(self.edge) + 1 - len(subtrees)], subtrees[-1]))

    def completed_by(self, leaf: bytes) -> list[bytes]:
        """Return the roots of the subtrees that one more leaf completes: of 1, 2, 4, ... leaves."""
        subtrees, size = [leaf], self.size
        while size & 1:
            subtrees.append(node_hash(self.edge[-len(subtrees)], subtrees[-1]))
            size >>= 1
        return subtrees

    def extend(self, leaves: Iterable[bytes]) -> Tree:
        """Return the tree with these leaf hashes added in order."""
        tree = self
        for leaf in leaves:
            tree = tree.append(leaf)
        return tree

    def root(self) -> bytes:
        """Return the Merkle tree hash (RFC 6962 section 2.1)."""
        if not self.edge:
            return EMPTY_ROOT
        *rest, node = self.edge
        for left in reversed(rest):
            node = node_hash(left, node)
        return node


class GrowingTree:
    """A tree that is appended to in place, a few times as fast as `Tree`: for very many leaves."""

    def __init__(self, tree: Tree | None = None) -> None:
        """Begin with the leaves of a tree; with none."""
        self.size = tree.size if tree else 0
        self._edge = [*tree.edge] if tree else []

    @property
    def edge(self) -> tuple[bytes, ...]:
        """The roots of the complete subtrees, largest first."""
        return tuple(self._edge)

    def append(self, leaf: bytes) -> list[bytes]:
        """Add one leaf hash; return the roots of the subtrees that it completes: of 2, 4, 8, ... leaves."""
        completed, edge, node, size, sha256 = [], self._edge, leaf, self.size, hashlib.sha256
        while size & 1:
            node = sha256(_NODE + edge.pop() + node).digest()
            completed.append(node)
            size >>= 1
        edge.append(node)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Return the Merkle tree hash (RFC 6962 section 2.1)."""
        return Tree(self.size, self.edge).root()


def commitment(field: str, salt: bytes, value: str) -> str:
    """Return the commitment to a personal value: hexadecimal SHA-256 over field, salt and value.

    The field's name and its length prevent a commitment for one field from being used for another.

    Raises:
        ValueError: the salt does not have 32 bytes.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    tag = f"bwvdock/{field}".encode()
    return hashlib.sha256(len(tag).to_bytes(1, "big") + tag + salt + value.encode()).hexdigest()
