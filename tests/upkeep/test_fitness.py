"""Is the installation checked after a start and once a day, and is what was found said and recorded?"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.facts import DockChecked
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import NotSeenError
from bwvdock.log import Events
from bwvdock.status.alerts import AlertCode
from bwvdock.upkeep.fitness import Fitness
from bwvdock.upkeep.messages import FitnessChecked
from tests.fakes.station import Station
from tests.fakes.worker import HeldWorker, InlineWorker
from tests.places import in_memory

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
        """Let time pass, and the minute after which what was found counts; return what was recorded."""
        self.look(ms)
        return self.look(MINUTE)

    def look(self, ms: int) -> list[DockChecked]:
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
    world.finds = FitnessChecked(warnings=("operators",))
    assert world.look(MINUTE) == []
    [entry] = world.look(MINUTE)
    assert entry == DockChecked(fit=True, errors=(), warnings=("operators",), unseen=())
    assert len(world.look(DAY - MINUTE)) == 1
    assert len(world.look(MINUTE)) == 2
    assert world.checks == 2
    assert AlertCode.DOCK_NOT_FIT not in world.alerts()


def test_what_only_just_starts_is_no_alert_and_is_looked_at_again_soon(world: World) -> None:
    world.finds = FitnessChecked(errors=("mounter",), unseen=("destination-trial",))
    assert world.look(2 * MINUTE) == []
    assert AlertCode.DOCK_NOT_FIT not in world.alerts()
    world.finds = FitnessChecked()
    [entry] = world.look(MINUTE)
    assert entry == DockChecked(fit=True, errors=(), warnings=(), unseen=())
    assert world.checks == 2


_FOUND = st.builds(
    FitnessChecked,
    errors=st.sets(st.sampled_from("abc")).map(lambda found: tuple(sorted(found))),
    unseen=st.sets(st.sampled_from("xy")).map(lambda found: tuple(sorted(found))),
)


@pytest.mark.slow
@given(found=st.lists(_FOUND, min_size=1, max_size=8))
def test_what_counts_was_found_a_minute_before_too_and_what_lasts_counts(found: list[FitnessChecked]) -> None:
    """Whatever comes and goes, checked every minute; the last stays."""
    with TemporaryDirectory(dir=in_memory()) as folder:
        station = Station(Path(folder))
        world = World(station, InlineWorker(station.dock.inbox.put, unexpected=lambda what, error: None))
        known: set[str] = set()
        entries: list[DockChecked] = []
        for world.finds in [*found, *[found[-1]] * 5]:
            world.fitness.soon()
            count, entries = len(entries), world.look(MINUTE)
            recorded = {check for entry in entries[count:] for check in (*entry.errors, *entry.unseen)}
            assert recorded | set(world.fitness.errors) <= known
            known |= {*world.finds.errors, *world.finds.unseen}
        assert world.fitness.errors == found[-1].errors
        assert entries[-1].errors == found[-1].errors


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
    assert world.checks == 9
    world.finds = FitnessChecked(errors=("mounter", "clock"))
    assert [entry.errors for entry in world.after(15 * MINUTE)] == [("mounter",), ("mounter", "clock")]
    assert len(world.after(DAY)) == 3


def test_other_warnings_are_no_change(world: World) -> None:
    world.after(2 * MINUTE)
    world.finds = FitnessChecked(warnings=("clock",))
    assert len(world.look(DAY - MINUTE)) == 1


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
    world.look(0)
    assert world.checks == 3


def test_what_was_corrected_while_a_check_was_under_way_is_checked_after_it(tmp_path: Path) -> None:
    worker = HeldWorker()
    world = World(Station(tmp_path), worker)
    world.finds = BROKEN
    world.look(2 * MINUTE)
    world.fitness.soon()
    worker.go_on(world.station.dock.inbox.put)
    world.finds = FitnessChecked()
    assert world.look(0) == [], "what was found before counts for nothing"
    worker.go_on(world.station.dock.inbox.put)
    assert [entry.fit for entry in world.look(0)] == [True]
    worker.go_on(world.station.dock.inbox.put)
    assert world.checks == 2, "and not once more"


def test_the_dock_waits_for_no_check_and_asks_for_none_meanwhile(tmp_path: Path) -> None:
    worker = HeldWorker()
    world = World(Station(tmp_path), worker)
    assert world.look(2 * MINUTE) == []
    assert world.look(DAY) == []
    assert len(worker.jobs) == 1


def test_the_journal_still_verifies(world: World) -> None:
    world.finds = BROKEN
    world.after(2 * MINUTE)
    world.station.journal.close()
    assert verify_journal(world.station.root / "journal.sqlite3").problems == ()
