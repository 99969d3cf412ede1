"""Would the simulation notice? A dock is given a part that is broken on purpose, and a seed must show it.

`make test` draws a few of these parts anew in each run, `make nightly` breaks each.
"""

from __future__ import annotations

import re

import pytest

from tests.extent import drawn
from tests.simulation.breaks import BROKEN
from tests.simulation.history import first_wrong

pytestmark = pytest.mark.slow

MOST = 1_000


@pytest.mark.parametrize("broken", drawn(BROKEN, 4, of="broken parts"))
def test_a_broken_part_is_found_within_a_thousand_seeds(broken: str) -> None:
    """And for the reason that it is: `python -m tests.simulation --breaks` prints the first seed of each."""
    breaks, told = BROKEN[broken]
    history = first_wrong(range(MOST), breaks)
    assert history is not None, "no seed shows it"
    assert any(re.search(told, problem) for problem in history.wrong), history.told()
