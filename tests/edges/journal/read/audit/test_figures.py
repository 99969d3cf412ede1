"""Are the figures those that somebody counts by hand, in whatever history, and do their sums add up?"""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import replace
from datetime import timedelta, tzinfo
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.config.time_zone import system_zone
from bwvdock.core.facts import ClipFound, Fact
from bwvdock.edges.journal import JournalReader
from bwvdock.edges.journal.read.audit.figures import Figure
from bwvdock.edges.journal.read.audit.scope import SMALL, Asked
from tests.edges.journal import stories as tell
from tests.edges.journal.read.audit import worlds
from tests.edges.journal.read.audit.worlds import ASKED, FIRST, Plan, World
from tests.extent import fewer
from tests.places import in_memory


def asked_of(world: World, asked: Asked) -> list[Figure]:
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        path = worlds.record(world, Path(folder, "journal.sqlite3"))
        with JournalReader(path) as reader:
            return reader.figures(asked)


def fate(clip: Plan) -> str:
    """Return what a person would say of a clip who was there."""
    if not clip.here:
        return "not_copied"
    if clip.places & {"spool", "vault"}:
        return "kept"
    return "in_stores" if clip.places else "disposed"


def counted(world: World, asked: Asked) -> dict[tuple[str, str], Counter[str]]:
    """Count clip by clip."""
    sums: dict[tuple[str, str], Counter[str]] = {}
    for _, clip in world.clips:
        recorded = clip.recorded
        if (asked.since and recorded < asked.since) or (asked.until and recorded > asked.until):
            continue
        unit = world.unit_of(clip.camera, recorded)
        if asked.unit is not None and unit != asked.unit:
            continue
        key = unit if asked.by_unit else "", worlds.month(recorded) if asked.by_month else ""
        told = Counter(
            recorded=1, bytes=clip.size, disclosed=int(clip.disclosed), uncertain=int(not clip.certain)
        )
        told[fate(clip)] += 1
        sums[key] = sums.get(key, Counter()) + told
    return sums


@pytest.mark.slow
@fewer(4)
@given(random=st.randoms(use_true_random=False), by_month=st.booleans(), by_unit=st.booleans())
def test_they_are_those_that_somebody_counts_by_hand(random: Random, by_month: bool, by_unit: bool) -> None:
    world = worlds.drawn(random)
    since = random.choice([None, FIRST + timedelta(days=random.randint(-30, 60))])
    unit = random.choice([None, None, "Lewisham", "Team 7"])
    asked = replace(ASKED, by_month=by_month, by_unit=by_unit, since=since, unit=unit)
    rows = asked_of(world, asked)
    expected = counted(world, asked)
    assert [(row.unit, row.month) for row in rows] == sorted(expected)
    for row in rows:
        by_hand = expected[row.unit, row.month]
        assert {name: getattr(row, name) for name in Figure.__slots__[2:]} == {
            name: by_hand[name] for name in Figure.__slots__[2:]
        }
        assert row.recorded == row.kept + row.in_stores + row.disposed + row.not_copied
    whole = asked_of(world, replace(asked, by_month=False, by_unit=False))
    for name in Figure.__slots__[2:]:
        assert sum(getattr(row, name) for row in rows) == sum(getattr(row, name) for row in whole)


