"""Does the journal answer truly, of clips, dockings and cameras?"""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bwvdock.core.clips.identity import identity
from bwvdock.core.clips.lifecycle import ClipState, DockingState
from bwvdock.core.custody.records import CameraRow, ClipFilter, ClipOutcome, Outcome
from bwvdock.core.facts import (
    CameraDetached,
    CameraEnrolled,
    CameraRefused,
    CameraRevoked,
    CameraSettled,
    ClipQuarantined,
    ClipRecalled,
    ClipRetried,
    ClipSkipped,
    DockPaused,
)
from bwvdock.core.moments import iso_of_ns
from bwvdock.edges.journal import JournalReader, verify_journal
from bwvdock.edges.journal.read.summary import read_summary
from bwvdock.errors import UsageError
from tests.edges.journal import stories as tell


@pytest.fixture(scope="module")
def one_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tell.told(tmp_path_factory.mktemp("one_day") / "journal.sqlite3")


@pytest.fixture
def path(one_day: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(one_day, tmp_path))


# --- the whole ---


def test_the_summary_counts_what_happened(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with tell.journal_at(path) as journal:
        journal.append([tell.started(), *tell.attached("d1")])
        for number in range(1, 6):
            journal.append(tell.transfer(f"c{number}", "d1", number)[:number])
        journal.append([tell.found("c6", "d1", 6), ClipQuarantined(clip="c6", reason="odd")])
        journal.append([DockPaused(actor="ops")])
        with JournalReader(path) as reader:
            summary = reader.summary()
        assert (summary.entries, summary.root) == (journal.size(), journal.root())
    assert {state: n for state, n in summary.clips.items() if n} == {
        ClipState.FOUND: 2,
        ClipState.ACQUIRED: 1,
        ClipState.UPLOADED: 1,
        ClipState.VERIFIED: 1,
        ClipState.QUARANTINED: 1,
    }
    assert list(summary.clips) == list(ClipState)
    assert (summary.queue_clips, summary.queue_bytes) == (2, 2000)
    assert summary.queue_oldest_at == "2026-11-21T08:00:00.004Z"
    assert summary.last_receipts == {"vault": "2026-11-21T08:00:00.006Z"}
    assert (summary.paused, summary.running) == (True, True)
    assert summary.started_at == "2026-11-21T08:00:00.001Z"


def test_an_orderly_stop_is_seen_and_an_empty_journal_is_no_error(path: Path, tmp_path: Path) -> None:
    with JournalReader(path) as reader:
        assert not reader.summary().running
    with JournalReader(tell.told(tmp_path / "empty", [])) as reader:
        summary = reader.summary()
    assert (summary.entries, summary.queue_oldest_at, summary.started_at) == (0, None, None)
    assert summary.root == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


# --- clips ---


def test_a_clip_has_every_field_of_its_row(path: Path) -> None:
    with JournalReader(path) as reader:
        row = next(reader.clips(ClipFilter()))
        assert reader.clip_row(row.id) == row
        assert reader.clip_row("none") is None
    assert (row.id, row.docking, row.camera) == (tell.clip_id(2), tell.docking_id(1), tell.SERIAL)
    assert (row.path, row.size, row.sha256) == (tell.source(2).path, 1000, tell.digest("clip2"))
    assert (row.recorded_at, row.state) == ("2023-11-14T22:13:22.000Z", ClipState.VERIFIED)
    assert row.acquired_at is not None
    (receipt,) = row.receipts
    assert (receipt.destination, receipt.method, receipt.sha256) == ("vault", "read-back", row.sha256)
    assert (receipt.object, receipt.received_at) == (f"{row.id}/0.mp4", row.acquired_at)


@pytest.mark.slow
def test_clips_come_newest_first_across_pages(tmp_path: Path) -> None:
    path = tell.told(tmp_path / "j", tell.day(range(1203)))
    with JournalReader(path) as reader:
        rows = list(reader.clips())
    assert [row.id for row in rows] == [tell.clip_id(n) for n in reversed(range(1203))]


def test_clips_are_filtered(tmp_path: Path) -> None:
    path = tell.told(
        tmp_path / "j",
        [
            *tell.attached("d1"),
            *tell.transfer("c1", "d1", 1),
            tell.found("c2", "d1", 2),
            *tell.attached("d2", camera="CAM-18"),
            tell.found("c3", "d2", 3, camera="CAM-18"),
        ],
    )
    at = [datetime.fromtimestamp(tell.source(n).mtime_ns / 1e9, UTC) for n in range(4)]
    wanted = {
        ClipFilter(): ["c3", "c2", "c1"],
        ClipFilter(camera="CAM-18"): ["c3"],
        ClipFilter(camera="CAM-19"): [],
        ClipFilter(officer="PC 1234"): [],
        ClipFilter(officer=""): ["c3", "c2", "c1"],
        ClipFilter(state=ClipState.FOUND): ["c3", "c2"],
        ClipFilter(state=ClipState.FOUND, camera=tell.SERIAL): ["c2"],
        ClipFilter(since=at[2]): ["c3", "c2"],
        ClipFilter(until=at[2]): ["c2", "c1"],
        ClipFilter(since=at[2], until=at[2]): ["c2"],
        ClipFilter(since=at[3] + timedelta(milliseconds=1)): [],
    }
    with JournalReader(path) as reader:
        assert {f: [row.id for row in reader.clips(f)] for f in wanted} == wanted


@pytest.mark.parametrize("nanoseconds", [2**63, -(2**63) - 1, 2**80, 0, -1, 253402300800 * 10**9])
def test_a_time_from_no_calendar_is_no_error(tmp_path: Path, nanoseconds: int) -> None:
    found = tell.found("c1", "d1", 1)
    odd = replace(found, files=(replace(found.files[0], mtime_ns=nanoseconds),))
    path = tell.told(tmp_path / "j", [*tell.attached("d1"), odd])
    with JournalReader(path) as reader:
        (row,) = reader.clips()
        clip = reader.clip("c1")
    assert clip is not None
    assert clip.files[0].mtime_ns == nanoseconds
    assert row.recorded_at[-1] == "Z"
    assert iso_of_ns(0) == "1970-01-01T00:00:00.000Z"


def test_a_prefix_names_one_clip_or_says_which_there_are(path: Path) -> None:
    one = tell.clip_id(1)
    with JournalReader(path) as reader:
        assert reader.resolve_clip(one) == one
        assert reader.resolve_clip(one.upper()) == one
        with pytest.raises(UsageError, match=one) as ambiguous:
            reader.resolve_clip(one[:-1])
        assert "more of the id" in ambiguous.value.remedy
        for nonsense in ("", "zz", "%", one + "0", "' OR 1"):
            with pytest.raises(UsageError, match="no clip") as unknown:
                reader.resolve_clip(nonsense)
            assert "clips list" in unknown.value.remedy


def test_an_id_that_begins_another_is_still_found(tmp_path: Path) -> None:
    path = tell.told(
        tmp_path / "j", [*tell.attached("d1"), tell.found("c1", "d1", 1), tell.found("c11", "d1", 2)]
    )
    with JournalReader(path) as reader:
        assert reader.resolve_clip("c1") == "c1"
        with pytest.raises(UsageError):
            reader.resolve_clip("c")


def test_a_history_tells_every_entry_that_names_the_clip(path: Path) -> None:
    with JournalReader(path) as reader:
        history = reader.history(tell.clip_id(0))
    kinds = [entry.kind for entry in history]
    assert kinds == ["clip_found", "copy_intended", "clip_acquired", "clip_uploaded", "clip_verified"]
    assert history[0].data["camera"] == tell.SERIAL
    assert history[0].data["files"][0]["path"] == tell.source(0).path
    assert [entry.seq for entry in history] == list(range(5, 10))
    assert (
        history[2].leaf_hash == tell.ask(path, "SELECT lower(hex(leaf_hash)) FROM entry WHERE seq = 7")[0][0]
    )


def test_what_is_held_is_known_by_identity(path: Path) -> None:
    one, other = (identity(tell.SERIAL, tell.source(n)) for n in (1, 99))
    with JournalReader(path) as reader:
        assert reader.held([one, other]) == {one: (tell.clip_id(1), ClipState.VERIFIED, True)}
        assert reader.held([]) == {}


@pytest.mark.slow
def test_a_sidecar_is_known_by_identity_too_but_footage_comes_first(tmp_path: Path) -> None:
    found = tell.found("c1", "d1", 1)
    with_sidecar = replace(found, files=(*found.files, tell.source(2), tell.source(2)))
    path = tell.told(tmp_path / "j", [*tell.attached("d1"), with_sidecar])
    sidecar = identity(tell.SERIAL, tell.source(2))
    with JournalReader(path) as reader:
        assert reader.held([sidecar]) == {sidecar: ("c1", ClipState.FOUND, False)}
    with tell.journal_at(path) as journal:
        journal.append([tell.acquired("c1", "d1", 1)])
    with JournalReader(path) as reader:
        assert reader.held([sidecar]) == {sidecar: ("c1", ClipState.ACQUIRED, False)}
    with tell.journal_at(path) as journal:
        journal.append([replace(with_sidecar, clip="c2")])
    with JournalReader(path) as reader:
        assert reader.held([sidecar])[sidecar].clip == "c1", "what was only seen comes last"
    with tell.journal_at(path) as journal:
        journal.append([tell.found("c0", "d1", 2)])
    with JournalReader(path) as reader:
        assert reader.held([sidecar]) == {sidecar: ("c0", ClipState.FOUND, True)}
    assert verify_journal(path).ok
    for statement in ("DELETE FROM sidecar", "UPDATE sidecar SET identity = zeroblob(32)"):
        tell.tamper(path, statement)
        assert {p.code for p in verify_journal(path).problems} == {"projection"}


def test_an_emptied_camera_and_path_read_as_empty(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DELETE FROM private")
    with JournalReader(path) as reader:
        assert {(row.camera, row.path) for row in reader.clips()} == {("", "")}
        assert reader.history(tell.clip_id(0))[0].data["camera"] is None
        assert [row.serial for row in reader.cameras()] == [""]
        assert reader.docking(tell.docking_id(1)).camera == ""
        clip = reader.clip(tell.clip_id(0))
        assert clip is not None
        assert clip.sha256 == tell.digest("clip0")
        assert len(reader.held([identity(tell.SERIAL, tell.source(1))])) == 1


def test_files_to_check_are_those_that_should_be_there(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with tell.journal_at(path) as journal:
        journal.append(tell.attached("d1"))
        for number in range(1, 6):
            journal.append(tell.transfer(f"c{number}", "d1", number)[:number])
        journal.append([*tell.transfer("c6", "d1", 6), *tell.released("c6")])
        journal.append([*tell.transfer("c7", "d1", 7)[:3], ClipQuarantined(clip="c7", reason="odd")])
        journal.append([tell.found("c8", "d1", 8), ClipQuarantined(clip="c8", reason="odd")])
        journal.append([*tell.transfer("c9", "d1", 9), ClipQuarantined(clip="c9", reason="odd")])
        journal.append([ClipRetried(clip="c9", actor="ops")])
        journal.append(
            [*tell.transfer("d0", "d1", 10), ClipQuarantined(clip="d0", reason="rot", place="tape")]
        )
        journal.append([ClipRecalled(clip="d0", actor="")])
        journal.append([*tell.transfer("ca", "d1", 11)[:3], ClipQuarantined(clip="ca", reason="rot")])
        journal.append([ClipRecalled(clip="ca", actor="")])
    with JournalReader(path) as reader:
        assert [clip.id for clip in reader.held_files()] == ["c3", "c4", "c5", "c7", "c9"]
        assert [clip.id for clip in reader.clips_of(["c6", "c99", "c5"])] == ["c5", "c6"]
        sent = {clip.id: clip for clip in reader.sent_files()}
        assert list(sent)[-1] == "d0"
        assert all(clip.sha256 for clip in sent.values()), "one that was recalled, as it was proven"
        assert reader.summary().recalled == {tell.SERIAL: 1}, "not the one that a store has proven"


def test_what_status_asks_reads_no_large_table_from_end_to_end(one_day: Path) -> None:
    asked: list[str] = []
    with closing(sqlite3.connect(one_day, isolation_level=None)) as db:
        db.set_trace_callback(asked.append)
        read_summary(db)
        db.set_trace_callback(None)
        plans = [row[3] for query in asked for row in db.execute(f"EXPLAIN QUERY PLAN {query}")]
    scans = [step for step in plans if re.match(r"SCAN (entry|clip|docking|later|d|receipt|private)\b", step)]
    few = re.compile(
        "USING (COVERING )?INDEX (entry_of_doubt|entry_of_verification|entry_of_backup|receipt_undescribed)$"
    )
    assert [step for step in scans if not few.search(step)] == []
    assert any("docking_by_camera (camera=? AND attached_at>?)" in step for step in plans)


@pytest.mark.slow
def test_files_to_check_come_in_pages_without_a_gap(tmp_path: Path) -> None:
    path = tell.told(tmp_path / "j", tell.day(range(450)))
    with JournalReader(path) as reader:
        assert [clip.id for clip in reader.held_files()] == [tell.clip_id(n) for n in range(450)]


# --- dockings and cameras ---


def test_a_docking_has_its_whole_balance(tmp_path: Path) -> None:
    path = tell.told(
        tmp_path / "j",
        [
            *tell.attached("01dk1"),
            tell.listed("01dk1", new=4, already_held=3, not_ready=1, refused=2),
            tell.listed("01dk1", new=0, already_held=1),
            *tell.transfer("c1", "01dk1", 1),
            tell.found("c2", "01dk1", 2),
            ClipSkipped(docking="01dk1", clip="c2", outcome="unreadable", reason="medium error"),
            tell.found("c3", "01dk1", 3),
            ClipSkipped(docking="01dk1", clip="c3", outcome="not_ready", reason="growing"),
            CameraDetached(docking="01dk1", reason="pulled out", residual=1, complete=False),
            *tell.attached("01dk2"),
        ],
    )
    with JournalReader(path) as reader:
        sheet = reader.docking("01dk1")
        first, second = reader.dockings()
    assert (sheet.seen, sheet.copied, sheet.already_held, sheet.not_ready) == (11, 1, 4, 2)
    assert (sheet.unreadable, sheet.refused, sheet.residual) == (1, 2, 1)
    assert (sheet.bytes_copied, sheet.bytes_read, sheet.complete) == (1000, 1000, False)
    assert (sheet.camera, sheet.bay, sheet.transport) == (tell.SERIAL, "1-2.1", "mass-storage")
    assert (sheet.state, sheet.reason) == (DockingState.DETACHED, "pulled out")
    assert sheet.outcomes == (
        ClipOutcome(clip="c1", outcome=Outcome.COPIED, size=1000, read=1000),
        ClipOutcome(clip="c2", outcome=Outcome.UNREADABLE, reason="medium error"),
        ClipOutcome(clip="c3", outcome=Outcome.NOT_READY, reason="growing"),
    )
    assert second == replace(sheet, outcomes=())
    assert (first.id, first.detached_at, first.seen) == ("01dk2", None, 0)


def test_dockings_are_listed_newest_first_within_bounds(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with tell.journal_at(path) as journal:
        for number in range(1, 5):  # attached 1, 2, 3 and 4 milliseconds after eight
            journal.append(tell.attached(f"d{number}"))
    two, three = (tell.BORN + timedelta(milliseconds=n) for n in (2, 3))
    with JournalReader(path) as reader:
        assert [d.id for d in reader.dockings()] == ["d4", "d3", "d2", "d1"]
        assert [d.id for d in reader.dockings(limit=2)] == ["d4", "d3"]
        assert [d.id for d in reader.dockings(since=two, until=three)] == ["d3", "d2"]
        assert [d.id for d in reader.open_dockings()] == ["d1", "d2", "d3", "d4"]
        with pytest.raises(UsageError, match="More than one docking"):
            reader.docking("d")
        with pytest.raises(UsageError, match="no docking"):
            reader.docking("x")


def test_a_refusal_is_the_reason_until_it_is_lifted(tmp_path: Path) -> None:
    path = tmp_path / "j"
    refused = CameraRefused(docking="d1", reason="not enrolled")
    gone = CameraDetached(docking="d1", reason="pulled out", residual=0, complete=False)
    with tell.journal_at(path) as journal, JournalReader(path) as reader:
        journal.append([tell.attached("d1")[0], refused])
        assert reader.docking("d1").reason == "not enrolled"
        journal.append([gone])
        assert reader.docking("d1").reason == "not enrolled"
        journal.append([tell.attached("d2")[0], replace(refused, docking="d2"), tell.attached("d2")[1]])
        assert reader.docking("d2").reason == ""
        journal.append([CameraSettled(docking="d2"), replace(gone, docking="d2")])
        assert reader.docking("d2").reason == "pulled out"


def test_cameras_show_their_admission_and_where_they_were_last(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with tell.journal_at(path) as journal:
        journal.append([CameraEnrolled(camera="CAM-2", model="", actor="ops")])
        journal.append(tell.attached("d1", camera="CAM-2", bay="1-1"))
        journal.append(tell.attached("d2", camera="CAM-1", bay="1-2"))
        journal.append([CameraRevoked(camera="CAM-3", reason="lost", actor="ops")])
    at = [f"2026-11-21T08:00:00.{n:03}Z" for n in range(5)]
    with JournalReader(path) as reader:
        rows = reader.cameras()
        assert reader.enrolment("CAM-2").enrolled
        assert reader.enrolment("CAM-3").revoked == "lost"
    plain = CameraRow(
        serial="CAM-1",
        model="X100",
        enrolled_at=None,
        revoked=None,
        last_docking="d2",
        last_docked_at=at[3],
        last_bay="1-2",
    )
    docked = replace(
        plain, serial="CAM-2", enrolled_at=at[1], last_docking="d1", last_docked_at=at[2], last_bay="1-1"
    )
    lost = replace(
        plain, serial="CAM-3", model="", revoked="lost", last_docking=None, last_docked_at=None, last_bay=None
    )
    assert rows == [plain, docked, lost]
