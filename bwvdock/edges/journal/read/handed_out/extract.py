"""What does a clip's custody document need of the journal, all of one moment?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from bwvdock.core.custody.consistency import consistency_proof
from bwvdock.core.custody.document import (
    OPENED_FIELDS,
    About,
    ExtendedNote,
    Extract,
    ProvenEntry,
    RevealedValue,
    personal_commitments,
)
from bwvdock.core.custody.inclusion_proofs import Subtrees, inclusion_proof, verify_inclusion
from bwvdock.core.custody.merkle import Tree, leaf_hash
from bwvdock.core.facts import CameraAttached, DockStarted
from bwvdock.edges.journal import checkpoints, lookups
from bwvdock.edges.journal.tiles import Tiles
from bwvdock.edges.journal.tree import read_tree
from bwvdock.errors import JournalError

_Found = tuple[int, About, str]


def extract(
    db: sqlite3.Connection, clip: str, enough: checkpoints.Enough, subtrees: Subtrees | None = None
) -> Extract | None:
    """Return a clip's entries with their proofs, or None for an unknown clip; the caller holds a snapshot.

    `enough` says which witnesses are as many as the dock's policy asks for. `subtrees`: what was computed for
    other documents from the same journal.

    Raises:
        JournalError: an entry is not proven by what the journal keeps of its tree.
    """
    known = lookups.known_clip(db, clip)
    if known is None:
        return None
    tree, tiles = read_tree(db), Tiles(db)
    subtrees = subtrees or Subtrees()
    found = list(entries_about(db, clip))
    return Extract(
        clip=known.clip,
        size=tree.size,
        root=tree.root(),
        entries=_proven(tree, tiles, subtrees, found),
        openings=list(_openings(db, found)),
        checkpoints=[
            ExtendedNote(one.note, consistency_proof(one.size, tree.size, tiles.fetch, subtrees))
            for one in checkpoints.handed_out(db, enough)
        ],
    )


def entries_about(db: sqlite3.Connection, clip: str) -> Iterator[_Found]:
    """Return (number, why, text) of the entries that a document about a clip has, in no order."""
    rows = db.execute("SELECT seq, docking, leaf FROM entry WHERE clip = ? ORDER BY seq", (clip,)).fetchall()
    yield from _first(db, "seq = 0", (), DockStarted.kind, About.DOCK)
    for docking in sorted({docking for _, docking, _ in rows if docking is not None}):
        yield from _first(db, "docking = ?", (docking,), CameraAttached.kind, About.DOCKING)
    for seq, _, leaf in rows:
        yield seq, About.CLIP, leaf


def _first(
    db: sqlite3.Connection, where: str, values: Iterable[str], kind: str, about: About
) -> Iterator[_Found]:
    query = f"SELECT seq, kind, leaf FROM entry WHERE {where} ORDER BY seq LIMIT 1"  # noqa: S608 - our own words
    for seq, its_kind, leaf in db.execute(query, tuple(values)).fetchall():
        if its_kind == kind:
            yield seq, about, leaf


def _proven(tree: Tree, tiles: Tiles, subtrees: Subtrees, found: list[_Found]) -> list[ProvenEntry]:
    root, entries = tree.root(), []
    for seq, about, leaf in sorted(found):
        proof = inclusion_proof(seq, tree.size, tiles.fetch, subtrees)
        if not verify_inclusion(leaf_hash(leaf), seq, tree.size, proof, root):
            raise JournalError(
                f"Entry {seq} of the journal is not proven by its own tree: one of them was changed.",
                remedy="Keep a copy of the directory as it is, then run `bwvdock custody verify`.",
            )
        entries.append(ProvenEntry(seq=seq, about=about, leaf=leaf, proof=proof))
    return entries


def _openings(db: sqlite3.Connection, found: list[_Found]) -> Iterator[RevealedValue]:
    wanted = {
        committed: field
        for _, _, leaf in found
        for field, committed in personal_commitments(leaf)
        if field in OPENED_FIELDS
    }
    for committed, field in sorted(wanted.items()):
        row = db.execute(
            "SELECT salt, value FROM private WHERE commitment = ? AND field = ?", (committed, field)
        ).fetchone()
        if row:
            yield RevealedValue(commitment=committed, field=field, salt=row[0], value=row[1])
