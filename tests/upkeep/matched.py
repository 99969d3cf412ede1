"""A dock that compares clips with events, and what it must find by the facts alone."""

from __future__ import annotations

import queue
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from bwvdock.core.clips.roster import NEVER, Assignment, Roster, UnitSpan, unit_at
from bwvdock.core.events.matching import Recording, Rules, Sent, match, recording
from bwvdock.core.facts import (
    CameraAssigned,
    CameraEnrolled,
    ClipAcquired,
    ClipDated,
    CopyIntended,
    EventRecorded,
    Fact,
    SentOfficer,
    SentUnit,
)
from bwvdock.core.facts.events import BY_OFFICER, BY_UNIT
from bwvdock.core.moments import iso_of_ns, nanoseconds
from bwvdock.edges.journal import Journal, JournalReader, open_journal
from bwvdock.operators.requests import Assign
from bwvdock.operators.roster import assign
from bwvdock.runtime.ledger import Ledger
from bwvdock.upkeep.matching import Matching
from bwvdock.upkeep.messages import ClipsCompared, ClipsFound
from tests.edges.journal import stories as tell
from tests.fakes.clock import FakeClock
from tests.fakes.journals import lay_empty_journal
from tests.fakes.worker import InlineWorker

BASE_NS = 1_700_000_000_000_000_000
MINUTE_MS = 60_000
MINUTE_NS = MINUTE_MS * 10**6
RULES = Rules(before_ms=5 * MINUTE_MS, after_ms=5 * MINUTE_MS, longest_ms=480 * MINUTE_MS)


def at(minute: int) -> str:
    return iso_of_ns(BASE_NS + minute * MINUTE_NS)


