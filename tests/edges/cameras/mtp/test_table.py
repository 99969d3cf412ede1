"""Is every test that docs/reference/mtp.md points at really there?"""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
TABLE = HERE.parents[3] / "docs/reference/mtp.md"


def test_the_table_of_behaviours_names_tests_that_exist() -> None:
    named = set(re.findall(r"`(test_\w+)`", TABLE.read_text(encoding="utf-8")))
    sources = "".join(file.read_text(encoding="utf-8") for file in HERE.glob("test_*.py"))
    there = set(re.findall(r"^def (test_\w+)", sources, re.MULTILINE))
    assert named
    assert named <= there
