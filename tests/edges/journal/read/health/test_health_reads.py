"""Does the journal say of a camera's health what its dockings showed, and nothing of another camera's?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.history import camera_of, long_journal
from bwvdock.core.custody.records import SWITCHED
from bwvdock.core.health.seen import OTHER_BYTES, Cause, Verdict
from bwvdock.edges.journal import JournalReader
from bwvdock.edges.journal.read.health.reads import KnownDockings, camera_health
from tests.edges.journal.read.health.docked import MB, Docks
from tests.edges.journal.steps import steps_of

BAD = "CAM-BAD"
GOOD = ("CAM-A", "CAM-B", "CAM-C", "CAM-D")


@pytest.fixture
def docks(tmp_path: Path) -> Iterator[Docks]:
    with Docks(tmp_path / "journal.sqlite3") as told:
        yield told


def test_a_camera_that_works_is_good_and_what_was_seen_of_it_is_shown(docks: Docks) -> None:
    for day in range(4):
        docks.dock(GOOD[0], clock_ms=day * 1500)
        docks.next_day()
    health = docks.health(GOOD[0])
    assert (health.verdict, health.reasons, health.dockings) == (Verdict.GOOD, (), 4)
    assert (health.rate, health.model, health.since[:10]) == (10 * MB, "X100", "2026-03-01")
    assert (health.clock_ms, health.clock_ms_per_day) == (4500, 1500)
    assert docks.health("CAM-NEVER").verdict is Verdict.NOT_ENOUGH_SEEN


@pytest.mark.slow
def test_files_that_cannot_be_read_set_it_aside_and_so_many_dockings_without_make_it_good(
    docks: Docks,
) -> None:
    docks.dock(BAD, unreadable=2)
    assert docks.health(BAD).verdict is Verdict.WATCH
    docks.dock(BAD, unreadable=1)
    health = docks.health(BAD)
    assert (health.verdict, health.unreadable) == (Verdict.SET_ASIDE, 3)
    for _ in range(5):
        docks.dock(BAD)
    assert docks.health(BAD).verdict is Verdict.GOOD


def test_its_battery_at_docking_is_what_it_said_as_it_came(docks: Docks) -> None:
    for battery, more in (
        (80, {}),
        (70, {"battery_ms": 600_001}),  # it had been charging for ten minutes
        (60, {"battery_ms": 600_000}),
        (50, {"reason": "dock stopped while docked"}),
        (40, {}),  # it may have been charging since
        (30, {}),
        (None, {}),
    ):
        docks.dock(GOOD[0], battery=battery, **more)
        docks.dock(GOOD[1], battery=99)
        docks.next_day()
    health = docks.health(GOOD[0])
    assert [then.percent for then in health.batteries] == [30, 50, 60, 80]
    assert (health.battery_at_docking, health.battery_at_docking_before) == (50, 80)
    assert docks.health("CAM-NEVER").batteries == ()


def test_what_the_dock_did_to_a_clock_is_not_held_against_the_camera(docks: Docks) -> None:
    docks.dock(BAD, clock_ms=-7_200_000, set_to_ms=500)
    docks.next_day()
    docks.dock(BAD, clock_ms=1500, set_to_ms=-300)
    health = docks.health(BAD)
    assert (health.clock_ms, health.clock_set, health.clock_left_ms) == (1500, True, -300)
    assert health.clock_ms_per_day == 1000
    docks.next_day()
    docks.dock(BAD, clock_ms=9000, set_unseen=True)
    docks.next_day()
    docks.dock(BAD, clock_ms=60_000)
    health = docks.health(BAD)
    assert (health.clock_ms, health.clock_set, health.clock_ms_per_day) == (60_000, False, None)


@pytest.mark.slow
def test_a_camera_slower_than_others_of_its_model_on_these_days_is_set_aside(docks: Docks) -> None:
    for day in range(3):
        pace = (10, 1, 4)[day]  # the dock's disk is slow on one day: nobody is blamed for that
        for camera in GOOD:
            docks.dock(camera, rate=10 * MB // pace)
        docks.dock(BAD, rate=2 * MB // pace)
        docks.dock("CAM-OTHER-MODEL", rate=2 * MB // pace, model="Y200")
        docks.next_day()
    assert {reason.cause for reason in docks.health(BAD).reasons} == {Cause.SLOW}
    assert docks.health(BAD).verdict is Verdict.SET_ASIDE
    for camera in (*GOOD, "CAM-OTHER-MODEL"):
        assert docks.health(camera).verdict is Verdict.GOOD


@pytest.mark.slow
def test_a_connection_that_breaks_is_told_from_a_camera_that_was_pulled_early(docks: Docks) -> None:
    for bay in ("1-1", "1-2", "1-1"):
        docks.dock(BAD, bay=bay, early=True)
        docks.wait(8000)
        docks.wait(60_000)  # put back by somebody who had pulled it early
    docks.dock(BAD)
    health = docks.health(BAD)
    assert (health.verdict, health.breaks, health.left_early) == (Verdict.GOOD, 0, 3)
    for bay in ("1-1", "1-2", "1-1"):
        docks.dock(BAD, bay=bay, early=True)
        docks.wait(8000)
    docks.dock(BAD)
    health = docks.health(BAD)
    assert (health.verdict, health.breaks) == (Verdict.SET_ASIDE, 3)


@pytest.mark.slow
def test_what_the_dock_did_is_no_fault_of_the_camera(docks: Docks) -> None:
    """The daemon stopped, or switched its socket; it was refused, came back unlocked, a store had doubts."""
    for bay in ("1-1", "1-2", "1-1"):
        docks.dock("CAM-B", bay=bay, early=True, reason=SWITCHED)
        docks.wait(4000)
    docks.dock("CAM-B")
    health = docks.health("CAM-B")
    assert (health.verdict, health.left_early, health.breaks, health.dockings) == (Verdict.GOOD, 0, 0, 4)
    for _ in range(5):
        docks.dock("CAM-A", early=True, reason="dock stopped while docked")
        docks.dock("CAM-A", unlocked=True)
        docks.wait(4000)
        docks.dock("CAM-A", quarantined=["the store has other bytes"])
        docks.dock("CAM-A", refused=True)
    health = docks.health("CAM-A")
    assert (health.verdict, health.left_early, health.breaks, health.dockings) == (Verdict.GOOD, 0, 0, 10)
    assert health.quarantined == 5


def test_other_bytes_on_a_second_read_are_the_cameras(docks: Docks) -> None:
    docks.dock(BAD, quarantined=[f"{OTHER_BYTES} for the footage"])
    docks.dock("CAM-A", quarantined=[f'a store says "reason":"{OTHER_BYTES}'])
    docks.dock(BAD, quarantined=[f"{OTHER_BYTES} for sidecar 1"])
    assert {reason.cause for reason in docks.health(BAD).reasons} == {Cause.OTHER_BYTES}
    assert docks.health(BAD).verdict is Verdict.SET_ASIDE
    assert docks.health("CAM-A").reasons == ()


def test_folders_are_no_cameras(docks: Docks) -> None:
    for _ in range(3):
        docks.dock("FOLDER-1", transport="folder", unreadable=1)
        docks.dock("CAM-A")
    assert docks.health("FOLDER-1").dockings == 0
    with JournalReader(docks.path) as reader:
        assert reader.serials_docked() == ["CAM-A"]


# --- properties --------------------------------------------------------------------------------------

DOCKING = st.fixed_dictionaries(
    {
        "rate": st.integers(MB, 50 * MB),
        "clips": st.integers(0, 3),
        "unreadable": st.integers(0, 2),
        "early": st.booleans(),
        "bay": st.sampled_from(["1-1", "1-2"]),
        "clock_ms": st.none() | st.integers(-(10**9), 10**9),
    }
)


@pytest.mark.slow
@settings(max_examples=8)
@given(own=st.lists(DOCKING, min_size=1, max_size=6), order=st.data())
def test_entries_of_cameras_of_other_models_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, own: list[dict[str, object]], order: st.DataObject
) -> None:
    """In whatever order they come among a camera's own: what is said of it is the same."""
    folder = tmp_path_factory.mktemp("among")
    with Docks(folder / "alone.sqlite3") as alone, Docks(folder / "among.sqlite3") as among:
        for docking in own:
            for docks in (alone, among):
                docks.next_day()
                docks.dock(BAD, **docking)
            for other in order.draw(st.lists(DOCKING, max_size=2)):
                among.dock("CAM-Y", model="Y200", **other)
        told = [replace(docks.health(BAD), since="", last_docked_at="") for docks in (alone, among)]
    assert told[0] == told[1]


