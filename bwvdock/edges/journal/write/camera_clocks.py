"""What does the journal know of a camera's clock: what it showed, and when it was to be set?"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from bwvdock.core.custody.entries import read_leaf
from bwvdock.core.custody.records import ClockSetting
from bwvdock.core.facts import CameraClockRead, ClockSetEnded, ClockSetIntended
from bwvdock.edges.journal.personal_values import linked


def last_clock_shown(db: sqlite3.Connection, serial: str) -> str:
    """Return what a camera's clock showed, as it came, when it was last read; "" if it never was.

    The last by the journal's order: a docking under a wrong wall clock may bear any time.
    """
    read = _last(db, serial, CameraClockRead.kind)
    return "" if read is None else str(read["raw"])


def last_clock_setting(db: sqlite3.Connection, serial: str) -> ClockSetting | None:
    """Return the last docking in which a camera's clock was to be set; None if it never was."""
    intended = _last(db, serial, ClockSetIntended.kind)
    if intended is None:
        return None
    ended = _last(db, serial, ClockSetEnded.kind)
    docking = str(intended["docking"])
    return ClockSetting(docking=docking, ended=ended is not None and ended["intended_in"] == docking)


def _last(db: sqlite3.Connection, serial: str, kind: str) -> Mapping[str, Any] | None:
    """Return what the last entry of a kind says of a camera, by the journal's order."""
    query = (
        "SELECT leaf FROM docking JOIN entry ON entry.docking = docking.id AND kind = ?"
        " WHERE docking.camera = ? ORDER BY seq DESC LIMIT 1"
    )
    for camera in linked(db, "camera", serial):
        row = db.execute(query, (kind, camera)).fetchone()
        if row:
            return read_leaf(row[0]).data
    return None
