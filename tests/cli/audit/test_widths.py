"""Does every report fit a terminal of 80 and of 120 columns, no id cut, nothing uncertain left out?"""

from __future__ import annotations

import pytest

from bwvdock.core.facts import FootageDisclosed
from tests.cli.audit.test_sample_command import PERIOD, dock
from tests.cli.docks import VERIFIED, Dock
from tests.cli.terminals import typed
from tests.cli.test_consultation import WHY, daemon
from tests.cli.test_width import misfits

__all__ = ["dock"]
REPORTS = (
    ("figures",),
    ("figures", "--by-unit", *WHY),
    ("timeliness",),
    ("timeliness", "--by-unit", *WHY),
    ("coverage", "--by-unit", *WHY),
    ("sample", *PERIOD, *WHY),
    ("disclosures", *WHY),
    ("disclosures",),
    ("self-assessment",),
)


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 120])
def test_it_fits(dock: Dock, columns: int) -> None:
    package = "ab" * 32
    told = {
        "recipient": "Crown Prosecution Service, London South",
        "reason": "charge, case C-7",
        "actor": "0:root",
    }
    dock.record(
        FootageDisclosed(clips=(VERIFIED,) * 5, package=package, exported=False, **told), later=10**12
    )
    with daemon(dock):
        for command in REPORTS:
            ended, lines = typed(["report", *command, "--config", str(dock.config.file)], columns)
            assert (ended, misfits(lines, columns)) == (0, []), command
            if command[0] in {"figures", "timeliness"}:
                assert any(line.split()[-1:] and "UNCERTAIN" in line.split() for line in lines), command
