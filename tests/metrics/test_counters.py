"""Are the counters what the journal's entries since the start say, each entry once?"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bwvdock.core.facts import (
    CameraAssigned,
    CameraDetached,
    CameraEnrolled,
    CameraRefused,
    ClipHeld,
    ClipQuarantined,
    DeliveryRefused,
    Fact,
    UploadAttempts,
    VerificationFailed,
)
from bwvdock.edges.journal.database import connect_reader
from bwvdock.edges.journal.read.figures import numbers
from bwvdock.metrics.counters import ACQUIRED, FAILED, NOT_TAKEN, QUARANTINED, UPLOADED, VERIFIED, Counters
from tests.edges.journal import stories
from tests.edges.journal.stories import BORN, SERIAL, SteadyClock, clip_id, docking_id

CLIP = clip_id(1)


def attempts(*causes: str) -> UploadAttempts:
    return UploadAttempts(
        clip=CLIP,
        destination="vault",
        attempts=9,
        first_at="",
        last_at="",
        causes=causes,
        last_reason="",
        bytes_passed=0,
        bytes_again=0,
        outcome="pending",
    )


def reader(path: Path) -> sqlite3.Connection:
    return connect_reader(path)[0]


def count(path: Path, *stages: Sequence[Fact], first: int | None = 0) -> Counters:
    """Record facts part by part; return the counters, which read on after each part."""
    counted = Counters(first=first)
    with stories.journal_at(path, SteadyClock(step=1000)) as journal, closing(reader(path)) as db:
        for facts in stages:
            journal.append(list(facts))
            counted.read_on(db)
    return counted


def test_each_entry_is_counted_once_however_often_the_journal_is_read(tmp_path: Path) -> None:
    docking = stories.whole_docking(docking_id(1), [1, 2, 3])
    counted = count(tmp_path / "j", [stories.started()], docking[:7], docking[7:], [], [])
    assert (
        counted.clips[ACQUIRED] == counted.clips[UPLOADED, "vault"] == counted.clips[VERIFIED, "vault"] == 3
    )
    assert (
        counted.bytes[ACQUIRED]
        == counted.bytes[UPLOADED, "vault"]
        == counted.bytes[VERIFIED, "vault"]
        == 3000
    )
    assert counted.dockings == {"complete": 1}
    assert sum(counted.safe) == 1
    assert counted.safe_seconds > 0


def test_what_was_there_before_the_start_does_not_count(tmp_path: Path) -> None:
    path = stories.told(tmp_path / "j")
    counted = count(path, [stories.started()], first=stories.entries(path))
    assert not counted.clips
    assert not counted.dockings
    assert counted.caught_up


def test_where_the_start_is_not_known_what_comes_next_counts(tmp_path: Path) -> None:
    path = stories.told(tmp_path / "j")
    counted = Counters(first=None)
    with closing(reader(path)) as db:
        counted.read_on(db)
    assert counted.first == stories.entries(path)
    assert not counted.clips


def test_a_docking_ends_as_it_was(tmp_path: Path) -> None:
    refused = [
        *stories.attached(docking_id(2))[:1],
        CameraRefused(docking=docking_id(2), reason="not enrolled"),
        CameraDetached(docking=docking_id(2), reason="removed", residual=0, complete=False),
    ]
    left = [
        *stories.attached(docking_id(3)),
        CameraDetached(docking=docking_id(3), reason="removed", residual=1, complete=False),
    ]
    unseen = [*stories.attached(docking_id(4))]
    counted = count(tmp_path / "j", stories.whole_docking(docking_id(1), [1]), refused, left, unseen)
    assert counted.dockings == {"complete": 1, "refused": 1, "incomplete": 1}
    assert sum(counted.safe) == 1


def test_a_docking_that_began_before_the_start_has_no_time(tmp_path: Path) -> None:
    path, docking = tmp_path / "j", stories.whole_docking(docking_id(1), [1])
    with stories.journal_at(path) as journal:
        journal.append(docking[:3])
    counted = count(path, docking[3:], first=3)
    assert sum(counted.safe) == 0
    assert not counted.dockings


def test_failures_are_counted_and_what_the_dock_halted_is_none(tmp_path: Path) -> None:
    docking = stories.whole_docking(docking_id(1), [1])
    causes = "upload unavailable: 3", "verify credentials rejected: 1", "upload halted by the dock: 2"
    more = [attempts(*causes), attempts("upload refused: 1")]
    counted = count(tmp_path / "j", docking[:6], more)
    assert counted.errors == {"vault": 5}


def test_refusals_and_quarantines_are_counted(tmp_path: Path) -> None:
    docking = stories.whole_docking(docking_id(1), [1])
    what_happened: list[Fact] = [
        DeliveryRefused(clip=CLIP, destination="vault", reason="too large"),
        ClipQuarantined(clip=CLIP, reason="differs"),
        VerificationFailed(clip=CLIP, destination="vault", object="o", finding="missing", words="w"),
    ]
    counted = count(tmp_path / "j", docking[:6], what_happened)
    assert counted.clips[FAILED, "vault"] == 1
    assert counted.clips[NOT_TAKEN, "vault"] == 1
    assert counted.clips[QUARANTINED] == 1


@pytest.mark.parametrize("days,absent", [(1, 0), (-1, 2), (None, None)])
def test_cameras_and_holds_are_counted(tmp_path: Path, days: int | None, absent: int | None) -> None:
    path = stories.told(
        tmp_path / "j",
        [
            *stories.day(),
            CameraEnrolled(camera="CAM-99", model="", actor="ops"),
            ClipHeld(clip=CLIP, reason="inquiry", actor="ops"),
            CameraAssigned(camera=SERIAL, officer="4411", valid_from="", valid_to="", actor="ops"),
        ],
    )
    with closing(reader(path)) as db:
        found = numbers(db, before=None if days is None else BORN - timedelta(days=days))
    assert found.clips_held == 1
    assert found.cameras_enrolled == 2
    assert found.cameras_absent == absent
    assert found.witnessed_at is None


def test_nothing_takes_longer_where_there_are_more_clips(tmp_path: Path) -> None:
    """Only the entries that were not counted yet are read, and of clips those on hold."""
    asked: list[str] = []
    path = stories.told(tmp_path / "j")
    with closing(reader(path)) as db:
        db.set_trace_callback(asked.append)
        numbers(db, before=BORN)
        Counters().read_on(db)
        db.set_trace_callback(None)
        questions = [query for query in asked if query.startswith("SELECT")]
        plans = [row[3] for query in questions for row in db.execute(f"EXPLAIN QUERY PLAN {query}")]
    assert len(questions) == 8
    scanned = [plan for plan in plans if plan.startswith("SCAN")]
    assert all(
        re.match(
            r"SCAN (\w+ USING (COVERING )?INDEX (clip_held|failed_copy_open)|camera|tree|cosignature|cause)",
            p,
        )
        for p in scanned
    ), scanned
