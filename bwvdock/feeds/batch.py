"""What does a request of a feed say? Lines of JSON: first what the lines are of, then one for each entry.

Docs for those who receive them: docs/how-to/feed-an-evidence-system.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bwvdock.core.facts import FACT_TYPES, FREE_TEXT, ClipClassified, personal_fields
from bwvdock.edges.journal.read.handed_out.feed import Leaf, Stretch

MEDIA_TYPE = "application/jsonl"
FORMAT = 1
_FIRST_VERSION = '"v":1}'  # how an entry of that version ends


@dataclass(frozen=True, kw_only=True, slots=True)
class Before:
    """How many entries of the journal before this one were acknowledged; no journal: this is the first."""

    journal: str = ""
    acknowledged: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """One request: its id, the same at each attempt with the same entries, and its body."""

    id: str
    body: bytes


def batch_of(
    stretch: Stretch, *, dock: str, before: Before, kinds: Collection[str], closed: Collection[str] = ()
) -> Batch:
    """Return the request for entries.

    Args:
        stretch: the entries, at least one.
        dock: whose they are.
        before: of the journal before.
        kinds: whose text is sent; empty for all.
        closed: the stores of restricted footage alone: no text that names one is sent.
    """
    first, last = stretch.leaves[0].seq, stretch.leaves[-1].seq
    lines = [
        _head(stretch, first, last + 1, dock, before),
        *(_line(leaf, kinds, closed) for leaf in stretch.leaves),
    ]
    return Batch(id=f"{stretch.journal[:16]}.{first}.{last + 1}", body=_encoded(lines))


def batch_of_a_test(identifier: str, *, dock: str) -> Batch:
    """Return a request without entries, which says that it is a test."""
    return Batch(id=identifier, body=_encoded([{"bwvdock_feed": FORMAT, "dock": dock, "test": True}]))


def _encoded(lines: list[Mapping[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(line, separators=(',', ':'))}\n" for line in lines).encode("ascii")


def _head(stretch: Stretch, first: int, end: int, dock: str, before: Before) -> Mapping[str, Any]:
    signed, told = stretch.checkpoint, {"journal": before.journal, "acknowledged": before.acknowledged}
    return {
        "bwvdock_feed": FORMAT,
        "dock": dock,
        "journal": stretch.journal,
        "first": first,
        "end": end,
        "entries": stretch.entries,
        "checkpoint": signed and {"size": signed.size, "root": signed.root.hex(), "note": signed.note},
        "before": told if before.journal else None,
    }


def _line(leaf: Leaf, kinds: Collection[str], closed: Collection[str]) -> Mapping[str, Any]:
    told = {"seq": leaf.seq, "leaf_hash": leaf.leaf_hash}
    if (kinds and leaf.kind not in kinds) or _has_words(leaf) or _is_of_a_restricted_class(leaf):
        return told
    if any(_names(leaf.text, store) for store in closed):  # a clip that lies there is of such a class
        return told
    return {**told, "leaf": leaf.text}


def _names(text: str, store: str) -> bool:
    """Return whether a text names a store, as a value or in a sentence."""
    return store in text and re.search(rf"(?<![\w-]){re.escape(store)}(?![\w-])", text) is not None


def _is_of_a_restricted_class(leaf: Leaf) -> bool:
    """Return whether an entry may give a clip a restricted class, whose name and stores it has in plain."""
    return leaf.kind == ClipClassified.kind and '"restricted":false' not in leaf.text


def _has_words(leaf: Leaf) -> bool:
    """Return whether an entry has a person's own words in it: entries of the first version may.

    Their text stays in the dock. So does that of kinds that this version does not know.
    """
    if not leaf.text.endswith(_FIRST_VERSION):
        return False
    kind = FACT_TYPES.get(leaf.kind)
    return kind is None or bool(personal_fields(kind, FREE_TEXT) - personal_fields(kind, 1))
