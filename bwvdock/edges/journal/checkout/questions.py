"""What does the journal say of cameras that were checked out, and of whom an officer holds now?

Each question takes the same time in every journal: indexes.sql has what they need.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from bwvdock.core.custody.entries import Stamp, read_leaf
from bwvdock.core.custody.records import RecordedClip
from bwvdock.core.facts import CameraCheckedOut, CameraTakenOtherwise
from bwvdock.core.moments import nanoseconds
from bwvdock.edges.journal.people import recorded_clips
from bwvdock.edges.journal.personal_values import linked, reveal, reveal_optional

IS_CHECKOUT = "kind IN ('camera_checked_out', 'camera_returned', 'camera_taken_otherwise')"
OF_CAMERA = """substr(leaf, instr(leaf, '"camera":"') + 10, 64)"""  # in the words of the index
_LAST = f"SELECT leaf FROM entry WHERE {IS_CHECKOUT} AND {OF_CAMERA} = ? ORDER BY seq DESC LIMIT 1"  # noqa: S608
_CAMERAS_OF = """
WITH RECURSIVE of_officer (camera) AS (
    SELECT min(camera) FROM assignment WHERE officer = :officer
    UNION ALL
    SELECT (SELECT min(camera) FROM assignment WHERE officer = :officer AND camera > of_officer.camera)
    FROM of_officer WHERE camera IS NOT NULL
)
SELECT camera FROM of_officer WHERE camera IS NOT NULL
"""
"""Each camera that an officer was ever assigned to: SQLite's DISTINCT would read every assignment."""

_MOST_OUT = 64
"""Entries of cameras that were taken otherwise: so many of the latest are looked at when the dock starts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Out:
    """A camera that is out of the dock, as its last entry about that says.

    `how` is "" where it was checked out to `officer`, else how it was taken otherwise. `assigned`: its
    assignment began with the check-out. `stamp` has the dock's clocks at that entry.
    """

    camera: str
    officer: str
    taken_at: str
    stamp: Stamp
    how: str = ""
    bay: str = ""
    assigned: bool = False


@dataclass(frozen=True, slots=True)
class CheckoutQuestions:
    """Answers from a journal; `question` gives its connection for one question."""

    question: Callable[[], AbstractContextManager[sqlite3.Connection]]

    def out(self, camera: str) -> Out | None:
        """Return how a camera is out; None where it came back, or was never taken."""
        with self.question() as db:
            rows = [
                row for committed in linked(db, "camera", camera) for row in db.execute(_LAST, (committed,))
            ]
            return next((found for (text,) in rows if (found := _out(db, camera, text))), None)

    def last_entry_at(self) -> str:
        """Return when the last entry was written, by the dock's clock of then; "" for an empty journal."""
        with self.question() as db:
            row = db.execute("SELECT leaf FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        return read_leaf(row[0]).stamp.t if row else ""

    def taken_otherwise(self) -> list[Out]:
        """Return the cameras that were taken otherwise and have not come back, the latest first."""
        query = "SELECT leaf FROM entry WHERE kind = 'camera_taken_otherwise' ORDER BY seq DESC LIMIT ?"
        with self.question() as db:
            rows = db.execute(query, (_MOST_OUT,)).fetchall()
            named = [read_leaf(text).data["camera"] for (text,) in rows]
            serials = [reveal(db, committed) for committed in dict.fromkeys(named)]
        found = [self.out(serial) for serial in serials if serial]
        return [one for one in found if one is not None and one.how]

    def held(self, officer: str, moment: str) -> list[str]:
        """Return the serials of the cameras that an officer is assigned to at a time, sorted."""
        with self.question() as db:
            cameras = [
                str(camera)
                for committed in linked(db, "officer", officer)
                for (camera,) in db.execute(_CAMERAS_OF, {"officer": committed}).fetchall()
                if holder_at(db, str(camera), moment) == committed
            ]
            return sorted(serial for one in cameras if (serial := reveal(db, one)))

    def recorded_clips(self, camera: str, /, *, since: str) -> Sequence[RecordedClip]:
        """Return the acquired clips that a camera recorded at a time or later."""
        with self.question() as db:
            return recorded_clips(db, camera, nanoseconds(datetime.fromisoformat(since)))


def holder_at(db: sqlite3.Connection, camera: str, moment: str) -> str:
    """Return the commitment to the officer who holds a camera at a time, "" for nobody: as Roster does.

    An assignment without an end lasts until another begins: only the one that began last may hold then. Of
    those that cover the time, the later entry counts.

    Args:
        db: the journal.
        camera: the commitment to its serial.
        moment: the time, as the journal writes it.
    """
    last = db.execute(
        "SELECT number, officer, valid_to FROM assignment WHERE camera = ? AND valid_from = ("
        "SELECT max(valid_from) FROM assignment WHERE camera = ? AND valid_from <= ?)"
        " ORDER BY number DESC LIMIT 1",
        (camera, camera, moment),
    ).fetchone()
    firm = db.execute(
        "SELECT number, officer FROM assignment WHERE camera = ? AND valid_to <> '' AND valid_to > ?"
        " AND valid_from <= ? ORDER BY number DESC LIMIT 1",
        (camera, moment, moment),
    ).fetchone()
    covering = [row[:2] for row in (last,) if row and row[2] == ""] + [row for row in (firm,) if row]
    return str(max(covering)[1]) if covering else ""


def _out(db: sqlite3.Connection, camera: str, text: str) -> Out | None:
    leaf = read_leaf(text)
    data = leaf.data
    if leaf.kind == CameraCheckedOut.kind:
        officer = reveal_optional(db, data["officer"])
        return Out(
            camera=camera,
            officer=officer,
            taken_at=data["taken_at"],
            stamp=leaf.stamp,
            bay=data["bay"],
            assigned=data["assigned"],
        )
    if leaf.kind == CameraTakenOtherwise.kind:
        officer = reveal_optional(db, data["officer"])
        return Out(
            camera=camera,
            officer=officer,
            taken_at=data["taken_at"],
            stamp=leaf.stamp,
            how=data["how"],
            bay=data["bay"],
        )
    return None
