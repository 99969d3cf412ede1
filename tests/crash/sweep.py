"""How is the power cut at each operation in turn, and what must be so afterwards?"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.ports import PIECE_BYTES
from tests.crash.world import World
from tests.fakes.camera import camera_with
from tests.fakes.disk import FakeDisk
from tests.fakes.footage import footage
from tests.fakes.power import PowerCut, PowerSupply

_MOST = 2_000  # operations; more means that the sweep does not end

SMALL = {
    "DCIM/100TEST/A.MP4": footage(3_000, seed=1),
    "DCIM/100TEST/B.MP4": footage(70_001, seed=2),
    "DCIM/100TEST/B.GPS": footage(40, seed=3),
    "DCIM/100TEST/C.MP4": b"",
}
LARGE = {"DCIM/100TEST/L.MP4": footage(PIECE_BYTES + 4096 * 3 + 5, seed=4)}


def memory_folder() -> Iterator[Path]:
    """Return a folder in memory where there is one: SQLite's fsyncs are tested on real disks."""
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as name:
        yield Path(name)


def new_world(
    memory: Path, files: Mapping[str, bytes], disk: FakeDisk | None = None, *, erases: bool = False
) -> World:
    """Make a world in which nothing has happened yet."""
    root = memory / "world"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    return World(
        journal=root / "journal.sqlite3",
        files=camera_with(files).files,
        disk=FakeDisk() if disk is None else disk,
        erases=erases,
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the dock came to its end, and which alerts it gave then."""

    finished: bool
    alerts: frozenset[str] = frozenset()


def run(world: World, supply: PowerSupply, *, docked: bool = True) -> Outcome:
    """Switch on, dock the camera, and work until nothing is left to do or the power goes."""
    try:
        with world.switch_on(supply) as dock:
            dock.start()
            if docked:
                dock.plug(world.camera(world.files, supply))
            dock.work()
            alerts = dock.alerts()
    except PowerCut:
        return Outcome(finished=False)
    return Outcome(finished=supply.cut_before is None, alerts=alerts)


def assert_sound(world: World, files: Mapping[str, bytes], when: str) -> None:
    """Nothing was claimed that is not so, and no clip is without a good copy."""
    problems = world.problems()
    assert not problems, f"{when}: {problems}"
    # The camera's copy is a good one, at any cut: nothing changes it, and nothing erases it unless told to.
    standing = {path: file.data for path, file in world.files.items()}
    assert standing == {path: files[path] for path in (standing if world.erases else files)}, when


def assert_arrived(world: World, files: Mapping[str, bytes], when: str) -> None:
    """Every clip is verified (and erased, where it should be), with its bytes, and none was taken twice."""
    assert_sound(world, files, when)
    clips = [path for path in files if path.endswith(".MP4")]
    states = world.states()
    end = ClipState.RELEASED if world.erases else ClipState.VERIFIED
    assert states == dict.fromkeys(clips, end), f"{when}: {states}"
    assert not (world.erases and world.files), when
    assert sorted(world.objects.values()) == sorted(files.values()), when


def cut_at_every_operation(
    memory: Path,
    files: Mapping[str, bytes],
    *,
    recover: Callable[[World, int], bool],
    disk: Callable[[int], FakeDisk],
    erases: bool = False,
) -> list[str]:
    """Cut before each operation in turn, recover, compare; give the operations that were cut.

    Args:
        memory: where the journal may stand.
        files: what is on the camera.
        recover: given the world and the cut, brings everything to its end, or says False.
        disk: given the cut, makes the spool's disk.
        erases: whether the dock erases the camera of what is verified.
    """
    cuts: list[str] = []
    for cut in range(1, _MOST):
        world = new_world(memory, files, disk(cut), erases=erases)
        supply = PowerSupply(cut)
        if run(world, supply).finished:
            assert_arrived(world, files, "without a cut")
            return cuts
        when = f"cut {cut}, before {supply.cut_before}"
        cuts.append(supply.cut_before or "")
        assert_sound(world, files, when)
        assert recover(world, cut), when
        assert_arrived(world, files, when)
    raise AssertionError("the sweep does not end")
