"""Whom are clips and cameras linked to: officers, cases, assignments? Which names has the journal?

Only commitments are in these tables; the values are in `private`. The projection and `custody verify`
both fold with `add_people`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bwvdock.core.clips.names import Named, UnknownName, slips
from bwvdock.core.clips.roster import Assignment
from bwvdock.core.custody.records import RecordedClip
from bwvdock.core.facts import (
    AttributionDisputed,
    AttributionUpheld,
    CameraAssigned,
    ClipAcquired,
    ClipAttributed,
    ClipFact,
    ClipFlagged,
    ClipUnflagged,
)
from bwvdock.core.moments import iso_of_ns
from bwvdock.edges.journal.database import write_rows
from bwvdock.edges.journal.personal_values import linked, reveal, reveal_optional

# --- whom a clip is linked to ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class People:
    """Commitments to a clip's officer ("" for nobody, None before it was acquired) and case ("" for none)."""

    officer: str | None = None
    case: str = ""


LinkingFact = (
    ClipAcquired | ClipAttributed | AttributionDisputed | AttributionUpheld | ClipFlagged | ClipUnflagged
)


def add_people(known: People, fact: ClipFact, data: Mapping[str, Any]) -> People:
    """Return whom a clip is linked to after `fact`; `data` is its entry's, with commitments."""
    match fact:
        case ClipAcquired():
            return People(known.officer or "", known.case)
        case AttributionDisputed():
            return People("", known.case)
        case ClipAttributed() | AttributionUpheld():
            return People(data["officer"] if fact.officer else "", known.case)
        case ClipFlagged():
            return People(known.officer, data["case"] if fact.case else "")
        case ClipUnflagged():
            return People(known.officer)
        case _:
            return known


def people_of(db: sqlite3.Connection, clip: str) -> People:
    """Return whom a clip's row links it to."""
    row = db.execute("SELECT officer, case_ref FROM clip WHERE id = ?", (clip,)).fetchone()
    return People(*row) if row else People()


@dataclass(slots=True)
class PeopleBatch:
    """What one transaction's facts change about it."""

    db: sqlite3.Connection
    _changed: dict[str, tuple[People, People]] = field(default_factory=dict)
    _assigned: list[tuple[str, ...]] = field(default_factory=list)

    def clip(self, fact: ClipFact, data: Mapping[str, Any]) -> None:
        """Take in a fact of a clip."""
        if isinstance(fact, LinkingFact):
            before, now = self._changed.get(fact.clip) or (people_of(self.db, fact.clip),) * 2
            self._changed[fact.clip] = before, add_people(now, fact, data)

    def assigned(self, fact: CameraAssigned, data: Mapping[str, Any]) -> None:
        """Take in who held a camera."""
        named = data["camera"], data["officer"]
        self._assigned.append((*named, fact.valid_from, fact.valid_to, data["unit"]))

    def write(self) -> None:
        """Write it, after the clips' own rows."""
        write_rows(self.db, "INSERT INTO assignment VALUES (NULL, ?, ?, ?, ?, ?)", self._assigned)
        rows = [
            (now.officer, now.case, clip) for clip, (before, now) in self._changed.items() if before != now
        ]
        write_rows(self.db, "UPDATE clip SET officer = ?, case_ref = ? WHERE id = ?", rows)
        moves: dict[str, int] = {}
        for before, now in self._changed.values():
            for people, sign in ((before, -1), (now, 1)):
                if people.officer is not None:
                    moves[people.officer] = moves.get(people.officer, 0) + sign
        moved = [(officer, move) for officer, move in moves.items() if move]
        write_rows(
            self.db,
            "INSERT INTO attribution VALUES (?, ?)"
            " ON CONFLICT (officer) DO UPDATE SET clips = clips + excluded.clips",
            moved,
        )
        if moved:
            self.db.execute("DELETE FROM attribution WHERE clips = 0")


# --- questions -------------------------------------------------------------------------------------


def assignments(db: sqlite3.Connection, camera: str) -> list[Assignment]:
    """Return who was said to have held a camera (a serial), in the order in which it was recorded."""
    officers: dict[str, str] = {}
    found = []
    for committed in linked(db, "camera", camera):
        rows = db.execute(
            "SELECT officer, valid_from, valid_to, unit FROM assignment WHERE camera = ? ORDER BY number",
            (committed,),
        )
        for officer, begins, ends, unit in rows.fetchall():
            if officer not in officers:
                officers[officer] = reveal(db, officer) or ""
            of_unit = reveal_optional(db, unit)
            found.append(Assignment(officer=officers[officer], begins=begins, ends=ends, unit=of_unit))
    return found