@dataclass
class House:
    """A journal, a ledger and what compares: `told` are the facts that were recorded."""

    folder: Path
    rules: Rules = RULES
    clock: FakeClock = field(default_factory=lambda: FakeClock(ms=10**9))
    told: list[Fact] = field(default_factory=list)
    cameras: dict[str, str] = field(default_factory=dict)
    starts: int = 0

    @property
    def file(self) -> Path:
        return self.folder / "journal.sqlite3"

    @contextmanager
    def open(self) -> Iterator[House]:
        lay_empty_journal(self.file)
        self.start()
        try:
            yield self
        finally:
            self.journal.close()

    def start(self, rules: Rules | None = None) -> None:
        """Start, or start anew: nothing is remembered but what the journal says."""
        if self.starts:
            self.journal.close()
        self.starts += 1
        self.rules = rules or self.rules
        self.journal: Journal = open_journal(
            self.file, self.clock, random=random.Random(self.starts).randbytes
        )
        self.inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        self.ledger = Ledger(self.journal, (), lambda fact, _: self.told.append(fact))
        self.matching = Matching(
            InlineWorker(self.inbox.put), self.ledger, self.clock, journal=self.file, rules=self.rules
        )

    def turn(self) -> None:
        self.matching.turn()
        while not self.inbox.empty():
            message = self.inbox.get()
            assert isinstance(message, ClipsFound | ClipsCompared)
            self.matching.hear(message)

    def look(self) -> list[Fact]:
        """Let a minute pass, and everything be compared; return what was recorded."""
        before = len(self.told)
        self.clock.pass_ms(MINUTE_MS)
        for _ in range(60):
            self.turn()
        return self.told[before:]

    def record(self, *facts: Fact) -> None:
        self.ledger.record(facts)

    # --- what happens ---

    def clip(
        self, number: int, camera: str, minute: int, *, minutes: int = 5, accuracy_ms: int = 1000
    ) -> str:
        """Take a clip that began at a minute."""
        clip, docking = tell.clip_id(number), tell.docking_id(number)
        self.cameras[clip] = camera
        acquired = tell.acquired(clip, docking, number)
        self.record(
            *tell.attached(docking, camera=camera),
            tell.found(clip, docking, number, camera=camera),
            CopyIntended(clip=clip, docking=docking),
            replace(
                acquired,
                length_ms=minutes * MINUTE_MS,
                header_s=(BASE_NS + minute * MINUTE_NS) // 10**9,
            ),
            self.dated(clip, minute, accuracy_ms),
        )
        return clip

    def dated(self, clip: str, minute: int, accuracy_ms: int) -> ClipDated:
        return tell.dated(clip, at(minute), accuracy_ms)

    def assign(self, camera: str, officer: str, begins: int, ends: int | None, unit: str = "") -> None:
        row = ("", camera, officer, at(begins), "" if ends is None else at(ends), unit)
        with JournalReader(self.file) as reader:
            facts = assign(Assign(rows=(row,), correct=True), reader, "0:root").facts
        self.record(*facts)

    def event(
        self,
        event: str,
        officers: Iterable[str],
        begins: int,
        ends: int | None,
        units: Iterable[str] = (),
        category: str = "",
    ) -> None:
        times = {"dispatched": at(begins), "cleared": "" if ends is None else at(ends)}
        self.record(
            EventRecorded(
                event=event,
                category=category,
                officers=tuple(SentOfficer(officer=one, **times) for one in officers),
                units=tuple(SentUnit(unit=one, **times) for one in units),
                actor="0:root",
            )
        )

    # --- what is known ---

    def matches(self) -> dict[str, set[tuple[str, str, str, int]]]:
        """Return the matches of each clip, as the tables have them."""
        found: dict[str, set[tuple[str, str, str, int]]] = {clip: set() for clip in self.cameras}
        with JournalReader(self.file) as reader:
            for clip, matches in found.items():
                rows = [row for row in reader.clip_events(clip) if row.clip == clip]
                matches.update((row.event, row.basis, row.role, row.overlap_ms) for row in rows)
        return found

    def expected(self) -> dict[str, set[tuple[str, str, str, int]]]:
        """Return the same by the facts alone: every clip with every event, none of them left out."""
        events = {fact.event: fact for fact in self.told if isinstance(fact, EventRecorded)}
        assigned: dict[str, list[Assignment]] = {}
        enrolled: dict[str, str] = {}
        for fact in self.told:
            if isinstance(fact, CameraAssigned):
                held = Assignment(
                    officer=fact.officer, begins=fact.valid_from, ends=fact.valid_to, unit=fact.unit
                )
                assigned.setdefault(fact.camera, []).append(held)
            elif isinstance(fact, CameraEnrolled):
                enrolled[fact.camera] = fact.unit or enrolled.get(fact.camera, "")
        found = {}
        for clip, camera in self.cameras.items():
            dated = [f for f in self.told if isinstance(f, ClipDated) and f.clip == clip][-1]
            [taken] = [f for f in self.told if isinstance(f, ClipAcquired) and f.clip == clip]
            spans = Roster(assigned.get(camera, ())).spans
            officer = Roster(assigned.get(camera, ())).officer_at(dated.recorded_at)
            of_units = [UnitSpan(camera=camera, unit=enrolled.get(camera, ""), start="", end=NEVER)]
            of_units += [
                UnitSpan(camera=camera, unit=one.told.unit, start=one.start, end=one.end)
                for one in spans
                if one.told.unit
            ]
            unit = unit_at(of_units, dated.recorded_at)
            best: dict[str, tuple[tuple[object, ...], tuple[str, str, str, int]]] = {}
            for event, sent in _sent_of(events.values(), officer, unit):
                one = match(_recording(dated, taken), sent, self.rules)
                if one and (event not in best or one.rank < best[event][0]):
                    best[event] = one.rank, (event, one.basis, one.role, one.overlap_ms)
            found[clip] = {told for _, told in best.values()}
        return found


def _recording(dated: ClipDated, taken: ClipAcquired) -> Recording:
    return recording(
        recorded_ns=_ns(dated.recorded_at),
        raw_ns=_ns(dated.raw),
        header_s=taken.header_s,
        length_ms=taken.length_ms,
        uncertainty_ms=dated.uncertainty_ms,
        rule=dated.rule,
    )


def _sent_of(events: Iterable[EventRecorded], officer: str, unit: str) -> Iterator[tuple[str, Sent]]:
    for fact in events:
        named = [(BY_OFFICER, one.dispatched, one.cleared) for one in fact.officers if one.officer == officer]
        named += [(BY_UNIT, one.dispatched, one.cleared) for one in fact.units if one.unit == unit]
        for role, dispatched, cleared in named:
            ends = _ns(cleared) // 10**6 if cleared else None
            begins = _ns(dispatched) // 10**6
            yield fact.event, Sent(event=fact.event, role=role, dispatched_ms=begins, cleared_ms=ends)


def _ns(text: str) -> int:
    return nanoseconds(datetime.fromisoformat(text))