def test_what_became_of_each_clip_of_a_month_adds_up_to_what_was_recorded(tmp_path: Path) -> None:
    clip = Plan(
        number=0, camera="CAM-1", recorded=FIRST, size=10, dated="known", proven=(("vault", 1), ("county", 2))
    )
    clips = [
        clip,
        replace(clip, number=1, gone=("spool", "vault")),
        replace(clip, number=2, gone=("spool", "vault", "county"), disclosed=True),
        replace(clip, number=3, copied=False, proven=(), dated=""),
    ]
    docking = worlds.Docking(number=1, camera="CAM-1", at=FIRST, safe_after=0, clips=clips)
    path = worlds.record(World(dockings=[docking], assigned=[]), tmp_path / "journal.sqlite3")
    with JournalReader(path) as reader:
        [row] = reader.figures(ASKED)
    assert (row.month, row.recorded, row.bytes, row.uncertain, row.disclosed) == ("2026-03", 4, 40, 1, 1)
    assert (row.kept, row.in_stores, row.disposed, row.not_copied) == (1, 1, 1, 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    "smallest,units", [(0, ["Croydon", "Team 7"]), (2, [SMALL]), (1, ["Croydon", "Team 7"])]
)
def test_a_unit_of_few_people_is_not_named_and_not_to_be_found_by_subtraction(
    tmp_path: Path, smallest: int, units: list[str]
) -> None:
    """Team 7 is one officer; with Croydon, which is two, there are three."""
    clip = Plan(number=0, camera="CAM-2", recorded=FIRST, size=1, dated="known", officer="4411")
    there = [
        replace(clip, number=n, camera="CAM-3", officer=who)
        for n, who in enumerate(("5512", "6613"), start=1)
    ]
    dockings = [
        worlds.Docking(number=1, camera="CAM-2", at=FIRST, safe_after=0, clips=[clip]),
        worlds.Docking(number=2, camera="CAM-3", at=FIRST, safe_after=0, clips=there),
    ]
    assigned = [("CAM-3", "Croydon", "5512", FIRST, FIRST + timedelta(days=1))]
    path = worlds.record(World(dockings=dockings, assigned=assigned), tmp_path / "journal.sqlite3")
    with JournalReader(path) as reader:
        rows = reader.figures(replace(ASKED, by_unit=True, smallest=smallest))
        assert [row.unit for row in rows] == units
        assert sum(row.recorded for row in rows) == 3
        [team] = reader.figures(replace(ASKED, by_unit=True, smallest=smallest, unit="Team 7"))
    assert team.recorded == 1, "who asks for one unit is shown that one, and it is recorded that they asked"


@pytest.mark.slow
@fewer(4)
@given(random=st.randoms(use_true_random=False), smallest=st.integers(0, 4))
def test_no_named_unit_has_fewer_people_than_the_smallest_and_nothing_is_lost(
    random: Random, smallest: int
) -> None:
    world = worlds.drawn(random, most=24)
    asked = replace(ASKED, by_unit=True, by_month=False, smallest=smallest)
    people: dict[str, set[str]] = {}
    for _, clip in world.clips:
        unit = world.unit_of(clip.camera, clip.recorded)
        people.setdefault(unit, set()).add(clip.officer or clip.camera)
    rows = {row.unit: row for row in asked_of(world, asked)}
    named = rows.keys() - {SMALL, ""}
    assert all(len(people[unit]) >= smallest for unit in named)
    hidden = {unit for unit in people if unit} - named
    assert (SMALL in rows) == bool(hidden)
    of_hidden = set[str]().union(*(people[unit] for unit in hidden))
    assert not hidden or len(of_hidden) >= smallest or not named, "alone, it would follow by subtraction"
    assert sum(row.recorded for row in rows.values()) == len(world.clips)


@pytest.mark.slow
@pytest.mark.parametrize("zone", [worlds.ZONE, system_zone(), ZoneInfo("Pacific/Kiritimati")], ids=str)
def test_a_camera_without_any_idea_of_the_time_takes_no_figure_away(tmp_path: Path, zone: tzinfo) -> None:
    """Its files may be of any time that 64 bits hold, three centuries either way."""
    path, docking = tmp_path / "journal.sqlite3", tell.docking_id(1)
    facts: list[Fact] = [tell.started(), *tell.attached(docking), tell.listed(docking, new=4)]
    for number, ns in enumerate((-(2**63), -1, 0, 2**63 - 1)):
        source = replace(tell.source(number), mtime_ns=ns)
        clip = tell.clip_id(number)
        facts.append(ClipFound(clip=clip, docking=docking, camera=tell.SERIAL, files=(source,)))
    tell.told(path, facts)
    with JournalReader(path) as reader:
        rows = reader.figures(replace(ASKED, zone=zone))
        assert sum(row.recorded for row in rows) == 4
        months = [row.month for row in rows]
        assert (months[0], months[-1]) == ("1677-09", "2262-04")
        assert reader.figures(replace(ASKED, zone=zone, since=FIRST, until=FIRST)) == []
