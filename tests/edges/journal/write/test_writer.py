"""Does the journal keep what it acknowledged, all or nothing, and only what the law allows?"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bwvdock.core.clips.lifecycle import ClipState, IllegalFactError
from bwvdock.core.custody.merkle import Tree, leaf_hash
from bwvdock.core.custody.records import Enrolment
from bwvdock.core.facts import (
    CameraEnrolled,
    CameraRevoked,
    ClipDescribed,
    ClipFound,
    ClipHeld,
    ClipQuarantined,
    ClipRecalled,
    ClipSkipped,
    CopyIntended,
    DockPaused,
    DockResumed,
    DockStopped,
    Fact,
)
from bwvdock.edges.journal import lookups, open_journal, verify_journal
from bwvdock.edges.journal.tree import check_tail
from bwvdock.errors import JournalError
from tests.edges.journal import stories as tell


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


def leaves(path: Path) -> list[str]:
    return [row[0] for row in tell.ask(path, "SELECT leaf FROM entry ORDER BY seq")]


def test_entries_are_numbered_from_0_without_a_gap(path: Path) -> None:
    with tell.journal_at(path) as journal:
        assert list(journal.append([tell.started()])) == [0]
        assert list(journal.append(tell.attached("d1"))) == [1, 2]
        assert list(journal.append([])) == []
        assert journal.size() == 3


def test_the_root_is_that_of_the_texts_that_are_stored(path: Path) -> None:
    with tell.journal_at(path) as journal:
        journal.append(tell.day())
        root = journal.root()
    assert Tree().extend(leaf_hash(text) for text in leaves(path)).root().hex() == root


@pytest.mark.slow
def test_a_batch_and_single_facts_make_the_same_entries(tmp_path: Path) -> None:
    together, apart = tmp_path / "together", tmp_path / "apart"
    day = tell.day()
    with tell.journal_at(together, tell.SteadyClock(step=0)) as journal:
        journal.append(day)
        root = journal.root()
    with tell.journal_at(apart, tell.SteadyClock(step=0)) as journal:
        for fact in day:
            journal.append([fact])
        assert journal.root() == root
    assert leaves(together) == leaves(apart)
    assert verify_journal(together).ok
    assert verify_journal(apart).ok


def test_what_was_written_is_there_after_reopening(path: Path) -> None:
    with tell.journal_at(path) as journal:
        journal.append(tell.day())
        before = journal.clip(tell.clip_id(1)), journal.root(), journal.size()
    with tell.journal_at(path) as journal:
        assert (journal.clip(tell.clip_id(1)), journal.root(), journal.size()) == before
        assert list(journal.append([tell.started()])) == [before[2]]


def test_a_clip_is_what_the_law_folds(path: Path) -> None:
    with tell.journal_at(path) as journal:
        journal.append([*tell.attached("d1"), *tell.transfer("c1", "d1", 1)])
        clip = journal.clip("c1")
    assert clip is not None
    assert (clip.state, clip.camera, clip.sha256) == (ClipState.VERIFIED, tell.SERIAL, tell.digest("clip1"))
    assert clip.files == (tell.source(1),)
    with tell.journal_at(path) as journal:
        assert journal.clip("c1") == clip
        assert journal.clip("c2") is None


@pytest.mark.few(4)
@pytest.mark.parametrize(
    "illegal",
    [
        tell.uploaded("c1"),
        tell.found("c1", "d1", 1),
        tell.found("c2", "d9", 2),
        ClipFound(clip="c2", docking="d1", camera="x", files=()),
        ClipSkipped(docking="d1", clip="c1", outcome="tired", reason=""),
        replace(tell.listed("d1", new=1), seen=2**53),
        CameraEnrolled(camera="\ud800", model="", actor="ops"),
        *tell.attached("d1")[:1],
    ],
    ids=lambda fact: f"{fact.kind}",
)
def test_of_a_batch_with_an_illegal_fact_nothing_is_written(path: Path, illegal: Fact) -> None:
    with tell.journal_at(path) as journal:
        journal.append([*tell.attached("d1"), tell.found("c1", "d1", 1)])
        root = journal.root()
        with pytest.raises(IllegalFactError):
            journal.append([CopyIntended(clip="c1", docking="d1"), DockPaused(actor="ops"), illegal])
        assert journal.root() == root
        assert not journal.paused()
        journal.append([CopyIntended(clip="c1", docking="d1")])
        assert journal.size() == 4
    assert verify_journal(path).ok


def test_the_triggers_refuse_what_would_change_history(path: Path) -> None:
    tell.told(path)
    db = sqlite3.connect(path, isolation_level=None)
    for statement in (
        "UPDATE entry SET kind = 'x' WHERE seq = 3",
        "DELETE FROM entry WHERE seq = 3",
        "DELETE FROM entry",
        "INSERT INTO entry SELECT 99, leaf, leaf_hash, kind, clip, docking FROM entry WHERE seq = 3",
        "INSERT OR REPLACE INTO entry SELECT * FROM entry WHERE seq = 3",
        "UPDATE private SET value = 'x'",
        "UPDATE tree SET size = size - 1",
        "DELETE FROM tree",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(statement)
    db.close()
    assert verify_journal(path).ok


def test_the_file_is_the_docks_own_alone_whatever_the_umask(path: Path) -> None:
    for mask, name in ((0o077, "strict"), (0o000, "lax")):
        old = os.umask(mask)
        try:
            with tell.journal_at(path.with_name(name)) as journal:
                journal.append([tell.started()])
                for suffix in ("", "-wal", "-shm"):
                    mode = path.with_name(name + suffix).stat().st_mode
                    assert stat.S_IMODE(mode) == 0o600, (name, suffix)
        finally:
            os.umask(old)


def test_what_an_older_version_left_open_is_closed(path: Path) -> None:
    with tell.journal_at(path) as journal:
        journal.append([tell.started()])
    path.chmod(0o640)
    with tell.journal_at(path) as journal:
        journal.append([tell.started()])
        for suffix in ("", "-wal", "-shm"):
            assert stat.S_IMODE(path.with_name(path.name + suffix).stat().st_mode) == 0o600


def test_closing_leaves_one_file_and_no_second_use(path: Path) -> None:
    journal = tell.journal_at(path)
    journal.append([tell.started()])
    journal.close()
    journal.close()
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    with pytest.raises(JournalError, match="closed"):
        journal.append([tell.started()])
    with pytest.raises(JournalError, match="closed"):
        journal.paused()


def test_salts_are_fresh_for_paths_and_kept_for_cameras(path: Path) -> None:
    with open_journal(path, tell.SteadyClock()) as journal:
        journal.append([*tell.attached("d1"), tell.found("c1", "d1", 1)])
    with open_journal(path, tell.SteadyClock()) as journal:
        same_name = replace(tell.found("c2", "d1", 2), files=tell.found("c1", "d1", 1).files)
        journal.append([same_name, CameraEnrolled(camera=tell.SERIAL, model="", actor="ops")])
    rows = tell.ask(path, "SELECT field, count(*), count(DISTINCT salt) FROM private GROUP BY field")
    assert {r[0]: r[1:] for r in rows} == {"actor": (1, 1), "camera": (1, 1), "path": (2, 2)}


# --- the daemon's questions ----------------------------------------------------------------------


def test_open_clips_are_those_that_may_need_a_step(path: Path) -> None:
    with tell.journal_at(path) as journal:
        journal.append(tell.attached("d1"))
        for number in range(1, 7):
            journal.append(tell.transfer(f"c{number}", "d1", number)[:number])
        journal.append([*tell.transfer("c7", "d1", 7), *tell.released("c7")])
        journal.append([tell.found("c8", "d1", 8), ClipQuarantined(clip="c8", reason="odd")])
        assert [c.id for c in journal.open_clips(["vault"])] == ["c3", "c4"]
        assert [c.id for c in journal.open_clips([])] == ["c3", "c4"]
        assert [c.id for c in journal.open_clips(["vault", "tape"])] == ["c3", "c4", "c5", "c6"]
        journal.append([tell.uploaded("c6", "tape"), tell.verified("c6", 6, "tape")])
        assert [c.id for c in journal.open_clips(["vault", "tape"])] == ["c3", "c4", "c5"]
        assert journal.open_clips(["vault"])[0] == journal.clip("c3")


def test_a_clip_that_owes_its_document_is_open_and_no_other_is(path: Path) -> None:
    with tell.journal_at(path) as journal:
        journal.append(tell.attached("d1"))
        for number in (1, 2, 3):
            journal.append(tell.transfer(f"c{number}", "d1", number)[:-1])
            journal.append([replace(tell.verified(f"c{number}", number), owes_document=number > 1)])
        assert [c.id for c in journal.open_clips(["vault"])] == ["c2", "c3"]
        described = ClipDescribed(clip="c2", destination="vault", object="o", sha256=tell.digest("doc"))
        journal.append([described])
        assert [c.id for c in journal.open_clips(["vault"])] == ["c3"]
        journal.append([replace(described, clip="c3"), *tell.released("c3"), *tell.released("c2")])
        assert journal.open_clips(["vault"]) == []
        journal.append([ClipHeld(clip="c3", reason="inquiry", actor="ops")])
        assert [c.id for c in journal.open_clips(["vault"])] == ["c3"]
        assert [c.id for c in journal.open_clips(["tape"])] == ["c1"]
    assert tell.ask(path, "SELECT clip, document FROM receipt ORDER BY clip") == [
        ("c1", ""),
        ("c2", tell.digest("doc")),
        ("c3", ""),
    ]
    assert verify_journal(path).ok


def test_a_recalled_clip_begins_again(path: Path) -> None:
    with tell.journal_at(path) as journal:
        journal.append([*tell.attached("d1"), *tell.transfer("c1", "d1", 1)])
        journal.append([ClipQuarantined(clip="c1", reason="odd"), ClipRecalled(clip="c1", actor="ops")])
        clip = journal.clip("c1")
        assert clip is not None
        assert (clip.state, clip.parts, clip.receipts) == (ClipState.FOUND, (), {})
        journal.append([tell.acquired("c1", "d1", 1)])
    assert verify_journal(path).ok


def test_dockings_are_open_until_they_end(path: Path) -> None:
    with tell.journal_at(path) as journal:
        journal.append([*tell.whole_docking("d1", [1]), *tell.attached("d2"), tell.listed("d2", new=2)])
        (sheet,) = journal.open_dockings()
        assert (sheet.id, sheet.camera, sheet.seen, sheet.residual) == ("d2", tell.SERIAL, 2, 2)
        ended = journal.docking("d1")
        assert ended is not None
        assert (ended.copied, ended.complete, ended.residual) == (1, True, 0)
        assert journal.docking("d3") is None


def test_a_pause_outlives_a_restart(path: Path) -> None:
    with tell.journal_at(path) as journal:
        assert not journal.paused()
        journal.append([DockPaused(actor="ops")])
    with tell.journal_at(path) as journal:
        assert journal.paused()
        journal.append([DockResumed(actor="ops")])
        assert not journal.paused()


def test_the_last_decision_about_a_camera_counts(path: Path) -> None:
    enrolled = CameraEnrolled(camera="CAM-9", model="X", actor="ops")
    with tell.journal_at(path) as journal:
        assert journal.enrolment("CAM-9") == Enrolment(serial="CAM-9", enrolled=False)
        journal.append([enrolled])
        assert journal.enrolment("CAM-9") == Enrolment(serial="CAM-9", enrolled=True, model="X")
        journal.append([CameraRevoked(camera="CAM-9", reason="stolen", actor="ops")])
        revoked = Enrolment(serial="CAM-9", enrolled=False, model="X", revoked="stolen")
        assert journal.enrolment("CAM-9") == revoked
        assert journal.enrolment("CAM-1").revoked is None
        journal.append([enrolled])
        assert journal.enrolment("CAM-9").enrolled


@pytest.mark.slow
def test_size_costs_nothing_at_the_start_and_little_while_writing(path: Path) -> None:
    with tell.journal_at(path) as journal:
        before = os.times()
        for start in range(0, 2000, 50):
            journal.append(tell.whole_docking(tell.docking_id(start), range(start, start + 50)))
        after = os.times()
        assert journal.size() > 10_000
    assert after.user + after.system - before.user - before.system < 2  # 5,000 facts a second
    hundreds: list[None] = []

    def count() -> None:
        hundreds.append(None)

    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        db.set_progress_handler(count, 100)
        check_tail(db, path)
        assert lookups.open_clips(db, ["vault"]) == []
        assert lookups.sheets(db, lookups.OPEN_DOCKINGS) == []
        assert lookups.doubted_since(db, tell.docking_id(0)) == []
        assert [len(lookups.same_footage(db, tell.digest(name))) for name in ("clip7", "none")] == [1, 0]
    assert len(hundreds) < 10  # steps of SQLite's machine: reading the entries would take 50,000 and more


def test_a_start_without_a_stop_before_it_is_unclean(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    with tell.journal_at(path, tell.SteadyClock(step=1000)) as journal:
        assert journal.unclean_start() is None, "there was no start yet"
        journal.append([tell.started()])
        journal.append([CameraEnrolled(camera=tell.SERIAL, model="", actor="ops")])
        unclean = journal.unclean_start()
        assert unclean is not None
        assert (unclean.started_at, unclean.last_entry_at) == (
            "2026-11-21T08:00:01.000Z",
            "2026-11-21T08:00:02.000Z",
        )
        journal.append([DockStopped()])
        assert journal.unclean_start() is None
