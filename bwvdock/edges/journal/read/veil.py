"""Which clips does a reader of the journal not see? Those of restricted classes that are not open to it.

The connection itself is given other tables: views that take the names of those with clips and their entries.
So no question that is asked through it, of today or of a later version, can be answered with what is hidden.
An entry that names several clips has those alone that are left, and is hidden where none is. Sums of
everything are asked without a veil (SUMS in operators/queries.py).
"""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import fields
from pathlib import Path
from typing import Any

from bwvdock.core.clips.classes.veil import Veil
from bwvdock.core.facts import FACT_TYPES, ClipAcquired
from bwvdock.edges.journal.database import connect_reader, translated
from bwvdock.edges.journal.personal_values import UNSEEN

_BY_CLIP = (
    "SELECT tables.name FROM main.sqlite_schema AS tables, pragma_table_info(tables.name) AS columns"
    " WHERE tables.type = 'table' AND columns.name = 'clip'"
)
"""Every table with a column of clips, also those of later versions."""

_NAMING_CLIPS = sorted(
    name for name, kind in FACT_TYPES.items() if "clips" in {field.name for field in fields(kind)}
)
"""The kinds of entries that name clips in a list."""

_UNSEEN = "unseen"
"""The name of the view that has the ids of the clips that are hidden."""

_DIGIT = "[0-9a-hjkmnp-tv-z]"
_IDS = re.compile(f"(?<![0-9a-z])(?:{_DIGIT}{{26}}|{_DIGIT}{{18}})(?![0-9a-z])")  # see identity.make_id


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
    db.execute(f"CREATE TEMP VIEW {_UNSEEN} AS SELECT id FROM main.clip WHERE {hidden}")  # noqa: S608
    db.execute(f"CREATE TEMP VIEW clip AS SELECT * FROM main.clip WHERE NOT ({hidden})")  # noqa: S608
    for (table,) in db.execute(_BY_CLIP).fetchall():
        visible = f"(clip IS NULL OR clip NOT IN (SELECT id FROM main.clip WHERE {hidden}))"  # noqa: S608
        if table == "entry":
            _lay_entries(db, visible, hidden)
        else:
            db.execute(f"CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} WHERE {visible}")  # noqa: S608


def hides_any(db: sqlite3.Connection) -> bool:
    """Return whether a veil that was laid hides any clip at all."""
    return bool(db.execute(f"SELECT EXISTS (SELECT 1 FROM {_UNSEEN})").fetchone()[0])  # noqa: S608


def hides_of_hold(db: sqlite3.Connection, hold: str) -> bool:
    """Return whether a veil that was laid hides a clip that a standing hold keeps."""
    kept = f"SELECT 1 FROM main.clip_hold WHERE hold = ? AND clip IN (SELECT id FROM {_UNSEEN})"  # noqa: S608
    return bool(db.execute(f"SELECT EXISTS ({kept})", (hold,)).fetchone()[0])


def _lay_entries(db: sqlite3.Connection, visible: str, hidden: str) -> None:
    """Have a connection see no entry about a hidden clip, and in no other entry the id of one."""
    one = f"SELECT 1 FROM main.clip WHERE id = ? AND {hidden}"  # noqa: S608 - our own words

    def is_hidden(name: str) -> bool:
        return db.execute(one, (name,)).fetchone() is not None

    def seen(text: str) -> str | None:
        named = _IDS.findall(text)
        return _without(text, {name for name in named if is_hidden(name)})

    db.create_function("seen_leaf", 1, seen, deterministic=True)
    names = [str(row[1]) for row in db.execute("PRAGMA main.table_info(entry)")]
    kinds = ", ".join(repr(kind) for kind in (*_NAMING_CLIPS, ClipAcquired.kind))
    columns = ", ".join(
        f"CASE WHEN kind IN ({kinds}) THEN seen_leaf(leaf) ELSE leaf END AS leaf" if name == "leaf" else name
        for name in names
    )
    listed = ", ".join(repr(kind) for kind in _NAMING_CLIPS)
    left = f"(kind NOT IN ({listed}) OR seen_leaf(leaf) IS NOT NULL)"
    db.execute(f"CREATE TEMP VIEW entry AS SELECT {columns} FROM main.entry WHERE {visible} AND {left}")  # noqa: S608


def _without(text: str, hidden: set[str]) -> str | None:
    """Return an entry's text without these clips; None where it names no other."""
    if not hidden:
        return text
    leaf: dict[str, Any] = json.loads(text)
    data = leaf["data"]
    if "clips" in data:
        data["clips"] = [clip for clip in data["clips"] if clip not in hidden]
        if "subject" in data:  # a command may have made it of the ids
            data["subject"] = UNSEEN
        return json.dumps(leaf) if data["clips"] else None
    return _IDS.sub(lambda found: UNSEEN if found[0] in hidden else found[0], text)


def _has(name: str) -> str:
    quoted = name.replace("'", "''")
    return f"instr(char(10) || classes || char(10), char(10) || '{quoted}' || char(10))"
