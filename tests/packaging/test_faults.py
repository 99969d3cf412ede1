"""Does docs/reference/faults.md say the truth about the tests, row by row?"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from bwvdock.status.alerts import AlertCode
from tests.architecture.tree import ROOT

PAGE = (ROOT / "docs/reference/faults.md").read_text(encoding="utf-8")
COLUMNS = 5
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@dataclass(frozen=True, slots=True)
class Row:
    """One fault, below its heading."""

    section: str
    cells: tuple[str, ...]

    @property
    def tests(self) -> list[tuple[str, str]]:
        """Its tests: file and function."""
        return TEST.findall(self.cells[-1])


def rows_of(page: str) -> list[Row]:
    """Return the rows of all tables below headings."""
    rows, section = [], ""
    for line in page.splitlines():
        if line.startswith("## "):
            section = re.sub(r" \(.*", "", line.removeprefix("## "))
        elif section and line.startswith("| ") and not line.startswith("| fault |"):
            rows.append(Row(section, tuple(cell.strip() for cell in line.strip("|").split(" | "))))
    return rows


def functions(file: Path) -> set[str]:
    """Return the names of a file's functions; none where there is no such file."""
    if not file.exists():
        return set()
    return {node.name for node in ast.walk(ast.parse(file.read_bytes())) if isinstance(node, ast.FunctionDef)}


def wrong(page: str) -> list[str]:
    """Return what is wrong on a page: rows without a test, tests that do not exist, counts."""
    rows = rows_of(page)
    found = [
        f"{row.cells[0]}: a cell is empty" for row in rows if len(row.cells) != COLUMNS or not all(row.cells)
    ]
    found += [f"{row.cells[0]}: no test" for row in rows if not row.tests]
    tests = {test for row in rows for test in row.tests}
    known = {file: functions(ROOT / file) for file in {file for file, _ in tests}}
    found += [f"{file}::{test} does not exist" for file, test in sorted(tests) if test not in known[file]]
    counts = f"**{len(rows)} faults, {len(tests)} tests.**"
    found += [] if counts in page else [f"the counts at the top are not: {counts}"]
    for section in dict.fromkeys(row.section for row in rows):
        line = f"| {section} | {sum(row.section == section for row in rows)} |"
        found += [] if line in page else [f"the counts by section have no line: {line}"]
    return found


@pytest.mark.slow
def test_every_row_has_tests_that_exist_and_the_counts_are_right() -> None:
    assert len(rows_of(PAGE)) > 50
    assert wrong(PAGE) == []


def test_every_alert_is_what_an_operator_sees_of_some_fault() -> None:
    seen = " ".join(row.cells[2] + row.cells[3] for row in rows_of(PAGE))
    assert [str(code) for code in AlertCode if f"`{code}`" not in seen] == []


@pytest.mark.slow
def test_what_is_wrong_is_found() -> None:
    row = next(line for line in PAGE.splitlines() if "::test_" in line)
    without = re.sub(r"`tests/[^|]*", "none ", row)
    misnamed = row.replace("::test_", "::test_nothing_of_", 1)
    assert len(wrong(PAGE.replace(row, without))) >= 2  # no test, and the counts
    assert any("does not exist" in hit for hit in wrong(PAGE.replace(row, misnamed)))
    assert any("counts at the top" in hit for hit in wrong(PAGE.replace(row + "\n", "")))
    assert any("counts by section" in hit for hit in wrong(PAGE.replace(row, f"{row}\n{row}")))
