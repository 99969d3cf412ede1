"""What does an evidence package need of the journal, all of one moment?"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence

from bwvdock.core.custody.document import About, ProvenEntry, RevealedValue, personal_commitments
from bwvdock.core.custody.inclusion_proofs import inclusion_proof, range_root, verify_inclusion
from bwvdock.core.custody.merkle import leaf_hash
from bwvdock.core.custody.package import Packaged
from bwvdock.edges.journal import lookups
from bwvdock.edges.journal.origin import origin
from bwvdock.edges.journal.read.handed_out.extract import entries_about
from bwvdock.edges.journal.tiles import Tiles
from bwvdock.edges.journal.tree import read_tree
from bwvdock.errors import JournalError


def packaged(db: sqlite3.Connection, clips: Sequence[str], fields: Collection[str]) -> Packaged:
    """Return the entries about clips with their proofs; the caller holds a snapshot.

    Args:
        db: the journal.
        clips: their ids.
        fields: the personal fields that are to be disclosed.

    Raises:
        JournalError: a clip is unknown, or an entry is not proven by what the journal keeps of its tree.
    """
    known = [lookups.known_clip(db, clip) for clip in clips]
    if not all(known):
        raise JournalError("A clip is not in the journal any more.", remedy="bwvdock custody verify")
    found = {seq: (about, leaf) for clip in clips for seq, about, leaf in entries_about(db, clip)}
    size, note = _checkpoint(db, max(found) + 1)
    tiles = Tiles(db)
    root = range_root(0, size, tiles.fetch)
    return Packaged(
        clips=[one.clip for one in known if one],
        size=size,
        root=root,
        note=note,
        identity=origin(db),
        entries=[_proven(tiles, size, root, seq, *found[seq]) for seq in sorted(found)],
        openings=list(_openings(db, [leaf for _, leaf in found.values()], fields)),
        stored=_stored(db, [leaf for _, leaf in found.values()]),
    )


def _proven(tiles: Tiles, size: int, root: bytes, seq: int, about: About, leaf: str) -> ProvenEntry:
    proof = inclusion_proof(seq, size, tiles.fetch)
    if not verify_inclusion(leaf_hash(leaf), seq, size, proof, root):
        raise JournalError(
            f"Entry {seq} of the journal is not proven by its own tree: one of them was changed.",
            remedy="Keep a copy of the directory as it is, then run `bwvdock custody verify`.",
        )
    return ProvenEntry(seq=seq, about=about, leaf=leaf, proof=proof)


def _checkpoint(db: sqlite3.Connection, least: int) -> tuple[int, bytes]:
    """Return the size of a signed checkpoint over the entries, and its note with cosignatures.

    Of those that the most witnesses signed, the newest. Where there is none: the present size, and b"".
    """
    tables = (
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('checkpoint', 'cosignature')"
    )
    if db.execute(tables).fetchone() == (2,):
        witnessed = "(SELECT count(*) FROM cosignature c WHERE c.size = p.size)"
        order = f"ORDER BY {witnessed} DESC, size DESC LIMIT 1"
        newest = f"SELECT size, note FROM checkpoint p WHERE size >= ? {order}"  # noqa: S608 - our own words
        for size, note in db.execute(newest, (least,)).fetchall():
            lines = db.execute("SELECT note_line FROM cosignature WHERE size = ? ORDER BY witness", (size,))
            return size, (note + "".join(f"{line}\n" for (line,) in lines)).encode()
    return read_tree(db).size, b""


def _stored(db: sqlite3.Connection, leaves: Sequence[str]) -> frozenset[str]:
    committed = {commitment for leaf in leaves for _, commitment in personal_commitments(leaf)}
    there = "SELECT 1 FROM private WHERE commitment = ?"
    return frozenset(one for one in committed if db.execute(there, (one,)).fetchone())


def _openings(
    db: sqlite3.Connection, leaves: Sequence[str], fields: Collection[str]
) -> Iterator[RevealedValue]:
    wanted = {c: field for leaf in leaves for field, c in personal_commitments(leaf) if field in fields}
    for committed, field in sorted(wanted.items()):
        row = db.execute(
            "SELECT salt, value FROM private WHERE commitment = ? AND field = ?", (committed, field)
        ).fetchone()
        if row:
            yield RevealedValue(commitment=committed, field=field, salt=row[0], value=row[1])
