"""Which clips agree with their cameras' own digests, and which cameras have some that do not?"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping

from bwvdock.core.clips.states import ClipState
from bwvdock.core.custody.summary import DigestsDiffer


def digests_of(db: sqlite3.Connection, clips: Collection[str]) -> Mapping[str, str]:
    """Return the outcome of each of these clips that has one."""
    marks = ", ".join("?" * len(clips))
    query = f"SELECT clip, outcome FROM camera_digest WHERE clip IN ({marks})"  # noqa: S608 - question marks
    return dict(db.execute(query, tuple(clips)).fetchall())


def digests_differ(db: sqlite3.Connection) -> Mapping[str, DigestsDiffer]:
    """Return the cameras with clips that differ from the camera's own digests and need a person's decision.

    A clip on hold needs none, for it stays; nor does one that has left the dock.
    """
    rows = db.execute(
        "SELECT coalesce(private.value, ''), count(*), min(clip.id) FROM camera_digest AS found"
        " CROSS JOIN clip ON clip.id = found.clip LEFT JOIN private ON private.commitment = clip.camera"
        " WHERE found.outcome = 'differs' AND clip.held = 0 AND clip.state <> ?"
        " GROUP BY 1",
        (ClipState.RETIRED,),
    )
    return {camera: DigestsDiffer(clips=clips, first=first) for camera, clips, first in rows.fetchall()}
