"""Which clips does a reader of the journal not see? Those of restricted classes that are not open to it.

The connection itself is given other tables: views that take the names of those with clips and their entries.
So no question that is asked through it, of today or of a later version, can be answered with what is hidden.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from bwvdock.core.clips.classes.veil import Veil
from bwvdock.edges.journal.database import connect_reader, translated

_BY_CLIP = (
    "SELECT tables.name FROM main.sqlite_schema AS tables, pragma_table_info(tables.name) AS columns"
    " WHERE tables.type = 'table' AND columns.name = 'clip'"
)
"""Every table with a column of clips, also those of later versions."""


def connect_veiled(path: Path, veil: Veil | None, *, copied: bool = False) -> tuple[sqlite3.Connection, bool]:
    """Return a reader's connection that sees what the veil leaves, as `connect_reader` does.

    Raises:
        JournalError: the journal cannot be read.
    """
    db, immutable = connect_reader(path, copied=copied)
    if veil is not None:
        try:
            with translated(path):
                lay(db, veil)
        except BaseException:
            db.close()
            raise
    return db, immutable


def lay(db: sqlite3.Connection, veil: Veil) -> None:
    """Have a connection see no clip that the veil hides, and no entry about one."""
    closed, opened = (" OR ".join(map(_has, names)) or "0" for names in (veil.closed, veil.open))
    # In the words of the index of clips that have a class; every restricted one does.
    hidden = f"classes <> '' AND (({closed}) OR (restricted = 1 AND NOT ({opened})))"
    db.execute(f"CREATE TEMP VIEW clip AS SELECT * FROM main.clip WHERE NOT ({hidden})")  # noqa: S608
    for (table,) in db.execute(_BY_CLIP).fetchall():
        db.execute(
            f"CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} WHERE clip IS NULL"  # noqa: S608
            f" OR clip NOT IN (SELECT id FROM main.clip WHERE {hidden})"
        )


def _has(name: str) -> str:
    quoted = name.replace("'", "''")
    return f"instr(char(10) || classes || char(10), char(10) || '{quoted}' || char(10))"
