# ruff: noqa: S608 - forging statements is what these tests do
"""Is what somebody plants in a journal found, in its schema or for a value; and does verification end?"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bwvdock.core.custody.verification import Problem
from bwvdock.core.facts import ValuesErased
from bwvdock.edges.journal import verify_journal
from bwvdock.edges.journal.verify.contain import Finding, contained
from bwvdock.errors import JournalError
from tests.edges.journal import stories as tell

pytestmark = pytest.mark.slow

_HASH = "x'" + "ab" * 32 + "'"
_ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n)"


@pytest.fixture(scope="module")
def one_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tell.told(tmp_path_factory.mktemp("one_day") / "journal.sqlite3")


@pytest.fixture
def path(one_day: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(one_day, tmp_path))


def plant(path: Path, *statements: str) -> None:
    """Change a closed journal; its triggers stay, but for what is done to them."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA writable_schema = ON")
        for statement in statements:
            db.execute(statement)


def found(path: Path) -> set[str]:
    return {problem.code for problem in verify_journal(path).problems}


@pytest.mark.few(6)
@pytest.mark.parametrize(
    "statements",
    [
        ["DROP TRIGGER entry_is_never_changed"],
        ["DROP TRIGGER private_is_never_changed"],
        ["DROP INDEX entry_of_clip"],
        ["CREATE TRIGGER planted AFTER INSERT ON entry BEGIN DELETE FROM private; END"],
        ["CREATE TABLE planted (x)"],
        ["CREATE VIEW planted AS SELECT 1"],
        ["CREATE INDEX planted ON entry (kind)"],
        [
            "DROP TRIGGER tree_only_grows",
            "CREATE TRIGGER tree_only_grows BEFORE UPDATE ON tree BEGIN SELECT 1; END",
        ],
        ["UPDATE sqlite_schema SET sql = replace(sql, 'ABORT', 'FAIL') WHERE name LIKE 'entry_is%'"],
        ["UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (id = 1)', '') WHERE name = 'tree'"],
        ["ALTER TABLE clip ADD COLUMN planted TEXT"],
        ["DROP INDEX entry_of_doubt", "CREATE INDEX entry_of_doubt ON entry (seq) WHERE kind = 'x'"],
        ["PRAGMA application_id = 7"],
        ["PRAGMA user_version = 0"],
        ["PRAGMA user_version = 6"],
    ],
)  # fmt: skip
def test_a_schema_that_is_not_ours_is_found(path: Path, statements: list[str]) -> None:
    plant(path, *statements)
    assert "schema" in found(path)
    assert found(path) <= {"schema", "projection"}


def test_indexes_that_came_without_a_version_may_be_missing(path: Path) -> None:
    plant(path, "DROP INDEX entry_of_doubt", "DROP INDEX clip_by_digest", "DROP INDEX docking_by_camera")
    assert verify_journal(path).ok


def test_a_second_tree_is_found(path: Path) -> None:
    plant(
        path,
        "UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (id = 1)', '') WHERE name = 'tree'",
    )
    plant(path, f"INSERT INTO tree VALUES (2, 0, x'', {_HASH})")
    plant(
        path,
        "UPDATE sqlite_schema SET sql = replace(sql, 'KEY ,', 'KEY CHECK (id = 1),') WHERE name = 'tree'",
    )
    assert "tree" in found(path)


