"""Where is the tree's right edge stored, and does it match the last entry?"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from bwvdock.core.custody.merkle import Tree, leaf_hash
from bwvdock.errors import JournalError

_HASH = 32


def read_tree(db: sqlite3.Connection) -> Tree:
    """Return the tree as its row has it."""
    size, edge = db.execute("SELECT size, edge FROM tree").fetchone()
    return Tree(size, tuple(edge[i : i + _HASH] for i in range(0, len(edge), _HASH)))


def write_tree(db: sqlite3.Connection, tree: Tree) -> None:
    """Replace the row, within the writer's transaction."""
    db.execute("UPDATE tree SET size = ?, edge = ?, root = ?", (tree.size, b"".join(tree.edge), tree.root()))


def check_tail(db: sqlite3.Connection, path: Path) -> tuple[Tree, bytes]:
    """Check the tree's row against itself and against the last entry; cheap whatever the size.

    Returns:
        The tree, and the last leaf's hash (empty for an empty journal).

    Raises:
        JournalError: they do not fit.
    """
    row = db.execute("SELECT root FROM tree").fetchone()
    tree = read_tree(db) if row else Tree(-1)
    last = db.execute("SELECT seq, leaf, leaf_hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
    count, tail = (last[0] + 1, leaf_hash(last[1])) if last else (0, b"")
    fits = (
        row is not None
        and len(tree.edge) == tree.size.bit_count()
        and tree.root() == row[0]
        and tree.size == count
        and (last is None or tail == last[2])
        and (tree.size % 2 == 0 or tree.edge[-1] == tail)
    )
    if not fits:
        raise JournalError(
            f"The end of the journal at {path} does not match its tree: it was changed outside bwvdock, or "
            "the disk lost data. Nothing more is written to it.",
            remedy="Keep a copy of the directory as it is, then run `bwvdock custody verify`.",
        )
    return tree, tail
