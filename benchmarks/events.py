"""How long does it take to match 50,000 events with 100,000 clips, and how often is a match wrong or missing?

A world is drawn whose truth is known: who really had which camera, where they really were, when a clip really
began. The dock is told less: rosters with wrong rows, clocks that are off within the accuracy that is stated
of them, clocks whose accuracy is hours or unknown, and now and then one that is off by more than it states.
"""

from __future__ import annotations

import random
import sqlite3
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.dock import _Clock
from benchmarks.measure import table
from bwvdock.core.clips.dates.dating import NOT_KNOWN, DateRule
from bwvdock.core.clips.identity import ID_BYTES, make_id
from bwvdock.core.events.matching import Rules
from bwvdock.core.facts import (
    AcquiredPart,
    CameraAttached,
    ClipAcquired,
    ClipAttributed,
    ClipDated,
    ClipFound,
    ClipMatched,
    CopyIntended,
    Fact,
    SourceFile,
)
from bwvdock.core.facts.events import CERTAIN
from bwvdock.core.media.sightings import Transport
from bwvdock.core.moments import iso_of_ns
from bwvdock.edges.journal import JournalReader, open_journal
from bwvdock.edges.journal.events.pairing import Pairing, Remembered, find
from bwvdock.operators.events.importing import import_events
from bwvdock.operators.events.requests import ImportEvents

EVENTS, CLIPS = 50_000, 100_000
RULES = Rules(before_ms=300_000, after_ms=300_000, longest_ms=8 * 3_600_000)
_OFFICERS, _SEED = 400, 7
_BEGIN_MS = 1_772_323_200_000  # 1 March 2026
_MINUTE_MS = 60_000
_SHIFT_MS = 8 * 60 * _MINUTE_MS
_FILMED = 0.8  # of those who are sent
_WRONG_ROSTER = 0.01  # of shifts: another officer is entered
_BEYOND = 0.002  # of clips whose clock was read: it is off by more than was seen
_SHARES = {"read": 0.6, "between": 0.3, "unknown": 0.1}
_AT_ONCE = 100
_GOAL_S = 30.0
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class _Call:
    event: str
    officer: int
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class _Clip:
    """`begins` is true; `dated` is what the dock takes for it, `accuracy` in ms."""

    id: str
    officer: int
    entered: int
    begins: int
    length: int
    dated: int
    accuracy: int
    clock: str


