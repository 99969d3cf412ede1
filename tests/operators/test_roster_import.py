"""Is a roster of very many rows recorded part by part, as a whole, while the dock goes on?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.bays.access import VolumesOnly
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import (
    CameraAssigned,
    CameraAuthorised,
    CameraEnrolled,
    CameraRefused,
    ClipAttributed,
)
from bwvdock.edges.journal import verify_journal
from bwvdock.errors import BwvdockError, UsageError
from bwvdock.operators.assigned_rows import Rows
from bwvdock.operators.requests import Assign, Enrol, EnrolRows, Status
from bwvdock.operators.roster import PART_ROWS, in_parts
from bwvdock.service.from_config import ConfiguredDock, dock_from_config
from tests.service.desk import SERIAL, Desk, until

_CAMERAS = 700


def roster(rows: int) -> Rows:
    """Return a roster of 700 cameras, each handed on from shift to shift."""
    return tuple(
        (
            str(n + 2),
            f"CAM-{n % _CAMERAS:04}",
            f"{1000 + n % 77}",
            f"2026-01-{1 + n // _CAMERAS:02}T06:00:00.000Z",
            "",
        )
        for n in range(rows)
    )


MANY = roster(3 * PART_ROWS + 1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def configured(desk: Desk) -> Iterator[ConfiguredDock]:
    with desk.build() as built:
        built.open()
        yield built
        built.dock.stop()
    assert verify_journal(desk.config.journal).problems == ()


def assigned(desk: Desk) -> Counter[tuple[str, str, str]]:
    facts = [fact for fact, _ in desk.told if isinstance(fact, CameraAssigned)]
    return Counter((fact.camera, fact.officer, fact.valid_from) for fact in facts)


def wanted(rows: Rows) -> Counter[tuple[str, str, str]]:
    return Counter((camera, officer, begins) for _, camera, officer, begins, _ in rows)


# --- the parts ------------------------------------------------------------------------------------


@pytest.mark.slow
@given(st.lists(st.integers(0, 40), max_size=300), st.integers(0, 3))
def test_parts_are_small_leave_nothing_out_and_part_no_camera(cameras: list[int], times: int) -> None:
    rows = tuple((str(n), f" C{camera} ", "1", "t", "") for n, camera in enumerate(cameras * 10**times))
    parts = [part.rows for part in in_parts(Assign(rows=rows, correct=True))]
    assert Counter(row for part in parts for row in part) == Counter(rows)
    seen = [{row[1] for row in part} for part in parts]
    assert sum(map(len, seen)) == len(set().union(*seen)), "a camera is in two parts"
    for part, names in zip(parts, seen, strict=True):
        assert len(part) <= PART_ROWS or len(names) == 1
        for name in names:
            numbers = [int(row[0]) for row in part if row[1] == name]
            assert numbers == sorted(numbers), "what was said later counts"
    assert all(part.correct for part in in_parts(Assign(rows=rows, correct=True)))


# --- in the house ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_between_its_parts_the_dock_does_what_else_there_is_to_do(
    desk: Desk, configured: ConfiguredDock
) -> None:
    box = desk.put(configured, Assign(rows=MANY))
    most, answered_meanwhile = 0, 0
    other = desk.put(configured, Status())
    while box.empty():
        before = assigned(desk).total()
        configured.dock.turn(timeout=0.05)
        most = max(most, assigned(desk).total() - before)
        if not other.empty() and 0 < assigned(desk).total() < len(MANY):
            answered_meanwhile += 1
            other.get()
            other = desk.put(configured, Status())
    assert 0 < most <= PART_ROWS, "the supervisor hears nothing for as long as one turn takes"
    assert answered_meanwhile >= 1
    answer = box.get()
    assert not isinstance(answer, BwvdockError)
    assert answer["message"] == f"3,001 assignments of {_CAMERAS} cameras recorded."
    assert (answer["recorded"], answer["assignments"]) == (["camera_assigned"], len(MANY))
    assert assigned(desk) == wanted(MANY)


@pytest.mark.slow
@pytest.mark.parametrize("others", [0, 1, PART_ROWS])
def test_a_camera_with_more_rows_than_a_part_is_one_part(
    desk: Desk, configured: ConfiguredDock, others: int
) -> None:
    one = [
        (str(n), SERIAL, f"{n % 7}", f"20{n % 100:02}-01-01T{n // 100:02}:00:00.000Z", "")
        for n in range(PART_ROWS + 1)
    ]
    rows = (*one, *roster(others))
    answer = desk.ask(configured, Assign(rows=rows))
    assert answer["assignments"] + answer["known"] == len(rows)
    assert {SERIAL, *(row[1] for row in rows)} == {camera for camera, _, _ in assigned(desk)}


@pytest.mark.slow
def test_one_row_that_is_wrong_stops_it_all(desk: Desk, configured: ConfiguredDock) -> None:
    last = ("9999", "CAM-0000", "4411", "2026-01-01T05:00:00.000Z", "2026-01-01T07:00:00.000Z")
    with pytest.raises(UsageError, match="line 9999"):
        desk.ask(configured, Assign(rows=(*MANY, last)))
    assert not assigned(desk)


@pytest.mark.slow
def test_what_is_recorded_already_is_passed_over(desk: Desk, configured: ConfiguredDock) -> None:
    desk.ask(configured, Assign(rows=MANY))
    answer = desk.ask(configured, Assign(rows=MANY))
    assert answer["recorded"] == []
    assert "0 assignments" in answer["message"]
    assert "3,001 rows already recorded" in answer["message"]
    assert assigned(desk) == wanted(MANY)


@pytest.mark.slow
def test_an_import_that_was_cut_is_completed_by_the_next(desk: Desk) -> None:
    with dock_from_config(
        desk.config, clock=desk.clock, access=VolumesOnly(desk.open), tell=desk.tell
    ) as configured:
        configured.open()
        desk.put(configured, Assign(rows=MANY))
        until(configured, lambda: assigned(desk).total() > 0)  # and down it goes, with no word to anybody
    recorded = assigned(desk).total()
    assert 0 < recorded < len(MANY)
    with dock_from_config(
        desk.config, clock=desk.clock, access=VolumesOnly(desk.open), tell=desk.tell
    ) as configured:
        configured.open()
        answer = desk.ask(configured, Assign(rows=MANY))
        configured.dock.stop()
    assert (answer["assignments"], answer["known"]) == (len(MANY) - recorded, recorded)
    assert assigned(desk) == wanted(MANY)
    assert verify_journal(desk.config.journal).problems == ()


@pytest.mark.slow
def test_a_contradiction_that_came_meanwhile_breaks_it_off_and_says_how_far_it_came(
    desk: Desk, configured: ConfiguredDock
) -> None:
    last = MANY[_CAMERAS - 1]
    box = desk.put(configured, Assign(rows=MANY))
    until(configured, lambda: assigned(desk).total() > 0)
    desk.ask(configured, Assign(rows=(("", last[1], "9999", last[3], "2026-01-01T14:00:00.000Z"),)))
    until(configured, lambda: not box.empty())
    answer = box.get()
    assert isinstance(answer, UsageError)
    assert "9999" in answer.message
    assert f"{assigned(desk).total() - 1:,} assignments of the file had been recorded" in answer.message
    assert "import the file again" in answer.remedy


@pytest.mark.slow
def test_no_clip_is_attributed_by_half_of_what_is_said_of_its_camera(
    desk: Desk, configured: ConfiguredDock
) -> None:
    """The second row of its camera ends the first, and stands thousands of lines later."""
    desk.ask(configured, Enrol(serial=SERIAL))
    (desk.camera / "A.MP4").write_bytes(b"footage")
    desk.plug(configured)
    until(configured, lambda: any(c.state is ClipState.VERIFIED for c in desk.clips()))
    first = ("1", SERIAL, "early", "2020-01-01T00:00:00.000Z", "")
    second = ("9998", SERIAL, "late", "2021-01-01T00:00:00.000Z", "")
    answer = desk.ask(configured, Assign(rows=(first, *MANY, second)))
    assert answer["clips"] == 1
    said = [fact.officer for fact, _ in desk.told if isinstance(fact, ClipAttributed)]
    assert said == ["", "late"]


# --- cameras ---------------------------------------------------------------------------------------


def enrolled(desk: Desk) -> Counter[str]:
    return Counter(fact.camera for fact, _ in desk.told if isinstance(fact, CameraEnrolled))


@pytest.mark.slow
def test_a_long_list_of_cameras_is_recorded_in_parts_and_admits_the_one_that_waits(
    desk: Desk, configured: ConfiguredDock
) -> None:
    desk.plug(configured)
    until(configured, lambda: any(isinstance(fact, CameraRefused) for fact, _ in desk.told))
    names = [f"CAM-{n:05}" for n in range(2 * PART_ROWS)] + [SERIAL]
    rows = tuple((str(n), name, "", "Lewisham") for n, name in enumerate(names, start=2))
    most = 0
    box = desk.put(configured, EnrolRows(rows=rows))
    while box.empty():
        before = enrolled(desk).total()
        configured.dock.turn(timeout=0.05)
        most = max(most, enrolled(desk).total() - before)
    assert 0 < most <= PART_ROWS
    answer = box.get()
    assert not isinstance(answer, BwvdockError)
    assert (answer["new"], answer["same"]) == (len(names), 0)
    assert enrolled(desk) == Counter(names)
    until(configured, lambda: any(isinstance(fact, CameraAuthorised) for fact, _ in desk.told))
    again = desk.ask(configured, EnrolRows(rows=rows))
    assert (again["recorded"], again["same"]) == ([], len(names))
