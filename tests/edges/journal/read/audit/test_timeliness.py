"""Are the times those that somebody measures by hand, and is no time counted that nobody vouches for?"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.facts import CameraAttached, CameraDetached, CameraRefused, CameraRelisted, CameraSettled
from bwvdock.core.media.sightings import Transport
from bwvdock.edges.journal import JournalReader
from bwvdock.edges.journal.read.audit.scope import Asked
from bwvdock.edges.journal.read.audit.timeliness import Measure, Timeliness
from tests.edges.journal import stories as tell
from tests.edges.journal.read.audit import worlds
from tests.edges.journal.read.audit.worlds import ASKED, FIRST, STORES, Docking, Plan, World
from tests.extent import fewer
from tests.places import in_memory

MS = timedelta(milliseconds=1)
DAY = 86_400_000
Key = tuple[str, str, Measure]


def asked_of(world: World, asked: Asked, folder: Path) -> list[Timeliness]:
    path = worlds.record(world, folder / "journal.sqlite3")
    with JournalReader(path) as reader:
        return reader.timeliness(asked)


def ms_between(begins: datetime, ends: datetime) -> int:
    return (ends - begins) // MS


def measured(world: World, asked: Asked) -> dict[Key, list[int | str]]:
    """Measure docking by docking and clip by clip: a number of milliseconds, "uncertain" or "open"."""
    times: dict[Key, list[int | str]] = defaultdict(list)
    for docking in world.dockings:
        unit = world.unit_of(docking.camera, docking.at)
        if asked.unit is not None and unit != asked.unit:
            continue
        of = unit if asked.by_unit else "", worlds.month(docking.at) if asked.by_month else ""
        safe = docking.safe_after
        times[*of, Measure.SAFE].append("open" if safe is None else safe)
        for clip in docking.clips:
            if not clip.here:
                continue
            after = ms_between(clip.recorded, docking.at)
            vouched = clip.certain and docking.synced and after >= 0
            times[*of, Measure.DOCKED].append(after if vouched else "uncertain")
            receipts = dict(clip.proven) if not clip.recalled else {}
            proven = max(receipts.values(), default=0) if len(receipts) == len(STORES) else None
            known = docking.synced or not docking.rebooted
            last: int | str = "open" if proven is None else proven if known else "uncertain"
            times[*of, Measure.PROVEN].append(last)
    return times


def rank(times: list[int], percent: int) -> int | None:
    return sorted(times)[ceil(len(times) * percent / 100) - 1] if times else None


@pytest.mark.slow
@fewer(4)
@given(random=st.randoms(use_true_random=False), by_month=st.booleans(), by_unit=st.booleans())
def test_they_are_those_that_somebody_measures_by_hand(random: Random, by_month: bool, by_unit: bool) -> None:
    world = worlds.drawn(random)
    unit = random.choice([None, None, "Lewisham", "Team 7"])
    asked = replace(ASKED, by_month=by_month, by_unit=by_unit, unit=unit)
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        rows = asked_of(world, asked, Path(folder))
    expected = measured(world, asked)
    assert {(row.unit, row.month, row.measure) for row in rows} == expected.keys()
    for row in rows:
        times = expected[row.unit, row.month, row.measure]
        counted = [time for time in times if isinstance(time, int)]
        assert row.counted == len(counted)
        assert row.uncertain == times.count("uncertain")
        assert row.open == times.count("open")
        assert row.late == sum(time > DAY for time in counted)
        assert (row.p50_ms, row.p95_ms) == (rank(counted, 50), rank(counted, 95))
        assert row.worst_ms == max(counted, default=None)


def test_a_station_that_keeps_officers_waiting_is_seen_in_the_p95(tmp_path: Path) -> None:
    """Houston, 2013/14: half an hour an officer to download, and nobody had the figure."""
    dockings = [
        Docking(
            number=n,
            camera="CAM-1",
            at=FIRST + timedelta(hours=n),
            safe_after=1000 * (60 if n < 18 else 1800),
        )
        for n in range(20)
    ]
    rows = asked_of(World(dockings=dockings, assigned=[]), ASKED, tmp_path)
    [row] = [row for row in rows if row.measure is Measure.SAFE]
    assert (row.counted, row.p50_ms, row.p95_ms, row.worst_ms) == (20, 60_000, 1_800_000, 1_800_000)


@pytest.mark.slow
def test_footage_that_is_docked_days_later_is_counted_as_late(tmp_path: Path) -> None:
    """Kansas City, 2022: 7 % of the footage was docked more than a day after it was recorded."""
    clip = Plan(number=0, camera="CAM-1", recorded=FIRST, size=1, dated="known")
    clips = [
        replace(clip, number=n, recorded=FIRST - timedelta(hours=23 if n < 93 else 25)) for n in range(100)
    ]
    docking = Docking(number=1, camera="CAM-1", at=FIRST, safe_after=0, clips=clips)
    rows = asked_of(World(dockings=[docking], assigned=[]), ASKED, tmp_path)
    [row] = [row for row in rows if row.measure is Measure.DOCKED]
    assert (row.counted, row.late) == (100, 7)


def test_a_refused_camera_was_never_to_be_made_safe(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    name = tell.docking_id(1)
    attached = CameraAttached(docking=name, camera="CAM-9", bay="1", transport=Transport.MASS_STORAGE)
    refused = CameraRefused(docking=name, reason="not enrolled")
    gone = CameraDetached(docking=name, reason="removed", residual=0, complete=False)
    tell.told(path, [tell.started(), attached, refused, gone])
    with JournalReader(path) as reader:
        assert reader.timeliness(ASKED) == []


def test_a_camera_that_had_more_to_read_was_safe_when_that_was_read(tmp_path: Path) -> None:
    path, clock, name = tmp_path / "journal.sqlite3", tell.SteadyClock(step=0, born=FIRST), tell.docking_id(1)
    with tell.journal_at(path, clock) as journal:
        journal.append([tell.started(), *tell.attached(name), tell.listed(name, new=0)])
        for ticks in (60_000, 300_000):
            clock.ticks = ticks
            journal.append([CameraSettled(docking=name)])
            relisted = {"looked": 1, "seen": 0, "new": 0, "not_ready": 0, "unreadable": 0, "refused": 0}
            journal.append(
                [CameraRelisted(docking=name, volume="lun0-part1", **relisted)] * (ticks == 60_000)
            )
    with JournalReader(path) as reader:
        [row] = reader.timeliness(ASKED)
    assert (row.measure, row.counted, row.worst_ms) == (Measure.SAFE, 1, 300_000)
