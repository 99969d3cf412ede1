"""Does the story of each clip have every event of its time, and no other?

Judged by what was seen of the dock after each of its turns, and by the kinds of all entries in their order:
never by what reads a story.
"""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bwvdock.cli.statement.command import compose
from bwvdock.cli.statement.faults import KnownFaults
from bwvdock.cli.statement.text import as_text
from bwvdock.core.custody.records import Entry
from bwvdock.core.custody.story import Story
from bwvdock.edges.journal import JournalReader

_ACTS = frozenset({"dock_paused", "dock_resumed"})
_OUTAGES = frozenset({"store_lost", "store_back"})
_STARTS = frozenset({"dock_started", "dock_stopped", "unclean_start"})
_ACTS_ON_CAMERA = frozenset({"camera_enrolled", "camera_revoked"})
_OF_CAMERA = _ACTS_ON_CAMERA | {"clip_found"}
_SEEN = _ACTS | _OUTAGES | _STARTS
_TROUBLE = frozenset(
    {
        "clip_quarantined",
        "clip_recalled",
        "clip_retried",
        "clip_skipped",
        "delivery_refused",
        "upload_attempts",
    }
)
"""What a copy that rotted, a file that was not read or a store that failed leads to in a clip's entries."""


@dataclass(frozen=True)
class Seen:
    """What was seen of the dock when its journal had so many entries."""

    size: int
    paused: bool
    lost: frozenset[str]


@dataclass
class Stories:
    """What was seen of a dock through its history."""

    seen: list[Seen] = field(default_factory=list)

    def turned(self, size: int, paused: bool, lost: frozenset[str]) -> None:
        """Note how the dock was before and after a turn; what was the same both times is in the journal."""
        now = Seen(size, paused, lost)
        if not self.seen or self.seen[-1] != now:
            self.seen.append(now)

    def wrong(self, journal: Path) -> Iterator[str]:
        """Compare the story of each clip with it."""
        with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
            rows = db.execute("SELECT kind, leaf FROM entry ORDER BY seq").fetchall()
        kinds = [kind for kind, _ in rows]
        cameras = {
            seq: json.loads(leaf)["data"]["camera"]
            for seq, (kind, leaf) in enumerate(rows)
            if kind in _OF_CAMERA
        }
        yield from _starts(kinds)
        with closing(JournalReader(journal)) as reader:
            clips = list(reader.clips())
            for row in clips:
                story = reader.story(row.id)
                assert story is not None
                problems = [*self._of(story, kinds), *_acts(story, kinds, cameras)]
                yield from (f"the story of {row.id}: {problem}" for problem in problems)
                report = compose(row, story, made=[], faults=KnownFaults(reviewed=""))
                rows = [row.entry for part in report.sections for table in part.tables for row in table.rows]
                whole = [entry.seq for entry in story.whole()]
                # Printed is one of them: to wrap a report's lines takes as long as all the rest.
                if sorted(rows) != whole or (row is clips[-1] and not as_text(report)):
                    yield f"the report of {row.id} does not have each entry of its story once"
                [wrong] = [part for part in report.sections if part.heading.startswith("Errors, retries")]
                shown = {line.entry for table in wrong.tables for line in table.rows}
                if unsaid := {entry.seq for entry in story.own if entry.kind in _TROUBLE} - shown:
                    yield f"the report of {row.id} does not have {sorted(unsaid)} among what went wrong"

    def _of(self, story: Story, kinds: Sequence[str]) -> Iterator[str]:
        first, last = story.own[0].seq, len(kinds)
        gone = [entry.seq for entry in story.own if entry.kind == "clip_disposed"]
        if _left_nothing(story):
            last = max(gone) + 1
        shown = {entry.seq for entry in story.events}
        inside = {seq for seq in range(first, last) if kinds[seq] in _SEEN}
        if missing := {seq for seq in inside - shown if not gone or seq < max(gone)}:
            yield f"entries {sorted(missing)} are missing"
        for entry in story.events:
            under_way = entry.kind in {"dock_paused", "store_lost"} and entry.seq < first
            if entry.kind in _SEEN and entry.seq not in inside and not under_way:
                yield f"{entry.kind} #{entry.seq} is outside"
        end = max(gone) if gone else last
        states = _States(story.events)
        for seen in self.seen:
            if not first < seen.size <= end:
                continue
            paused, lost = states.at(seen.size)
            if paused != seen.paused:
                yield f"at entry {seen.size} the dock was {'' if seen.paused else 'not '}paused"
            if unsaid := seen.lost - lost:
                yield f"at entry {seen.size} {sorted(unsaid)} accepted no uploads"


def _acts(story: Story, kinds: Sequence[str], cameras: Mapping[int, str]) -> Iterator[str]:
    """See that the story has what was ordered about the clip's camera, and about no other."""
    first = story.own[0].seq
    gone = max((entry.seq for entry in story.own if entry.kind == "clip_disposed"), default=len(kinds))
    shown = {entry.seq for entry in story.events}
    for seq, camera in cameras.items():
        ours = camera == cameras[first] and kinds[seq] in _ACTS_ON_CAMERA
        if ours and first < seq < gone and seq not in shown:
            yield f"{kinds[seq]} #{seq} is missing"
        if seq in shown and not (ours and seq > first):
            yield f"{kinds[seq]} #{seq} is about another camera, or from before"


class _States:
    """What a story says about the dock at each moment."""

    def __init__(self, events: Sequence[Entry]) -> None:
        self._seqs: list[int] = []
        self._states: list[tuple[bool, frozenset[str]]] = []
        paused, lost = False, frozenset[str]()
        for entry in events:
            match entry.kind:
                case "dock_paused" | "dock_resumed":
                    paused = entry.kind == "dock_paused"
                case "store_lost":
                    lost |= {entry.data["destination"]}
                case "store_back":
                    lost -= {entry.data["destination"]}
                case "dock_started":
                    lost = frozenset()
            self._seqs.append(entry.seq)
            self._states.append((paused, lost))

    def at(self, size: int) -> tuple[bool, frozenset[str]]:
        """Return whether it is paused and what is lost, when the journal has so many entries."""
        before = bisect_right(self._seqs, size - 1)
        return self._states[before - 1] if before else (False, frozenset())


def _left_nothing(story: Story) -> bool:
    """Return whether every copy whose disposal was announced is gone, the spool's among them."""
    intended = {entry.data["place"] for entry in story.own if entry.kind == "disposal_intended"}
    stay = {place for entry in story.own for place in entry.data.get("stay") or ()}
    gone = {entry.data["place"] for entry in story.own if entry.kind == "clip_disposed"}
    again = any(entry.kind in {"clip_recalled", "clip_retried"} for entry in story.own)
    return "spool" in gone and intended | stay <= gone and not again


def _starts(kinds: Sequence[str]) -> Iterator[str]:
    """See that each start says whether the dock had stopped before."""
    running = False
    for seq, kind in enumerate(kinds):
        if kind == "dock_started":
            said = kinds[seq + 1 : seq + 2] == ["unclean_start"]
            if said is not running:
                had = "had" if said else "does not say that the dock had"
                yield f"the start #{seq}: {had} not stopped before"
            running = True
        elif kind == "dock_stopped":
            running = False
