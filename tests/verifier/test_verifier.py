"""Does the stand-alone verifier keep to what it says of itself, whatever it is given?"""

from __future__ import annotations

import ast
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.canonical import canonical
from bwvdock.core.custody.c2sp import checkpoint as c2sp
from bwvdock.core.custody.c2sp.cosignature import cosign
from bwvdock.core.custody.c2sp.signed_note import COSIGNATURE, ED25519, Note, VerifierKey
from bwvdock.core.custody.document import VERIFIER_SHA256, custody_document
from bwvdock.edges import ed25519
from bwvdock.edges.journal import JournalReader
from tests.cli.tampering import in_time
from tests.edges.journal import stories as tell
from tests.fakes.signed import sign
from tests.fakes.signer import FakeSigner
from tests.verifier import documents, kinds
from tests.verifier.forging import unsigned_checkpoint

TREE = ast.parse(kinds.VERIFIER.read_text(encoding="utf-8"), feature_version=(3, 9))
INTERPRETERS = [python for python in ("/usr/bin/python3", sys.executable) if Path(python).exists()]


def run(*arguments: str, options: tuple[str, ...] = ("-I",), python: str = sys.executable) -> tuple[int, str]:
    """Run the verifier as a stranger does; return how it ends and what it says."""
    ran = subprocess.run(
        [python, *options, str(kinds.VERIFIER), *arguments], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in ran.stderr + ran.stdout
    return ran.returncode, ran.stdout + ran.stderr


def found(*arguments: str) -> tuple[int, dict[str, Any]]:
    code, said = run(*arguments, "--json")
    shown: dict[str, Any] = json.loads(said)
    assert shown["exit_code"] == code
    return code, shown


# --- what it is made of --------------------------------------------------------------------------


def test_it_imports_the_standard_library_alone() -> None:
    names = {alias.name for node in ast.walk(TREE) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "." for node in ast.walk(TREE) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= set(sys.stdlib_module_names)


def test_no_check_of_it_is_an_assert() -> None:
    assert not [node.lineno for node in ast.walk(TREE) if isinstance(node, ast.Assert)]


def test_it_knows_the_kinds_that_the_dock_writes() -> None:
    assert kinds.current() == kinds.block(), "run: python -m tests.verifier.kinds --write"


def test_custody_documents_state_its_digest() -> None:
    assert kinds.digest() == VERIFIER_SHA256, "run: python -m tests.verifier.kinds --write"


@pytest.mark.slow
@pytest.mark.parametrize("python", INTERPRETERS)
@pytest.mark.parametrize("options", [("-I",), ("-I", "-O"), ("-I", "-OO")])
def test_it_says_the_same_optimised(tmp_path: Path, python: str, options: tuple[str, ...]) -> None:
    documents.write(tmp_path, documents.camera_changed)
    path = str(tmp_path / "document.json")
    code, said = run("document", path, options=options, python=python)
    assert (code, "does not open its commitment" in said) == (4, True)
    (tmp_path / "honest").mkdir()
    documents.write(tmp_path / "honest")
    assert run("document", str(tmp_path / "honest/document.json"), options=options, python=python)[0] == 0


# --- what it reads -------------------------------------------------------------------------------


@pytest.mark.slow
def test_it_changes_nothing_and_leaves_nothing_beside_the_journal(tmp_path: Path) -> None:
    path = tell.told(tmp_path / "j")
    before = (path.read_bytes(), os.stat(path).st_mtime_ns, sorted(os.listdir(tmp_path)))
    path.chmod(0o400)
    assert found("journal", str(path))[0] == 0
    assert (path.read_bytes(), os.stat(path).st_mtime_ns, sorted(os.listdir(tmp_path))) == before


@pytest.mark.slow
def test_entries_that_are_only_in_the_write_ahead_log_are_read_from_copies(tmp_path: Path) -> None:
    path = tmp_path / "live"
    with tell.journal_at(path) as journal, closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        db.execute("BEGIN")
        db.execute("SELECT count(*) FROM entry").fetchone()  # so that nothing is moved out of the log
        journal.append(tell.day())
        copy = tmp_path / "copy"
        copy.mkdir()
        for name in ("live", "live-wal"):
            shutil.copy(tmp_path / name, copy)
    code, shown = found("journal", str(copy / "live"))
    assert (code, shown["entries"]) == (0, len(tell.day()))
    assert sorted(os.listdir(copy)) == ["live", "live-wal"]
    assert any("copied to a private folder" in line for line in shown["read"])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["journal", "document", "bag"])
def test_what_is_no_file_is_not_opened(tmp_path: Path, kind: str) -> None:
    fifo, link, loop = tmp_path / "fifo", tmp_path / "link", tmp_path / "loop"
    os.mkfifo(fifo)
    link.symlink_to("/dev/zero")
    loop.symlink_to(loop)
    for path in (fifo, link, loop, tmp_path / "absent", Path("/dev/zero")):
        with in_time():
            assert run(kind, str(path))[0] == 1


@pytest.mark.slow
def test_a_pipe_beside_the_journal_does_not_hold_it_up(tmp_path: Path) -> None:
    path = tell.told(tmp_path / "j")
    os.mkfifo(f"{path}-wal")
    with in_time():
        assert run("journal", str(path))[0] in {0, 1}


@pytest.mark.slow
@pytest.mark.parametrize(
    "content", [b"", b"[" * 100_000, b'{"a":' * 50_000, b"9" * 1_000_000, b"\xff\xfe", b"null", b"[1e400]"]
)
def test_any_bytes_as_a_document_end_in_an_answer(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "document"
    path.write_bytes(content)
    with in_time():
        assert found("document", str(path))[0] == 4


@pytest.mark.slow
def test_wrong_usage_is_said(tmp_path: Path) -> None:
    assert run()[0] == 2
    assert run("journal")[0] == 2
    assert run("certificate", "x")[0] == 2


@pytest.mark.slow
def test_it_says_loudly_that_no_checkpoint_was_given(tmp_path: Path) -> None:
    said = run("journal", str(tell.told(tmp_path / "j")))[1]
    assert "NOT COMPARED WITH AN OUTSIDE CHECKPOINT" in said


# --- signatures ----------------------------------------------------------------------------------


def _key(name: str, kind: int, seed: bytes) -> VerifierKey:
    return VerifierKey(name, kind, ed25519.public(seed))


class Signed:
    """A journal, a checkpoint of it that its log and a witness signed, and the policy that asks for both."""

    def __init__(self, folder: Path) -> None:
        self.journal = tell.told(folder / "j")
        self.note, self.policy = folder / "note", folder / "policy"
        head = c2sp.read_checkpoint(unsigned_checkpoint(self.journal, len(tell.day())).decode())
        log, seen = _key(head.origin, ED25519, b"l" * 32), _key("witness.example", COSIGNATURE, b"w" * 32)
        note = c2sp.sign_checkpoint(head, log, lambda message: ed25519.sign(b"l" * 32, message))
        line = cosign(note.text, seen, 1_800_000_000, lambda message: ed25519.sign(b"w" * 32, message))
        self.note.write_text(str(Note(note.text, (*note.signatures, line))), encoding="utf-8")
        self.policy.write_text(f"log {log}\nwitness W {seen}\nquorum W\n", encoding="utf-8")

    def check(self) -> tuple[int, dict[str, Any]]:
        return found(
            "journal", str(self.journal), "--checkpoint", str(self.note), "--policy", str(self.policy)
        )


@pytest.mark.slow
def test_good_signatures_are_found_good(tmp_path: Path) -> None:
    code, shown = Signed(tmp_path).check()
    assert code == 0, shown
    told = next(one for one in shown["claims"] if one["key"].startswith("signed"))
    assert (told["result"], told["evidence"].count("good")) == ("holds", 2)
    assert "2027-01-15T08:00:00Z" in told["evidence"]


@pytest.mark.slow
@pytest.mark.parametrize("line,code", [(4, "signature"), (5, "quorum")])
def test_a_signature_of_other_bytes_is_found(tmp_path: Path, line: int, code: str) -> None:
    signed = Signed(tmp_path)
    lines = signed.note.read_text(encoding="utf-8").split("\n")
    at = len(lines[line]) - 10
    lines[line] = lines[line][:at] + ("A" if lines[line][at] != "A" else "B") + lines[line][at + 1 :]
    signed.note.write_text("\n".join(lines), encoding="utf-8")
    ended, shown = signed.check()
    assert (ended, [one["code"] for one in shown["problems"]]) == (4, [code])


@pytest.mark.slow
def test_without_openssl_a_signature_is_not_checked_and_never_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = Signed(tmp_path)
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    code, shown = signed.check()
    assert (code, "openssl was not found" in shown["errors"][0]) == (1, True)
    told = next(one for one in shown["claims"] if one["key"].startswith("signed"))
    assert told["result"] == "not checked"


@pytest.mark.slow
def test_a_checkpoint_of_more_entries_shows_that_entries_were_cut_off(tmp_path: Path) -> None:
    signed = Signed(tmp_path)
    signed.journal = tell.told(tmp_path / "shorter", tell.day()[:-1])
    code, shown = signed.check()
    assert (code, shown["problems"][0]["code"]) == (4, "checkpoint")
    assert "were cut off" in shown["problems"][0]["message"]


@pytest.mark.slow
def test_a_document_that_extends_its_signed_checkpoint_is_found_to(tmp_path: Path) -> None:
    path, facts = tmp_path / "journal.sqlite3", documents.life()
    with tell.journal_at(path) as journal:
        journal.append(facts[:10])
        sign(journal, path, FakeSigner())
        journal.append(facts[10:])
    with JournalReader(path) as reader:
        extract = reader.extract(documents.CLIP)
    assert extract is not None
    text = custody_document(extract, dock="LEW-03", non_evidential_days=31).text
    file, policy = tmp_path / "document", tmp_path / "policy"
    file.write_bytes(text)
    policy.write_text(f"log {(tmp_path / 'keys/log.vkey').read_text()}quorum none\n")
    code, shown = found("document", str(file), "--policy", str(policy))
    assert (code, shown["problems"]) == (0, [])
    results = {one["key"]: one["result"] for one in shown["claims"]}
    assert (results["checkpoint"], results["signed"]) == ("holds", "holds")
    forged = json.loads(text)
    forged["consistency"].pop()
    file.write_text(canonical(forged), encoding="utf-8")
    code, shown = found("document", str(file))
    assert (code, [one["code"] for one in shown["problems"]]) == (4, ["checkpoint"])


@pytest.mark.slow
def test_the_checkpoints_that_a_journal_keeps_are_compared_with_its_entries(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    with tell.journal_at(path) as journal:
        for fact in tell.day():
            journal.append([fact])
            sign(journal, path, FakeSigner())
    code, shown = found("journal", str(path))
    assert (code, {one["key"]: one["result"] for one in shown["claims"]}["stored"]) == (0, "holds")
    tell.tamper(path, "UPDATE checkpoint SET root = zeroblob(32) WHERE size = 9")
    code, shown = found("journal", str(path))
    assert (code, [one["code"] for one in shown["problems"]]) == (4, ["checkpoint"])
