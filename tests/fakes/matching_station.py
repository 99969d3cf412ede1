"""A police station that also compares its clips with events from dispatch, as the daemon's does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from bwvdock.core.clips.classes.rules import RetentionRules
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.dates.dating import DateRule
from bwvdock.core.events.matching import Rules
from bwvdock.core.facts import (
    CameraAssigned,
    ClipAttributed,
    ClipDisposed,
    ClipFound,
    DisposalNoticed,
    EventRecorded,
    Fact,
    SentOfficer,
)
from bwvdock.core.moments import iso, nanoseconds
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.operators.requests import Assign
from bwvdock.operators.roster import assign
from bwvdock.service.assemble import Parts, let_it_match_events
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.station import SERIAL, Station

MARGINS = Rules(before_ms=300_000, after_ms=300_000, longest_ms=8 * 3_600_000)
MINUTE = 60_000
DAY = 24 * 60 * MINUTE
ACTOR = "1000:sgt"


class MatchingStation(Station):
    """The station, with the worker that compares clips and events. `matches` False: it does not get to it."""

    matches = True

    def outside(self, parts: Parts) -> Parts:
        self.parts = parts
        return parts

    def _build(self) -> None:
        super()._build()
        self.ledger.standing.rules = MARGINS
        if self.matches:
            let_it_match_events(self.dock, self.parts, self.root / "journal.sqlite3", MARGINS)


@dataclass
class Duty:
    """A station, its officers and what dispatch knows of them."""

    root: Path
    retention: RetentionRules = field(default_factory=RetentionRules)
    taken: int = 0

    def __post_init__(self) -> None:
        self.station = MatchingStation(self.root, retention=self.retention)
        self.station.enrol()

    def say(self, *facts: Fact) -> None:
        self.station.ledger.record(facts)
        self.let_work()

    def let_work(self) -> None:
        """Let some minutes pass in which everything is compared that is new."""
        for _ in range(3):
            self.station.clock.pass_ms(MINUTE)
            self.station.turn()

    def pass_days(self, days: int) -> None:
        """Let days pass, one at a time."""
        for _ in range(days):
            self.station.clock.pass_ms(DAY)
            self.station.turn()

    def dock(self, *, minutes_ago: int = 30, card: FakeVolume | None = None, accurate: bool = True) -> str:
        """Dock the camera with one more recording; return its clip's id. `accurate`: its clock was read."""
        self.taken += 1
        recorded = nanoseconds(self.station.clock.now() - timedelta(minutes=minutes_ago))
        card = card or FakeVolume(files={})
        file = FakeFile(data=b"%d" % self.taken, mtime_ns=recorded)
        card.files[f"DCIM/100MEDIA/C{self.taken:04}.MP4"] = file
        self.station.visit(card)
        clip = [fact.clip for fact in self.station.facts if isinstance(fact, ClipFound)][-1]
        dated = self.clip(clip).dated
        assert dated is not None
        if accurate:
            read = replace(dated, recorded_at=dated.raw, uncertainty_ms=1000, rule=DateRule.CLOCK_READ)
            self.say(read)
        return clip

    def assign(self, officer: str, *, since: datetime, until: datetime | None = None) -> None:
        """Enter who had the camera, as `cameras assign --correct` does."""
        row = ("", SERIAL, officer, iso(since), iso(until) if until else "")
        with JournalReader(self.root / "journal.sqlite3") as reader:
            facts = assign(Assign(rows=(row,), correct=True), reader, ACTOR).facts
        assert any(isinstance(fact, CameraAssigned | ClipAttributed) for fact in facts)
        self.say(*facts)

    def clip(self, clip: str) -> Clip:
        found = self.station.journal.clip(clip)
        assert found is not None
        return found

    def notices(self) -> list[DisposalNoticed]:
        return [fact for fact in self.station.facts if isinstance(fact, DisposalNoticed)]

    def gone(self, clip: str) -> bool:
        return any(isinstance(fact, ClipDisposed) and fact.clip == clip for fact in self.station.facts)


def call(event: str, officer: str, begins: datetime, *, minutes: int = 60) -> EventRecorded:
    """Return that an officer was sent to an event."""
    sent = SentOfficer(
        officer=officer, dispatched=iso(begins), cleared=iso(begins + timedelta(minutes=minutes))
    )
    return EventRecorded(event=event, officers=(sent,), units=(), actor=ACTOR)
