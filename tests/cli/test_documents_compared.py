"""Do the custody documents in a vault show that the journal was written anew, and only then?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.facts import ClipFlagged, DockInitialised
from bwvdock.edges.journal import open_journal, verify_journal
from tests.cli.docks import VERIFIED, Dock
from tests.cli.test_custody import verify
from tests.edges.journal import stories as tell
from tests.edges.journal.verify.test_verify import rewritten
from tests.fakes.clock import FakeClock
from tests.fakes.signed import sign
from tests.fakes.signer import FakeSigner

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]


def problems(dock: Dock, capsys: Capture, *, code: int) -> list[tuple[str, str | None]]:
    return [(p["code"], p["clip"]) for p in verify(dock, capsys, code=code)["problems"]]


def supersede(dock: Dock) -> None:
    """Have the document of a clip owed anew: nothing states the digest of the one in the vault any more."""
    dock.record(ClipFlagged(clip=VERIFIED, reason="seen", case="", actor="0:root"))


def edit(document: Path, change: dict[str, Any]) -> None:
    edited = json.loads(document.read_bytes()) | change
    document.chmod(0o600)
    document.write_text(json.dumps(edited))


def test_documents_of_an_honest_dock_agree(dock: Dock, capsys: Capture) -> None:
    dock.describe(VERIFIED)
    assert verify(dock, capsys, code=0)["documents_compared"] == 1
    supersede(dock)
    assert verify(dock, capsys, code=0)["documents_compared"] == 1
    assert dock.run("custody", "verify") == 0
    said = capsys.readouterr().out
    assert "1 custody document names entries and a root that the journal has." in said


def test_a_document_of_the_first_version_is_compared_too(dock: Dock, capsys: Capture) -> None:
    document = dock.describe(VERIFIED)
    supersede(dock)
    edit(document, {"version": 1})
    assert verify(dock, capsys, code=0)["documents_compared"] == 1
    edit(document, {"version": 1, "tree": {"size": 3, "root": "00"}})
    assert problems(dock, capsys, code=4) == [("document_journal", VERIFIED)]


def test_a_document_whose_checkpoint_the_journal_contradicts_is_found(dock: Dock, capsys: Capture) -> None:
    with open_journal(dock.config.journal, FakeClock()) as journal:
        note = sign(journal, dock.config.journal, FakeSigner())
    document = dock.describe(VERIFIED)
    supersede(dock)
    assert verify(dock, capsys, code=0)["documents_compared"] == 1
    _, size, root, *_ = note.splitlines()
    for other in (
        note.replace(root, f"{'A' * 43}="),
        note.replace(f"\n{size}\n", "\n99999\n"),
        "no note",
    ):
        edit(document, {"checkpoint": other})
        assert problems(dock, capsys, code=4) == [("document_journal", VERIFIED)]


@pytest.mark.parametrize("seq", [1, 7, 15, 18])
def test_a_journal_that_was_written_anew_with_all_its_hashes_is_found(
    dock: Dock, capsys: Capture, seq: int
) -> None:
    """It proves itself; only what was kept outside of it contradicts it."""
    dock.describe(VERIFIED)
    supersede(dock)
    rewritten(dock.config.journal, {seq: {"boot": "another"}})
    assert verify_journal(dock.config.journal).problems == ()
    assert problems(dock, capsys, code=4) == [("document_journal", VERIFIED)]


def test_a_journal_that_was_put_back_to_an_earlier_day_is_found(dock: Dock, capsys: Capture) -> None:
    for _ in range(3):
        supersede(dock)
    before = dock.config.journal.read_bytes()
    for _ in range(3):
        supersede(dock)
    dock.describe(VERIFIED)
    dock.config.journal.write_bytes(before)
    assert verify_journal(dock.config.journal).ok
    [problem] = verify(dock, capsys, code=4)["problems"]
    assert problem["code"] == "document_journal"
    assert "was made when the journal had 26 entries; it has 23" in problem["message"]


def test_a_document_about_a_clip_that_the_journal_does_not_have_is_found(dock: Dock, capsys: Capture) -> None:
    document = dock.describe(VERIFIED)
    stray = document.with_name(f"{tell.clip_id(77)}.0.mp4.custody.json")
    stray.write_bytes(document.read_bytes())
    edit(stray, {"clip": tell.clip_id(77)})
    assert problems(dock, capsys, code=4) == [("document_journal", None)]


def test_documents_of_a_lost_journal_are_not_called_altered(dock: Dock, capsys: Capture) -> None:
    document = dock.describe(VERIFIED)
    stray = document.with_name(f"{tell.clip_id(77)}.0.mp4.custody.json")
    stray.write_bytes(document.read_bytes())
    edit(stray, {"clip": tell.clip_id(77)})
    dock.record(DockInitialised(dock="LEW-03", version="1", reason="its disk failed", actor="0:root"))
    found = verify(dock, capsys, code=0)
    assert found["not_checked"]["custody documents of a journal that was lost"] == 1


def test_documents_of_another_dock_are_counted(dock: Dock, capsys: Capture) -> None:
    document = dock.describe(VERIFIED)
    other = document.with_name("other.0.mp4.custody.json")
    other.write_bytes(document.read_bytes())
    edit(other, {"dock": "LEW-04"})
    assert verify(dock, capsys, code=0)["not_checked"]["custody documents of other docks"] == 1


@pytest.mark.parametrize(
    "change",
    [
        {"tree": {"size": 3, "root": "ab" * 32}},
        {"tree": {"size": 10**9, "root": "ab" * 32}},
        {"entries": [{"seq": 4, "leaf": "{}"}]},
        {"entries": [{"seq": 10**9, "leaf": "{}"}]},
    ],
)
def test_an_earlier_document_that_states_something_else_is_found(
    dock: Dock, capsys: Capture, change: dict[str, Any]
) -> None:
    document = dock.describe(VERIFIED)
    supersede(dock)
    edit(document, change)
    assert problems(dock, capsys, code=4) == [("document_journal", VERIFIED)]


@pytest.mark.parametrize(
    "change",
    [{"what": "x"}, {"version": 3}, {"tree": 7}, {"tree": {"size": "7", "root": ""}}, {"entries": [7]}],
)
def test_what_is_not_a_document_is_counted(dock: Dock, capsys: Capture, change: dict[str, Any]) -> None:
    document = dock.describe(VERIFIED)
    supersede(dock)
    edit(document, change)
    assert verify(dock, capsys, code=0)["not_checked"]["custody documents that cannot be read as such"] == 1


def test_documents_that_are_kept_elsewhere_are_compared_too(
    dock: Dock, capsys: Capture, tmp_path: Path
) -> None:
    kept = tmp_path / "kept" / "2026" / f"{VERIFIED}.custody.json"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(dock.describe(VERIFIED).read_bytes())
    (kept.parent / "loop.custody.json").symlink_to("/dev/zero")
    where = ("custody", "verify", "--journal-only", "--documents", str(tmp_path / "kept"))
    assert dock.run(*where) == 0
    said = capsys.readouterr().out
    assert "1 custody document names entries and a root that the journal has." in said
    edit(kept, {"tree": {"size": 3, "root": "00"}})
    assert dock.run(*where) == 4
    assert f"document_journal: {kept} states another root" in capsys.readouterr().out


def test_a_folder_of_documents_that_cannot_be_read_hides_nothing_that_was_found(
    dock: Dock, capsys: Capture, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    for folder in (tmp_path / "nowhere", tmp_path / "file"):
        found = verify(dock, capsys, "--documents", str(folder), code=1)
        assert str(folder) in found["stores_not_read"]
        assert len(found["errors"]) == 1
    assert dock.run("custody", "verify", "--journal-only", "--documents", str(tmp_path / "nowhere")) == 1
    assert f"Not read: {tmp_path / 'nowhere'} (" in capsys.readouterr().out
    tell.tamper(dock.config.journal, "UPDATE entry SET leaf = leaf || ' ' WHERE seq = 3")
    found = verify(dock, capsys, "--documents", str(tmp_path / "nowhere"), code=4)
    assert found["problems"]
    assert found["errors"]
