"""Has footage the class of its unit, whenever it becomes known whose it is?"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules
from bwvdock.core.clips.classes.veil import Veil
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.roster import Assignment, Roster
from bwvdock.core.facts import ClipClassified, ClipFound
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.operators.orders import decide
from bwvdock.operators.requests import Assign
from tests.edges.journal import stories as tell
from tests.fakes.camera import camera_with
from tests.fakes.station import SERIAL, Station
from tests.places import in_memory

FIREARMS = RetentionClass(name="firearms", days=365, restricted=True, units=("Trojan",))
SEARCH = RetentionClass(name="search", days=90, units=("Dogs",))
RULES = RetentionRules(classes=(FIREARMS, SEARCH))
NIGHTS = 4
UNITS = ("", "trojan", "Dogs", "Response")
Row = tuple[str, ...]


def noon(day: int) -> str:
    return f"2026-03-{day + 1:02}T12:00:00.000Z"


class Desk:
    """A station with a clip of each day, of which nobody knew at first whose it was."""

    def __init__(self, root: Path) -> None:
        self.station = Station(root, retention=RULES)
        self.station.enrol()
        files = {f"DCIM/100TEST/{day}.MP4": f"day {day}".encode() for day in range(NIGHTS)}
        self.station.visit(camera_with(files))
        found = [fact for fact in self.station.facts if isinstance(fact, ClipFound)]
        self.clips = {fact.files[0].path[-5]: fact.clip for fact in found}
        self.path = root / "journal.sqlite3"

    def date(self, day: int, other: int) -> None:
        """A clip turns out to be of another day than was thought."""
        self.station.ledger.record([tell.dated(self.clips[str(day)], noon(other))])

    def assign(self, *rows: Row, veil: Veil | None = None) -> str:
        with JournalReader(self.path, veil=veil) as reader:
            decision = decide(
                Assign(rows=rows, correct=True),
                journal=self.station.journal,
                reader=reader,
                spool=self.station.spool,
                paused=False,
                actor="1000:ann",
                retention=RULES,
            )
        self.station.ledger.record(decision.facts)
        return decision.message

    def classes(self) -> Mapping[str, set[str]]:
        known = {clip: self.station.journal.clip(clip) for clip in self.clips.values()}
        return {day: {c.name for c in _seen(known[clip]).classes} for day, clip in self.clips.items()}


def _seen(clip: Clip | None) -> Clip:
    assert clip is not None
    return clip


def row(officer: str, begins: int, ends: int | None, unit: str) -> Row:
    first = noon(begins).replace("T12", "T00")
    last = "" if ends is None else noon(ends).replace("T12", "T23")
    return ("", SERIAL, officer, first, last, unit)


@pytest.mark.slow
@settings(max_examples=max(6, settings().max_examples // 4))  # each docks a camera
@given(seed=st.integers(0, 2**32))
def test_whatever_was_said_of_it_footage_has_the_class_of_each_unit_that_it_was_known_to_be_of(
    seed: int,
) -> None:
    """Rosters and dates that come after it, in any order; what is said later takes no class away."""
    chance = random.Random(seed)
    with TemporaryDirectory(dir=in_memory()) as folder:
        desk = Desk(Path(folder))
        days = {str(day): day for day in range(NIGHTS)}
        for day in range(NIGHTS):
            desk.date(day, day)
        told: list[Assignment] = []
        expected: dict[str, set[str]] = {day: set() for day in days}
        for _ in range(8):
            begins, other = sorted(chance.choices(range(NIGHTS), k=2))
            if chance.random() < 0.4:
                day = chance.randrange(NIGHTS)
                days[str(day)] = other
                desk.date(day, other)
            else:
                until = chance.choice([None, other])
                _, _, officer, first, last, unit = said = row(
                    chance.choice("12"), begins, until, chance.choice(UNITS)
                )
                told.append(Assignment(officer=officer, begins=first, ends=last, unit=unit))
                desk.assign(said)
            for name, at in days.items():
                span = Roster(told).span_at(noon(at))
                unit = span.told.unit if span else ""
                expected[name] |= {"trojan": {"firearms"}, "Dogs": {"search"}}.get(unit, set())
        assert desk.classes() == expected


@pytest.mark.slow
def test_a_roster_that_comes_after_the_footage_restricts_it_and_says_so_to_those_who_may_know(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    for day in range(NIGHTS):
        desk.date(day, day)
    said = desk.assign(row("1", 0, 0, "Trojan"), row("2", 1, 1, "Dogs"), veil=Veil(closed=("firearms",)))
    assert desk.classes() == {"0": {"firearms"}, "1": {"search"}, "2": set(), "3": set()}
    assert said.endswith("1 clip has the class of the unit now.")
    assert desk.assign(row("1", 2, 3, "Trojan")).endswith("2 clips have the class of the unit now.")


def test_what_a_person_took_away_does_not_come_back_with_a_roster_that_says_the_same(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.date(0, 0)
    desk.assign(row("1", 0, 0, "Trojan"))
    [given_before] = [fact for fact in desk.station.facts if isinstance(fact, ClipClassified)]
    instead = replace(given_before, name="search", restricted=False, basis="person", instead=True)
    desk.station.ledger.record([instead])
    desk.assign(row("2", 0, 0, "Trojan"))
    desk.date(0, 0)
    assert desk.classes()["0"] == {"search"}


def test_a_date_that_comes_later_gives_the_class_of_whoever_had_the_camera_then(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.assign(row("1", 3, 3, "Trojan"))
    assert desk.classes()["0"] == set()
    desk.date(0, 3)
    assert desk.classes()["0"] == {"firearms"}
