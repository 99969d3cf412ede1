# ruff: noqa: S608 - forging statements is what this does
"""Forges entries whole, and journals as they would be if their entries were of version 1."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bwvdock.core.canonical import canonical
from bwvdock.core.custody.merkle import Tree, leaf_hash
from tests.edges.journal import stories as tell

Json = dict[str, Any]


def forged(path: Path, change: Callable[[int, Json], Json]) -> Path:
    """Change entries of a closed journal, then make every hash, link and the tree anew."""
    tree, prev, statements = Tree(), "", []
    texts = [leaf for (leaf,) in tell.ask(path, "SELECT leaf FROM entry ORDER BY seq")]
    for seq, text in enumerate(texts):
        written = canonical(change(seq, json.loads(text) | {"prev": prev}))
        digest = leaf_hash(written)
        prev, tree = digest.hex(), tree.append(digest)
        quoted = written.replace("'", "''")
        statements.append(f"UPDATE entry SET leaf = '{quoted}', leaf_hash = x'{prev}' WHERE seq = {seq}")
    edge = b"".join(tree.edge).hex()
    tell.tamper(path, *statements, f"UPDATE tree SET edge = x'{edge}', root = x'{tree.root().hex()}'")
    return path


def without_nonce(entry: Json) -> Json:
    """Return an entry in the form of version 1."""
    return {key: value for key, value in entry.items() if key != "nonce"} | {"v": 1}


def as_version_1(path: Path) -> Path:
    """Give a closed journal in which nobody typed anything entries of version 1."""
    return forged(path, lambda _, entry: without_nonce(entry))
