"""Does `custody verify` find what was altered, and say so in words and in its exit code?"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bwvdock.cli.file_checks import file_checks
from bwvdock.config.settings import load
from bwvdock.core.clips.retention import DisposalPermit
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.facts import ClipDisposed, ClipFlagged, ClipReleased, ClipUploaded, DisposalIntended
from bwvdock.edges.destinations.directory import DirectoryDestination
from bwvdock.edges.journal.database import MIGRATIONS
from bwvdock.edges.spool import FileSpool
from tests.cli.docks import QUARANTINED, VERIFIED, Dock, used_dock
from tests.edges.journal.stories import as_of, tamper

Capture = pytest.CaptureFixture[str]


def verify(dock: Dock, capsys: Capture, *arguments: str, code: int) -> dict[str, Any]:
    assert dock.run("custody", "verify", "--json", *arguments) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def alter(path: Path) -> None:
    """Change one byte, as somebody with a disk editor could: the file is replaced, not written through."""
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.unlink()
    path.write_bytes(content)


def test_an_honest_dock_verifies(dock: Dock, capsys: Capture) -> None:
    found = verify(dock, capsys, code=0)
    assert set(found) >= {"ok", "entries", "checkpoints", "root", "files_checked", "problems"}
    assert (found["ok"], found["problems"], found["files_checked"]) == (True, [], 4)
    with dock.reader() as reader:
        assert (found["entries"], found["root"]) == (reader.summary().entries, reader.summary().root)
    assert dock.run("custody", "verify") == 0
    assert (
        "Journal consistent. 4 files match the hash taken at ingest; 0 not checked."
        in capsys.readouterr().out
    )


@pytest.mark.slow
def test_copies_that_are_not_read_are_counted_with_the_reason(tmp_path: Path, capsys: Capture) -> None:
    used = used_dock(tmp_path)
    used.record(ClipUploaded(clip=VERIFIED, destination="county", object="uploads/1"))
    with used.config.file.open("a") as file:
        file.write(f'[[destination]]\nname = "vault"\nkind = "directory"\npath = "{used.vault}"\n')
        file.write('[[destination]]\nname = "county"\nkind = "tus"\nurl = "https://county.invalid/files/"\n')
    dock = Dock(config=load(used.config.file))
    found = verify(dock, capsys, code=0)
    assert (found["files_checked"], found["files_not_checked"]) == (4, 1)
    assert dock.run("custody", "verify") == 0
    assert "; 1 not checked (1 at county, which is not read here)." in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.few(2)
@pytest.mark.parametrize("place", ["spool", "vault"])
@pytest.mark.parametrize("damage", [alter, Path.unlink], ids=["altered", "missing"])
def test_a_file_that_is_not_what_was_taken_is_found(
    dock: Dock, capsys: Capture, place: str, damage: Callable[[Path], None]
) -> None:
    damage(dock.spooled(VERIFIED) if place == "spool" else dock.vaulted(VERIFIED))
    found = verify(dock, capsys, code=4)
    assert [(p["code"], p["clip"]) for p in found["problems"]] == [(f"{place}_file", VERIFIED)]
    assert found["ok"] is False
    assert found["files_checked"] == 4
    assert verify(dock, capsys, "--journal-only", code=0)["files_checked"] == 0


def test_a_custody_document_is_read_again(dock: Dock, capsys: Capture) -> None:
    dock.describe(VERIFIED)
    assert verify(dock, capsys, code=0)["files_checked"] == 5


@pytest.mark.parametrize("damage", [alter, Path.unlink], ids=["altered", "missing"])
def test_a_custody_document_that_is_not_the_one_laid_there_is_found(
    dock: Dock, capsys: Capture, damage: Callable[[Path], None]
) -> None:
    damage(dock.describe(VERIFIED))
    found = verify(dock, capsys, code=4)
    assert [(p["code"], p["clip"]) for p in found["problems"]] == [("vault_document", VERIFIED)]


@pytest.mark.slow
def test_a_custody_document_that_is_being_replaced_is_no_problem(dock: Dock, capsys: Capture) -> None:
    alter(dock.describe(VERIFIED))
    with dock.reader() as reader:
        checks = file_checks(dock.config, reader)
        seen = [next(checks) for _ in range(3)]  # the spool's two clips, and this one's footage in the vault
        dock.record(ClipFlagged(clip=VERIFIED, reason="seen", case="", actor="0:root"))
        seen += checks
    assert [check.problem for check in seen] == [None] * 4
    assert verify(dock, capsys, code=0)["files_checked"] == 4


def test_clips_show_names_the_document(dock: Dock, capsys: Capture) -> None:
    document = dock.describe(VERIFIED)
    digest = hashlib.sha256(document.read_bytes()).hexdigest()
    assert dock.run("clips", "show", VERIFIED) == 0
    assert f"custody document, SHA-256 {digest}" in capsys.readouterr().out
    assert dock.run("clips", "show", VERIFIED, "--json") == 0
    assert json.loads(capsys.readouterr().out)["receipts"][0]["document"] == digest


def test_an_altered_journal_is_found(dock: Dock, capsys: Capture) -> None:
    with closing(sqlite3.connect(dock.config.journal)) as db, db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("UPDATE entry SET leaf = replace(leaf, 'unreadable', 'not_ready') WHERE seq > 3")
    assert "entry_hash" in {p["code"] for p in verify(dock, capsys, code=4)["problems"]}
    assert dock.run("custody", "verify") == 4
    assert "CUSTODY VERIFICATION FAILED" in capsys.readouterr().out


def test_a_journal_that_is_garbage_is_found(dock: Dock, capsys: Capture) -> None:
    dock.config.journal.write_bytes(b"garbage" * 1000)
    assert [p["code"] for p in verify(dock, capsys, code=4)["problems"]] == ["journal_unreadable"]


def make_of_version(dock: Dock, version: int) -> None:
    """Make the journal what another version leaves behind."""
    if version > len(MIGRATIONS):
        tamper(dock.config.journal, f"PRAGMA user_version = {version}")
    else:
        as_of(dock.config.journal, version)
        dock.config.journal.with_name("of-today").unlink()


OTHER_VERSIONS = [1, len(MIGRATIONS) - 1, len(MIGRATIONS) + 1]


@pytest.mark.slow
@pytest.mark.few(1)
@pytest.mark.parametrize("version", OTHER_VERSIONS)
def test_a_journal_of_another_version_is_not_altered(dock: Dock, capsys: Capture, version: int) -> None:
    """To an auditor "does not verify" would say that somebody altered it."""
    make_of_version(dock, version)
    found = verify(dock, capsys, code=1)
    assert (found["ok"], found["problems"]) == (False, [])
    assert (found["entries"], found["files_matched"]) == (20, 4)
    assert f"of version {version}" in found["errors"][0]
    assert dock.run("custody", "verify") == 1
    shown = capsys.readouterr()
    assert "Journal consistent" not in shown.out
    assert f"of version {version}" in shown.err


@pytest.mark.few(1)
@pytest.mark.parametrize("version", OTHER_VERSIONS)
def test_another_version_hides_nothing(dock: Dock, capsys: Capture, version: int) -> None:
    make_of_version(dock, version)
    tamper(dock.config.journal, "UPDATE entry SET leaf = replace(leaf, 'Z', 'z') WHERE seq = 4")
    alter(dock.vaulted(VERIFIED))
    found = verify(dock, capsys, code=4)
    assert {p["code"] for p in found["problems"]} >= {"entry_hash", "vault_file"}


def test_a_version_that_the_tables_do_not_have_is_a_problem(dock: Dock, capsys: Capture) -> None:
    tamper(dock.config.journal, "PRAGMA user_version = 3")
    assert [p["code"] for p in verify(dock, capsys, code=4)["problems"]] == ["schema"]


@pytest.mark.slow
def test_whichever_entry_is_emptied_all_the_rest_is_checked(dock: Dock, capsys: Capture) -> None:
    """One statement that ended the verification once, without a finding."""
    alter(dock.vaulted(VERIFIED))
    alter(dock.spooled(QUARANTINED))
    whole = dock.config.journal.read_bytes()
    for seq in range(20):
        dock.config.journal.write_bytes(whole)
        tamper(dock.config.journal, f"UPDATE entry SET leaf = '' WHERE seq = {seq:d}")  # noqa: S608 - a number
        found = verify(dock, capsys, code=4)
        assert ("entry_form", seq) in {(p["code"], p["entry"]) for p in found["problems"]}
        assert {p["code"] for p in found["problems"]} & {"vault_file", "spool_file"}, seq
        assert found["files_checked"] >= 2


def test_what_is_not_there_cannot_fail(empty_dock: Dock, capsys: Capture) -> None:
    assert empty_dock.run("custody", "verify") == 1
    assert "There is no journal" in capsys.readouterr().err
    assert not empty_dock.config.spool.exists()


def test_a_vault_that_is_not_mounted_is_not_an_alteration(dock: Dock, capsys: Capture) -> None:
    vault = dock.vault
    vault.rename(vault.with_name("elsewhere"))
    assert dock.run("custody", "verify") == 1
    assert "vault" in capsys.readouterr().err


def test_looking_changes_nothing(dock: Dock, capsys: Capture) -> None:
    before = {p: p.stat().st_mtime_ns for p in dock.config.state_dir.rglob("*.mp4")}
    verify(dock, capsys, code=0)
    assert {p: p.stat().st_mtime_ns for p in dock.config.state_dir.rglob("*.mp4")} == before
    assert {p.name.split(".")[0] for p in before} == {VERIFIED, QUARANTINED}


@pytest.mark.slow
def test_after_values_were_erased_every_copy_is_checked_and_disposed_of(dock: Dock, capsys: Capture) -> None:
    document = dock.describe(VERIFIED)
    dock.record(ClipReleased(clip=VERIFIED, kept=True))
    assert dock.run("custody", "erase-values", "--clip", VERIFIED, "--basis", "DPA 2018 s.47") == 0
    assert "1 personal value was erased (path)" in capsys.readouterr().out
    found = verify(dock, capsys, code=0)
    assert (found["files_matched"], found["documents_matched"], found["files_without_entry"]) == (4, 1, 0)
    [remark] = found["remarks"]
    assert "were erased, as entries of the journal say" in remark["message"]
    with dock.reader() as reader:
        clip = reader.clip(VERIFIED)
    assert clip is not None
    assert clip.files[0].path == ""
    with closing(FileSpool(dock.config.spool, min_free=0)) as spool:
        vault = DirectoryDestination(dock.vault, name="vault", spool=spool, marks=dock.config.vault_marks)
        for place, held in ((SPOOL, spool), ("vault", vault)):
            dock.record(DisposalIntended(clip=VERIFIED, place=place, reason="its time is over"))
            held.dispose(clip, DisposalPermit(clip=VERIFIED, place=place, reason="its time is over"))
            dock.record(ClipDisposed(clip=VERIFIED, place=place, sha256=clip.sha256))
    left = sorted(path.name for path in dock.config.state_dir.rglob(f"{VERIFIED}*"))
    assert left == [f"{VERIFIED}.tombstone.json"]
    assert not document.exists()
    assert verify(dock, capsys, code=0)["files_disposed"] == 2
