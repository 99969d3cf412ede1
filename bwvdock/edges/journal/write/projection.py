"""How do the tables for fast questions follow the entries?

One Batch holds all that a transaction's facts change, each clip and docking once however many facts
it had, and writes it at the end. It decides nothing: legality and sums are the law's.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from typing import Any

from bwvdock.core.clips.lifecycle import IllegalFactError
from bwvdock.core.custody.records import ClipOutcome, outcome_of, settled_outcome
from bwvdock.core.facts import (
    LATEST,
    CameraAssigned,
    CameraAttached,
    CameraEnrolled,
    CameraRevoked,
    ClipAcquired,
    ClipFact,
    ClipFound,
    ClipMatched,
    ClipSkipped,
    ClipVerified,
    DockFact,
    DockingFact,
    EventRecorded,
    EventsMatched,
    Fact,
    HoldEnded,
    HoldOpened,
    RequestClosed,
    RequestCorrected,
    RequestOpened,
)
from bwvdock.edges.journal import lookups
from bwvdock.edges.journal.database import write_rows
from bwvdock.edges.journal.events.rows import EventBatch
from bwvdock.edges.journal.folds import (
    CameraFact,
    KnownCamera,
    KnownClip,
    KnownDocking,
    add_camera_fact,
    add_clip_fact,
    add_clip_outcome,
    add_dock_fact,
    add_docking_fact,
)
from bwvdock.edges.journal.holds.tables import StandingBatch
from bwvdock.edges.journal.people import PeopleBatch
from bwvdock.edges.journal.write.camera_digests import write_digests
from bwvdock.edges.journal.write.rows import (
    clip_row,
    failure_rows,
    moving_row,
    outcome_row,
    receipt_rows,
    said_row,
    sidecar_rows,
)

_REPLACE_DOCKING = (
    "INSERT OR REPLACE INTO docking VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)

_STANDING = HoldOpened | HoldEnded | RequestOpened | RequestCorrected | RequestClosed


@dataclass(slots=True)
class ProjectionMemory:
    """What the writer remembers between batches, the least recently used of it forgotten."""

    limit: int = 256
    clips: OrderedDict[str, KnownClip] = field(default_factory=OrderedDict)
    dockings: OrderedDict[str, KnownDocking] = field(default_factory=OrderedDict)

    def learn(self, batch: Batch) -> None:
        """Take over what a committed batch has changed."""
        for clip, changed in batch.clips.items():
            self.clips[clip] = changed.now
            self.clips.move_to_end(clip)
        for docking, known in batch.dockings.items():
            self.dockings[docking] = known
            self.dockings.move_to_end(docking)
        while len(self.clips) > self.limit:
            self.clips.popitem(last=False)
        while len(self.dockings) > self.limit:
            self.dockings.popitem(last=False)


@dataclass(slots=True)
class _Changed:
    """A clip before and after the batch; `found` is the data of its first entry if that is new."""

    before: KnownClip | None
    now: KnownClip
    found: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Batch:
    """The changes that one transaction's facts make to the tables."""

    db: sqlite3.Connection
    memory: ProjectionMemory
    when: str
    clips: dict[str, _Changed] = field(default_factory=dict)
    dockings: dict[str, KnownDocking] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], ClipOutcome] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    people: PeopleBatch = field(init=False)
    events: EventBatch = field(init=False)
    standing: StandingBatch = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nobody."""
        self.people = PeopleBatch(self.db)
        self.events = EventBatch(self.db)
        self.standing = StandingBatch(self.db, self.when)

    def add(self, fact: Fact, data: Mapping[str, Any]) -> None:
        """Take in one fact; `data` is its entry's, with commitments.

        Raises:
            IllegalFactError: the law does not allow it; the whole batch must go.
        """
        if isinstance(fact, ClipFact):
            self._clip(fact, data)
        elif isinstance(fact, DockingFact):
            self._docking(fact, data)
        else:
            self._dock(fact, data)

    # --- taking in ---

    def _clip(self, fact: ClipFact, data: Mapping[str, Any]) -> None:
        if isinstance(fact, ClipFound | ClipAcquired):
            self._outcome_of(fact)
        changed = self.clips.get(fact.clip)
        if changed:
            changed.now = add_clip_fact(changed.now, fact, self.when)
        else:
            before = self.memory.clips.get(fact.clip) or lookups.known_clip(self.db, fact.clip)
            changed = _Changed(before, add_clip_fact(before, fact, self.when))
            self.clips[fact.clip] = changed
        self.people.clip(fact, data)
        if isinstance(fact, ClipFound):
            changed.found = data
        elif isinstance(fact, ClipMatched):
            self.events.matched(data)
        elif isinstance(fact, ClipVerified):
            self.receipts[fact.destination] = self.when

    def _docking(self, fact: DockingFact, data: Mapping[str, Any]) -> None:
        known = add_docking_fact(self._known_docking(fact.docking), fact, self.when)
        if isinstance(fact, CameraAttached):
            known = replace(known, camera=data["camera"])
            self._camera(fact, data)
        self.dockings[fact.docking] = known
        if isinstance(fact, ClipSkipped):
            self._outcome_of(fact)

    def _outcome_of(self, fact: ClipFound | ClipAcquired | ClipSkipped) -> None:
        known = self._known_docking(fact.docking)
        if known is None:
            raise IllegalFactError(f"{fact.kind} names docking {fact.docking}, which never began")
        if isinstance(fact, ClipFound):
            return
        key = (fact.docking, fact.clip)
        before = self.outcomes.get(key) or lookups.outcome(self.db, *key)
        after = settled_outcome(before, outcome_of(fact))
        self.outcomes[key] = after
        self.dockings[fact.docking] = add_clip_outcome(known, before, after)

    def _known_docking(self, docking: str) -> KnownDocking | None:
        return (
            self.dockings.get(docking)
            or self.memory.dockings.get(docking)
            or lookups.known_docking(self.db, docking)
        )

    def _dock(self, fact: DockFact, data: Mapping[str, Any]) -> None:
        if isinstance(fact, CameraEnrolled | CameraRevoked):
            self._camera(fact, data)
        elif isinstance(fact, CameraAssigned):
            self.people.assigned(fact, data)
        elif isinstance(fact, EventRecorded):
            self.events.event(data)
        elif isinstance(fact, _STANDING):
            self.standing.add(fact, data)
        elif not isinstance(fact, EventsMatched):
            dock = add_dock_fact(lookups.known_dock(self.db), fact, self.when)
            self.db.execute("UPDATE dock SET started_at = ?, running = ?, paused = ?", astuple(dock))

    def _camera(self, fact: CameraFact, data: Mapping[str, Any]) -> None:
        camera = data["camera"]
        known = lookups.known_camera(self.db, camera) or KnownCamera()
        now = add_camera_fact(known, _unopened(fact, data), self.when, version=LATEST)
        self.db.execute(
            "INSERT OR REPLACE INTO camera VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (camera, *astuple(now))
        )

    # --- writing ---

    def write(self) -> None:
        """Write it all, within the writer's transaction."""
        self._write_clips()
        self.people.write()
        self.events.write()
        write_digests(
            self.db, [(c.before.clip if c.before else None, c.now.clip) for c in self.clips.values()]
        )
        self.standing.write([(changed.before, changed.now) for changed in self.clips.values()])
        self._write_receipts()
        self._write_tally()
        write_rows(
            self.db,
            _REPLACE_DOCKING,
            [lookups.docking_row(known) for known in self.dockings.values()],
        )
        write_rows(
            self.db,
            "INSERT OR REPLACE INTO docking_clip VALUES (?, ?, ?, ?, ?, ?)",
            [(docking, *outcome_row(outcome)) for (docking, _), outcome in self.outcomes.items()],
        )
        write_rows(self.db, "INSERT OR REPLACE INTO destination VALUES (?, ?)", list(self.receipts.items()))

    def _write_clips(self) -> None:
        self._insert_clips([clip_row(c.now, c.found) for c in self.clips.values() if c.found])
        write_rows(
            self.db,
            "UPDATE clip SET state = ?, docking = ?, footage = ?, acquired_at = ?, served = ?, owing = ?,"
            " due = ?, resumed = ? WHERE id = ?",
            [(*moving_row(c.now), c.now.clip.id) for c in self.clips.values() if not c.found],
        )
        # Apart, and only what has changed: each of these columns has an index to be kept up.
        known = [(c.before, c.now) for c in self.clips.values() if c.before and not c.found]
        write_rows(
            self.db,
            "UPDATE clip SET sha256 = ? WHERE id = ?",
            [
                (now.clip.sha256, now.clip.id)
                for before, now in known
                if before.clip.sha256 != now.clip.sha256
            ],
        )
        write_rows(
            self.db,
            "UPDATE clip SET recorded_ns = ?, evidential = ?, held = ?, retain_until = ? WHERE id = ?",
            [(*said_row(now), now.clip.id) for before, now in known if said_row(before) != said_row(now)],
        )
        write_rows(
            self.db,
            "UPDATE clip SET classes = ?, reviewed = ?, noticed = ?, restricted = ? WHERE id = ?",
            [(*now.meaning, now.clip.id) for before, now in known if before.meaning != now.meaning],
        )
        write_rows(
            self.db,
            "INSERT OR IGNORE INTO sidecar VALUES (?, ?)",
            [row for c in self.clips.values() if c.found for row in sidecar_rows(c.now)],
        )

    def _insert_clips(self, rows: Sequence[Sequence[object]]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            write_rows(self.db, f"INSERT INTO clip VALUES ({marks})", rows)  # noqa: S608 - question marks

    def _write_receipts(self) -> None:
        changed = [
            c
            for c in self.clips.values()
            if receipt_rows(c.now) != (receipt_rows(c.before) if c.before else [])
        ]
        write_rows(
            self.db,
            "DELETE FROM receipt WHERE clip = ?",
            [(c.now.clip.id,) for c in changed if c.before and c.before.received],
        )
        write_rows(
            self.db,
            "INSERT OR REPLACE INTO failed_copy VALUES (?, ?, ?, ?, ?, ?)",
            [row for c in self.clips.values() for row in failure_rows(c.now)],
        )
        rows = [row for c in changed for row in receipt_rows(c.now)]
        write_rows(self.db, "INSERT INTO receipt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def _write_tally(self) -> None:
        moves: dict[tuple[str, str], tuple[int, int]] = {}
        for changed in self.clips.values():
            for known, sign in ((changed.before, -1), (changed.now, 1)):
                if known:
                    key = (known.clip.state, known.served)
                    clips, size = moves.get(key, (0, 0))
                    moves[key] = (clips + sign, size + sign * known.clip.size)
        moved = [(*key, *move) for key, move in moves.items() if move != (0, 0)]
        write_rows(
            self.db,
            "INSERT INTO tally VALUES (?, ?, ?, ?) ON CONFLICT (state, served) DO UPDATE SET"
            " clips = clips + excluded.clips, bytes = bytes + excluded.bytes",
            moved,
        )
        if moved:
            self.db.execute("DELETE FROM tally WHERE clips = 0 AND bytes = 0")


def _unopened(fact: CameraFact, data: Mapping[str, Any]) -> CameraFact:
    """Return the fact as verification reads it: with the commitment to what a person typed."""
    match fact:
        case CameraAttached():
            return fact
        case CameraEnrolled():
            return replace(fact, model=data["model"], unit=data["unit"])
        case CameraRevoked():
            return replace(fact, reason=data["reason"])
