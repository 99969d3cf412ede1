"""Is who holds a camera what the roster says, and is it found as fast in every journal?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.clips.roster import Assignment, Roster
from bwvdock.core.facts import CameraAssigned, CameraCheckedOut, CameraReturned, CameraTakenOtherwise, Fact
from bwvdock.edges.journal import open_journal
from bwvdock.edges.journal.checkout.questions import CheckoutQuestions, holder_at
from tests.fakes.clock import FakeClock
from tests.fakes.journals import lay_empty_journal

_TIMES = st.integers(0, 9)
_ROWS = st.lists(st.tuples(st.sampled_from("ab"), _TIMES, st.integers(0, 4)), max_size=8)


def _at(moment: int) -> str:
    return f"2026-01-{moment + 1:02}T00:00:00.000Z"


@given(_ROWS, _TIMES)
def test_the_holder_is_the_one_of_the_roster(rows: list[tuple[str, int, int]], moment: int) -> None:
    """An assignment of no length has no end."""
    told = [
        Assignment(officer=officer, begins=_at(begins), ends=_at(begins + length) if length else "")
        for officer, begins, length in rows
        if begins + length < 10
    ]
    db = sqlite3.connect(":memory:")
    db.execute(
        "CREATE TABLE assignment"
        " (number INTEGER PRIMARY KEY, camera TEXT, officer TEXT, valid_from TEXT, valid_to TEXT)"
    )
    db.executemany(
        "INSERT INTO assignment VALUES (NULL, 'c', ?, ?, ?)", [(a.officer, a.begins, a.ends) for a in told]
    )
    assert holder_at(db, "c", _at(moment)) == Roster(told).officer_at(_at(moment))
    db.close()


def _shift(number: int) -> list[Fact]:
    begins, ends = (
        f"20{10 + number // 300}-01-01T00:00:00.{number % 300:03}Z" for number in (number, number + 1)
    )
    named = {"camera": "CAM-0001", "officer": "ann"}
    return [
        CameraCheckedOut(
            by="badge", bay="1", taken_at=begins, waited_ms=1, assigned=True, actor="1:s", **named
        ),
        CameraAssigned(valid_from=begins, valid_to="", actor="1:s", **named),
        CameraReturned(how="docked", bay="1", taken_at=begins, returned_at=ends, ended=True, **named),
        CameraAssigned(valid_from=begins, valid_to=ends, actor="dock", **named),
    ]


def _steps(path: Path, shifts: int) -> int:
    """Count the steps of SQLite's virtual machine that the questions of one badge take."""
    lay_empty_journal(path)
    steps = count()
    with open_journal(path, FakeClock()) as journal:
        for number in range(shifts):
            journal.append(_shift(number))
        loose = CameraTakenOtherwise(
            how="without-badge", bay="1", taken_at="2030", offered_bay="", camera="C-2"
        )
        journal.append([*_shift(shifts)[:2], loose])

        @contextmanager
        def question() -> Iterator[sqlite3.Connection]:
            with journal._question() as db:  # noqa: SLF001 - to count its steps
                db.set_progress_handler(lambda: next(steps) < 0, 1)
                yield db
                db.set_progress_handler(None, 1)

        asked = CheckoutQuestions(question)
        out = asked.out("CAM-0001")
        assert out is not None
        assert asked.held("ann", out.taken_at) == ["CAM-0001"]
        assert [one.camera for one in asked.taken_otherwise()] == ["C-2"]
    return next(steps)


@pytest.mark.slow
def test_a_badge_takes_as_many_steps_after_years_of_shifts(tmp_path: Path) -> None:
    few, many = _steps(tmp_path / "few", 20), _steps(tmp_path / "many", 400)
    assert many <= few * 1.5 + 500
