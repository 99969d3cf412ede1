"""Which clips are to be given notice of? Few at any time, and they have an index."""

from __future__ import annotations

import sqlite3

from bwvdock.core.clips.clip import Clip
from bwvdock.edges.journal.lookups import clips_of


def unnoticed_clips(db: sqlite3.Connection, before: str, *, most: int) -> list[Clip]:
    """Return clips that nobody reviewed and that are due before a time, without notice of that date."""
    ids = (  # in the words of its index
        "SELECT id FROM clip INDEXED BY clip_unnoticed WHERE due <> '' AND reviewed = 0"
        " AND noticed <> retain_until AND retain_until < ? ORDER BY retain_until, id LIMIT ?"
    )
    return list(clips_of(db, f"clip.id IN ({ids})", (before, most)))