@pytest.mark.parametrize("table", ["entry", "private", "tree", "clip", "receipt", "tally", "docking_clip"])
def test_a_view_that_never_ends_in_a_tables_place_is_not_read(path: Path, table: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    shown = ", ".join(f"x AS {column}" for column in columns)
    plant(
        path,
        "PRAGMA legacy_alter_table = ON",
        f"ALTER TABLE {table} RENAME TO aside",
        f"CREATE VIEW {table} AS {_ENDLESS} SELECT {shown} FROM n",
        "UPDATE tree SET root = root" if table != "tree" else "SELECT 1",
    )
    verification = verify_journal(path)
    assert "schema" in {problem.code for problem in verification.problems}
    assert any("is a view" in problem.message for problem in verification.problems)
    assert verification.entries == (0 if table == "entry" else len(tell.day()))


def test_a_malformed_schema_hides_nothing(path: Path) -> None:
    tell.tamper(path, "UPDATE entry SET leaf = replace(leaf, 'T08:', 'T09:') WHERE seq = 7")
    plant(path, "UPDATE sqlite_schema SET sql = 'CREATE INDEX x' WHERE name = 'clip_by_state'")
    assert {"journal_unreadable", "schema", "entry_hash"} <= found(path)


def test_an_index_that_lacks_a_row_is_found(path: Path) -> None:
    """What the daemon answers comes from it, and nothing that recomputes the entries reads it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA writable_schema = ON")
        kept = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'clip_by_state'").fetchone()[0]
        other = kept.replace("(state", "(served")
        db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'clip_by_state'", (other,))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("REINDEX clip_by_state")
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'clip_by_state'", (kept,))
    assert "journal_unreadable" in found(path)


def test_a_value_that_no_entry_commits_to_is_found(path: Path) -> None:
    plant(path, f"INSERT INTO private VALUES ('{'ab' * 32}', 'actor', {_HASH}, 'somebody')")
    assert found(path) == {"private"}


def test_a_value_that_took_the_place_of_another_is_found(path: Path) -> None:
    """As many rows as before, of which one is none of the entries'."""
    plant(
        path,
        "DELETE FROM private WHERE field = 'actor'",
        f"INSERT INTO private VALUES ('{'ab' * 32}', 'actor', {_HASH}, 'somebody')",
    )
    verification = verify_journal(path)
    assert [problem.code for problem in verification.problems] == ["private", "private"]


def _erased(path: Path, *facts: ValuesErased) -> None:
    with tell.journal_at(path) as journal:
        journal.append(facts)


def _paths(path: Path) -> tuple[str, ...]:
    return tuple(row[0] for row in tell.ask(path, "SELECT commitment FROM private WHERE field = 'path'"))


def test_values_that_were_deleted_without_an_entry_are_found(path: Path) -> None:
    plant(path, "DELETE FROM private WHERE field = 'path'")
    [problem] = verify_journal(path).problems
    assert problem.code == "private"
    assert problem.message.startswith("3 personal values not stored any more, and no entry says")


def test_values_that_an_entry_erased_are_remarked_on(path: Path) -> None:
    _erased(path, ValuesErased(field="path", commitments=_paths(path), basis="s.47", actor="ops"))
    verification = verify_journal(path)
    assert verification.ok
    [remark] = verification.remarks
    assert remark.message == "3 of 6 personal values were erased, as entries of the journal say"


def test_one_value_more_than_the_entry_says_is_found(path: Path) -> None:
    [first, *others] = _paths(path)
    _erased(path, ValuesErased(field="path", commitments=tuple(others), basis="s.47", actor="ops"))
    assert verify_journal(path).ok
    plant(path, f"DELETE FROM private WHERE commitment = '{first}'")
    [problem] = verify_journal(path).problems
    assert problem.message.startswith("1 personal value not stored any more")


def test_an_erased_value_that_was_put_back_is_found(path: Path) -> None:
    [first, *_] = _paths(path)
    [row] = tell.ask(path, f"SELECT hex(salt), value FROM private WHERE commitment = '{first}'")
    _erased(path, ValuesErased(field="path", commitments=(first,), basis="s.47", actor="ops"))
    plant(path, f"INSERT INTO private VALUES ('{first}', 'path', x'{row[0]}', '{row[1]}')")
    assert "erased" in " ".join(problem.message for problem in verify_journal(path).problems)


def test_a_clock_that_was_set_back_is_remarked_on(tmp_path: Path) -> None:
    path = tmp_path / "j"
    clock = tell.SteadyClock()
    with tell.journal_at(path, clock) as journal:
        journal.append([tell.started()])
        clock.born = clock.born.replace(year=2020)
        journal.append([tell.started()])
        journal.append([tell.started()])
    verification = verify_journal(path)
    assert verification.ok
    [remark] = verification.remarks
    assert remark.entry == 1
    assert "set back 1 time" in remark.message


def test_a_boot_that_comes_again_is_remarked_on(tmp_path: Path) -> None:
    path = tmp_path / "j"
    for boot in ("one", "two", "one"):
        with tell.journal_at(path, tell.SteadyClock(boot=boot)) as journal:
            journal.append([tell.started()])
    verification = verify_journal(path)
    assert verification.ok
    assert [remark.entry for remark in verification.remarks if "boot" in remark.message] == [2]


# --- a check that cannot be finished ---------------------------------------------------------------


def broken(error: Exception) -> Iterator[Finding]:
    yield Problem(code="tree", message="found before")
    raise error


@pytest.mark.parametrize(
    "error",
    [RecursionError("deep"), KeyError("x"), TypeError("t"), sqlite3.OperationalError("no such table")],
)
def test_what_a_check_raises_becomes_a_problem(error: Exception) -> None:
    one, other = contained(broken(error), "Clip 7")
    assert isinstance(one, Problem)
    assert isinstance(other, Problem)
    assert (one.code, other.code) == ("tree", "journal_unreadable")


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), MemoryError()])
def test_what_the_machine_refuses_is_not_a_problem_of_the_journals(error: Exception) -> None:
    _, other = contained(broken(error), "Clip 7")
    assert isinstance(other, JournalError)
    assert other.message.startswith("Clip 7 could not be read: ")


def test_a_journal_that_another_program_has_locked_is_not_called_altered(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with (
            closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=0)) as db,
            pytest.raises(sqlite3.OperationalError) as error,
        ):
            db.execute("SELECT * FROM tree").fetchall()
        _, finding = contained(broken(error.value), "The journal")
    assert isinstance(finding, JournalError)
