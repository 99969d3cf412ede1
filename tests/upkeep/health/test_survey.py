"""Is it known of each docked camera whether it is to be set aside, without anybody waiting for it?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from bwvdock.core.health.seen import CameraHealth, Cause, Reason, Verdict
from bwvdock.errors import JournalError
from bwvdock.log import Events
from bwvdock.service.assemble import live_view
from bwvdock.service.from_config import read_cameras
from bwvdock.status import for_screen as screen
from bwvdock.status.alerts import AlertCode
from bwvdock.upkeep.health.survey import HealthReader, HealthSurvey
from tests.fakes.camera import camera_with
from tests.fakes.station import SERIAL, Station
from tests.fakes.worker import HeldWorker

MINUTE = 60_000
ASIDE = Reason(cause=Cause.UNREADABLE, verdict=Verdict.SET_ASIDE, dockings=2, of=3, text="2 files, at 2 of 3")


class World:
    """A station whose docked cameras are judged; `verdicts` is what is read of each, or `error` is raised."""

    def __init__(self, root: Path) -> None:
        self.station = Station(root)
        self.worker = HeldWorker()
        self.verdicts: dict[str, Verdict] = {}
        self.error: JournalError | None = None
        self.asked: list[Sequence[str]] = []
        self.said: list[Events] = []
        self.survey = HealthSurvey(
            self.worker,
            self.station.clock,
            self._read,
            partial(read_cameras, self.station.dockings),
            lambda event, /, **_: self.said.append(event),
        )
        self.station.surveys.health = self.survey

    def _read(self, serials: Sequence[str]) -> Sequence[CameraHealth]:
        self.asked.append(tuple(serials))
        if self.error:
            raise self.error
        verdicts = {serial: self.verdicts.get(serial, Verdict.GOOD) for serial in serials}
        return [
            CameraHealth(serial=serial, verdict=verdict, reasons=(ASIDE,) * (verdict is Verdict.SET_ASIDE))
            for serial, verdict in verdicts.items()
        ]

    def plug(self, serial: str = SERIAL, bay: str = "1-1") -> str:
        self.station.enrol(serial)
        return self.station.plug(camera_with({"A.MP4": b"x" * 100}), serial=serial, bay=bay)

    def turn(self) -> None:
        """Let the dock and the worker do all that there is to do."""
        for _ in range(4):
            self.station.turn()
            self.worker.go_on(self.station.inbox.put)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_camera_is_judged_when_it_is_docked_and_again_when_it_was_read_and_then_no_more(
    world: World,
) -> None:
    world.plug()
    world.turn()
    asked = len(world.asked)
    assert set(world.asked) == {(SERIAL,)}
    assert 1 <= asked <= 2
    world.turn()
    assert len(world.asked) == asked
    assert not world.station.surveys.set_aside(SERIAL)


def test_one_to_be_set_aside_is_an_alert_and_on_its_tile_until_it_leaves(world: World) -> None:
    world.verdicts[SERIAL] = Verdict.SET_ASIDE
    key = world.plug()
    world.turn()
    assert world.station.surveys.set_aside(SERIAL)
    alert = world.station.alerts()[AlertCode.CAMERA_SET_ASIDE]
    assert alert.message == f"Set this camera aside: {SERIAL}. Seen at this dock: 2 files, at 2 of 3."
    assert alert.subject == SERIAL
    [bay] = _tiles(world)
    assert (bay.advice, bay.cause) == (screen.Advice.SAFE, screen.Cause.SET_ASIDE)
    world.station.pull(key)
    world.turn()
    assert not world.station.surveys.set_aside(SERIAL)
    assert AlertCode.CAMERA_SET_ASIDE not in world.station.alerts()
    assert world.survey.found == {}


@pytest.mark.slow
@pytest.mark.parametrize("verdict", [Verdict.WATCH, Verdict.NOT_ENOUGH_SEEN, Verdict.GOOD])
def test_any_other_verdict_is_none(tmp_path: Path, verdict: Verdict) -> None:
    world = World(tmp_path)
    world.verdicts[SERIAL] = verdict
    world.plug()
    world.turn()
    assert not world.station.surveys.set_aside(SERIAL)
    assert AlertCode.CAMERA_SET_ASIDE not in world.station.alerts()
    assert [bay.cause for bay in _tiles(world)] == [screen.Cause.NONE]


def test_what_keeps_a_camera_is_said_before_that_it_is_to_be_set_aside(world: World) -> None:
    world.verdicts[SERIAL] = Verdict.SET_ASIDE
    world.station.dockings.set_paused(paused=True)
    world.plug()
    world.turn()
    [bay] = _tiles(world)
    assert (bay.advice, bay.cause) == (screen.Advice.DO_NOT_REMOVE, screen.Cause.PAUSED)


def test_nobody_waits_for_a_worker_that_hangs_and_a_refused_camera_is_not_judged(world: World) -> None:
    world.plug()
    world.station.plug(camera_with({}), serial="STRANGER-1", bay="1-2")
    for _ in range(5):
        world.station.turn()
    assert not world.station.surveys.set_aside(SERIAL)
    assert len(world.worker.jobs) == 1
    world.turn()
    assert {serial for serials in world.asked for serial in serials} == {SERIAL}


def test_an_error_is_said_and_the_question_asked_again_a_minute_later(world: World) -> None:
    world.error = JournalError("It cannot be read.", remedy="Look.")
    world.verdicts[SERIAL] = Verdict.SET_ASIDE
    world.plug()
    world.turn()
    assert (len(world.asked), world.said) == (1, [Events.JOB_FAILED])
    world.error = None
    world.turn()
    assert len(world.asked) == 1
    world.station.clock.pass_ms(MINUTE)
    world.turn()
    assert world.station.surveys.set_aside(SERIAL)


@pytest.mark.slow
def test_many_cameras_are_judged_a_few_at_a_time(world: World) -> None:
    serials = [f"CAM-{number:04}" for number in range(20)]
    for number, serial in enumerate(serials):
        world.plug(serial, f"1-{number}")
    for _ in range(8):
        world.turn()
    assert max(map(len, world.asked)) == 8
    assert sorted(world.survey.found) == serials


@pytest.mark.slow
def test_the_journal_itself_is_read(tmp_path: Path) -> None:
    world = World(tmp_path)
    read = HealthReader(world.station.root / "journal.sqlite3")
    docked = partial(read_cameras, world.station.dockings)
    survey = HealthSurvey(world.worker, world.station.clock, read, docked)
    world.station.surveys.health = survey
    for _ in range(3):
        key = world.plug()
        world.turn()
        assert survey.found[SERIAL].serial == SERIAL
        world.station.pull(key)
        world.turn()
    world.plug()
    world.turn()
    assert (survey.found[SERIAL].verdict, survey.found[SERIAL].dockings) == (Verdict.GOOD, 4)


def _tiles(world: World) -> Sequence[screen.ShownBay]:
    document = live_view(world.station.dock, world.station.spool, world.station.clock).for_screen()
    return screen.for_screen_from_json(json.loads(json.dumps(document))).bays
