"""Where are the journal's signed checkpoints, and what is needed of the journal to sign the next?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter

from bwvdock.core.custody.checkpoints import Extension, SizedNote, StoredCheckpoint
from bwvdock.core.custody.consistency import consistency_proof
from bwvdock.core.custody.inclusion_proofs import range_root
from bwvdock.edges.journal.origin import origin
from bwvdock.edges.journal.tiles import Tiles
from bwvdock.edges.journal.tree import read_tree
from bwvdock.errors import JournalError

Enough = Callable[[Collection[str]], bool]
"""A function: whether these witnesses (their verifier keys) together are as many as the policy asks for."""

_MOST_COSIGNATURES = 100_000
"""Of so many, the latest, the quorum's checkpoint is looked for: a witness may be away for ever."""


def nobody(_: Collection[str]) -> bool:
    """Return that no witnesses are enough: no policy says how many must confirm."""
    return False


def keep(db: sqlite3.Connection, checkpoint: StoredCheckpoint) -> None:
    """Store a checkpoint, within the writer's transaction; the one that was stored for a size stays."""
    db.execute(
        "INSERT INTO checkpoint VALUES (?, ?, ?, ?) ON CONFLICT (size) DO NOTHING",
        (checkpoint.size, checkpoint.root, checkpoint.note, checkpoint.made_at),
    )


def keep_cosignature(db: sqlite3.Connection, size: int, witness: str, line: str, at: str) -> None:
    """Store a witness's latest line on the checkpoint of a size, within the writer's transaction."""
    db.execute(
        "INSERT INTO cosignature VALUES (?, ?, ?, ?) ON CONFLICT (size, witness) DO UPDATE "
        "SET note_line = excluded.note_line, at = excluded.at",
        (size, witness, line, at),
    )


def confirmed_size(db: sqlite3.Connection, witness: str) -> int:
    """Return the largest size that a witness has confirmed, 0 if none."""
    row = db.execute("SELECT max(size) FROM cosignature WHERE witness = ?", (witness,)).fetchone()
    return int(row[0] or 0)


def quorum_size(db: sqlite3.Connection, enough: Enough, beyond: int, *, most: int = -1) -> int:
    """Return the largest size beyond `beyond` whose checkpoint enough witnesses confirmed, 0 if none.

    Only the latest `most` cosignatures are read; all of them if that is negative.
    """
    rows = db.execute(
        "SELECT size, witness FROM cosignature WHERE size > ? ORDER BY size DESC, witness LIMIT ?",
        (beyond, most),
    )
    for size, lines in groupby(rows, key=itemgetter(0)):
        if enough({witness for _, witness in lines}):
            return int(size)
    return 0


def keep_time_stamp(db: sqlite3.Connection, size: int, url: str, token: bytes, at: str) -> None:
    """Store an authority's answer about a checkpoint, within the writer's transaction; the first stays."""
    db.execute("INSERT INTO timestamp VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", (size, url, token, at))


def stamped(db: sqlite3.Connection, url: str) -> int:
    """Return the size of the latest checkpoint that an authority stamped, 0 where there is none."""
    row = db.execute("SELECT coalesce(max(size), 0) FROM timestamp WHERE url = ?", (url,)).fetchone()
    return int(row[0])


def first_after(db: sqlite3.Connection, size: int) -> str:
    """Return when the first checkpoint of more entries was stored, "" where there is none."""
    row = db.execute(
        "SELECT made_at FROM checkpoint WHERE size > ? ORDER BY size LIMIT 1", (size,)
    ).fetchone()
    return str(row[0]) if row else ""


def latest(db: sqlite3.Connection) -> StoredCheckpoint | None:
    """Return the checkpoint of the largest size, None where there is none."""
    row = db.execute("SELECT size, root, note, made_at FROM checkpoint ORDER BY size DESC LIMIT 1").fetchone()
    return StoredCheckpoint(size=row[0], root=row[1], note=row[2], made_at=row[3]) if row else None


def newest(db: sqlite3.Connection) -> StoredCheckpoint | None:
    """Return the checkpoint of the largest size with the lines of its witnesses, None where there is none."""
    last = latest(db)
    return replace(last, note=_note(db, last.size)) if last else None


def handed_out(db: sqlite3.Connection, enough: Enough) -> Sequence[SizedNote]:
    """Return the checkpoints to hand out, with the lines of their witnesses: at most two, the larger last.

    The latest that enough witnesses confirmed, and the latest of all where that is another: a witness that is
    away or behind must not keep what is handed out at an old size, nor a later one hide what it confirmed.
    """
    (latest,) = db.execute("SELECT coalesce(max(size), 0) FROM checkpoint").fetchone()
    confirmed = quorum_size(db, enough, 0, most=_MOST_COSIGNATURES)
    return [SizedNote(size, _note(db, size), size == confirmed) for size in sorted({confirmed, latest} - {0})]


def last_cosigned(db: sqlite3.Connection) -> str:
    """Return the note of the latest checkpoint that any witness confirmed, with their lines; "" if none."""
    (size,) = db.execute("SELECT max(size) FROM cosignature").fetchone()
    return _note(db, size) if size else ""


def _note(db: sqlite3.Connection, size: int) -> str:
    note: str = db.execute("SELECT note FROM checkpoint WHERE size = ?", (size,)).fetchone()[0]
    lines = db.execute("SELECT note_line FROM cosignature WHERE size = ? ORDER BY witness", (size,))
    return note + "".join(f"{line}\n" for (line,) in lines)


def proof(db: sqlite3.Connection, old: int, size: int) -> tuple[bytes, ...]:
    """Return the proof that the journal's first `size` entries begin with its first `old`.

    Raises:
        JournalError: entries are missing.
        ValueError: that is not so, or there are not so many.
    """
    return consistency_proof(old, size, Tiles(db).fetch)


def root(db: sqlite3.Connection, size: int) -> bytes:
    """Return the root over the journal's first `size` entries.

    Raises:
        JournalError: entries are missing.
    """
    return range_root(0, size, Tiles(db).fetch)


def extension(db: sqlite3.Connection, old: int) -> Extension:
    """Return the journal at this moment, and the proof from its first `old` entries; within a snapshot.

    The proof is empty where the journal has fewer entries than that.

    Raises:
        JournalError: the journal's tree is not what its entries give.
    """
    tree, tiles = read_tree(db), Tiles(db)
    if range_root(0, tree.size, tiles.fetch) != tree.root():
        raise JournalError(
            "The journal's tree does not match its entries: one of them was changed. It is not signed.",
            remedy="Keep a copy of the directory as it is, then run `bwvdock custody verify`.",
        )
    return Extension(
        journal=origin(db),
        old=old,
        size=tree.size,
        root=tree.root(),
        proof=consistency_proof(old, tree.size, tiles.fetch) if old <= tree.size else (),
    )
