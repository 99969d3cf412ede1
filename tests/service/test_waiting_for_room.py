"""What does a dock do while its journal has no room, and what is it told then?"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bwvdock.errors import JournalFullError
from bwvdock.operators.requests import Dispose, Enrol, Pause, Request, Revoke, Status
from bwvdock.service.messages import Stop
from bwvdock.status.values import CameraState, live_from_json
from tests.simulation.cameras import FOLDER_BAY, Watch
from tests.simulation.dock import SimulatedDock

pytestmark = pytest.mark.slow


class Waiting:
    """A dock whose journal has no room; `meanwhile` happens the first time that it waits."""

    def __init__(self, root: Path, *, room_again: bool = True, full: bool = True) -> None:
        self.facts: list[str] = []
        self.docked = 0
        self._first = True
        self._room_again = room_again
        self.meanwhile: Callable[[], None] = lambda: None
        watch = Watch(recorded=lambda fact, _: self.facts.append(fact.kind), meanwhile=self._once)
        self.dock = SimulatedDock(root, random.Random(1), watch)
        for serial in self.dock.cameras:
            self.dock.enrol(serial)
        self.camera = self.dock.cameras["BWV-00001"]
        if full:
            self.fill()

    def fill(self) -> None:
        self._first = True
        self.dock.journal_disk.fill(self.dock.journal, room=0, waits=10_000)

    def _once(self) -> None:
        if self._first:
            self._first = False
            if self._room_again:
                self.dock.journal_disk.free(self.dock.journal)
            self.meanwhile()

    def until_it_waits(self) -> None:
        while self._first:
            self.docked += 1
            self.dock.plug(self.camera, "1-1")
            self.dock.work()
            self.dock.yank(self.camera)
            self.dock.work()


@pytest.mark.parametrize("request_", [Revoke(serial="BWV-00001", reason="lost"), Pause(), Dispose()], ids=str)
def test_an_order_does_not_come_before_what_waits_to_be_recorded(tmp_path: Path, request_: Request) -> None:
    """What waits was decided before the order, and might not be allowed after it."""
    waiting = Waiting(tmp_path)
    waiting.meanwhile = lambda: waiting.dock.order(request_)
    waiting.until_it_waits()
    [answer] = waiting.dock.answers
    assert isinstance(answer, JournalFullError)
    assert not {"camera_revoked", "dock_paused"} & set(waiting.facts)
    waiting.dock.order(Revoke(serial="BWV-00001", reason="lost"))
    waiting.dock.work()
    assert not isinstance(waiting.dock.answers[-1], Exception)


def test_status_is_answered_while_it_waits_and_the_rest_afterwards_in_its_order(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path)
    other = waiting.dock.cameras["BWV-00002"]

    def meanwhile() -> None:
        waiting.dock.order(Status())
        waiting.dock.plug(other, "1-2")
        waiting.dock.yank(other)
        waiting.dock.order(Enrol(serial="X-0001"))

    waiting.meanwhile = meanwhile
    waiting.until_it_waits()
    status, refused = waiting.dock.answers
    assert "journal-full" in str(status)
    assert isinstance(refused, JournalFullError)
    attached = [fact for fact in waiting.facts if fact == "camera_attached"]
    assert len(attached) == waiting.docked + 1
    assert not waiting.dock.bays()


def test_a_folder_is_not_called_safe_while_nobody_looks_into_it(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path, full=False)
    dock = waiting.dock
    dock.plug(dock.folder, FOLDER_BAY)
    dock.work()
    dock.clock.pass_ms(60_000)
    dock.work()
    assert [camera.state for camera in dock.live().cameras] == [CameraState.SAFE_TO_REMOVE]
    waiting.fill()
    waiting.meanwhile = lambda: dock.order(Status())
    waiting.until_it_waits()
    [status] = dock.answers
    assert "safe-to-remove" not in str(status)


@pytest.mark.parametrize("reported", [False, True])
def test_a_camera_stays_safe_only_while_no_report_waits(tmp_path: Path, *, reported: bool) -> None:
    """What waits to be recorded may be that a copy of its footage is spoilt."""
    waiting = Waiting(tmp_path, full=False)
    dock = waiting.dock
    dock.plug(dock.cameras["BWV-00002"], "1-2")
    dock.work()
    waiting.fill()
    waiting.meanwhile = lambda: dock.order(Status())
    if reported:
        waiting.until_it_waits()
    while not dock.answers:
        dock.clock.wrong_by += timedelta(seconds=5)  # the dock's clock was set: an entry that nobody reports
        dock.clock.pass_ms(61_000)
        dock.work()
    [status] = dock.answers
    assert not isinstance(status, Exception)
    states = {camera.serial: camera.state for camera in live_from_json(status).cameras}
    assert states["BWV-00002"] == (CameraState.WAITING if reported else CameraState.SAFE_TO_REMOVE)


def test_it_ends_when_it_is_told_to_and_not_before(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path, room_again=False)
    waiting.meanwhile = lambda: waiting.dock.dock.inbox.put(Stop())
    with pytest.raises(JournalFullError):
        waiting.until_it_waits()
    assert waiting.dock.dock.stopping
