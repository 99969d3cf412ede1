"""Which clips agree with their cameras' own digests? The table follows the clips' entries."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from bwvdock.core.clips.clip import Clip
from bwvdock.edges.journal.database import write_rows


def digest_rows(clip: Clip) -> list[tuple[str, ...]]:
    """Return the row of a clip, none where its camera attests nothing."""
    return [(clip.id, clip.camera_digest)] if clip.camera_digest else []


def write_digests(db: sqlite3.Connection, clips: Sequence[tuple[Clip | None, Clip]]) -> None:
    """Write what has changed of clips, each as it was (None: it is new) and is now."""
    changed = [
        (now, before is not None and bool(before.camera_digest))
        for before, now in clips
        if digest_rows(now) != (digest_rows(before) if before else [])
    ]
    write_rows(db, "DELETE FROM camera_digest WHERE clip = ?", [(now.id,) for now, had in changed if had])
    rows = [row for now, _ in changed for row in digest_rows(now)]
    write_rows(db, "INSERT INTO camera_digest VALUES (?, ?)", rows)
