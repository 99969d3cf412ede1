"""What does the dock ask about standing holds, and about the clips that they may keep?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.holds.hold_matching import OTHERS, HoldQuery, StandingHold
from bwvdock.core.custody.entries import read_leaf
from bwvdock.core.events.matching import Rules
from bwvdock.core.facts import ClipDated, ClipMatched
from bwvdock.core.facts.events import CERTAIN
from bwvdock.edges.journal.events.pairing import is_uncompared
from bwvdock.edges.journal.holds.tables import KnownHold, known_holds
from bwvdock.edges.journal.lookups import clips_of
from bwvdock.edges.journal.personal_values import linked, reveal, reveal_optional

_PERSONAL = ("camera", "officer", "unit", "event", "place")


def query_of(db: sqlite3.Connection, known: KnownHold) -> HoldQuery:
    """Return what a hold asks for, its personal values revealed."""
    return HoldQuery(
        **{name: reveal_optional(db, getattr(known, name)) for name in _PERSONAL},
        place_kind=known.place_kind,
        since=known.since,
        until=known.until,
    )


@dataclass(frozen=True, slots=True)
class HoldQuestions:
    """Answers from a journal; `question` gives its connection for one question."""

    question: Callable[[], AbstractContextManager[sqlite3.Connection]]

    def standing(self) -> list[StandingHold]:
        """Return the holds that nobody has ended, the oldest first."""
        with self.question() as db:
            found = list(known_holds(db, "ended_at = ''"))
            return [StandingHold(id=known.id, query=query_of(db, known)) for known in found]

    def kept_for_ended(self, *, most: int) -> list[tuple[str, str]]:
        """Return (hold, clip) of clips that are still on a hold which was ended; at most so many."""
        query = (
            "SELECT hold, clip FROM standing_hold JOIN clip_hold ON hold = id WHERE ended_at <> '' LIMIT ?"
        )
        with self.question() as db:
            return [(str(hold), str(clip)) for hold, clip in db.execute(query, (most,))]

    def acquired_clips(self, *, camera: str = "", after: str, most: int) -> list[Clip]:
        """Return acquired clips, by id, those after the id `after`; of one camera, or ("") of all."""
        where, values = "acquired_at IS NOT NULL", list[str | int]()
        with self.question() as db:
            if camera:
                known = linked(db, "camera", camera)
                where += " AND camera = ?" if known else " AND 0"
                values += known[:1]
            ids = f"SELECT id FROM clip WHERE {where} AND id > ? ORDER BY id LIMIT ?"  # noqa: S608 - our words
            return list(clips_of(db, f"clip.id IN ({ids})", (*values, after, most)))

    def bay_of(self, docking: str) -> str:
        """Return the bay of a docking, "" for an unknown one."""
        with self.question() as db:
            row = db.execute("SELECT bay FROM docking WHERE id = ?", (docking,)).fetchone()
            return str(row[0]) if row else ""

    def has_bay(self, bay: str) -> bool:
        """Return whether a camera was ever docked in a bay of this name."""
        with self.question() as db:
            return db.execute("SELECT 1 FROM docking WHERE bay = ? LIMIT 1", (bay,)).fetchone() is not None

    def dated_by(self, clip: str) -> str:
        """Return when a clip was dated last, by a clock that was synchronised; "" if it was not."""
        query = "SELECT leaf FROM entry WHERE clip = ? AND kind = ? ORDER BY seq DESC LIMIT 1"
        with self.question() as db:
            row = db.execute(query, (clip, ClipDated.kind)).fetchone()
            stamp = read_leaf(row[0]).stamp if row else None
            return stamp.t if stamp and stamp.ntp else ""

    def events_of(self, clip: str) -> dict[str, bool]:
        """Return the events that a clip is certain to be of (True), or may be, as its last entry says.

        OTHERS is among them where it may be of more than that entry names.
        """
        query = "SELECT event, basis FROM clip_event WHERE clip = ?"
        last = "SELECT leaf FROM entry WHERE clip = ? AND kind = ? ORDER BY seq DESC LIMIT 1"
        with self.question() as db:
            rows = db.execute(query, (clip,)).fetchall()
            found = {reveal(db, event): basis == CERTAIN for event, basis in rows}
            row = db.execute(last, (clip, ClipMatched.kind)).fetchone()
            more = {OTHERS: False} if row and read_leaf(row[0]).data.get("more") else {}
            return {name: sure for name, sure in found.items() if name} | more

    def sent_to(self, event: str) -> list[tuple[str, str, str, str]]:
        """Return who was sent to an event: role, id ("" if erased), when dispatched, when cleared."""
        query = "SELECT role, who, dispatched, cleared FROM sent WHERE event = ?"
        with self.question() as db:
            rows = [row for one in linked(db, "event", event) for row in db.execute(query, (one,)).fetchall()]
            return [(role, reveal_optional(db, who), begins, ends) for role, who, begins, ends in rows]

    def uncompared(self, clip: str, rules: Rules) -> bool:
        """Return whether anything is recorded that may make a clip one of an event, and was not compared."""
        with self.question() as db:
            return is_uncompared(db, clip, rules)
