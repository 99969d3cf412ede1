# ruff: noqa: S608 - forging statements is what these tests do
"""Do the roots of complete subtrees stand where proofs look for them, and is it found if they are wrong?"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bwvdock.core.custody.inclusion_proofs import TILE_WIDTH, inclusion_proof, verify_inclusion
from bwvdock.core.custody.merkle import Tree, leaf_hash
from bwvdock.edges.journal import verify_journal
from bwvdock.edges.journal.tiles import Tiles, grow
from bwvdock.errors import JournalError
from tests.edges.journal import stories as tell

ENTRIES = 3 * TILE_WIDTH + 17
SUBTREES = "SELECT level, number, root FROM subtree ORDER BY level, number"


def leaves(path: Path) -> list[bytes]:
    return [leaf_hash(row[0]) for row in tell.ask(path, "SELECT leaf FROM entry ORDER BY seq")]


def expected(path: Path) -> list[tuple[int, int, bytes]]:
    """Return the rows that the definition of a tree makes of the entries' texts; level 1 only."""
    hashes = leaves(path)
    return [
        (1, number, Tree().extend(hashes[number * TILE_WIDTH : (number + 1) * TILE_WIDTH]).root())
        for number in range(len(hashes) // TILE_WIDTH)
    ]


@contextmanager
def tiles_of(path: Path) -> Iterator[Tiles]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        yield Tiles(db)


def assert_proves_all(path: Path) -> None:
    """Prove every 50th entry, and the last ones, in trees of several sizes, from what is stored."""
    hashes = leaves(path)
    with tiles_of(path) as tiles:
        for size in (len(hashes), len(hashes) - 20, TILE_WIDTH + 1, TILE_WIDTH, 1):
            root = Tree().extend(hashes[:size]).root()
            for index in {*range(0, size, 50), size - 1}:
                proof = inclusion_proof(index, size, tiles.fetch)
                assert verify_inclusion(hashes[index], index, size, proof, root)


@pytest.fixture(scope="module")
def long_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "journal.sqlite3"
    with tell.journal_at(path) as journal:
        for count in (100, 200, TILE_WIDTH, ENTRIES - 300 - TILE_WIDTH):
            journal.append([tell.started()] * count)
    return path


@pytest.fixture
def path(long_day: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(long_day, tmp_path))


@pytest.mark.slow
def test_the_writer_keeps_the_root_of_every_256_entries(path: Path) -> None:
    assert tell.ask(path, SUBTREES) == expected(path)
    assert len(expected(path)) == 3
    assert verify_journal(path).ok
    assert_proves_all(path)


def test_a_second_level_stands_over_65536_entries(tmp_path: Path) -> None:
    path = tell.told(tmp_path / "j", [])
    root = bytes(range(32))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executemany("INSERT INTO subtree VALUES (1, ?, ?)", [(n, root) for n in range(TILE_WIDTH + 3)])
        grow(db, (TILE_WIDTH + 3) * TILE_WIDTH)
    rows = tell.ask(path, f"{SUBTREES.replace('ORDER', 'WHERE level > 1 ORDER')}")
    assert rows == [(2, 0, Tree().extend([root] * TILE_WIDTH).root())]


@pytest.mark.slow
def test_an_older_journal_is_brought_up_with_what_is_added_to_it(path: Path) -> None:
    tell.as_of(path, 1)
    with tell.journal_at(path, tell.SteadyClock(boot="next")) as journal:
        assert_proves_all(path)  # nothing stands there yet: slower, and as true
        assert tell.ask(path, SUBTREES) == []
        journal.append([tell.started()])
    assert tell.ask(path, SUBTREES) == expected(path)
    assert verify_journal(path).ok


@pytest.mark.slow
def test_what_one_batch_brings_up_is_bounded(tmp_path: Path) -> None:
    path = tell.told(tmp_path / "j", [])
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DROP TRIGGER entry_comes_next")
        rows = ((n, n.to_bytes(32, "big")) for n in range(200 * TILE_WIDTH))
        db.execute("BEGIN")  # one commit, not one for each of 51,200 rows
        db.executemany("INSERT INTO entry VALUES (?, '', ?, '', NULL, NULL)", rows)
        counts = []
        for _ in range(5):
            grow(db, 200 * TILE_WIDTH)
            counts.append(db.execute("SELECT count(*) FROM subtree").fetchone()[0])
    assert counts == [64, 128, 192, 200, 200]


@pytest.mark.slow
def test_a_proof_in_a_half_brought_up_journal_is_as_true(path: Path) -> None:
    tell.tamper(path, "DELETE FROM subtree WHERE number >= 1")
    assert_proves_all(path)
    assert verify_journal(path).ok


@pytest.mark.slow
def test_missing_entries_are_said_and_not_proven_around(path: Path) -> None:
    tell.tamper(path, "DELETE FROM subtree", "DELETE FROM entry WHERE seq = 300")
    with tiles_of(path) as tiles, pytest.raises(JournalError, match="missing") as error:
        inclusion_proof(1, ENTRIES, tiles.fetch)
    assert "custody verify" in error.value.remedy


@pytest.mark.slow
@pytest.mark.few(2)
@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE subtree SET root = x'{'ab' * 32}' WHERE number = 1",
        "DELETE FROM subtree WHERE number = 1",
        f"INSERT INTO subtree VALUES (1, 3, x'{'ab' * 32}')",
        f"INSERT INTO subtree VALUES (2, 0, x'{'ab' * 32}')",
    ],
)
def test_a_wrong_root_is_found_by_name(path: Path, statement: str) -> None:
    tell.tamper(path, statement)
    assert {problem.code for problem in verify_journal(path).problems} == {"subtree"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE subtree SET root = zeroblob(32)",
        "DELETE FROM subtree",
        "INSERT INTO subtree VALUES (1, 5, zeroblob(32))",
        "INSERT OR REPLACE INTO subtree VALUES (1, 0, zeroblob(32))",
    ],
)
def test_the_triggers_refuse_another_root(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(statement)
