"""What becomes of a clip when the disk, the store or the camera lies?

Whatever they say, no clip is ever called verified unless its very bytes stand in the store; and where
they are caught the journal says so and a person is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.status.alerts import AlertCode
from tests.crash.sweep import SMALL, cut_points, memory_folder, new_world, run
from tests.crash.world import World, honest_camera
from tests.extent import SEED
from tests.fakes.camera import FakeFile, FakeVolume, TruncatingVolume
from tests.fakes.destination import DroppingDestination, Fetch, FlippingDestination
from tests.fakes.disk import FailingDisk, FakeDisk, FlippingDisk, ForgetfulDisk, ShortDisk
from tests.fakes.footage import footage
from tests.fakes.power import PowerSupply

pytestmark = pytest.mark.crash

A, B, C = sorted(path for path in SMALL if path.endswith(".MP4"))
EMPTY = C


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where there is one."""
    yield from memory_folder()


def _flipping(fetch: Fetch, supply: PowerSupply) -> FlippingDestination:
    return FlippingDestination(fetch)


def _dropping(fetch: Fetch, supply: PowerSupply) -> DroppingDestination:
    return DroppingDestination(fetch)


def _truncating(files: dict[str, FakeFile], supply: PowerSupply) -> FakeVolume:
    files[A].short_at = 100_000  # beyond what its fingerprint covers
    return TruncatingVolume(files=files)


def _claims_of_verified_are_true(world: World) -> bool:
    stored = dict.fromkeys(world.files, False)
    for clip in world.clips():
        for number, file in enumerate(clip.files):
            stored[file.path] = world.objects.get(f"{clip.id}.{number}") == world.files[file.path].data
    verified = [path for path, state in world.states().items() if state is ClipState.VERIFIED]
    return all(stored[path] for path in verified)


@pytest.mark.parametrize("store", [_flipping, _dropping])
def test_what_a_store_lies_about_is_quarantined(
    memory: Path, store: Callable[[Fetch, PowerSupply], FlippingDestination | DroppingDestination]
) -> None:
    """It said that it holds the clips; asked again it gives other bytes, or none."""
    world = new_world(memory, SMALL)
    world.store = store
    alerts = run(world, PowerSupply()).alerts
    expected = dict.fromkeys([A, B, C], ClipState.QUARANTINED)
    if store is _flipping:
        expected[EMPTY] = ClipState.VERIFIED  # it has no bit that could be flipped
    assert world.states() == expected
    assert _claims_of_verified_are_true(world)
    assert AlertCode.CLIPS_QUARANTINED in alerts
    assert {path: file.data for path, file in world.files.items()} == SMALL


@pytest.mark.parametrize("disk", [FlippingDisk, ShortDisk])
def test_what_a_disk_does_not_keep_is_never_called_acquired(
    memory: Path, disk: Callable[[], FakeDisk]
) -> None:
    """Read back twice, wrong twice: a person must look at the disk; the empty clip has nothing to lose."""
    world = new_world(memory, SMALL, disk())
    alerts = run(world, PowerSupply()).alerts
    assert world.states() == {A: ClipState.QUARANTINED, B: ClipState.QUARANTINED, EMPTY: ClipState.VERIFIED}
    acquired = [clip for _, kind, clip in world.entries() if kind == "clip_acquired"]
    assert acquired == [clip.id for clip in world.clips() if clip.files[0].path == EMPTY]
    assert AlertCode.CLIPS_QUARANTINED in alerts
    assert AlertCode.CLIPS_SKIPPED in alerts  # "2 files were NOT taken" is said beside "safe to remove"
    assert world.problems() == []
    world.disk = FakeDisk()
    assert AlertCode.CLIPS_SKIPPED in run(world, PowerSupply()).alerts, "docked again, they are called known"


def test_a_disk_that_flips_one_bit_once_costs_a_second_reading_and_no_more(memory: Path) -> None:
    """The camera still has the clip, so it is read again."""
    world = new_world(memory, SMALL, FlippingDisk(lies=1))
    run(world, PowerSupply())
    assert world.states() == dict.fromkeys([A, B, C], ClipState.VERIFIED)
    assert world.problems() == []


def test_a_disk_whose_sync_failed_is_not_believed_the_second_time(memory: Path) -> None:
    """It forgets what it refused and says all is well: nothing that it was asked for then may count."""
    world = new_world(memory, SMALL, FailingDisk(failures=2))
    run(world, PowerSupply())
    assert set(world.states().values()) <= {ClipState.VERIFIED, ClipState.QUARANTINED}
    assert world.problems() == []
    assert _claims_of_verified_are_true(world)


def test_a_disk_that_forgets_at_every_cut_never_makes_a_verified_clip_wrong(memory: Path) -> None:
    """It says that it synced, answers from its cache and loses it: no program can tell before the cut.

    The camera is docked again, and has what was lost: that is copied once more.
    """
    supply, recalled = PowerSupply(), 0
    assert run(new_world(memory, SMALL, ForgetfulDisk()), supply).finished
    for cut in cut_points(supply.done):
        world, when = new_world(memory, SMALL, ForgetfulDisk()), f"cut {cut} (BWVDOCK_SEED={SEED})"
        run(world, PowerSupply(cut))
        run(world, PowerSupply())
        assert _claims_of_verified_are_true(world), when
        recalled += sum(kind == "clip_recalled" for _, kind, _ in world.entries())
        assert set(world.states().values()) == {ClipState.VERIFIED}, when
    assert recalled, "some cut must have lost what was acquired"


def test_a_camera_that_ends_a_file_early_keeps_that_clip_and_gives_the_others(memory: Path) -> None:
    """A short read is not an end: the clip is skipped, and is there still when the camera is docked again."""
    world = new_world(memory, {**SMALL, A: footage(200_000)})
    world.camera = _truncating
    alerts = run(world, PowerSupply()).alerts
    assert world.states() == {A: ClipState.FOUND, B: ClipState.VERIFIED, C: ClipState.VERIFIED}
    assert "clip_skipped" in [kind for _, kind, _ in world.entries()]
    assert AlertCode.CLIPS_SKIPPED in alerts
    assert world.problems() == []
    world.camera = honest_camera
    world.files[A].short_at = None
    run(world, PowerSupply())
    assert world.states() == dict.fromkeys([A, B, C], ClipState.VERIFIED)
    assert world.problems() == []
