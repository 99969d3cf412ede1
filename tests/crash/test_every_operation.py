"""Is every clip safe when the power goes at any outside operation of the pipeline?

The whole pipeline, its workers inline: real stages, plan, ledger and SQLite journal; camera, disk and
store are fakes that announce each operation to a supply. The supply fails before the first, the second,
the third … until no cut happens any more.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bwvdock.core.ports import PIECE_BYTES
from tests.crash.sweep import (
    LARGE,
    SMALL,
    assert_arrived,
    assert_sound,
    cut_at_every_operation,
    cut_points,
    memory_folder,
    new_world,
    run,
)
from tests.crash.world import World
from tests.extent import EXTENT, SEED, Extent, drawn
from tests.fakes.disk import FakeDisk
from tests.fakes.power import PowerCut, PowerSupply, TearingDisk

pytestmark = pytest.mark.crash

LOSES_ALL = "all-unsynced-lost"
DISKS: dict[str, Callable[[int], FakeDisk]] = {
    LOSES_ALL: lambda cut: FakeDisk(),
    "some-unsynced-kept": lambda cut: TearingDisk(seed=cut),
}
# Each cut on one of them, drawn anew in each run; in `make nightly` on both.
EITHER = DISKS if EXTENT is Extent.NIGHTLY else {"either": lambda cut: _drawn_disk(cut)(cut)}


def _drawn_disk(cut: int) -> Callable[[int], FakeDisk]:
    return random.Random(f"{SEED} {cut}").choice(list(DISKS.values()))


EVERYTHING = {
    *("camera list", "camera fingerprint", "camera open", "camera read"),
    *("disk create", "disk write", "disk sync", "disk read", "disk rename"),
    *("store store", "store put", "store prove", "journal append", "journal return"),
}


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where there is one."""
    yield from memory_folder()


def _docked_still(world: World, cut: int) -> bool:
    """The power comes back and the camera still sits there."""
    return run(world, PowerSupply()).finished


def _docked_later(world: World, cut: int) -> bool:
    """The camera was taken out in the dark: the dock works alone until it comes back."""
    alone = run(world, PowerSupply(), docked=False).finished
    return alone and run(world, PowerSupply()).finished


def _cut_while_recovering(world: World, cut: int) -> bool:
    """The power goes again while the dock recovers, at another operation each time."""
    again = 1 + cut * 7 % 60
    for _ in range(3):
        if run(world, PowerSupply(again)).finished:
            return True
        assert world.problems() == [], f"cut {cut}, then before operation {again} of recovering"
        again += 29
    return run(world, PowerSupply()).finished


@pytest.mark.parametrize("recover", [_docked_still, _docked_later, _cut_while_recovering])
@pytest.mark.parametrize("disk", EITHER)
def test_after_a_cut_at_any_operation_every_clip_arrives(
    memory: Path, recover: Callable[[World, int], bool], disk: str
) -> None:
    """And at the cut itself nothing was claimed that was not so."""
    cuts = cut_at_every_operation(memory, SMALL, recover=recover, disk=EITHER[disk])
    assert {" ".join(cut.split()[:2]) for cut in cuts} >= EVERYTHING


@pytest.mark.parametrize("recover", [_docked_still, _docked_later, _cut_while_recovering])
def test_after_a_cut_at_any_operation_nothing_is_gone_that_was_not_announced(
    memory: Path, recover: Callable[[World, int], bool]
) -> None:
    """On a dock that erases its cameras: what was cut in the middle goes on, and ends erased."""
    disk = DISKS[LOSES_ALL]
    also = {
        "journal append release_intended",
        "journal return release_intended",
        "journal return clip_released",
    }
    cuts = cut_at_every_operation(memory, SMALL, recover=recover, disk=disk, erases=True, also=also)
    assert {" ".join(cut.split()[:2]) for cut in cuts} >= {*EVERYTHING, "camera erase"}
    assert also <= set(cuts)


CONFIRMING = {
    *("signer ask", "signer answer", "witness ask", "witness answer"),
    *("journal keep", "journal kept"),  # a checkpoint, and a witness's line
}


@pytest.mark.slow
@pytest.mark.parametrize("recover", drawn([_docked_still, _docked_later, _cut_while_recovering], 1, of="cut"))
def test_after_a_cut_at_any_operation_what_is_remembered_outside_is_the_journal_s(
    memory: Path, recover: Callable[[World, int], bool]
) -> None:
    """Signer and witnesses may remember what the dock does not know of; nobody calls that a contradiction.

    And nothing is announced to be erased before the witnesses have confirmed what proves it.
    """
    cuts = cut_at_every_operation(
        memory,
        SMALL,
        recover=recover,
        disk=DISKS[LOSES_ALL],
        erases=True,
        confirmed=True,
        also={"journal append log_key_new"},
    )
    assert {" ".join(cut.split()[:2]) for cut in cuts} >= CONFIRMING | EVERYTHING


@pytest.mark.slow
@pytest.mark.parametrize("disk", EITHER)
def test_a_long_clip_goes_on_after_a_cut_at_any_operation(memory: Path, disk: str) -> None:
    """A clip of more than one piece leaves a log of pieces behind, which must prove itself."""
    cuts = cut_at_every_operation(memory, LARGE, recover=_docked_still, disk=EITHER[disk])
    assert {" ".join(cut.split()[:2]) for cut in cuts} >= EVERYTHING
    assert any(".pieces" in cut for cut in cuts)


def _yank(world: World, supply: PowerSupply) -> bool:
    """Dock the camera, pull it out where `yank_at` says; say whether the power stayed."""
    try:
        camera = world.camera(world.files, supply)
        with world.switch_on(supply) as dock:
            dock.start()
            dock.plug(camera)
            while camera.plugged:
                dock.dock.turn(timeout=0)
            dock.pull()
            dock.work()
    except PowerCut:
        return False
    return supply.cut_before is None


@pytest.mark.slow
@pytest.mark.parametrize("disk", EITHER)
def test_a_copy_that_was_yanked_and_cut_proves_itself_before_it_goes_on(memory: Path, disk: str) -> None:
    """What a yank left is noted, and the power may go before it is on the disk: the note is no proof."""
    supply = PowerSupply()
    assert _yanked(memory, disk, 0, supply)
    for cut in cut_points(supply.done):
        _yanked(memory, disk, cut, PowerSupply(cut))


def _yanked(memory: Path, disk: str, cut: int, supply: PowerSupply) -> bool:
    world = new_world(memory, LARGE, EITHER[disk](cut))
    clip = next(iter(world.files.values()))
    clip.yank_at = PIECE_BYTES - 5 * 2**20
    finished = _yank(world, supply)
    assert_sound(world, LARGE, f"cut {cut} (BWVDOCK_SEED={SEED})")
    clip.yank_at = None
    assert run(world, PowerSupply()).finished
    assert_arrived(world, LARGE, f"cut {cut} (BWVDOCK_SEED={SEED})")
    return finished
