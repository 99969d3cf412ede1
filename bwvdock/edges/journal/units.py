"""Which unit was a camera in when it recorded something, and which cameras were ever in a unit?

The unit of the assignment that was in force, else that with which the camera is enrolled. Only commitments
are in the tables; each entry has one of its own, so a unit is looked for by its values.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bwvdock.core.clips.roster import NEVER, Assignment, Roster, UnitSpan, unit_at
from bwvdock.edges.journal.personal_values import reveal, reveal_optional

# The second condition is what lets SQLite use the partial index.
OF_UNIT = "IN (SELECT commitment FROM private WHERE field = 'unit' AND field <> 'path' AND value = ?)"
CAMERAS = (
    f"camera IN (SELECT camera FROM camera WHERE unit <> '' AND unit {OF_UNIT}"  # noqa: S608 - our own words
    f" UNION SELECT camera FROM assignment WHERE unit <> '' AND unit {OF_UNIT})"
)
"""The condition for a row of a camera that was ever in a unit, whose name it takes twice."""


@dataclass(slots=True)
class Units:
    """The units of cameras, by the commitments to their serials; each camera is read once."""

    db: sqlite3.Connection
    _spans: dict[str, list[UnitSpan]] = field(default_factory=dict)

    def at(self, camera: str, moment: str) -> str:
        """Return the unit of a camera at a time of the journal; "" for none."""
        return unit_at(self.spans(camera), moment)

    def spans(self, camera: str) -> list[UnitSpan]:
        """Return the spans of a camera, the one that is always valid first, the others in order of time."""
        if camera not in self._spans:
            self._spans[camera] = list(_spans_of(self.db, camera))
        return self._spans[camera]


def _spans_of(db: sqlite3.Connection, camera: str) -> Iterator[UnitSpan]:
    """Yield the spans of a camera, the one that is always valid first."""
    row = db.execute("SELECT unit FROM camera WHERE camera = ?", (camera,)).fetchone()
    if row and (unit := reveal_optional(db, row[0])):
        yield UnitSpan(camera=camera, unit=unit, start="", end=NEVER)
    rows = db.execute(
        "SELECT officer, valid_from, valid_to, unit FROM assignment WHERE camera = ? ORDER BY number",
        (camera,),
    )
    told = (
        Assignment(officer=officer, begins=begins, ends=ends, unit=unit)
        for officer, begins, ends, unit in rows.fetchall()
    )
    for span in Roster(told).spans:
        if unit := reveal_optional(db, span.told.unit):
            yield UnitSpan(camera=camera, unit=unit, start=span.start, end=span.end)


def unit_spans(db: sqlite3.Connection) -> Iterator[UnitSpan]:
    """Yield the units of each camera, by its serial, and when it was in them."""
    cameras = db.execute(
        "SELECT camera FROM camera WHERE unit <> '' UNION SELECT camera FROM assignment WHERE unit <> ''"
    )
    for (camera,) in cameras.fetchall():
        serial = reveal(db, camera) or ""
        yield from (replace(span, camera=serial) for span in _spans_of(db, camera))
