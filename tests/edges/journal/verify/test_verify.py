# ruff: noqa: S608 - forging statements is what these tests do
"""Is every way of changing the journal found, and named by its right name?"""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bwvdock.core.canonical import canonical
from bwvdock.core.custody.merkle import Tree, leaf_hash
from bwvdock.core.custody.verification import Verification
from bwvdock.core.facts import (
    CameraDetached,
    CameraSettled,
    ClipQuarantined,
    ClipRecalled,
    ClipSkipped,
    Fact,
)
from bwvdock.edges.journal import CODES, verify_journal
from bwvdock.edges.journal.verify.soundness import damage
from tests.edges.journal import stories as tell

_HASH = "x'" + "ab" * 32 + "'"


@pytest.fixture(scope="module")
def one_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tell.told(tmp_path_factory.mktemp("one_day") / "journal.sqlite3")


@pytest.fixture
def path(one_day: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(one_day, tmp_path))


def codes(verification: Verification) -> set[str]:
    found = {problem.code for problem in verification.problems}
    assert found <= CODES
    return found


def test_an_untouched_journal_verifies(path: Path) -> None:
    verification = verify_journal(path)
    assert verification.ok
    assert verification.problems == ()
    assert (verification.entries, verification.checkpoints) == (len(tell.day()), 0)


def test_an_empty_journal_verifies(tmp_path: Path) -> None:
    assert verify_journal(tell.told(tmp_path / "j", [])).ok


@pytest.mark.few(15)
@pytest.mark.parametrize(
    "statement,code",
    [
        ("UPDATE entry SET leaf = replace(leaf, 'VID', 'VIP') WHERE kind = 'dock_started'", None),
        ("UPDATE entry SET leaf = replace(leaf, '0.1.0', '0.1.1') WHERE seq = 0", "entry_hash"),
        ("UPDATE entry SET leaf = CAST(substr(leaf, 1, 9) || x'ff' AS TEXT) WHERE seq = 3", "entry_hash"),
        ("UPDATE entry SET leaf = '' WHERE seq = 3", "entry_form"),
        ("UPDATE entry SET leaf = replace(leaf, '\"seq\":', '\"seq\": ') WHERE seq = 3", "entry_form"),
        (f"UPDATE entry SET leaf_hash = {_HASH} WHERE seq = 4", "entry_hash"),
        ("UPDATE entry SET kind = 'clip_found' WHERE seq = 4", "entry_index"),
        ("UPDATE entry SET clip = 'another' WHERE kind = 'clip_acquired'", "entry_index"),
        ("UPDATE entry SET docking = NULL WHERE kind = 'clip_acquired'", "entry_index"),
        ("DELETE FROM entry WHERE seq = 5", "entry_missing"),
        ("DELETE FROM entry WHERE seq = 0", "entry_missing"),
        ("DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)", "tree"),
        ("DELETE FROM entry", "tree"),
        ("UPDATE tree SET size = size - 1", "tree"),
        (f"UPDATE tree SET root = {_HASH}", "tree"),
        (f"UPDATE tree SET edge = {_HASH}", "tree"),
        ("DELETE FROM tree", "tree"),
        ("UPDATE private SET value = 'CAM-18' WHERE field = 'camera'", "commitment"),
        ("UPDATE private SET value = value || 'x' WHERE field = 'path'", "commitment"),
        (f"UPDATE private SET salt = {_HASH} WHERE field = 'actor'", "commitment"),
        ("UPDATE private SET field = 'path' WHERE field = 'actor'", "commitment"),
        ("UPDATE clip SET state = 'released'", "projection"),
        (f"UPDATE clip SET sha256 = '{'ab' * 32}'", "projection"),
        (f"UPDATE clip SET identity = {_HASH}", "projection"),
        ("UPDATE clip SET acquired_at = NULL", "projection"),
        ("UPDATE clip SET size = size + 1", "projection"),
        ("DELETE FROM clip", "projection"),
        ("UPDATE clip SET id = 'zz' WHERE id = (SELECT max(id) FROM clip)", "projection"),
        ("UPDATE receipt SET version = 'v2'", "projection"),
        ("UPDATE receipt SET document = 'x'", "projection"),
        ("UPDATE clip SET owing = 'vault'", "projection"),
        ("UPDATE clip SET resumed = 'vault'", "projection"),
        ("DELETE FROM receipt", "projection"),
        ("UPDATE receipt SET document_refused = 'x'", "projection"),
        ("INSERT INTO receipt VALUES ('zz', 'a', 'b', 'c', 'd', 'e', 'f', '', '', '')", "projection"),
        ("UPDATE tally SET clips = clips + 1", "projection"),
        ("DELETE FROM tally", "projection"),
        ("UPDATE destination SET last_receipt_at = '2030'", "projection"),
        ("UPDATE camera SET revoked = 'stolen'", "projection"),
        ("UPDATE dock SET paused = 1", "projection"),
        ("UPDATE docking SET complete = 0", "projection"),
        ("UPDATE docking SET copied = copied - 1", "projection"),
        ("DELETE FROM docking", "projection"),
        ("UPDATE docking_clip SET outcome = 'unreadable'", "projection"),
        ("DELETE FROM docking_clip", "projection"),
    ],
)  # fmt: skip
def test_every_change_is_found_by_name(path: Path, statement: str, code: str | None) -> None:
    tell.tamper(path, statement)
    verification = verify_journal(path)
    assert verification.ok is (code is None)
    assert code is None or code in codes(verification)