def recorded_clips(db: sqlite3.Connection, camera: str, since_ns: int) -> list[RecordedClip]:
    """Return the acquired clips that a camera recorded at a time or later, the earliest first."""
    officers: dict[str, str] = {"": ""}
    found = []
    for committed in linked(db, "camera", camera):
        rows = db.execute(
            "SELECT id, recorded_ns, officer, officer = '' AND EXISTS (SELECT 1 FROM entry"
            " WHERE entry.clip = clip.id AND kind = 'attribution_disputed') FROM clip"
            " WHERE camera = ? AND recorded_ns >= ? AND officer IS NOT NULL ORDER BY recorded_ns",
            (committed, since_ns),
        )
        for clip, recorded_ns, officer, disputed in rows.fetchall():
            if officer not in officers:
                officers[officer] = reveal(db, officer) or ""
            found.append(
                RecordedClip(
                    clip=clip,
                    recorded_at=iso_of_ns(recorded_ns),
                    officer=officers[officer],
                    disputed=bool(disputed),
                )
            )
    return found


# --- names that nothing has --------------------------------------------------------------------------

_WHERE: Mapping[Named, str] = {
    Named.CAMERA: "SELECT 1 FROM camera WHERE camera = :it",
    Named.OFFICER: "SELECT 1 FROM assignment WHERE officer = :it"
    " UNION ALL SELECT 1 FROM clip WHERE officer = :it AND officer IS NOT NULL",
    Named.UNIT: "SELECT 1 FROM camera WHERE unit = :it UNION ALL SELECT 1 FROM assignment WHERE unit = :it",
    Named.EVENT: "SELECT 1 FROM event WHERE event = :it",
    Named.CASE: "SELECT 1 FROM clip WHERE case_ref = :it AND case_ref <> ''",
}
"""Where the journal has a name, by the commitment to it. The clips are those that the reader may see."""

_FIELDS = {Named.SENT_OFFICER: Named.OFFICER, Named.SENT_UNIT: Named.UNIT}
_SENT = "SELECT 1 FROM sent WHERE who = :it"
_MAY_BE_SHOWN = frozenset({Named.CAMERA, Named.EVENT})  # without a consultation
_CHUNK = 500


def unknown_names(db: sqlite3.Connection, named: Mapping[str, str]) -> Iterator[UnknownName]:
    """Yield which of these names nothing in the journal has, each with one that it may be a slip of.

    Args:
        db: the journal.
        named: the names, by what each is that of (`Named`).
    """
    for what, value in ((Named(what), value) for what, value in named.items()):
        if not _is_known(db, what, value):
            near = _nearest(db, what, value) if what in _MAY_BE_SHOWN else ""
            yield UnknownName(what=what, value=value, nearest=near)


def _is_known(db: sqlite3.Connection, what: Named, value: str) -> bool:
    if what is Named.CLASS:
        is_of_class = "instr(char(10) || classes || char(10), char(10) || ? || char(10))"
        query = f"SELECT 1 FROM clip WHERE classes <> '' AND {is_of_class} LIMIT 1"  # noqa: S608 - our words
        return db.execute(query, (value,)).fetchone() is not None
    field = _FIELDS.get(what, what)
    query = f"{_WHERE[field]} UNION ALL {_SENT}" if field != what else _WHERE[field]
    return any(
        db.execute(f"{query} LIMIT 1", {"it": committed}).fetchone() for committed in linked(db, field, value)
    )


def _nearest(db: sqlite3.Connection, what: Named, value: str) -> str:
    """Return the likeliest name that somebody may have meant who made one slip; "" for none."""
    near = list(dict.fromkeys(slips(value)))
    for first in range(0, len(near), _CHUNK):
        some = near[first : first + _CHUNK]
        marks = ", ".join("?" * len(some))
        # The second condition is what lets SQLite use the partial index.
        query = f"SELECT value FROM private WHERE field = ? AND field <> 'path' AND value IN ({marks})"  # noqa: S608
        found = {str(row[0]) for row in db.execute(query, (what, *some))}
        for one in some:
            if one in found and _is_known(db, what, one):
                return one
    return ""
