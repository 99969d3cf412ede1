"""Are clips found by whom they are linked to, and do those tables follow from the entries alone?"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bwvdock.core.custody.records import ClipFilter
from bwvdock.core.facts import (
    CameraAssigned,
    ClipAttributed,
    ClipDated,
    ClipFlagged,
    ClipHeld,
    ClipUnflagged,
    ClipUnheld,
    Fact,
)
from bwvdock.edges.journal import JournalReader, verify_journal
from tests.edges.journal import stories as tell

ONE, TWO, THREE = (tell.clip_id(n) for n in range(3))


def at(hour: int) -> str:
    return f"2026-03-01T{hour:02}:00:00.000Z"


def attributed(clip: str, officer: str) -> ClipAttributed:
    return ClipAttributed(clip=clip, officer=officer)


def flagged(clip: str, case: str = "") -> ClipFlagged:
    return ClipFlagged(clip=clip, reason="burglary", case=case, actor="1000:ann")


def unflagged(clip: str) -> ClipUnflagged:
    return ClipUnflagged(clip=clip, reason="a mistake", actor="1000:ann")


def held(clip: str) -> ClipHeld:
    return ClipHeld(clip=clip, reason="inquiry", actor="1000:ann")


def unheld(clip: str) -> ClipUnheld:
    return ClipUnheld(clip=clip, reason="it is over", actor="1000:ann")


def dated(clip: str, hour: int) -> ClipDated:
    return ClipDated(
        clip=clip,
        raw=at(hour),
        recorded_at=at(hour),
        uncertainty_ms=2000,
        basis="clock read",
        retain_until="2026-04-01T00:00:00.000Z",
    )


def assigned(officer: str, begins: int, ends: str = "", camera: str = tell.SERIAL) -> CameraAssigned:
    return CameraAssigned(
        camera=camera, officer=officer, valid_from=at(begins), valid_to=ends, actor="1000:ann"
    )


SAID: list[Fact] = [
    assigned("4411", 6),
    assigned("5512", 9, at(11)),
    attributed(ONE, "4411"),
    attributed(TWO, ""),
    attributed(THREE, "4411"),
    attributed(THREE, "5512"),
    flagged(ONE, "C-7"),
    flagged(TWO, "C-8"),
    unflagged(TWO),
    held(THREE),
    held(TWO),
    unheld(TWO),
    dated(ONE, 7),
    dated(THREE, 10),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tell.told(tmp_path / "j", [*tell.day(), *SAID])


def found(path: Path, wanted: ClipFilter) -> list[str]:
    with JournalReader(path) as reader:
        return [clip.id for clip in reader.clips(wanted)]


@pytest.mark.few(5)
@pytest.mark.parametrize(
    "wanted,expected",
    [
        (ClipFilter(officer="4411"), [ONE]),
        (ClipFilter(officer="5512"), [THREE]),
        (ClipFilter(officer="nobody"), []),
        (ClipFilter(case="C-7"), [ONE]),
        (ClipFilter(case="C-8"), []),
        (ClipFilter(evidential=True), [ONE]),
        (ClipFilter(held=True), [THREE]),
        (ClipFilter(unassigned=True), [TWO]),
        (ClipFilter(camera=tell.SERIAL, officer="5512"), [THREE]),
        (ClipFilter(camera="CAM-99", officer="5512"), []),
        (ClipFilter(officer="5512", since=datetime(2026, 3, 1, 10, tzinfo=UTC)), [THREE]),
        (ClipFilter(officer="5512", until=datetime(2026, 3, 1, 9, tzinfo=UTC)), []),
        (ClipFilter(), [THREE, ONE, TWO]),  # by the corrected time where there is one
    ],
)
def test_a_clip_is_found_by_what_was_said_of_it(path: Path, wanted: ClipFilter, expected: list[str]) -> None:
    assert found(path, wanted) == expected


def test_a_row_says_all_of_it(path: Path) -> None:
    with JournalReader(path) as reader:
        one, two, three = (reader.clip_row(clip) for clip in (ONE, TWO, THREE))
        assert reader.summary().unassigned == 1
    assert one
    assert two
    assert three
    assert (one.officer, one.evidential, one.case, one.held, one.retain_until) == (
        "4411",
        True,
        "C-7",
        False,
        None,
    )
    assert (two.officer, two.evidential, two.case, two.held) == ("", False, "", False)
    assert (three.officer, three.held, three.recorded_at) == ("5512", True, at(10))
    assert three.retain_until == "2026-04-01T00:00:00.000Z"


def test_assignments_come_back_in_the_order_of_their_entries(path: Path) -> None:
    with JournalReader(path) as reader, tell.journal_at(path) as journal:
        told = [(a.officer, a.begins, a.ends) for a in reader.assignments(tell.SERIAL)]
        assert told == [("4411", at(6), ""), ("5512", at(9), at(11))]
        assert journal.assignments(tell.SERIAL) == reader.assignments(tell.SERIAL)
        assert reader.assignments("CAM-99") == []


def test_the_clips_of_a_camera_since_a_time(path: Path) -> None:
    with JournalReader(path) as reader:
        clips = [(c.clip, c.recorded_at, c.officer) for c in reader.recorded_clips(tell.SERIAL, since=at(8))]
        assert clips == [(THREE, at(10), "5512")]
        assert reader.recorded_clips("CAM-99", since=at(0)) == []


@pytest.mark.slow
@pytest.mark.few(3)
@pytest.mark.parametrize("seed", range(10))
def test_over_random_histories_the_tables_are_what_the_entries_make(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    makers: list[Callable[[str], Fact]] = [
        lambda clip: attributed(clip, chance.choice(["4411", "5512", ""])),
        lambda clip: flagged(clip, chance.choice(["C-7", ""])),
        unflagged,
        held,
        unheld,
        lambda clip: dated(clip, chance.randrange(24)),
        lambda _: assigned(chance.choice(["4411", "5512"]), chance.randrange(12)),
    ]
    path = tell.told(tmp_path / "j")
    with tell.journal_at(path) as journal:
        for _ in range(8):
            clips = chance.choices((ONE, TWO, THREE), k=4)
            journal.append([chance.choice(makers)(clip) for clip in clips])
    assert verify_journal(path).problems == ()


@pytest.mark.slow
@pytest.mark.few(3)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE clip SET officer = (SELECT officer FROM assignment LIMIT 1) WHERE officer = ''",
        "UPDATE clip SET officer = ''",
        "UPDATE clip SET case_ref = ''",
        "UPDATE clip SET held = 0",
        "UPDATE clip SET evidential = 0",
        "UPDATE clip SET retain_until = '2000-01-01T00:00:00.000Z' WHERE retain_until <> ''",
        "UPDATE attribution SET clips = 0 WHERE officer = ''",
        "DELETE FROM assignment WHERE number = 1",
        "UPDATE assignment SET valid_to = '2026-03-01T12:00:00.000Z'",
    ],
)
def test_a_changed_row_is_found(path: Path, statement: str) -> None:
    assert verify_journal(path).ok
    tell.tamper(path, statement)
    assert {problem.code for problem in verify_journal(path).problems} == {"projection"}


def test_officers_and_reasons_stand_in_no_entry(path: Path) -> None:
    leaves = " ".join(leaf for (leaf,) in tell.ask(path, "SELECT leaf FROM entry"))
    assert [word for word in ("4411", "5512", "C-7", "burglary", "inquiry") if f'"{word}' in leaves] == []


def test_an_officer_whose_name_was_emptied_is_somebody_still(path: Path) -> None:
    tell.tamper(path, "DELETE FROM private WHERE field = 'officer' AND value = '4411'")
    assert {problem.code for problem in verify_journal(path).problems} == {"private"}, "no entry says so"
    with JournalReader(path) as reader:
        assert reader.summary().unassigned == 1
        row = reader.clip_row(ONE)
    assert row
    assert row.officer == ""
    assert found(path, ClipFilter(unassigned=True)) == [TWO]


@pytest.mark.slow
@pytest.mark.few(1)
@pytest.mark.parametrize("version", [1, 2, 3])
def test_an_older_journal_is_brought_up_and_verifies(tmp_path: Path, version: int) -> None:
    old = tell.as_of(tell.told(tmp_path / "j"), version)
    with tell.journal_at(old, tell.SteadyClock(ticks=10_000)) as journal:
        journal.append([attributed(ONE, "4411"), assigned("4411", 6)])
    assert verify_journal(old).problems == ()
    assert found(old, ClipFilter(officer="4411")) == [ONE]
    with JournalReader(old) as reader:
        assert reader.summary().unassigned == 2
    assert json.loads(tell.ask(old, "SELECT leaf FROM entry WHERE seq = 0")[0][0])["seq"] == 0


def test_times_beyond_all_clocks_bound_nothing_and_break_nothing(path: Path) -> None:
    ages = ClipFilter(since=datetime(1, 1, 1, tzinfo=UTC), until=datetime(9999, 12, 31, tzinfo=UTC))
    assert found(path, ages) == [THREE, ONE, TWO]


@pytest.mark.slow
def test_the_clips_of_a_moment_are_found_whole_over_several_pages(tmp_path: Path) -> None:
    numbers = range(1100)
    path = tell.told(tmp_path / "j", tell.day(numbers))
    until = datetime.fromtimestamp(1_700_000_000 + 1050, UTC)
    ids = found(path, ClipFilter(until=until))
    assert ids == [tell.clip_id(n) for n in range(1050, -1, -1)]
