"""Where is a copy of each clip left, according to this journal: in the dock, in its vaults, or in a store?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bwvdock.core.clips.states import SPOOL, ClipState
from bwvdock.edges.journal.read.reports import REMOVED

# In the words of the index entry_of_doubt.
_IN_DOUBT = "kind IN ('clip_quarantined', 'clip_recalled')"
_TABLES = ("audit_gone", "audit_again")


@contextmanager
def gone_copies(db: sqlite3.Connection) -> Iterator[None]:
    """Make the table audit_gone (clip, place) of the copies that were disposed of.

    Where copies of a clip were is forgotten once it is copied or uploaded again (core/clips/clip.py): only
    what was disposed of after that counts.
    """
    try:
        db.execute("CREATE TEMP TABLE audit_again (clip TEXT PRIMARY KEY, seq INTEGER) WITHOUT ROWID")
        db.execute(
            "CREATE TEMP TABLE audit_gone (clip TEXT, place TEXT, PRIMARY KEY (clip, place)) WITHOUT ROWID"
        )
        db.execute(
            "INSERT INTO temp.audit_again SELECT clip, max(seq) FROM entry WHERE clip IN"  # noqa: S608
            f" (SELECT clip FROM entry WHERE {_IN_DOUBT})"
            " AND kind IN ('clip_recalled', 'clip_retried') GROUP BY clip"
        )
        db.execute(
            "INSERT OR IGNORE INTO temp.audit_gone"  # noqa: S608 - our own words
            " SELECT clip, iif(json_valid(leaf), json_extract(leaf, '$.data.place'), '')"
            f" FROM entry WHERE {REMOVED} AND kind = 'clip_disposed' AND clip IS NOT NULL"
            " AND seq > coalesce((SELECT again.seq FROM temp.audit_again AS again"
            " WHERE again.clip = entry.clip), -1)"
        )
        yield
    finally:
        for table in _TABLES:
            db.execute(f"DROP TABLE IF EXISTS temp.{table}")


def where_left(vaults: Sequence[str]) -> tuple[str, str]:
    """Return two conditions for a row of `clip`: a copy is left here, and one is left in a store.

    "Here" is the spool and the directory vaults, which this dock disposes of itself. What a store has kept is
    not known: it is not asked.
    """
    in_vault = "destination IN ({})".format(", ".join(f"'{name}'" for name in map(_quoted, vaults)) or "''")
    left = (
        "EXISTS (SELECT 1 FROM receipt WHERE receipt.clip = clip.id AND {} AND NOT EXISTS"
        " (SELECT 1 FROM temp.audit_gone AS gone WHERE gone.clip = clip.id AND gone.place = destination))"
    )
    in_spool = (
        f"(clip.state <> '{ClipState.RETIRED}' AND NOT EXISTS (SELECT 1 FROM temp.audit_gone AS gone"  # noqa: S608
        f" WHERE gone.clip = clip.id AND gone.place = '{SPOOL}'))"
    )
    return f"({in_spool} OR {left.format(in_vault)})", left.format(f"NOT {in_vault}")


def _quoted(name: str) -> str:
    return name.replace("'", "''")
