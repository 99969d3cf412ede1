"""Is the installation checked after a start and once a day, and is what was found said and recorded?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.core.facts import DockChecked
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import NotSeenError
from bwvdock.log import Events
from bwvdock.status.alerts import AlertCode
from bwvdock.upkeep.fitness import Fitness
from bwvdock.upkeep.messages import FitnessChecked
from tests.fakes.station import Station
from tests.fakes.worker import HeldWorker, InlineWorker

MINUTE = 60_000
DAY = 24 * 60 * MINUTE
WELL = FitnessChecked(warnings=("operators",), unseen=("disk-health",))
BROKEN = FitnessChecked(errors=("mounter",), warnings=("operators",))


class World:
    """A station that checks itself; `finds` is what comes of it, or is raised."""

    def __init__(self, station: Station, worker: InlineWorker | HeldWorker) -> None:
        self.station = station
        self.finds: FitnessChecked | Exception = WELL
        self.checks = 0
        self.events: list[Events] = []
        self.fitness = Fitness(
            worker,
            station.dock.ledger,
            station.clock,
            prepare=lambda: self._check,
            say=lambda event, /, **_: self.events.append(event),
        )
        station.dock.surveys.fitness = self.fitness

    def _check(self) -> FitnessChecked:
        self.checks += 1
        if isinstance(self.finds, Exception):
            raise self.finds
        return self.finds

    def after(self, ms: int) -> list[DockChecked]:
        """Let time pass; return what was recorded since the start."""
        self.station.clock.pass_ms(ms)
        for _ in range(2):  # the second hears what the worker found in the first
            self.station.turn()
        return [fact for fact in self.station.facts if isinstance(fact, DockChecked)]

    def alerts(self) -> set[AlertCode]:
        return set(self.station.alerts())


@pytest.fixture
def world(tmp_path: Path) -> World:
    station = Station(tmp_path)
    return World(station, InlineWorker(station.dock.inbox.put, unexpected=lambda what, error: None))


def test_it_is_checked_minutes_after_a_start_and_then_once_a_day(world: World) -> None:
    assert world.after(MINUTE) == []
    [entry] = world.after(MINUTE)
    assert entry == DockChecked(fit=True, errors=(), warnings=("operators",), unseen=("disk-health",))
    assert len(world.after(DAY - MINUTE)) == 1
    assert len(world.after(MINUTE)) == 2
    assert AlertCode.DOCK_NOT_FIT not in world.alerts()


def test_what_is_wrong_is_an_alert_until_a_later_check_finds_it_right(world: World) -> None:
    world.finds = BROKEN
    [entry] = world.after(2 * MINUTE)
    assert (entry.fit, entry.errors) == (False, ("mounter",))
    assert AlertCode.DOCK_NOT_FIT in world.alerts()
    assert "mounter" in world.station.alerts()[AlertCode.DOCK_NOT_FIT].message
    world.finds = WELL
    assert [entry.fit for entry in world.after(15 * MINUTE)] == [False, True]
    assert AlertCode.DOCK_NOT_FIT not in world.alerts()


def test_what_stays_wrong_is_one_entry_a_day_and_what_changes_is_one_each_time(world: World) -> None:
    world.finds = BROKEN
    for _ in range(8):
        assert len(world.after(15 * MINUTE)) == 1
    assert world.checks == 8
    world.finds = FitnessChecked(errors=("mounter", "clock"))
    assert [entry.errors for entry in world.after(15 * MINUTE)] == [("mounter",), ("mounter", "clock")]
    assert len(world.after(DAY)) == 3


def test_other_warnings_are_no_change(world: World) -> None:
    world.after(2 * MINUTE)
    world.finds = FitnessChecked(warnings=("clock",))
    assert len(world.after(DAY - MINUTE)) == 1


@pytest.mark.parametrize("trouble", [NotSeenError("cannot"), RuntimeError("a bug")])
def test_a_check_that_could_not_be_made_changes_nothing_and_is_tried_again(
    world: World, trouble: Exception
) -> None:
    world.finds = BROKEN
    world.after(2 * MINUTE)
    world.finds = trouble
    assert len(world.after(15 * MINUTE)) == 1
    assert AlertCode.DOCK_NOT_FIT in world.alerts()
    expected = [Events.JOB_FAILED] if isinstance(trouble, NotSeenError) else []
    assert world.events == expected, "a bug's traceback is said by who met it"
    world.finds = WELL
    assert [entry.fit for entry in world.after(15 * MINUTE)] == [False, True]


def test_who_corrected_something_need_not_wait(world: World) -> None:
    world.after(2 * MINUTE)
    world.fitness.soon()
    world.after(0)
    assert world.checks == 2


def test_what_was_corrected_while_a_check_was_under_way_is_checked_after_it(tmp_path: Path) -> None:
    worker = HeldWorker()
    world = World(Station(tmp_path), worker)
    world.finds = BROKEN
    world.after(2 * MINUTE)
    world.fitness.soon()
    worker.go_on(world.station.dock.inbox.put)
    world.finds = WELL
    world.after(0)
    worker.go_on(world.station.dock.inbox.put)
    assert [entry.fit for entry in world.after(0)] == [False, True]
    worker.go_on(world.station.dock.inbox.put)
    assert world.checks == 2, "and not once more"


def test_the_dock_waits_for_no_check_and_asks_for_none_meanwhile(tmp_path: Path) -> None:
    worker = HeldWorker()
    world = World(Station(tmp_path), worker)
    assert world.after(2 * MINUTE) == []
    assert world.after(DAY) == []
    assert len(worker.jobs) == 1


def test_the_journal_still_verifies(world: World) -> None:
    world.finds = BROKEN
    world.after(2 * MINUTE)
    world.station.journal.close()
    assert verify_journal(world.station.root / "journal.sqlite3").problems == ()
