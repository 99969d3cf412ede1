"""Is docs/reference/journal.md true, its program included?"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bwvdock.core.custody.merkle import Tree, leaf_hash
from bwvdock.edges.journal import CODES, verify_journal
from tests.edges.journal import stories as tell
from tests.verifier.journal_vectors import JOURNALS
from tests.verifier.vector import Vector

DOCUMENT = (Path(__file__).parents[3] / "docs/reference/journal.md").read_text(encoding="utf-8")


def check_by_hand(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the document's own program, with nothing of bwvdock in reach, and optimised."""
    (program,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    return subprocess.run(
        [sys.executable, "-I", "-O", "-c", program, str(path), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=path.parent,
    )


@pytest.mark.slow
@pytest.mark.parametrize("entries", [0, 1, 2, 3, 7, 8, 23])
def test_the_program_in_the_document_gives_our_root(tmp_path: Path, entries: int) -> None:
    path = tell.told(tmp_path / "j", tell.day()[:entries])
    assert check_by_hand(path).stdout.strip() == verify_journal(path).root


@pytest.mark.slow
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET leaf = replace(leaf, 'T08:', 'T09:') WHERE seq = 7",
        "DELETE FROM entry WHERE seq = 7",
        "UPDATE private SET value = 'CAM-18' WHERE field = 'camera'",
    ],
)
def test_the_program_in_the_document_finds_changes(tmp_path: Path, statement: str) -> None:
    path = tell.told(tmp_path / "j")
    tell.tamper(path, statement)
    ran = check_by_hand(path)
    assert ran.returncode != 0
    assert "DOES NOT VERIFY" in ran.stderr


@pytest.mark.slow
@pytest.mark.parametrize("vector", JOURNALS, ids=lambda vector: vector.name)
def test_the_program_in_the_document_finds_what_verifiers_find(tmp_path: Path, vector: Vector) -> None:
    """But for what it leaves out: fields of kinds, boot clock, missing values, outside checkpoints."""
    vector.make(tmp_path)
    left_out = {"unknown-kind", "unknown-field", "clock-backwards", "newest-cut-off", "written-anew"}
    left_out |= {"values-missing"}
    expected = bool(vector.codes) and vector.name not in left_out
    assert bool(check_by_hand(tmp_path / vector.input).returncode) == expected


@pytest.mark.slow
@pytest.mark.parametrize("size", [0, 1, 7, 22])
def test_the_program_in_the_document_gives_the_root_over_the_first_entries(tmp_path: Path, size: int) -> None:
    path = tell.told(tmp_path / "j")
    texts = [leaf for (leaf,) in tell.ask(path, "SELECT leaf FROM entry ORDER BY seq")][:size]
    assert check_by_hand(path, str(size)).stdout.strip() == Tree().extend(map(leaf_hash, texts)).root().hex()
    assert "only 23 entries" in check_by_hand(path, "24").stderr


def test_every_code_is_explained() -> None:
    explained = set(re.findall(r"^\| `([a-z_]+)` \|", DOCUMENT.partition("can find")[2], re.MULTILINE))
    assert explained == CODES


def test_every_table_is_named(tmp_path: Path) -> None:
    tables = tell.ask(tell.told(tmp_path / "j"), "SELECT name FROM sqlite_schema WHERE type = 'table'")
    assert [name for (name,) in tables if f"`{name}`" not in DOCUMENT] == []
