"""How is the power cut at each operation in turn, and what must be so afterwards?"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.ports import PIECE_BYTES
from tests.crash.world import World
from tests.extent import EXTENT, SEED, Extent, offset
from tests.fakes.camera import camera_with
from tests.fakes.disk import FakeDisk
from tests.fakes.footage import footage
from tests.fakes.power import PowerCut, PowerSupply
from tests.memory import collect_if_grown

EVERY = 8  # operations from one cut to the next, but for `make nightly`

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
    memory: Path,
    files: Mapping[str, bytes],
    disk: FakeDisk | None = None,
    *,
    erases: bool = False,
    confirmed: bool = False,
) -> World:
    """Make a world in which nothing has happened yet."""
    collect_if_grown()  # the last one's disk
    root = memory / "world"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    return World(
        journal=root / "journal.sqlite3",
        files=camera_with(files).files,
        disk=FakeDisk() if disk is None else disk,
        erases=erases,
        confirmed=confirmed,
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


def kind_of(operation: str) -> str:
    """Return what an operation does, whatever it does it to: "disk sync"."""
    return " ".join(operation.split()[:2]) + (" .pieces" if ".pieces" in operation else "")


def _is_of(kind: str, operation: str) -> bool:
    return kind_of(operation) == kind


def cut_points(operations: Sequence[str], *, also: Collection[str] = ()) -> list[int]:
    """Return which operations to cut, by their numbers from 1 on.

    Every eighth, from one on that is drawn anew in each run; one of each kind, drawn as well; and those that
    `also` names. In `make nightly` every one.
    """
    if EXTENT is Extent.NIGHTLY:
        return list(range(1, len(operations) + 1))
    chosen = set(range(offset(EVERY), len(operations), EVERY))
    kinds = [operation if operation in also else kind_of(operation) for operation in operations]
    chance = random.Random(SEED)
    for kind in dict.fromkeys(kinds):
        chosen.add(chance.choice([number for number, other in enumerate(kinds) if other == kind]))
    return sorted(number + 1 for number in chosen)


def _supplies(
    operations: Sequence[str], cuts: Sequence[str], also: Collection[str]
) -> Iterator[tuple[int, PowerSupply]]:
    """Yield each cut's number and its supply; then one for each kind of operation that no run was cut at.

    Threads work beside one another: the operation of a number need not be the same one in the next run.
    """
    for cut in cut_points(operations, also=also):
        yield cut, PowerSupply(cut)
    kinds = [kind_of(operation) for operation in operations]
    for kind in dict.fromkeys(kinds):
        if kind not in map(kind_of, cuts):
            yield kinds.index(kind) + 1, PowerSupply(first_of=partial(_is_of, kind))


def cut_at_every_operation(
    memory: Path,
    files: Mapping[str, bytes],
    *,
    recover: Callable[[World, int], bool],
    disk: Callable[[int], FakeDisk],
    erases: bool = False,
    confirmed: bool = False,
    also: Collection[str] = (),
) -> list[str]:
    """Cut before one operation after the other, recover, compare; return the operations that were cut.

    Args:
        memory: where the journal may stand.
        files: what is on the camera.
        recover: given the world and the cut, brings everything to its end, or says False.
        disk: given the cut, makes the spool's disk.
        erases: whether the dock erases the camera of what is verified.
        confirmed: whether a signer and witnesses are there, and erasing waits for these.
        also: operations that are cut in any case (see `cut_points`).
    """
    world = new_world(memory, files, disk(0), erases=erases, confirmed=confirmed)
    supply = PowerSupply()
    assert run(world, supply).finished
    assert_arrived(world, files, "without a cut")
    operations, cuts = supply.done, list[str]()
    for cut, supply in _supplies(operations, cuts, also):
        world.outside.close()
        world = new_world(memory, files, disk(cut), erases=erases, confirmed=confirmed)
        finished = run(world, supply).finished  # this time it had fewer operations
        when = f"cut {cut}, before {supply.cut_before} (BWVDOCK_SEED={SEED})"
        if not finished:
            cuts.append(supply.cut_before or "")
            assert_sound(world, files, when)
            assert recover(world, cut), when
        assert_arrived(world, files, when)
    world.outside.close()
    return cuts
