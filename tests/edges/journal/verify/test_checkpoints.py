# ruff: noqa: S608 - forging statements is what these tests do
"""Is a stored checkpoint that the entries do not give found, and one from outside that contradicts them?"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bwvdock.core.custody.c2sp.signed_note import VerifierKey
from bwvdock.core.custody.merkle import Tree
from bwvdock.core.custody.verification import Problem
from bwvdock.edges.journal import verify_journal
from bwvdock.edges.journal.database import connect_reader
from bwvdock.edges.journal.verify.checkpoints import Roots, compare_with_note
from bwvdock.edges.signing.known_keys import read_keys
from bwvdock.errors import BwvdockError, NotComparedError
from tests.edges.journal import stories as tell
from tests.fakes.signed import sign
from tests.fakes.signer import FakeSigner
from tests.fakes.time_stamper import answer


@pytest.fixture(scope="module", name="made")
def _made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Return a journal of three days, each signed at its end, and the notes."""
    folder = tmp_path_factory.mktemp("signed")
    path, signer = folder / "journal.sqlite3", FakeSigner()
    with tell.journal_at(path) as journal:
        notes = []
        for day in range(3):
            journal.append(tell.day(range(3 * day, 3 * day + 3)) if day == 0 else [tell.started()] * 7)
            notes.append(sign(journal, path, signer))
    return path, notes


@pytest.fixture(name="path")
def _path(made: tuple[Path, list[str]], tmp_path: Path) -> Path:
    shutil.copytree(made[0].parent, tmp_path / "copy")
    return tmp_path / "copy" / "journal.sqlite3"


@pytest.fixture(name="notes")
def _notes(made: tuple[Path, list[str]]) -> list[str]:
    return made[1]


def found(path: Path) -> list[str]:
    verification = verify_journal(path)
    assert {problem.code for problem in verification.problems} <= {"checkpoint"}
    return [problem.message for problem in verification.problems]


