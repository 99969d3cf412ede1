"""Is the draw uniform, the same for everybody, and out of anybody's choice?"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.custody.checkpoints import StoredCheckpoint
from bwvdock.core.moments import iso
from bwvdock.edges.journal import JournalReader, open_journal
from bwvdock.edges.journal.read.audit.sample import Candidate, Per, Seed, digest_of
from tests.edges.journal import stories as tell
from tests.edges.journal.read.audit import worlds
from tests.edges.journal.read.audit.worlds import ASKED, FIRST, World
from tests.extent import fewer
from tests.places import in_memory

ROOT = hashlib.sha256(b"root").hexdigest()
LATE = FIRST + timedelta(days=4000)
SEED = Seed(size=9, root=ROOT, made_at=iso(LATE))


def drawn_from(
    world: World, per: Per, wanted: int, *, seed: Seed = SEED, whole: bool = False
) -> list[Candidate]:
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        path = worlds.record(world, Path(folder, "journal.sqlite3"))
        with JournalReader(path) as reader:
            asked = replace(ASKED, by_month=False, by_unit=per is Per.UNIT)
            return reader.sample(asked, seed, per=per, wanted=wanted, whole=whole)


def group_of(world: World, clip: worlds.Plan, per: Per) -> str:
    if per is Per.UNIT:
        return world.unit_of(clip.camera, clip.recorded)
    return clip.officer if per is Per.OFFICER else ""


@pytest.mark.slow
@fewer(4)
@given(
    random=st.randoms(use_true_random=False),
    per=st.sampled_from(Per),
    wanted=st.integers(1, 4),
    whole=st.booleans(),
)
def test_each_group_s_first_clips_in_the_order_of_their_digests_are_drawn(
    random: Random, per: Per, wanted: int, whole: bool
) -> None:
    world = worlds.drawn(random)
    groups: dict[str, list[str]] = {}
    for _, clip in world.clips:
        if clip.here:
            groups.setdefault(group_of(world, clip, per), []).append(clip.id)
    rows = drawn_from(world, per, wanted, whole=whole)
    for name, clips in groups.items():
        order = sorted(clips, key=lambda clip: hashlib.sha256(f"{ROOT} {clip}".encode()).hexdigest())
        of_it = [row for row in rows if row.group == name]
        assert [row.clip for row in of_it] == (order if whole else order[:wanted])
        assert [row.rank for row in of_it if row.rank] == list(range(1, min(wanted, len(order)) + 1))
        assert {row.of for row in of_it} == {len(clips)}
    assert {row.group for row in rows} == groups.keys()


def test_what_was_copied_after_the_checkpoint_is_not_drawn_and_is_counted(tmp_path: Path) -> None:
    world = World(
        dockings=[
            worlds.Docking(number=n, camera="CAM-1", at=FIRST + timedelta(days=n), safe_after=0, clips=[clip])
            for n, clip in enumerate(
                worlds.Plan(number=n, camera="CAM-1", recorded=FIRST, size=1, dated="known") for n in range(4)
            )
        ],
        assigned=[],
    )
    path = worlds.record(world, tmp_path / "journal.sqlite3")
    seed = replace(SEED, made_at=iso(FIRST + timedelta(days=1, hours=1)))
    with JournalReader(path) as reader:
        rows = reader.sample(ASKED, seed, per=Per.DOCK, wanted=9)
        assert {row.clip for row in rows} == {clip.id for _, clip in world.clips[:2]}
        assert reader.came_later(ASKED, seed) == 2


def test_every_clip_is_drawn_as_often_as_any_other() -> None:
    """Chi-square of 400 draws of 5 of 40 clips, 39 degrees of freedom.

    Chance exceeds 62.4 once in 100, and is below 17.3 once in 1000.
    """
    random = Random(20260301)
    clips = [f"01hq{number:014}" for number in range(40)]
    counts: Counter[str] = Counter()
    for _ in range(400):
        root = random.randbytes(32).hex()
        counts.update(sorted(clips, key=lambda clip: digest_of(root, clip))[:5])
    expected = 400 * 5 / 40
    # What is drawn without replacement varies less than what is drawn with it, by (40 - 5) / (40 - 1).
    chi_square = sum((counts[clip] - expected) ** 2 / expected for clip in clips) * 39 / 35
    assert 17.3 < chi_square < 62.4


def test_the_seed_is_the_first_checkpoint_after_the_period_and_no_other_may_seed(tmp_path: Path) -> None:
    path = worlds.record(World(dockings=[], assigned=[]), tmp_path / "journal.sqlite3")
    with open_journal(path, tell.SteadyClock()) as journal:
        for day, size in ((1, 2), (2, 4), (3, 5)):
            root = hashlib.sha256(bytes([size])).digest()
            made_at = iso(FIRST + timedelta(days=day))
            journal.keep_checkpoint(
                StoredCheckpoint(size=size, root=root, note=f"note {size}", made_at=made_at)
            )
    until = iso(FIRST + timedelta(days=1, seconds=1))
    with JournalReader(path) as reader:
        seed = reader.seed(until)
        assert (seed.size, seed.note, seed.witnesses) == (4, "note 4", ())
        assert reader.may_seed(4, seed.root, until)
        assert not reader.may_seed(5, hashlib.sha256(bytes([5])).hexdigest(), until), "a later one"
        assert not reader.may_seed(2, hashlib.sha256(bytes([2])).hexdigest(), until), "one of before"
        assert not reader.may_seed(4, ROOT, until), "a root that somebody made up"
        assert not reader.may_seed(3, ROOT, until)
        assert reader.seed(iso(LATE)).size == 0
