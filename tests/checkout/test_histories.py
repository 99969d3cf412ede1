"""Does a dock do what the document says, whatever officers, cameras and clocks do? Drawn, against a model."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bwvdock.core.checkout.badges import Holder
from bwvdock.core.clips.roster import Assignment
from bwvdock.core.facts import (
    CameraAssigned,
    CameraCheckedOut,
    CameraEnrolled,
    CameraReturned,
    CameraTakenOtherwise,
)
from bwvdock.core.moments import iso
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import UsageError
from bwvdock.operators.checkout.requests import CheckOut
from tests.checkout.badged import Badged
from tests.checkout.model import Model, World
from tests.extent import EXTENT, SEED, Extent
from tests.fakes.camera import camera_with
from tests.places import in_memory

_HISTORIES = {Extent.CHECK: 2, Extent.TEST: 100, Extent.NIGHTLY: 2000}[EXTENT]
_STEPS = 20
_LONG_AGO = "2020-01-01T00:00:00.000Z"
_UNTIL = "2021-01-01T00:00:00.000Z"
_WAITS = (1000, 5000, 16_000, 30_000, 61_000, 8 * 3_600_000)
_JUMPS = (timedelta(hours=2), timedelta(hours=-2), timedelta(days=-1), timedelta(minutes=-10))


class History:
    """A dock and the model of it, to which the same things happen."""

    def __init__(self, root: Path, seed: str) -> None:
        self.draw = random.Random(seed)
        officers = {
            "1001": ("ann", ""),
            "1002": ("bob", "North"),
            "1003": ("cat", ""),
            "1004": ("dan", "North"),
        }
        cameras = [f"CAM-000{number}" for number in range(5)]
        self.world = World(
            officers=officers,
            units={camera: self.draw.choice(("", "", "North", "South")) for camera in cameras},
            batteries={camera: self.draw.choice((100, 100, 100, 80, 79, None)) for camera in cameras},
        )
        holders = [(badge, Holder(officer=who, unit=unit)) for badge, (who, unit) in officers.items()]
        self.dock = Badged(root, holders=[*holders, ("1005", Holder(officer="eve", until=_UNTIL))])
        self.model = Model(world=self.world, wall=self.dock.clock.now())
        for camera in cameras:
            self.dock.ledger.record(
                [CameraEnrolled(camera=camera, model="", actor="0:root", unit=self.world.units[camera])]
            )
        personal = CameraAssigned(
            camera=cameras[4], officer="cat", valid_from=_LONG_AGO, valid_to="", actor="0:root"
        )
        self.dock.ledger.record([personal])
        self.model.assignments[cameras[4]] = [Assignment(officer="cat", begins=_LONG_AGO)]
        self.dock.facts.clear()
        self.keys: dict[str, str] = {}
        self.free = [f"1-{number}" for number in range(1, 7)]
        self.steps: list[str] = []
        for camera in cameras:
            self.put(camera)

    def put(self, camera: str) -> None:
        bay = self.free.pop(self.draw.randrange(len(self.free)))
        self.steps.append(f"dock {camera} in {bay}")
        self.model.dock(camera, bay)
        self.keys[camera] = self.dock.plug(camera_with({}), serial=camera, bay=bay)
        self.dock.turn()
        self.dock.bay(self.keys[camera]).battery = self.world.batteries[camera]
        self.wait(1000)

    def wait(self, ms: int) -> None:
        self.dock.clock.pass_ms(ms)
        self.model.wait(ms)

    def step(self) -> None:
        """Let one thing happen."""
        kinds = ["tap"] * 8 + ["offered"] * 6 + ["any"] * 4 + ["back"] * 5 + ["long"] * 3
        getattr(self, self.draw.choice([*kinds, "jump", "restart", "desk", "desk", "hand_in"]))()

    def tap(self) -> None:
        self.wait(1000)
        badge = self.draw.choice(("1001", "1001", "1002", "1003", "1004", "1005", "unknown"))
        self.steps.append(f"badge {badge}")
        assert self.dock.tap(badge)["outcome"] == self.model.badge(badge)

    def desk(self) -> None:
        badge = self.draw.choice(tuple(self.world.officers))
        officer, _ = self.world.officers[badge]
        self.steps.append(f"desk {officer}")
        try:
            outcome = self.dock.checkouts.desk(CheckOut(officer=officer), "1000:desk", None)["outcome"]
        except UsageError:
            outcome = "none"
        assert (outcome == "take") is (self.model.badge(badge) == "take")

    def offered(self) -> None:
        self._take([camera for camera in self.keys if self.model.offer and self.model.offer[2] == camera])

    def any(self) -> None:
        self._take(sorted(self.keys))

    def _take(self, cameras: list[str]) -> None:
        if not cameras:
            return
        camera = self.draw.choice(cameras)
        self.steps.append(f"take {camera}")
        key = self.keys.pop(camera)
        self.free.append(self.model.docked[camera][0])
        self.model.take(camera)
        self.dock.take(key)
        self.wait(self.draw.choice((0, 0, 1000)))

    def back(self) -> None:
        away = sorted(set(self.world.units) - set(self.keys))
        if away:
            self.put(self.draw.choice(away))

    def jump(self) -> None:
        by = self.draw.choice(_JUMPS)
        self.steps.append(f"the clock is set by {by}")
        self.dock.clock.wrong_by += by
        self.model.wall += by

    def long(self) -> None:
        ms = self.draw.choice(_WAITS)
        self.steps.append(f"{ms} ms")
        self.wait(ms)

    def restart(self) -> None:
        """The daemon is killed and starts again; meanwhile one camera may be taken, which nobody sees."""
        self.steps.append("restart")
        self.dock.restart()
        self.model.restart()
        there = [camera for camera in self.keys if self.draw.random() > 0.1]
        self.keys.clear()
        self.free = [f"1-{number}" for number in range(1, 7)]
        for camera in there:
            self.put(camera)

    def hand_in(self) -> None:
        camera = self.draw.choice(sorted(self.world.units))
        self.steps.append(f"desk: {camera} was handed in")
        try:
            self.dock.checkouts.give_back(camera, "1000:desk", None)
            out = True
        except UsageError:
            out = False
        assert out is self.model.hand_in(camera)

    def compare(self) -> None:
        """Compare all that can be seen of the dock with the model."""
        assert (self.dock.offered(), self.dock.shown()) == (self.model.offered(), self.model.shown())
        assert self.entries() == self.model.entries
        assert {one.camera for one in self.dock.checkouts.taken_otherwise()} == self.model.alerts()
        moment = iso(self.dock.clock.now())
        for camera in self.world.units:
            assert self.dock.ledger.officer_of(camera, moment) == self.model.holder(camera)

    def entries(self) -> list[tuple[str, ...]]:
        """Return what was recorded, as the model writes it."""
        said: list[tuple[str, ...]] = []
        for fact in self.dock.facts:
            match fact:
                case CameraAssigned():
                    said.append((fact.kind, fact.camera, fact.officer, fact.valid_from, fact.valid_to))
                case CameraCheckedOut():
                    said.append((fact.kind, fact.camera, fact.officer, fact.taken_at))
                case CameraReturned():
                    said.append((fact.kind, fact.camera, fact.officer, fact.how))
                case CameraTakenOtherwise():
                    said.append((fact.kind, fact.camera, fact.officer, fact.how))
        return said


def run(root: Path, seed: str) -> None:
    """Let a history happen; what differs from the model fails, with the history."""
    history = History(root, seed)
    try:
        for _ in range(_STEPS):
            history.step()
            history.compare()
        assert verify_journal(root / "journal.sqlite3").ok
    except AssertionError as error:
        raise AssertionError(f"seed {seed!r}: {'; '.join(history.steps)}\n{error}") from error
    finally:
        history.dock.journal.close()


@pytest.mark.slow
def test_any_history_is_as_the_document_says() -> None:
    for number in range(_HISTORIES):
        with TemporaryDirectory(dir=in_memory()) as root:
            run(Path(root), f"{SEED} {number}")


def test_two_histories_are_as_the_document_says(tmp_path: Path) -> None:
    for number in range(2):
        root = tmp_path / str(number)
        root.mkdir()
        run(root, f"always {number}")