def test_honest_checkpoints_are_counted(path: Path) -> None:
    verification = verify_journal(path)
    assert verification.ok
    assert (verification.checkpoints, verification.remarks) == (3, ())


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 25])
def test_a_root_over_the_first_entries_is_the_trees(path: Path, size: int) -> None:
    db, _ = connect_reader(path)
    hashes = [row[0] for row in db.execute("SELECT leaf_hash FROM entry ORDER BY seq")]
    roots = Roots(db)
    assert roots.at(max(1, size // 2)) == Tree().extend(hashes[: max(1, size // 2)]).root()
    assert roots.at(size) == Tree().extend(hashes[:size]).root()
    assert roots.at(10_000) is None
    db.close()


_LAST = "(SELECT max(size) FROM checkpoint)"


@pytest.mark.few(4)
@pytest.mark.parametrize(
    "statement,says",
    [
        (f"UPDATE checkpoint SET root = x'{'ab' * 32}' WHERE size = {_LAST}", "another root or size"),
        (f"UPDATE checkpoint SET size = size - 1 WHERE size = {_LAST}", "another root or size"),
        (f"UPDATE checkpoint SET note = 'x' WHERE size = {_LAST}", "checkpoint of"),
        (f"UPDATE checkpoint SET note = '' WHERE size = {_LAST}", "checkpoint of"),
        (
            f"UPDATE checkpoint SET note = substr(note, 1, length(note) - 1) WHERE size = {_LAST}",
            "checkpoint of",
        ),
        ("UPDATE checkpoint SET note = replace(note, 'TEST-01', 'TEST-02')", "not by a key"),
        ("INSERT INTO cosignature VALUES (1, 'w', 'x', '')", "belong to no checkpoint"),
        ("INSERT INTO timestamp VALUES (1, 'u', x'', '')", "belong to no checkpoint"),
    ],
)
def test_a_changed_checkpoint_is_found(path: Path, statement: str, says: str) -> None:
    tell.tamper(path, "PRAGMA foreign_keys = OFF", statement)
    if "TEST-02" in statement:
        (path.parent / "keys" / "log.vkey").write_text(
            "".join(
                f"{VerifierKey(key.name.replace('01', '02', 1), key.kind, key.public)}\n"
                for key in read_keys(path.parent / "keys")
            )
        )
    assert says in " ".join(found(path))


def forge(path: Path, signer: FakeSigner) -> list[str]:
    """Write a whole other journal, signed by another key, and put its tables in place of the true one's."""
    path.unlink()
    with tell.journal_at(path) as journal:
        journal.append(tell.day(range(7)))
        return [sign(journal, path, signer)]


def test_a_checkpoint_of_an_altered_journal_is_not_its_own(path: Path, notes: list[str]) -> None:
    forge(path, FakeSigner(seed=bytes(32)))
    assert found(path) == [], "by itself it is sound"
    [problem] = compare_with_note(path, notes[0].encode(), "kept", ())
    assert isinstance(problem, Problem)
    assert "another root" in problem.message


def test_a_checkpoint_of_another_journal_is_not_this_ones(path: Path, notes: list[str]) -> None:
    name, *rest = notes[0].split("\n", 1)
    other = "\n".join([f"{name[:-16]}{'0' * 16}", *rest])
    [problem] = compare_with_note(path, other.encode(), "kept", ())
    assert isinstance(problem, Problem)
    assert "another journal" in problem.message


def test_an_outside_checkpoint_agrees_with_an_honest_journal(path: Path, notes: list[str]) -> None:
    for note in notes:
        assert compare_with_note(path, note.encode(), "kept", ()) == []


def test_a_journal_that_was_cut_or_changed_contradicts_it(path: Path, notes: list[str]) -> None:
    signer = FakeSigner()
    with tell.journal_at(path) as journal:
        journal.append([tell.started()])
        longer = sign(journal, path.parent / "journal.sqlite3", signer)
    shutil.copytree(path.parent, path.parent.parent / "other")
    tell.tamper(path, "DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)", "DELETE FROM checkpoint")
    [cut] = compare_with_note(path, longer.encode(), "kept", ())
    assert isinstance(cut, Problem)
    assert "entries were cut off" in cut.message
    tell.tamper(path, f"UPDATE entry SET leaf_hash = x'{'ab' * 32}' WHERE seq = 2")
    [changed] = compare_with_note(path, notes[0].encode(), "kept", ())
    assert isinstance(changed, Problem)
    assert "another root" in changed.message


def test_a_signature_that_is_not_the_keys_is_found(path: Path, notes: list[str]) -> None:
    wrong = f"{notes[0][:-20]}{'A' if notes[0][-20] != 'A' else 'B'}{notes[0][-19:]}"
    tell.tamper(
        path, f"UPDATE checkpoint SET note = '{wrong}' WHERE size = (SELECT min(size) FROM checkpoint)"
    )
    [message] = found(path)
    assert "signature" in message
    [problem] = compare_with_note(path, wrong.encode(), "kept", ())
    assert isinstance(problem, Problem)


def test_a_time_stamp_that_states_nothing_proves_nothing_and_is_not_a_problem(path: Path) -> None:
    """Somebody on the way to the authority could have it stored by earlier builds; the dock is honest."""
    empty = answer(bytes.fromhex("020101 0603550401 3011300d06096086480165030402010500 0400 020101"))
    tell.tamper(path, f"INSERT INTO timestamp SELECT max(size), 'u', x'{empty.hex()}', '' FROM checkpoint")
    verified = verify_journal(path)
    assert verified.problems == ()
    assert ["proves nothing" in remark.message for remark in verified.remarks] == [True]


def test_who_signed_it_counts(path: Path, notes: list[str]) -> None:
    [key] = read_keys(path.parent / "keys")
    assert compare_with_note(path, notes[0].encode(), "kept", [key]) == []
    other = VerifierKey(key.name, key.kind, bytes(32))
    [wrong] = compare_with_note(path, notes[0].encode(), "kept", [other])
    assert isinstance(wrong, Problem)
    assert "signature" in wrong.message
    (path.parent / "keys" / "log.vkey").unlink()
    assert compare_with_note(path, notes[0].encode(), "kept", [key]) == []
    [unknown] = compare_with_note(path, notes[0].encode(), "kept", ())
    assert isinstance(unknown, NotComparedError)
    assert "no key of the log" in unknown.message
    assert [remark.message[:14] for remark in verify_journal(path).remarks] == ["The signatures"]


@pytest.mark.parametrize("content", [b"", b"\xff", b"x\n1\n\n", b"\n" * 70_000])
def test_what_is_no_checkpoint_is_an_error_and_no_problem(path: Path, content: bytes) -> None:
    [error] = compare_with_note(path, content, "kept", ())
    assert isinstance(error, BwvdockError)


def test_what_is_in_the_place_of_the_keys_ends_nothing(path: Path) -> None:
    keys = path.parent / "keys" / "log.vkey"
    keys.unlink()
    keys.mkdir()
    verification = verify_journal(path)
    assert verification.problems == ()
    assert verification.checkpoints == 3
    assert "public keys" in " ".join(error.message for error in verification.errors)