def test_a_change_names_the_entry_and_the_clip(path: Path) -> None:
    tell.tamper(path, "UPDATE entry SET leaf = replace(leaf, 'T08:', 'T09:') WHERE seq = 7")
    assert ("entry_hash", 7) in {(p.code, p.entry) for p in verify_journal(path).problems}
    clip = tell.clip_id(2)
    tell.tamper(path, f"UPDATE clip SET state = 'retired' WHERE id = '{clip}'")
    assert ("projection", clip) in {(p.code, p.clip) for p in verify_journal(path).problems}


def test_two_entries_that_changed_places_are_found(path: Path) -> None:
    tell.tamper(
        path,
        "UPDATE entry SET seq = 1000 WHERE seq = 6",
        "UPDATE entry SET seq = 6 WHERE seq = 7",
        "UPDATE entry SET seq = 7 WHERE seq = 1000",
    )
    assert {"entry_form", "entry_link", "tree"} <= codes(verify_journal(path))


def test_changed_text_with_its_hash_made_anew_is_still_found(path: Path) -> None:
    text = str(tell.ask(path, "SELECT leaf FROM entry WHERE seq = 7")[0][0])
    changed = text.replace("T08:", "T09:")
    tell.tamper(
        path, f"UPDATE entry SET leaf = '{changed}', leaf_hash = x'{leaf_hash(changed).hex()}' WHERE seq = 7"
    )
    assert codes(verify_journal(path)) >= {"entry_link", "tree"}


@pytest.mark.slow
def test_only_a_witness_can_find_a_tail_that_was_cut_with_care(tmp_path: Path) -> None:
    """Why checkpoints outside the dock have their place: this test says what is not found today."""
    whole, cut = (tell.told(tmp_path / name, tell.day()[:end]) for name, end in (("whole", 9), ("cut", 8)))
    assert verify_journal(cut).ok
    assert verify_journal(cut).root != verify_journal(whole).root


def test_a_value_that_was_deleted_without_an_entry_is_found(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DELETE FROM private")  # no trigger stands against this
    assert codes(verify_journal(path)) == {"private"}


def rewritten(path: Path, change: dict[int, dict[str, object]]) -> Path:
    """Forge whole: change entries' heads, then make every hash, link and the tree anew."""
    texts = [row[0] for row in tell.ask(path, "SELECT leaf FROM entry ORDER BY seq")]
    tree, prev, statements = Tree(), "", []
    for seq, text in enumerate(texts):
        forged = canonical(json.loads(text) | {"prev": prev} | change.get(seq, {}))
        digest = leaf_hash(forged)
        prev, tree = digest.hex(), tree.append(digest)
        statements.append(f"UPDATE entry SET leaf = '{forged}', leaf_hash = x'{prev}' WHERE seq = {seq}")
    edge = b"".join(tree.edge).hex()
    tell.tamper(path, *statements, f"UPDATE tree SET edge = x'{edge}', root = x'{tree.root().hex()}'")
    return path


def test_a_boot_clock_that_runs_backwards_is_found(path: Path) -> None:
    assert verify_journal(rewritten(path, {})).ok
    assert codes(verify_journal(rewritten(path, {9: {"bt": 1}}))) == {"clock_order"}


def test_a_clock_may_start_again_with_another_boot(tmp_path: Path) -> None:
    path = tmp_path / "j"
    for boot in ("one", "two"):
        with tell.journal_at(path, tell.SteadyClock(boot=boot)) as journal:
            journal.append([tell.started()])
            journal.append([tell.started()])
    assert verify_journal(path).ok


def test_lives_that_the_law_does_not_allow_are_found(tmp_path: Path) -> None:
    path = tell.told(tmp_path / "j", [*tell.attached("d1"), *tell.transfer("c1", "d1", 1)])
    forged = rewritten(path, {2: {"kind": "dock_stopped", "data": {}}})
    tell.tamper(forged, "UPDATE entry SET kind = 'dock_stopped', clip = NULL, docking = NULL WHERE seq = 2")
    assert "lifecycle" in codes(verify_journal(forged))
    path = tell.told(tmp_path / "k", tell.attached("d1"))
    forged = rewritten(path, {0: {"kind": "dock_stopped", "data": {}}})
    tell.tamper(forged, "UPDATE entry SET kind = 'dock_stopped', docking = NULL WHERE seq = 0")
    assert "lifecycle" in codes(verify_journal(forged))


def test_a_receipt_for_other_bytes_is_found(tmp_path: Path) -> None:
    facts = [*tell.attached("d1"), *tell.transfer("c1", "d1", 1)[:-1], tell.verified("c1", 2)]
    assert codes(verify_journal(tell.told(tmp_path / "j", facts))) == {"receipt_digest"}


def test_a_receipt_that_a_recall_left_is_for_the_bytes_from_before(tmp_path: Path) -> None:
    facts = [
        *tell.attached("d1"),
        *tell.transfer("c1", "d1", 1),
        ClipQuarantined(clip="c1", reason="the spool's copy rotted", place="tape"),
        ClipRecalled(clip="c1", actor=""),
    ]
    assert codes(verify_journal(tell.told(tmp_path / "j", facts))) == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    "facts,ok",
    [
        ([tell.listed("d1", new=1), CameraSettled(docking="d1")], False),
        ([], False),
        ([tell.listed("d1", new=0)], False),
        ([tell.listed("d1", new=0), CameraSettled(docking="d1")], True),
        ([tell.listed("d1", new=0, already_held=4, refused=1), CameraSettled(docking="d1")], True),
    ],
)
def test_a_docking_is_not_called_complete_while_clips_are_open(
    tmp_path: Path, facts: list[Fact], ok: bool
) -> None:
    end = CameraDetached(docking="d1", reason="removed", residual=0, complete=True)
    path = tell.told(tmp_path / "j", [*tell.attached("d1"), *facts, end])
    assert codes(verify_journal(path)) == (set() if ok else {"docking_balance"})


