"""What can somebody make of a journal who may write the file, and knows its format as well as we do?"""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from bwvdock.core.custody.merkle import Tree, leaf_hash
from tests.cli.tampering import change

Json = dict[str, Any]


def canonical(entry: Json) -> str:
    """Return an entry's text."""
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def entries(path: Path) -> list[Json]:
    """Return a journal's entries."""
    with closing(sqlite3.connect(path)) as db:
        return [json.loads(leaf) for (leaf,) in db.execute("SELECT leaf FROM entry ORDER BY seq")]


def rewrite(
    path: Path,
    edit: Callable[[list[Json]], list[Json]],
    text: Callable[[Json], str] = canonical,
    beside: Callable[[object], object] = lambda value: value,
) -> None:
    """Change entries and make everything fit again: numbers, hashes, links, what is beside them, the tree.

    Args:
        path: a closed journal.
        edit: returns the new entries; their numbers and links are made here.
        text: returns the text of an entry.
        beside: returns what the columns have of a clip or docking.
    """
    statements: list[tuple[str, tuple[object, ...]]] = [
        ("DELETE FROM entry", ()),
        ("DELETE FROM subtree", ()),
    ]
    tree, prev = Tree(), ""
    for seq, entry in enumerate(edit(entries(path))):
        written = text({**entry, "seq": seq, "prev": prev})
        node = leaf_hash(written)
        tree, prev = tree.append(node), node.hex()
        data = entry["data"]
        row = (seq, written, node, entry["kind"], beside(data.get("clip")), beside(data.get("docking")))
        statements.append(("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", row))
    stored = (tree.size, b"".join(tree.edge), tree.root())
    statements.append(("UPDATE tree SET size = ?, edge = ?, root = ?", stored))
    change(path, *statements)


def unsigned_checkpoint(path: Path, size: int) -> bytes:
    """Return what a checkpoint of the first entries says, as somebody may have written it down."""
    texts = [canonical(entry).encode() for entry in entries(path)[:size]]
    tree = Tree().extend(leaf_hash(text) for text in texts)
    origin = f"bwvdock/LEW-03/{leaf_hash(texts[0]).hex()[:16]}"
    return f"{origin}\n{size}\n{_base64(tree.root())}\n".encode()


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def sha256(content: bytes) -> str:
    """Return a digest in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