@dataclass(slots=True)
class World:
    """What really happened."""

    events: int
    clips: int
    chance: random.Random = field(default_factory=lambda: random.Random(_SEED))  # noqa: S311 - a world
    calls: list[_Call] = field(default_factory=list)
    taken: list[_Clip] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Draw it: each officer works shifts; calls and clips come in them."""
        draw = self.chance
        sent = round(self.events * 1.5)
        per_shift = 6
        shifts = -(-sent // (per_shift * _OFFICERS))
        event = 0
        filmed: list[tuple[int, int, int]] = []
        for shift in range(shifts):
            for officer in range(_OFFICERS):
                start = _BEGIN_MS + shift * 24 * 60 * _MINUTE_MS + (officer % 3) * _SHIFT_MS
                at = start + draw.randrange(30 * _MINUTE_MS)
                for _ in range(per_shift):
                    lasts = draw.randrange(5, 55) * _MINUTE_MS
                    # Two in three are the only ones sent; the third goes where the one before went.
                    event += officer % 3 != 2 or event == 0
                    if event > self.events:
                        break
                    self.calls.append(_Call(f"26-{event:07}", officer, at, at + lasts))
                    filmed.append((officer, shift, at))
                    at += lasts + draw.randrange(2, 25) * _MINUTE_MS
        self._film(filmed)

    def _film(self, sent: Sequence[tuple[int, int, int]]) -> None:
        draw = self.chance
        entered: dict[tuple[int, int], int] = {}
        number = 0
        while number < self.clips:
            officer, shift, at = sent[number % len(sent)] if number < len(sent) else draw.choice(sent)
            number += 1
            of_call = draw.random() < _FILMED and number < len(sent)
            begins = at + draw.randrange(-2, 4) * _MINUTE_MS if of_call else at + draw.randrange(_SHIFT_MS)
            if (officer, shift) not in entered:
                wrong = draw.random() < _WRONG_ROSTER
                entered[officer, shift] = draw.randrange(_OFFICERS) if wrong else officer
            length = draw.randrange(20_000, 20 * _MINUTE_MS)
            self.taken.append(self._clip(number, officer, entered[officer, shift], begins, length))

    def _clip(self, number: int, officer: int, entered: int, begins: int, length: int) -> _Clip:
        draw = self.chance
        clock = draw.choices(list(_SHARES), list(_SHARES.values()))[0]
        if clock == "read":
            accuracy = draw.randrange(1000, 10_000)
            off = draw.randint(-accuracy, accuracy)
            if draw.random() < _BEYOND:
                off, clock = draw.choice([-1, 1]) * draw.randrange(3, 60) * _MINUTE_MS, "beyond"
        elif clock == "between":
            accuracy, off = draw.randrange(60, 720) * _MINUTE_MS, draw.randint(-180_000, 180_000)
        else:
            accuracy, off = NOT_KNOWN, draw.randint(-20, 20) * _MINUTE_MS
        clip = make_id(begins, number.to_bytes(ID_BYTES, "big"))
        return _Clip(clip, officer, entered, begins, length, begins + off, accuracy, clock)

    def truth(self) -> Iterator[tuple[_Clip, str]]:
        """Yield each clip with each event to which its officer had really been sent when it was recorded."""
        of_officer: dict[int, list[_Call]] = {}
        for call in sorted(self.calls, key=lambda call: call.begins):
            of_officer.setdefault(call.officer, []).append(call)
        begins = {officer: [call.begins for call in calls] for officer, calls in of_officer.items()}
        for clip in self.taken:
            calls = of_officer.get(clip.officer, [])
            first = bisect_left(begins.get(clip.officer, []), clip.begins - _SHIFT_MS)
            last = bisect_right(begins.get(clip.officer, []), clip.begins + clip.length)
            for call in calls[first:last]:
                if call.ends >= clip.begins:
                    yield clip, call.event

    def facts(self) -> Iterator[list[Fact]]:
        """Yield what the dock records of the clips, a docking's clips at a time."""
        for first in range(0, len(self.taken), 50):
            some = self.taken[first : first + 50]
            docking, camera = f"01dk{first:020}", f"CAM-{first // 50 % 200:04}"
            facts: list[Fact] = [
                CameraAttached(
                    docking=docking, camera=camera, bay="1", transport=Transport.MASS_STORAGE, model="X"
                )
            ]
            for clip in some:
                facts += _of_clip(clip, docking, camera)
            yield facts

    def rows(self) -> tuple[tuple[str, ...], ...]:
        """Return the list from dispatch."""
        return tuple(
            (
                str(number),
                call.event,
                f"PC-{call.officer:04}",
                "",
                iso_of_ns(call.begins * 10**6),
                iso_of_ns(call.ends * 10**6),
                "call",
            )
            for number, call in enumerate(self.calls, start=2)
        )


def _of_clip(clip: _Clip, docking: str, camera: str) -> list[Fact]:
    size = 100 * _MIB
    file = SourceFile(
        path=f"DCIM/{clip.id}.MP4", size=size, mtime_ns=clip.dated * 10**6, fingerprint=f"{clip.id:0<64}"
    )
    pieces = tuple(f"{n:064x}" for n in range(7))
    part = AcquiredPart(size=size, sha256=f"{clip.id:0<64}", pieces=pieces, read_bytes=size)
    at = iso_of_ns(clip.dated * 10**6)
    rule = {NOT_KNOWN: DateRule.CAMERA_TIME}.get(clip.accuracy, DateRule.CLOCK_READ)
    return [
        ClipFound(clip=clip.id, docking=docking, camera=camera, files=(file,)),
        CopyIntended(clip=clip.id, docking=docking),
        ClipAcquired(
            clip=clip.id,
            docking=docking,
            parts=(part,),
            header_s=clip.dated // 1000,
            length_ms=clip.length,
        ),
        ClipDated(
            clip=clip.id,
            raw=at,
            recorded_at=at,
            uncertainty_ms=clip.accuracy,
            basis="b",
            retain_until=at,
            rule=rule,
        ),
        ClipAttributed(clip=clip.id, officer=f"PC-{clip.entered:04}"),
    ]


