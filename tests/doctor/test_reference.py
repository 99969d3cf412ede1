"""Does the reference list every check, and no other?"""

from __future__ import annotations

import re
from pathlib import Path

from bwvdock.doctor.findings import Check

REFERENCE = Path(__file__).parents[2] / "docs/reference/doctor.md"


def test_the_reference_has_a_row_for_every_check_in_their_order() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(Check)