# --- however large the journal -------------------------------------------------------------------------

_QUESTIONS: dict[str, Callable[[sqlite3.Connection], object]] = {
    "a camera": lambda db: camera_health(db, camera_of(3), KnownDockings()),
    "a camera that was never here": lambda db: camera_health(db, "CAM-NEVER", KnownDockings()),
}


@pytest.fixture(scope="module")
def journals(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a journal and one of several times as many clips."""
    made = tuple(tmp_path_factory.mktemp(f"of-{clips}") / "journal.sqlite3" for clips in (700, 4_200))
    for path, clips in zip(made, (700, 4_200), strict=True):
        long_journal(path, clips)
    return made[0], made[1]


@pytest.mark.slow
@pytest.mark.parametrize("question", _QUESTIONS)
def test_it_takes_as_many_steps_in_a_journal_of_many_more_clips(
    journals: tuple[Path, Path], question: str
) -> None:
    few, many = (steps_of(path, _QUESTIONS[question]) for path in journals)
    assert many <= few * 1.5 + 500


def test_no_table_is_read_whole(docks: Docks) -> None:
    """Every statement finds its rows by an index: SQLite's own plan says so."""
    docks.dock("CAM-A")
    asked: set[str] = set()
    with JournalReader(docks.path) as reader:

        def noted(db: sqlite3.Connection) -> list[object]:
            db.set_trace_callback(asked.add)
            return [camera_health(db, "CAM-A", KnownDockings())]

        reader.report(noted)
    selects = [one for one in asked if one.startswith("SELECT")]
    assert len(selects) >= 6
    with closing(sqlite3.connect(docks.path)) as db:
        plans = [row[3] for one in selects for row in db.execute(f"EXPLAIN QUERY PLAN {one}")]
    few = {"SCAN e", "SCAN doubt", "SCAN entry USING INDEX entry_of_doubt"}  # as many as the question says
    assert [plan for plan in plans if plan.startswith("SCAN") and plan not in few] == []
