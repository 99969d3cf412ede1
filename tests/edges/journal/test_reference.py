"""Is docs/reference/journal.md true, its program included?"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bwvdock.edges.journal import CODES, verify_journal
from tests.edges.journal import stories as tell

DOCUMENT = (Path(__file__).parents[3] / "docs/reference/journal.md").read_text(encoding="utf-8")


def check_by_hand(path: Path) -> subprocess.CompletedProcess[str]:
    """Run the document's own program, with nothing of bwvdock in reach."""
    (program,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    return subprocess.run(
        [sys.executable, "-I", "-c", program, str(path)],
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
    assert "AssertionError" in ran.stderr


def test_every_code_is_explained() -> None:
    explained = set(re.findall(r"^\| `([a-z_]+)` \|", DOCUMENT.partition("can find")[2], re.MULTILINE))
    assert explained == CODES


def test_every_table_is_named(tmp_path: Path) -> None:
    tables = tell.ask(tell.told(tmp_path / "j"), "SELECT name FROM sqlite_schema WHERE type = 'table'")
    assert [name for (name,) in tables if f"`{name}`" not in DOCUMENT] == []