def events(memory: Path, disk: Path) -> str:  # noqa: ARG001 - every section is given both
    """Measure; give the section of the document."""
    return measured(memory / "events.sqlite3", EVENTS, CLIPS)


def measured(path: Path, count: int, clips: int) -> str:
    """Return the section for so many events and clips."""
    world = World(count, clips)
    print(f"  making a journal of {clips:,} clips", flush=True)
    with open_journal(path, _Clock()) as journal:
        for facts in world.facts():
            journal.append(facts)
        began = time.process_time()
        with JournalReader(path) as reader:
            order = ImportEvents(rows=world.rows())
            told = import_events(order, reader.event, "0:root").facts
        decided = time.process_time()
        for first in range(0, len(told), 250):
            journal.append(told[first : first + 250])
        imported = time.process_time()
        found: list[ClipMatched] = []
        remembered = Remembered()
        with JournalReader(path) as reader:
            [these] = reader.report(lambda db: [find(db, RULES, None)])
            for first in range(0, len(these.clips), _AT_ONCE):
                some = these.clips[first : first + _AT_ONCE]
                found += reader.report(partial(_compare, some, remembered))
        matched = time.process_time()
        for first in range(0, len(found), _AT_ONCE):
            journal.append(found[first : first + _AT_ONCE])
        recorded = time.process_time()
    times = [
        ["checking the list of dispatch", f"{decided - began:.1f} s", ""],
        ["recording its events", f"{imported - decided:.1f} s", ""],
        ["**matching**", f"{matched - imported:.1f} s", f"{_GOAL_S:.0f} s"],
        ["recording the matches", f"{recorded - matched:.1f} s", ""],
    ]
    path.unlink()
    return (
        f"## Matching {count:,} events with {clips:,} clips\n\n"
        f"{table(['', 'processor time', 'to reach'], times)}\n\n{_quality(world, found)}"
    )


def _compare(clips: Sequence[str], remembered: Remembered, db: sqlite3.Connection) -> list[ClipMatched]:
    return Pairing(db, RULES, remembered).compare(clips)


def _quality(world: World, found: Sequence[ClipMatched]) -> str:
    """Return how matches compare with what really happened, by what the clock of the clip was like."""
    told = {(one.clip, match.event): match.basis for one in found for match in one.events}
    clips = {clip.id: clip for clip in world.taken}
    truth = {(clip.id, event) for clip, event in world.truth()}
    sums: dict[str, Counter[str]] = {}

    def count(clip: _Clip, what: str) -> None:
        kind = "wrong row in the roster" if clip.entered != clip.officer else _CLOCKS[clip.clock]
        sums.setdefault(kind, Counter())[what] += 1

    for clip_id, event in truth:
        basis = told.get((clip_id, event), "missed")
        count(clips[clip_id], "true")
        count(clips[clip_id], f"true {basis}")
    for (clip_id, event), basis in told.items():
        if (clip_id, event) not in truth:
            count(clips[clip_id], f"false {basis}")
    rows = [
        [kind, *(f"{sums[kind][name]:,}" for name in _COLUMNS)]
        for kind in (*_CLOCKS.values(), "wrong row in the roster")
        if kind in sums
    ]
    head = [
        "clips with",
        "true pairs",
        "certain",
        "possible",
        "**missed**",
        "**false, certain**",
        "false, possible",
    ]
    return table(head, rows)


_COLUMNS = ("true", f"true {CERTAIN}", "true possible", "true missed", f"false {CERTAIN}", "false possible")
_CLOCKS = {
    "read": "a clock that was read, accurate to seconds",
    "beyond": "a clock that is off by more than was seen",
    "between": "a date between two dockings, accurate to hours",
    "unknown": "a date of unknown accuracy",
}
