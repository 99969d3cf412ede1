"""Is a value that was deleted by hand found, however many others were erased with an entry?"""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from bwvdock.core.custody.entries import commitments, decode, read_leaf
from bwvdock.core.custody.verification import Problem, Remark
from bwvdock.core.facts import ValuesErased
from bwvdock.edges.journal.verify.contain import Finding
from bwvdock.edges.journal.verify.values import PersonalValues
from tests.edges.journal import stories as tell

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a journal with sixty paths, and entries that erase forty of them."""
    path = tmp_path_factory.mktemp("values") / "journal.sqlite3"
    facts = [fact for n in range(1, 61) for fact in tell.transfer(tell.clip_id(n), "d1", n)]
    with tell.journal_at(path) as journal:
        journal.append([tell.started(), *tell.attached("d1"), *facts])
    gone = paths(path)[20:]
    with tell.journal_at(path) as journal:
        for some in (gone[:15], gone[15:]):
            journal.append([ValuesErased(field="path", commitments=some, basis="s.47", actor="ops")])
    return path


def paths(path: Path) -> tuple[str, ...]:
    rows = tell.ask(path, "SELECT commitment FROM private WHERE field = 'path' ORDER BY commitment")
    return tuple(committed for (committed,) in rows)


def delete(path: Path, committed: Sequence[str]) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executemany("DELETE FROM private WHERE commitment = ?", [(one,) for one in committed])


def swept(path: Path, most: int) -> list[Finding]:
    """Return what is found in the table, with room for so many absent values."""
    with closing(sqlite3.connect(path)) as db:
        values = PersonalValues(db, most)
        for seq, text in db.execute("SELECT seq, leaf FROM entry ORDER BY seq").fetchall():
            leaf = read_leaf(text)
            fact = decode(leaf, str)
            for field, committed in commitments(fact, leaf.version):
                assert values.open(seq, field, committed, leaf.version) is None
            if isinstance(fact, ValuesErased):
                assert list(values.erased(seq, fact)) == []
        return list(values.sweep())


@pytest.mark.parametrize("most", [1, 2, 7, 40, 1000])
def test_what_entries_erased_is_remarked_on(many: Path, most: int) -> None:
    [found] = swept(many, most)
    assert isinstance(found, Remark)
    assert found.message.startswith("40 of ")


@pytest.mark.parametrize("most", [1, 2, 7, 40, 1000])
@pytest.mark.parametrize("seed", range(3))
def test_those_deleted_by_hand_are_counted_among_them(
    many: Path, tmp_path: Path, most: int, seed: int
) -> None:
    path = Path(shutil.copy(many, tmp_path))
    stored = paths(path)
    gone = random.Random(seed).sample(stored, seed * 5 + 1)
    delete(path, gone)
    [found] = swept(path, most)
    assert isinstance(found, Problem)
    assert found.message.split()[0] == str(len(gone))
    leaves = tell.ask(path, "SELECT seq, leaf FROM entry ORDER BY seq")
    assert found.entry == next(seq for seq, text in leaves if any(one in text for one in gone))
