"""Which rows do the entries about events make, and are they those that are there?

Only commitments are in these tables. The last entry of an event counts, and the last match of a clip.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from bwvdock.core.custody.entries import decode, read_leaf
from bwvdock.core.facts import ClipMatched, EventRecorded
from bwvdock.core.facts.events import BY_OFFICER, BY_UNIT
from bwvdock.edges.journal.database import write_rows

EVENT = "INSERT OR REPLACE INTO event VALUES (?, ?, ?, ?)"
SENT = "INSERT OR IGNORE INTO sent VALUES (?, ?, ?, ?, ?)"
MATCH = "INSERT INTO clip_event VALUES (?, ?, ?, ?, ?, ?)"


def event_row(data: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return the row of an event from its entry's data, with commitments."""
    sent = [*data["officers"], *data["units"]]
    cleared = [one["cleared"] for one in sent]
    last = "" if not all(cleared) else max(cleared, default="")
    return data["event"], min((one["dispatched"] for one in sent), default=""), last, data["category"]


def sent_rows(data: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the rows of who was sent, sorted."""
    parts = ((BY_OFFICER, data["officers"]), (BY_UNIT, data["units"]))
    return sorted(
        {
            (data["event"], role, one[role], one["dispatched"], one["cleared"])
            for role, sent in parts
            for one in sent
        }
    )


def match_rows(data: Mapping[str, Any]) -> list[tuple[str | int, ...]]:
    """Return the rows of the events that a clip may be of, sorted."""
    names = ("event", "basis", "role", "overlap_ms", "uncertainty_ms")
    return sorted((data["clip"], *(one[name] for name in names)) for one in data["events"])


@dataclass(slots=True)
class EventBatch:
    """What one transaction's facts change in these tables."""

    db: sqlite3.Connection
    _events: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _matches: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def event(self, data: Mapping[str, Any]) -> None:
        """Take in an event; `data` is its entry's."""
        self._events[data["event"]] = data

    def matched(self, data: Mapping[str, Any]) -> None:
        """Take in which events a clip may be of."""
        self._matches[data["clip"]] = data

    def write(self) -> None:
        """Write it."""
        events, matched = self._events.values(), self._matches.values()
        write_rows(self.db, "DELETE FROM sent WHERE event = ?", [(event,) for event in self._events])
        write_rows(self.db, EVENT, [event_row(data) for data in events])
        write_rows(self.db, SENT, [row for data in events for row in sent_rows(data)])
        write_rows(self.db, "DELETE FROM clip_event WHERE clip = ?", [(clip,) for clip in self._matches])
        write_rows(self.db, MATCH, [row for data in matched for row in match_rows(data)])


# --- are they those that are there? ------------------------------------------------------------------


def differing_tables(db: sqlite3.Connection) -> Iterator[str]:
    """Yield each of these tables that is not what the entries make; what cannot be read is said elsewhere."""
    if not _events_agree(db):
        yield "event"
    if not _matches_agree(db):
        yield "clip_event"


def _events_agree(db: sqlite3.Connection) -> bool:
    last: dict[object, int] = {}
    rows = db.execute(
        "SELECT json_extract(leaf, '$.data.event'), seq FROM entry WHERE kind = ? AND json_valid(leaf)",
        (EventRecorded.kind,),
    )
    for event, seq in rows:
        last[event] = max(seq, last.get(event, -1))
    sent = 0
    for seq in last.values():
        ((leaf,),) = db.execute("SELECT leaf FROM entry WHERE seq = ?", (seq,)).fetchall()
        data = _data(leaf)
        if data is None:
            return True
        event, expected = data["event"], sent_rows(data)
        sent += len(expected)
        row = db.execute("SELECT * FROM event WHERE event = ?", (event,)).fetchone()
        of_event = db.execute("SELECT * FROM sent WHERE event = ?", (event,)).fetchall()
        if row != event_row(data) or sorted(of_event) != expected:
            return False
    counted = [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("event", "sent")]  # noqa: S608
    return counted == [len(last), sent]


def _matches_agree(db: sqlite3.Connection) -> bool:
    rows = db.execute(
        "SELECT clip, leaf FROM entry WHERE kind = ? AND clip IS NOT NULL ORDER BY clip, seq",
        (ClipMatched.kind,),
    )
    matched = 0
    for clip, entries in groupby(rows, key=itemgetter(0)):
        *_, (_, leaf) = entries
        data = _data(leaf)
        if data is None:
            return True
        expected = match_rows(data)
        matched += len(expected)
        if sorted(db.execute("SELECT * FROM clip_event WHERE clip = ?", (clip,)).fetchall()) != expected:
            return False
    return bool(db.execute("SELECT count(*) FROM clip_event").fetchone()[0] == matched)


def decoded_data(text: str) -> Mapping[str, Any]:
    """Return the data of an entry, with commitments.

    Raises:
        ValueError: it is not an entry.
    """
    leaf = read_leaf(text)
    decode(leaf, str)
    return leaf.data


def _data(text: object) -> Mapping[str, Any] | None:
    try:
        return decoded_data(str(text))
    except (ValueError, RecursionError):
        return None
