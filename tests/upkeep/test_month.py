"""Six weeks of a station with every rule of what footage means, against a table written by hand.

Ten cameras are docked on one evening, each with one clip; day by day people, dispatch, a store and the roster
do what is below. The table says of each clip on which days notice was given, when its copies went from spool
and vault, and whether the county's store has it in the end. The day itself is tests/vm/test_day.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bwvdock.core.clips.classes.given import classify
from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules
from bwvdock.core.clips.dates.dating import DateRule
from bwvdock.core.facts import (
    BY_PERSON,
    CameraAssigned,
    CameraEnrolled,
    ClipFlagged,
    ClipFound,
    ClipHeld,
    ClipUnheld,
    DisposalNoticed,
    Fact,
    HoldOpened,
    VerificationFailed,
)
from bwvdock.core.moments import iso, nanoseconds
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.operators.requests import Assign
from bwvdock.operators.roster import assign
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.matching_station import ACTOR, DAY, MINUTE, call
from tests.upkeep.disposing_world import ThreeStores

pytestmark = pytest.mark.slow

ASSAULT = RetentionClass(name="assault", days=60)
NO_CLASS = RetentionClass(name="", days=31)
FIREARMS = RetentionClass(
    name="firearms", days=31, restricted=True, destinations=("county",), units=("Firearms",)
)
RULES = RetentionRules(days=31, notice_days=7, classes=(FIREARMS,))
LAST = 44


@dataclass(frozen=True)
class Row:
    """What must have become of a clip: days after the evening; None: it is there still, 0: it never was."""

    noticed: tuple[int, ...]
    spool: int | None
    vault: int | None
    county: bool = True


TABLE: Mapping[str, Row] = {
    "nobody looked": Row(noticed=(24,), spool=31, vault=31),
    "reviewed": Row(noticed=(), spool=31, vault=31),
    "assault": Row(noticed=(), spool=None, vault=None),  # for 60 days
    "evidence": Row(noticed=(), spool=None, vault=None),
    "held until day 36": Row(noticed=(24, 36), spool=43, vault=43),  # the notice after the hold counts
    "of a call": Row(noticed=(), spool=31, vault=31),
    "of no call after all": Row(noticed=(29,), spool=36, vault=36),  # the roster was mended on day 29
    "frozen": Row(noticed=(), spool=None, vault=None),
    "firearms": Row(noticed=(24,), spool=31, vault=0),  # that a unit has it is no review
    "lost by the county": Row(noticed=(24,), spool=31, vault=31),  # and uploaded anew before that
}
NAMES = list(TABLE)


@dataclass
class Station:
    """The station, its clips by the names of the table, and what was seen of them."""

    root: Path
    clips: dict[str, str] = field(default_factory=dict)
    gone: dict[tuple[str, str], int] = field(default_factory=dict)
    noticed: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in NAMES})
    read: int = 0

    def __post_init__(self) -> None:
        self.dock = ThreeStores(self.root, retention=RULES)
        self.evening = self.dock.clock.now()

    def say(self, *facts: Fact) -> None:
        self.dock.ledger.record(facts)
        self.work()

    def work(self) -> None:
        for _ in range(3):
            self.dock.clock.pass_ms(MINUTE)
            self.dock.turn()

    def bring(self, number: int, name: str) -> None:
        """Dock a camera with one clip; its clock was read, so that its date is accurate."""
        serial, at = f"BWV-{number:05}", self.evening - timedelta(minutes=30 + number)
        self.dock.enrol(serial)
        if name == "firearms":
            self.say(CameraEnrolled(camera=serial, model="", actor=ACTOR, unit="Firearms"))
        begins = iso(at - timedelta(days=1))
        self.say(
            CameraAssigned(
                camera=serial, officer=f"44{number:02}", valid_from=begins, valid_to="", actor=ACTOR
            )
        )
        card = FakeVolume(
            files={"DCIM/100MEDIA/A.MP4": FakeFile(data=name.encode(), mtime_ns=nanoseconds(at))}
        )
        key = self.dock.plug(card, serial=serial)
        self.dock.turn()
        self.dock.pull(key)
        self.dock.turn()
        [clip] = [f.clip for f in self.dock.facts if isinstance(f, ClipFound) and f.camera == serial]
        self.clips[name] = clip
        known = self.dock.journal.clip(clip)
        assert known is not None
        assert known.dated is not None
        self.say(
            replace(known.dated, recorded_at=known.dated.raw, uncertainty_ms=1000, rule=DateRule.CLOCK_READ)
        )

    def at(self, name: str) -> datetime:
        return self.evening - timedelta(minutes=30 + NAMES.index(name))

    def mend_roster(self, name: str) -> None:
        row = ("", f"BWV-{NAMES.index(name):05}", "9999", iso(self.at(name) - timedelta(days=1)), "")
        with JournalReader(self.root / "journal.sqlite3") as reader:
            self.say(*assign(Assign(rows=(row,), correct=True), reader, ACTOR).facts)

    def look(self, day: int) -> None:
        """Note what is gone, and of what notice was given."""
        names = {clip: name for name, clip in self.clips.items()}
        for fact in self.dock.facts[self.read :]:
            if isinstance(fact, DisposalNoticed):
                self.noticed[names[fact.clip]].append(day)
        self.read = len(self.dock.facts)
        for name, clip in self.clips.items():
            places = {
                "spool": (self.root / "spool" / f"{clip}.0.mp4").exists(),
                "vault": any((self.root / "vault").rglob(f"{clip}.0.mp4")),
            }
            for place, there in places.items():
                if not there:
                    self.gone.setdefault((name, place), day)


def story(station: Station) -> Mapping[int, Callable[[], None]]:
    """Return what happens on which day."""
    clips, say = station.clips, station.say

    def review(name: str, of: RetentionClass) -> None:
        say(classify(clips[name], of, basis=BY_PERSON, actor=ACTOR))

    def first() -> None:
        review("reviewed", NO_CLASS)
        review("assault", ASSAULT)
        say(ClipFlagged(clip=clips["evidence"], reason="assault", case="C-7", actor=ACTOR))

    def dispatch() -> None:
        for event, name in (("E-1", "of a call"), ("E-2", "of no call after all")):
            officer = f"44{NAMES.index(name):02}"
            say(call(event, officer, station.at(name) - timedelta(minutes=5), minutes=30))

    def freeze() -> None:
        officer = f"44{NAMES.index('frozen'):02}"
        say(HoldOpened(hold="h-1", officer=officer, reason="misconduct", actor=ACTOR))

    def lose() -> None:
        del station.dock.elsewhere["county"].objects[f"{clips['lost by the county']}.0"]

    def power_cut() -> None:
        station.dock.clock.reboot()
        station.dock.restart()

    held = clips["held until day 36"]
    return {
        1: first,
        2: dispatch,
        10: freeze,
        12: lose,
        15: power_cut,
        26: lambda: say(ClipHeld(clip=held, reason="complaint", actor=ACTOR)),
        29: lambda: station.mend_roster("of no call after all"),
        36: lambda: say(ClipUnheld(clip=held, reason="closed", actor=ACTOR)),
    }


def test_six_weeks_are_as_somebody_wrote_them_down(tmp_path: Path) -> None:
    station = Station(tmp_path)
    for number, name in enumerate(NAMES):
        station.bring(number, name)
    station.look(0)
    happens = story(station)
    morning = station.dock.clock.now()
    for day in range(1, LAST + 1):
        station.dock.clock.pass_ms(
            DAY - int((station.dock.clock.now() - morning).total_seconds() * 1000) % DAY
        )
        station.work()
        happens.get(day, lambda: None)()
        station.work()
        station.look(day)
    county = station.dock.elsewhere["county"].objects
    seen = {
        name: Row(
            noticed=tuple(station.noticed[name]),
            spool=station.gone.get((name, "spool")),
            vault=station.gone.get((name, "vault")),
            county=f"{clip}.0" in county,
        )
        for name, clip in station.clips.items()
    }
    assert seen == TABLE
    lost = [fact.clip for fact in station.dock.facts if isinstance(fact, VerificationFailed)]
    assert lost == [station.clips["lost by the county"]]
    assert verify_journal(tmp_path / "journal.sqlite3").ok
    station.dock.journal.close()