def test_a_skipped_clip_that_is_copied_after_all_counts_once(tmp_path: Path) -> None:
    skipped = ClipSkipped(docking="d1", clip="c1", outcome="not_ready", reason="growing")
    path = tmp_path / "j"
    with tell.journal_at(path) as journal:
        journal.append([*tell.attached("d1"), tell.listed("d1", new=2), tell.found("c1", "d1", 1), skipped])
        before = journal.docking("d1")
        journal.append([tell.acquired("c1", "d1", 1), skipped])
        after = journal.docking("d1")
    assert before is not None
    assert after is not None
    assert (before.not_ready, before.copied, before.residual) == (1, 0, 1)
    assert (after.not_ready, after.copied, after.residual, after.bytes_copied) == (0, 1, 1, 1000)
    assert verify_journal(path).ok


def test_a_file_that_is_no_journal_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"SQLite format 3\x00" + bytes(range(256)) * 32)
    for path in (garbage, tmp_path / "missing"):
        assert codes(verify_journal(path)) == {"journal_unreadable"}


@pytest.mark.slow
def test_a_damaged_page_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    path = tell.told(tmp_path / "j", tell.day(range(200)))
    content = bytearray(path.read_bytes())
    middle = len(content) // 4096 // 2 * 4096
    content[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(content)
    assert not verify_journal(path).ok


def test_a_table_that_differs_is_named_in_words(path: Path) -> None:
    tell.tamper(path, "UPDATE dock SET paused = 1 - paused")
    [problem] = verify_journal(path).problems
    assert problem.message == "table dock does not match the entries"


@pytest.mark.slow
def test_one_damaged_page_is_told_once_and_in_one_line(tmp_path: Path) -> None:
    path = tell.told(tmp_path / "j", tell.day(range(200)))
    size = path.stat().st_size // 4096
    for page in range(2, size, max(size // 12, 1)):
        shutil.copy(path, damaged := tmp_path / f"page{page}")
        with damaged.open("r+b") as file:
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)
        said = [problem.message for problem in verify_journal(damaged).problems]
        assert len(said) == len(set(said))
        assert not [text for text in said if "***" in text or "\n" in text]


@pytest.mark.parametrize(
    "found, words",
    [
        (
            "*** in database main ***\nPage 4: btreeInitPage() returns error code 11",
            "page 4 is damaged (btreeInitPage() returns error code 11)",
        ),
        (
            "*** in database main ***\nTree 9 page 7 cell 2: Rowid 3 out of order\nPage 8: never used",
            "page 7 is damaged (Rowid 3 out of order); page 8 is damaged (never used)",
        ),
        ("row 3 missing from index clip_by_state", "row 3 missing from index clip_by_state"),
    ],
)
def test_what_sqlite_finds_is_said_in_one_line(found: str, words: str) -> None:
    assert damage(found) == words
