"""Which cameras were enrolled, revoked or docked here?"""

from __future__ import annotations

import sqlite3

from bwvdock.core.custody.records import CameraRow
from bwvdock.edges.journal import lookups
from bwvdock.edges.journal.folds import KnownCamera
from bwvdock.edges.journal.personal_values import reveal, reveal_optional

_QUERY = (
    "SELECT attached_at, bay, camera.camera, camera.model, enrolled_at, revoked, last_docking, named,"
    " revoked_for, camera.unit FROM camera LEFT JOIN docking ON docking.id = last_docking"
)


def camera_rows(db: sqlite3.Connection) -> list[CameraRow]:
    """Return every camera, by serial."""
    rows = [
        _row(db, committed, KnownCamera(*known), at, bay)
        for at, bay, committed, *known in db.execute(_QUERY).fetchall()
    ]
    return sorted(rows, key=lambda row: row.serial)


def _row(
    db: sqlite3.Connection, committed: str, known: KnownCamera, at: str | None, bay: str | None
) -> CameraRow:
    return CameraRow(
        serial=reveal(db, committed) or "",
        model=lookups.model_of(db, known),
        enrolled_at=known.enrolled_at,
        revoked=lookups.revocation(db, known),
        last_docking=known.last_docking,
        last_docked_at=at,
        last_bay=bay,
        unit=reveal_optional(db, known.unit),
    )
