"""Is the share with officer, case and review that which somebody counts by hand?"""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.edges.journal import JournalReader
from bwvdock.edges.journal.read.audit.coverage import Coverage
from tests.edges.journal.read.audit import worlds
from tests.edges.journal.read.audit.worlds import ASKED, FIRST, Docking, Plan, World
from tests.extent import fewer
from tests.places import in_memory

NAMES = ("clips", "officer", "case", "reviewed")


def covered(clip: Plan) -> Counter[str]:
    return Counter(
        clips=1, officer=int(bool(clip.officer)), case=int(bool(clip.case)), reviewed=int(clip.reviewed)
    )


def asked_of(world: World, folder: Path, *, by_unit: bool = False) -> list[Coverage]:
    path = worlds.record(world, folder / "journal.sqlite3")
    with JournalReader(path) as reader:
        return reader.coverage(replace(ASKED, by_month=False, by_unit=by_unit))


@pytest.mark.slow
@fewer(4)
@given(random=st.randoms(use_true_random=False), by_unit=st.booleans())
def test_it_is_what_somebody_counts_by_hand(random: Random, by_unit: bool) -> None:
    world = worlds.drawn(random)
    expected: dict[str, Counter[str]] = {}
    for _, clip in world.clips:
        if clip.here:
            unit = world.unit_of(clip.camera, clip.recorded) if by_unit else ""
            expected[unit] = expected.get(unit, Counter()) + covered(clip)
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        rows = asked_of(world, Path(folder), by_unit=by_unit)
    assert {row.unit: {name: getattr(row, name) for name in NAMES} for row in rows} == {
        unit: {name: counts[name] for name in NAMES} for unit, counts in expected.items()
    }


@pytest.mark.slow
def test_footage_that_nobody_linked_to_anything_is_seen(tmp_path: Path) -> None:
    """Victoria, 2022: half of the files had an id from dispatch, and the force did not know it."""
    clip = Plan(number=0, camera="CAM-1", recorded=FIRST, size=1, dated="known")
    clips = [replace(clip, number=n, officer="4411" * (n < 83), case="C-7" * (n < 51)) for n in range(100)]
    docking = Docking(number=1, camera="CAM-1", at=FIRST, safe_after=0, clips=clips)
    [row] = asked_of(World(dockings=[docking], assigned=[]), tmp_path)
    assert (row.clips, row.officer, row.case, row.reviewed) == (100, 83, 51, 51)
    assert row.event is None, "a journal without calls says nothing of them, not even that there are none"
